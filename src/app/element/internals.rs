//! What the element uses of Leptos' renderer beyond its documented API, named in this file alone: a version that moves these things
//! is adapted to here.

pub use leptos::tachys::html::attribute::any_attribute::{AnyAttribute, AnyAttributeState, IntoAnyAttribute};
pub use leptos::tachys::html::attribute::{Attribute, AttributeValue};
pub use leptos::tachys::html::event::{self, EventDescriptor};
pub use leptos::tachys::html::node_ref::{NodeRefContainer, node_ref};
pub use leptos::tachys::html::property::{IntoProperty, prop};
pub use leptos::tachys::hydration::Cursor;
pub use leptos::tachys::renderer::types::{Element as Node, Event, Node as AnyNode};
pub use leptos::tachys::renderer::{CastFrom, Rndr};
pub use leptos::tachys::ssr::StreamBuilder;
pub use leptos::tachys::view::any_view::AnyViewState;
pub use leptos::tachys::view::{Position, PositionState};
