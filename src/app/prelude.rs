//! What pages and components write views with: Leptos, but with elements of one type. The methods that `view!` calls on an
//! element shadow those of Leptos, so that every element becomes an [`Element`](super::element::Element) at once.
//!
//! Where Leptos gives an element without children a method of its own (`<input name=…>`), its own type comes back, which
//! has none of these methods: then `class`, `id` or `attr:` come first.

pub(crate) use leptos::prelude::*;

use crate::live::source;
use crate::words::Words;

#[allow(unused_imports, reason = "each takes the place of a trait of the same name among those above, used or not")]
pub(crate) use super::element::{
    Build, Build as AriaAttributes, Build as ClassAttribute, Build as CustomAttribute, Build as ElementChild,
    Build as GlobalAttributes, Build as GlobalOnAttributes, Build as NodeRefAttribute, Build as OnAttribute,
    Build as PropAttribute, Build as StyleAttribute,
};

/// Returns the texts in the language of the page's reader.
pub fn words() -> Words {
    source::words()
}
