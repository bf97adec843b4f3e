//! What the element uses of Leptos' renderer beyond its documented API, named in this file alone: a version that moves these things
//! is adapted to here.

pub(crate) use leptos::tachys::html::attribute::any_attribute::{AnyAttribute, AnyAttributeState, IntoAnyAttribute};
pub(crate) use leptos::tachys::html::attribute::{Attribute, AttributeValue};
pub(crate) use leptos::tachys::html::event::{self, EventDescriptor};
pub(crate) use leptos::tachys::html::node_ref::{NodeRefContainer, node_ref};
pub(crate) use leptos::tachys::html::property::{IntoProperty, prop};
pub(crate) use leptos::tachys::hydration::Cursor;
pub(crate) use leptos::tachys::renderer::types::{Element as Node, Event, Node as AnyNode};
pub(crate) use leptos::tachys::renderer::{CastFrom, Rndr};
pub(crate) use leptos::tachys::ssr::StreamBuilder;
pub(crate) use leptos::tachys::view::any_view::AnyViewState;
pub(crate) use leptos::tachys::view::{Position, PositionState};
