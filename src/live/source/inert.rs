//! The server's twin: there is no window, and nothing moves.

use std::hash::{BuildHasher, Hasher, RandomState};

use jiff::Timestamp;
use leptos::context::use_context;
use leptos::ev;
use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::NodeRef;

use super::{Key, LocalTime, NotificationPermission};
use crate::live::Live;
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::zone::ReaderZone;
use crate::words::{Language, Words};

/// Follows the page's stream for as long as the page lives.
pub fn start(_live: Live) {}

/// Returns the name by which the server knows this tab, once it has one.
pub fn tab() -> Option<String> {
    None
}

/// Returns what has passed since the page began, in milliseconds.
pub fn elapsed_ms() -> i64 {
    0
}

/// Whether there is a browser around the page.
pub fn is_browser() -> bool {
    false
}

/// Returns the zone in which the page's times are written; nothing where that is UTC.
pub fn written_zone() -> Option<String> {
    use_context::<ReaderZone>().map(|zone| zone.name)
}

/// Returns the zone in which the page writes times once it lives.
pub fn own_zone() -> Option<String> {
    None
}

/// Leaves the page for another, which is loaded from the server.
pub fn open_anew(_address: &str) {}

/// Whether the page is in a background tab.
pub fn is_hidden() -> bool {
    false
}

/// Returns the fields of the form that is being sent, URL-encoded, as the browser itself would send them.
pub fn form_fields(_event: &SubmitEvent) -> String {
    String::new()
}

/// Posts URL-encoded fields to a server function, follows where it leads, and returns its answer's JSON.
pub async fn post(_path: &str, _fields: String) -> Result<String, ApiError> {
    Err(ApiError::new(ErrorCode::Internal, "a server has no forms to post"))
}

/// Posts URL-encoded fields to a server function, stays where it is, and returns its answer's JSON.
pub async fn post_in_place(path: &str, fields: String) -> Result<String, ApiError> {
    post(path, fields).await
}

/// Returns the text of an element that the server put into the page for its scripts.
pub fn embedded(_id: &str) -> Option<String> {
    None
}

/// Removes such an element.
pub fn forget_embedded(_id: &str) {}

/// Would wait for a number of milliseconds; there is no timer on the server.
pub async fn rest(_milliseconds: u32) {}

/// Runs `task` after some milliseconds.
pub fn after(_milliseconds: u32, _task: impl FnOnce() + 'static) {}

/// Takes the texts that the server handed over; on the server there are none to take.
pub fn take_words(_texts: String) -> bool {
    false
}

/// Returns the texts in the language of the reader, which the server puts into the context of what it renders; English elsewhere.
pub fn words() -> Words {
    use_context::<Words>().unwrap_or_else(|| Words::of(Language::English))
}

/// Whether the page is written in the reader's zone from the start: where her browser has told it.
pub fn is_zone_known() -> bool {
    use_context::<ReaderZone>().is_some()
}

/// Takes a time, in milliseconds since 1970, apart in the reader's zone, where that is known.
pub fn local_time(milliseconds: i64) -> Option<LocalTime> {
    let time = Timestamp::from_millisecond(milliseconds).ok()?;
    let civil = use_context::<ReaderZone>()?.civil(time);
    let part = |value: i8| value.unsigned_abs();
    Some(LocalTime {
        year: civil.year(),
        month: part(civil.month()),
        day: part(civil.day()),
        hour: part(civil.hour()),
        minute: part(civil.minute()),
        second: part(civil.second()),
    })
}

/// Puts another text into an input that still holds what was proposed.
pub fn propose(_id: &str, _instead_of: &str, _text: &str) {}

/// Makes a key by which the server recognises a form that is sent twice.
pub fn form_key() -> String {
    // Each state is begun with other numbers, from the system's randomness.
    let part = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", part(), part())
}

/// Returns the fields of the form in which something was typed, URL-encoded.
pub fn fields_around(_event: &ev::Event) -> String {
    String::new()
}

/// Writes fields as a form would send them; the server sends none.
pub fn written_fields(_fields: &[(&str, &str)]) -> String {
    String::new()
}

/// Shows a text in an input, unless somebody is typing into it.
pub fn show_text(_id: &str, _text: &str) {}

/// Fills an input, as if it had been typed, and puts the focus there.
pub fn type_into(_id: &str, _text: &str) {}

/// Fills an input, as if it had been typed; the focus stays where it is.
pub fn put_into(_id: &str, _text: &str) {}

/// Returns the value of the chosen one of the radio buttons of a name, within the element of that id.
pub fn chosen_radio(_id: &str, _name: &str) -> Option<String> {
    None
}

/// Brings an element into sight, where it is out of it.
pub fn bring_into_sight(_id: &str) {}

/// Whether an event happened on the element itself and not on anything within it.
pub fn is_on_itself(_event: &ev::MouseEvent) -> bool {
    false
}

/// Closes all open menus and questions: what they stand on has changed.
pub fn close_menus() {}

/// Closes open menus and questions by Escape, by a press elsewhere, and by one of their own links, for as long as the page lives.
pub fn mind_menus() {}

/// Gives the focus back to what had it before the dialog was opened, or to an element that stays.
pub fn return_focus(_otherwise: &'static str) {}

/// Empties the form within an element: its fields hold again what they were drawn with.
pub fn reset_form(_id: &str) {}

/// Makes a dialog that the server opened the only thing to act on.
pub fn make_modal(_dialog: NodeRef<Dialog>) {}

/// Returns what was remembered under a name.
pub fn remembered(_name: &str) -> Option<String> {
    None
}

/// Remembers a value, or forgets it, and shows it as the root's `data-` attribute.
pub fn remember(_name: &str, _value: Option<&str>) {}

/// Whether the device asks for dark pages.
pub fn prefers_dark() -> bool {
    true
}

/// Calls `handler` for each key that goes down; true keeps the browser from acting on it.
pub fn on_key(_handler: impl Fn(Key) -> bool + 'static) {}

/// Opens a dialog as the only thing to act on.
pub fn open_dialog(_dialog: NodeRef<Dialog>) {}

/// Would close a dialog; there is none on the server.
pub fn close_dialog(_dialog: NodeRef<Dialog>) {}

/// Puts the keyboard's focus on an element.
pub fn focus(_id: &str) {}

/// Puts the focus on a field of the form that posts to `action`, once what was refused is shown beside it.
pub fn focus_field(_action: &'static str, _name: String) {}

/// Puts the focus on the first empty field in sight within an element, or else on its first one.
pub fn focus_first(_id: &str) {}

/// Returns how far across its element a pointer is, from 0 to 1.
pub fn across(_event: &ev::PointerEvent) -> f64 {
    0.0
}

/// Returns how far down a pointer is within what is around its element, from 0 to 1.
pub fn down_within(_event: &ev::PointerEvent, _around: &str) -> f64 {
    0.0
}

/// Has an element hear of a pointer until it is let go, also beyond the element.
pub fn capture_pointer(_event: &ev::PointerEvent) {}

/// Returns whether the browser may show notifications.
pub fn notification_permission() -> NotificationPermission {
    NotificationPermission::Unsupported
}

/// Asks the person whether the browser may show notifications, and calls `answer` with what they said.
pub fn ask_notification_permission(_answer: impl FnOnce(NotificationPermission) + 'static) {}

/// Shows a browser notification where that is allowed, wanted and the page is not in sight.
pub fn notify(_title: &str, _body: &str, _tag: &str) {}

/// Whether a press was one by touch.
pub fn is_touch(_event: &ev::MouseEvent) -> bool {
    false
}

/// Whether an event happened on a link.
pub fn is_on_link(_event: &ev::MouseEvent) -> bool {
    false
}

/// Opens the menu within the element that an event was told to.
pub fn open_menu_within(_event: &ev::MouseEvent) {}

/// Switches the box that was pressed on or off, once the browser is done with the press.
pub fn check(_event: &ev::MouseEvent, _is_on: bool) {}
