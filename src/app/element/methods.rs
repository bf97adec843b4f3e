//! The methods that `view!` calls on an element: each turns an element of any type into the one type there is.

use super::internals::{Event, EventDescriptor, IntoAnyAttribute, IntoProperty, NodeRefContainer, event, node_ref, prop};
use leptos::html::{ElementType, HtmlElement};
use leptos::prelude::{IntoAny, IntoRender, RenderHtml};

use super::value::{IntoValue, Value};
use super::{Element, Kind, TEXT_AREA, Tag};

impl<E: ElementType> From<HtmlElement<E, (), ()>> for Element {
    fn from(_: HtmlElement<E, (), ()>) -> Self {
        Self::new(Tag {
            name: E::TAG,
            namespace: E::NAMESPACE,
            is_void: E::SELF_CLOSING,
            escapes: E::ESCAPE_CHILDREN || E::TAG == TEXT_AREA,
        })
    }
}

/// What can be the `class` of an element: its whole value, or a name and whether it is there.
pub(crate) trait IntoClass {
    /// Returns kind, name and value.
    fn into_class(self) -> (Kind, &'static str, Value);
}

impl<T: IntoValue> IntoClass for T {
    fn into_class(self) -> (Kind, &'static str, Value) {
        (Kind::Attribute, "class", self.into_value())
    }
}

impl<T: IntoValue> IntoClass for (&'static str, T) {
    fn into_class(self) -> (Kind, &'static str, Value) {
        (Kind::Class, self.0, self.1.into_value())
    }
}

/// What can be the `style` of an element: its whole value, or a property and its value.
pub(crate) trait IntoStyle {
    /// Returns kind, name and value.
    fn into_style(self) -> (Kind, &'static str, Value);
}

impl<T: IntoValue> IntoStyle for T {
    fn into_style(self) -> (Kind, &'static str, Value) {
        (Kind::Attribute, "style", self.into_value())
    }
}

impl<T: IntoValue> IntoStyle for (&'static str, T) {
    fn into_style(self) -> (Kind, &'static str, Value) {
        (Kind::Style, self.0, self.1.into_value())
    }
}

macro_rules! attributes {
    ($($method:ident $name:literal)*) => {
        $(
            #[doc = concat!("Sets the attribute `", $name, "`.")]
            fn $method(self, value: impl IntoValue) -> Element {
                self.attr($name, value)
            }
        )*
    };
}

/// The methods of an element.
pub(crate) trait Build: Into<Element> {
    /// Gives it its children.
    fn child<C: IntoRender<Output: RenderHtml>>(self, children: C) -> Element {
        self.into().with_children(children.into_render().into_any())
    }

    /// Sets an attribute of the element. A value that is `false` or `None` leaves it out.
    fn attr(self, name: &'static str, value: impl IntoValue) -> Element {
        self.into().with(Kind::Attribute, name, value.into_value())
    }

    /// Sets the classes, or one of them.
    fn class(self, class: impl IntoClass) -> Element {
        let (kind, name, value) = class.into_class();
        self.into().with(kind, name, value)
    }

    /// Sets the style, or one of its properties.
    fn style(self, style: impl IntoStyle) -> Element {
        let (kind, name, value) = style.into_style();
        self.into().with(kind, name, value)
    }

    /// Calls a handler at an event.
    fn on<E>(self, event: E, handler: impl FnMut(E::EventType) + 'static) -> Element
    where
        E: EventDescriptor<EventType: From<Event> + 'static> + Send + 'static,
    {
        let handler: Box<dyn FnMut(E::EventType)> = Box::new(handler);
        self.into().with_other(event::on(event, handler).into_any_attr())
    }

    /// Sets a property of the DOM.
    fn prop(self, name: &'static str, value: impl IntoProperty) -> Element {
        self.into().with_other(prop(name, value).into_any_attr())
    }

    /// Lets a reference point to the element.
    fn node_ref<E: ElementType>(self, reference: impl NodeRefContainer<E>) -> Element {
        self.into().with_other(node_ref(reference).into_any_attr())
    }

    attributes! {
        action "action" aria_activedescendant "aria-activedescendant" aria_autocomplete "aria-autocomplete"
        aria_busy "aria-busy" checked "checked" colspan "colspan" aria_controls "aria-controls"
        aria_current "aria-current" aria_describedby "aria-describedby" aria_expanded "aria-expanded"
        aria_hidden "aria-hidden" aria_invalid "aria-invalid"
        aria_keyshortcuts "aria-keyshortcuts" aria_label "aria-label" aria_labelledby "aria-labelledby"
        aria_live "aria-live" aria_pressed "aria-pressed" aria_relevant "aria-relevant" aria_selected "aria-selected" aria_sort "aria-sort"
        aria_orientation "aria-orientation" aria_valuemax "aria-valuemax" aria_valuemin "aria-valuemin" aria_valuenow "aria-valuenow"
        aria_valuetext "aria-valuetext" autocomplete "autocomplete" datetime "datetime" enctype "enctype"
        disabled "disabled" rows "rows" r#for "for" hidden "hidden" href "href" id "id" inputmode "inputmode" lang "lang"
        list "list" max "max" maxlength "maxlength" method "method" min "min" name "name" open "open" pattern "pattern"
        placeholder "placeholder" rel "rel" required "required" role "role" scope "scope" selected "selected"
        spellcheck "spellcheck" step "step" tabindex "tabindex" title "title" r#type "type" value "value"
    }
}

impl Build for Element {}

impl<E: ElementType> Build for HtmlElement<E, (), ()> {}
