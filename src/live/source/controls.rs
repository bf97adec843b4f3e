//! What a page does with its own controls: fields, menus and dialogs.

use std::cell::RefCell;

use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::{GetUntracked, NodeRef, document, window_event_listener};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlFormElement, HtmlInputElement};

use super::ESCAPE;
use super::browser::after;

/// Puts another text into an input that still holds what was proposed.
pub fn propose(id: &str, instead_of: &str, text: &str) {
    let input = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    if let Some(input) = input.filter(|input| input.value() == instead_of) {
        input.set_value(text);
    }
}

/// Shows a text in an input, unless somebody is typing into it.
pub fn show_text(id: &str, text: &str) {
    let input = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input else { return };
    if document().active_element().as_deref() != Some(&input) {
        input.set_value(text);
    }
}

/// Fills an input, as if it had been typed, and puts the focus there.
pub fn type_into(id: &str, text: &str) {
    if let Some(input) = put(id, text) {
        let _ = input.focus();
    }
}

/// Fills an input, as if it had been typed; the focus stays where it is.
pub fn put_into(id: &str, text: &str) {
    put(id, text);
}

fn put(id: &str, text: &str) -> Option<HtmlInputElement> {
    let input = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok())?;
    input.set_value(text);
    let options = web_sys::EventInit::new();
    options.set_bubbles(true);
    if let Ok(event) = web_sys::Event::new_with_event_init_dict("input", &options) {
        let _ = input.dispatch_event(&event);
    }
    Some(input)
}

/// Returns the value of the chosen one of the radio buttons of a name, within the element of that id.
pub fn chosen_radio(id: &str, name: &str) -> Option<String> {
    let selector = ["input[name=", name, "]:checked"].concat();
    let chosen = document().get_element_by_id(id)?.query_selector(&selector).ok().flatten()?;
    chosen.dyn_into::<HtmlInputElement>().ok().map(|input| input.value())
}

/// Brings an element into sight, where it is out of it.
pub fn bring_into_sight(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Whether an event happened on the element itself and not on anything within it.
pub fn is_on_itself(event: &ev::MouseEvent) -> bool {
    event.target().is_some() && event.target() == event.current_target()
}

/// Closes the menus and questions that are open elsewhere than around `target`; one that had the focus gives it back to what opened it.
fn close_menus_around(target: Option<&Element>) -> bool {
    let Ok(open) = document().query_selector_all("details:is(.menu, .confirm)[open]") else { return false };
    let mut has_closed = false;
    for index in 0..open.length() {
        let Some(details) = open.item(index).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        if target.is_some_and(|target| details.contains(Some(target))) {
            continue;
        }
        let had_focus = document().active_element().is_some_and(|element| details.contains(Some(&element)));
        let _ = details.remove_attribute("open");
        has_closed = true;
        let summary = details.query_selector("summary").ok().flatten().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(summary) = summary.filter(|_| had_focus) {
            let _ = summary.focus();
        }
    }
    has_closed
}

/// Closes all open menus and questions: what they stand on has changed.
pub fn close_menus() {
    close_menus_around(None);
}

/// Closes open menus and questions by Escape, by a press elsewhere, and by one of their own links, for as long as the page lives.
pub fn mind_menus() {
    let _forever = window_event_listener(ev::pointerdown, |event| {
        close_menus_around(event.target().and_then(|target| target.dyn_into::<Element>().ok()).as_ref());
    });
    let _forever = window_event_listener(ev::click, |event| {
        let pressed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if pressed.is_some_and(|pressed| pressed.closest(".menu-items > a").ok().flatten().is_some()) {
            close_menus();
        }
    });
    let _forever = window_event_listener(ev::keydown, |event| {
        let is_dialog_open = document().query_selector("dialog[open]").ok().flatten().is_some();
        if event.key() == ESCAPE && !is_dialog_open && close_menus_around(None) {
            event.prevent_default();
        }
    });
}

thread_local! {
    /// What had the focus when a dialog was opened.
    static OPENER: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
}

/// Gives the focus back to what had it before the dialog was opened, or to an element that stays.
pub fn return_focus(otherwise: &'static str) {
    let opener = OPENER.take();
    after(0, move || {
        if let Some(opener) = opener {
            let _ = opener.focus();
        }
        let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if is_lost {
            focus(otherwise);
        }
    });
}

/// Empties the form within an element: its fields hold again what they were drawn with.
pub fn reset_form(id: &str) {
    let form = document().get_element_by_id(id).and_then(|around| around.query_selector("form").ok().flatten());
    if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
        form.reset();
    }
}

/// Makes a dialog that the server opened the only thing to act on.
pub fn make_modal(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        let opener = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        OPENER.replace(opener.filter(|element| element.tag_name() != "BODY"));
        // Not `close`, whose event would close the page's part with it.
        dialog.set_open(false);
        let _ = dialog.show_modal();
    }
}

/// Opens a dialog as the only thing to act on.
pub fn open_dialog(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked()
        && !dialog.open()
    {
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog, and takes the focus from a field in it.
pub fn close_dialog(dialog: NodeRef<Dialog>) {
    let Some(dialog) = dialog.get_untracked() else { return };
    // A field that is hidden with its dialog keeps the keyboard until the next drawing, and would swallow the next key.
    let focused = document().active_element().filter(|element| dialog.contains(Some(element)));
    if let Some(element) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.blur();
    }
    dialog.close();
}

/// Puts the keyboard's focus on an element.
pub fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Puts the focus on the first empty field in sight within an element, or else on its first one.
pub fn focus_first(id: &str) {
    let fields = document()
        .get_element_by_id(id)
        .and_then(|around| around.query_selector_all("input:not([type=hidden]):not([type=radio]):not([type=checkbox])").ok());
    let Some(fields) = fields else { return };
    let fields = (0..fields.length()).filter_map(|index| fields.item(index)?.dyn_into::<HtmlInputElement>().ok());
    let in_sight: Vec<_> = fields.filter(|field| field.offset_parent().is_some()).collect();
    if let Some(field) = in_sight.iter().find(|field| field.value().is_empty()).or(in_sight.first()) {
        let _ = field.focus();
    }
}

/// Puts the focus on a field of the form that posts to `action`, once what was refused is shown beside it.
pub fn focus_field(action: &'static str, name: String) {
    after(0, move || {
        let selector = ["form[action=\"", action, "\"] [name=\"", &name, "\"]:not([type=hidden])"].concat();
        let field = document().query_selector(&selector).ok().flatten().and_then(|field| field.dyn_into::<HtmlElement>().ok());
        if let Some(field) = field {
            let _ = field.focus();
        }
    });
}

/// Whether a press was one by touch.
pub fn is_touch(event: &ev::MouseEvent) -> bool {
    let kind = js_sys::Reflect::get(event, &"pointerType".into()).ok().and_then(|kind| kind.as_string());
    kind.as_deref() == Some("touch")
}

/// Whether an event happened on a link.
pub fn is_on_link(event: &ev::MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest("a").ok().flatten().is_some())
}

/// Opens the menu within the element that an event was told to.
pub fn open_menu_within(event: &ev::MouseEvent) {
    let around = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
    let menu = around.and_then(|around| around.query_selector("details.menu").ok().flatten());
    if let Some(menu) = menu {
        let _ = menu.set_attribute("open", "");
        let first = menu.query_selector(".menu-items a, .menu-items button").ok().flatten();
        if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
            let _ = first.focus();
        }
    }
}

/// Switches the box that was pressed on or off, once the browser is done with the press.
pub fn check(event: &ev::MouseEvent, is_on: bool) {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    after(0, move || {
        if let Some(input) = input {
            input.set_checked(is_on);
        }
    });
}
