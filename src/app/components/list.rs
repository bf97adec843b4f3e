//! Lists that follow their parts. Every list has the same kind of part, so that one algorithm for moving rows serves them all.

use crate::app::prelude::*;

/// A part of a list: what it is known by as the list changes, and what draws it once.
pub struct Part {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

impl Part {
    /// Takes a key, which no other part of the list has, and what draws the part.
    pub fn new(key: impl Into<String>, draw: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self { key: key.into(), draw: Box::new(draw) }
    }
}

/// Draws a list and keeps the parts that stay, also where they change places.
pub fn list(parts: impl Fn() -> Vec<Part> + Send + 'static) -> AnyView {
    drawn(Box::new(parts))
}

fn drawn(parts: Box<dyn Fn() -> Vec<Part> + Send>) -> AnyView {
    view! { <For each=parts key=|part| part.key.clone() children=|part| (part.draw)()/> }.into_any()
}
