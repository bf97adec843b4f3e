//! What pages and components write views with: Leptos, but with elements of one type. The methods that `view!` calls on an
//! element shadow those of Leptos, so that every element becomes an [`Element`](super::element::Element) at once.
//!
//! Where Leptos gives an element without children a method of its own (`<input name=…>`), its own type comes back, which
//! has none of these methods: then `class`, `id` or `attr:` come first.

pub use leptos::prelude::*;

use crate::live::source;
use crate::words::Words;

pub use super::element::Build;
pub use super::element::Build as AriaAttributes;
pub use super::element::Build as ClassAttribute;
pub use super::element::Build as CustomAttribute;
pub use super::element::Build as ElementChild;
pub use super::element::Build as GlobalAttributes;
pub use super::element::Build as GlobalOnAttributes;
pub use super::element::Build as NodeRefAttribute;
pub use super::element::Build as OnAttribute;
pub use super::element::Build as PropAttribute;
pub use super::element::Build as StyleAttribute;

/// Returns the texts in the language of the page's reader.
pub fn words() -> Words {
    source::words()
}
