//! What a page asks of its window.

use std::sync::OnceLock;
use std::time::Duration;

use js_sys::Math;
use leptos::ev;
use leptos::ev::SubmitEvent;
use leptos::prelude::{document, set_timeout, window, window_event_listener};
use leptos::server_fn::client::Client;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::redirect::call_redirect_hook;
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::response::browser::BrowserResponse;
use serde::de::IgnoredAny;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FormData, HtmlElement, HtmlFormElement, Notification, NotificationOptions, Storage, UrlSearchParams};

use super::{Key, NotificationPermission};
use crate::wire::error::ApiError;
use crate::words::Words;
use crate::words::formats::Formats;

/// The beginning of the names under which the browser remembers things.
const PREFIX: &str = "foliostream:";

/// Returns what has passed since the page began, in milliseconds, by a clock that only goes forward: the device's date may be
/// set at any time, and nothing that waits may wait for that.
pub fn elapsed_ms() -> i64 {
    whole(window().performance().map_or(0.0, |performance| performance.now()))
}

/// Returns a number from 0 to 1 for jitter.
pub(super) fn random() -> f64 {
    Math::random()
}

/// Cuts a JavaScript number to a whole one; what does not fit is pinned to the nearest that does.
pub(super) fn whole(number: f64) -> i64 {
    number as i64
}

/// Whether there is a browser around the page.
pub fn is_browser() -> bool {
    true
}

/// Whether the page is in a background tab.
pub fn is_hidden() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Hidden
}

/// Whether the device is told to save data, where its browser says so.
pub(super) fn saves_data() -> bool {
    property(&property(&window().navigator(), "connection"), "saveData").is_truthy()
}

/// Returns a property of an object that a browser may not have; undefined where it has not.
fn property(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &name.into()).unwrap_or_default()
}

/// Whether the device says it has a network.
pub(super) fn is_online() -> bool {
    window().navigator().on_line()
}

/// Loads the page again; a browser that refuses leaves it as it is.
pub(super) fn reload() {
    let _ = window().location().reload();
}

/// Returns the fields of the form that is being sent, URL-encoded, as the browser itself would send them.
pub fn form_fields(event: &SubmitEvent) -> String {
    let button = event.submitter().and_then(|button| button.dyn_into::<HtmlElement>().ok());
    encoded(event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()), button)
}

/// Writes a form's fields as the browser itself would send them.
fn encoded(form: Option<HtmlFormElement>, button: Option<HtmlElement>) -> String {
    let fields = form.and_then(|form| FormData::new_with_form(&form).ok());
    let encoded = fields.and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields).ok());
    if let (Some(encoded), Some(button)) = (&encoded, button)
        && let Some(name) = button.get_attribute("name")
    {
        encoded.append(&name, &button.get_attribute("value").unwrap_or_default());
    }
    encoded.map(|encoded| String::from(encoded.to_string())).unwrap_or_default()
}

/// Writes fields as a form would send them.
pub fn written_fields(fields: &[(&str, &str)]) -> String {
    let Ok(encoded) = UrlSearchParams::new() else { return String::new() };
    for (name, value) in fields {
        encoded.append(name, value);
    }
    String::from(encoded.to_string())
}

/// Posts URL-encoded fields to a server function, follows where it leads, and returns its answer's JSON.
pub async fn post(path: &str, fields: String) -> Result<String, ApiError> {
    answer(path, fields, true).await.map_err(|refusal| refusal.in_words(words()))
}

/// Posts URL-encoded fields to a server function, stays where it is, and returns its answer's JSON.
pub async fn post_in_place(path: &str, fields: String) -> Result<String, ApiError> {
    answer(path, fields, false).await.map_err(|refusal| refusal.in_words(words()))
}

async fn answer(path: &str, fields: String, follows: bool) -> Result<String, ApiError> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let request = <BrowserRequest as ClientReq<ApiError>>::try_new_post(path, FORM, "application/json", fields)?;
    let response = <BrowserClient as Client<ApiError>>::send(request).await?;
    let answered = Answered::of(&response);
    let text = <BrowserResponse as ClientRes<ApiError>>::try_into_string(response).await?;
    // A page of something in front of the server, such as a sign-in, is no answer, whatever its status says.
    if answered.status >= 400 || serde_json::from_str::<IgnoredAny>(&text).is_err() {
        return Err(ApiError::of_answer(answered.status, &text));
    }
    if let Some(location) = answered.leads_to.filter(|_| follows) {
        call_redirect_hook(&location);
    }
    Ok(text)
}

/// What the head of a server function's answer says.
struct Answered {
    status: u16,
    leads_to: Option<String>,
}

impl Answered {
    fn of(response: &impl ClientRes<ApiError>) -> Self {
        let leads = response.has_redirect() || (300..=399).contains(&response.status());
        Self { status: response.status(), leads_to: leads.then(|| response.location()) }
    }
}

/// Returns the text of an element that the server put into the page for its scripts.
pub fn embedded(id: &str) -> Option<String> {
    document().get_element_by_id(id)?.text_content()
}

/// Removes such an element.
pub fn forget_embedded(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.remove();
    }
}

/// Waits for a number of milliseconds.
pub async fn rest(milliseconds: u32) {
    // A future that may be sent, as those of pages must be.
    let (done, waited) = futures::channel::oneshot::channel();
    after(milliseconds, move || {
        let _ = done.send(());
    });
    let _ = waited.await;
}

/// Runs `task` after some milliseconds.
pub fn after(milliseconds: u32, task: impl FnOnce() + 'static) {
    set_timeout(task, Duration::from_millis(milliseconds.into()));
}

/// The texts of the page's language, which never changes while the page is there.
static WORDS: OnceLock<Words> = OnceLock::new();

/// Takes the texts that the server handed over; false where they are of another version of the program.
pub fn take_words(texts: String) -> bool {
    let formats = document().document_element().and_then(|root| root.get_attribute("data-formats"));
    let formats = formats.map(|written| Formats::read(&written)).unwrap_or_default();
    Words::read(texts).is_some_and(|words| WORDS.set(words.with_formats(formats)).is_ok())
}

/// Returns the texts in the language of the page. Not inlined: pages call it hundreds of times.
#[inline(never)]
pub fn words() -> Words {
    *WORDS.get().expect("the page comes to life only with its texts")
}

/// Leaves the page for another, which is loaded from the server.
pub fn open_anew(address: &str) {
    let _ = window().location().assign(address);
}

/// Makes a key by which the server recognises a form that is sent twice.
pub fn form_key() -> String {
    // It need not be secret, only another one: 52 random bits twice.
    let part = || whole(random() * 4_503_599_627_370_496.0);
    format!("{:013x}{:013x}", part(), part())
}

/// Returns the fields of the form in which something was typed, URL-encoded.
pub fn fields_around(event: &ev::Event) -> String {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let form = element.and_then(|element| element.closest("form").ok().flatten());
    encoded(form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()), None)
}

/// Returns the storage that outlives the tab, unless the person has switched it off.
fn long_memory() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Returns the tab's own storage.
pub(super) fn short_memory() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Returns what was remembered under a name.
pub fn remembered(name: &str) -> Option<String> {
    long_memory()?.get_item(&[PREFIX, name].concat()).ok().flatten()
}

/// Remembers a value, or forgets it, and shows it as the root's `data-` attribute.
pub fn remember(name: &str, value: Option<&str>) {
    let key = [PREFIX, name].concat();
    // A browser that keeps nothing still shows the choice on this page.
    if let Some(memory) = long_memory() {
        let _ = value.map_or_else(|| memory.remove_item(&key), |value| memory.set_item(&key, value));
    }
    if let Some(root) = document().document_element() {
        let attribute = ["data-", name].concat();
        let _ = value.map_or_else(|| root.remove_attribute(&attribute), |value| root.set_attribute(&attribute, value));
    }
}

/// Whether the device asks for dark pages.
pub fn prefers_dark() -> bool {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches())
}

/// Calls `handler` for each key that goes down; true keeps the browser from acting on it.
pub fn on_key(handler: impl Fn(Key) -> bool + 'static) {
    // The listener lives as long as the page.
    let _forever = window_event_listener(ev::keydown, move |event| {
        let key = Key {
            name: event.key(),
            is_typing: event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok())
                .is_some_and(|element| takes_text(&element)),
            is_chord: event.ctrl_key() || event.alt_key() || event.meta_key(),
            is_command: (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key(),
        };
        if handler(key) {
            event.prevent_default();
        }
    });
}

/// Whether an element takes what is typed.
fn takes_text(element: &Element) -> bool {
    matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
}

/// Returns how far across its element a pointer is, from 0 to 1.
pub fn across(event: &ev::PointerEvent) -> f64 {
    let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) else { return 0.0 };
    let frame = element.get_bounding_client_rect();
    if frame.width() > 0.0 { ((f64::from(event.client_x()) - frame.left()) / frame.width()).clamp(0.0, 1.0) } else { 0.0 }
}

/// Returns how far down a pointer is within what is around its element, from 0 to 1.
pub fn down_within(event: &ev::PointerEvent, around: &str) -> f64 {
    let element = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(around) = element.and_then(|element| element.closest(around).ok().flatten()) else { return 0.0 };
    let frame = around.get_bounding_client_rect();
    if frame.height() > 0.0 { ((f64::from(event.client_y()) - frame.top()) / frame.height()).clamp(0.0, 1.0) } else { 0.0 }
}

/// Has an element hear of a pointer until it is let go, also beyond the element.
pub fn capture_pointer(event: &ev::PointerEvent) {
    if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

/// Returns whether the browser may show notifications.
pub fn notification_permission() -> NotificationPermission {
    // Absent in insecure contexts and in some browsers' private windows.
    if !js_sys::Reflect::has(&window(), &JsValue::from_str("Notification")).unwrap_or(false) {
        return NotificationPermission::Unsupported;
    }
    match Notification::permission() {
        web_sys::NotificationPermission::Granted => NotificationPermission::Granted,
        web_sys::NotificationPermission::Denied => NotificationPermission::Denied,
        _ => NotificationPermission::Undecided,
    }
}

/// Asks the person whether the browser may show notifications, and calls `answer` with what they said.
pub fn ask_notification_permission(answer: impl FnOnce(NotificationPermission) + 'static) {
    if notification_permission() == NotificationPermission::Unsupported {
        return answer(NotificationPermission::Unsupported);
    }
    let Ok(asked) = Notification::request_permission() else { return answer(notification_permission()) };
    let told = Closure::once(move |_: JsValue| answer(notification_permission()));
    let _ = asked.then(&told);
    // Called at most once, when the person has answered.
    told.forget();
}

/// Shows a browser notification where that is allowed, wanted and the page is not in sight.
pub fn notify(title: &str, body: &str, tag: &str) {
    let is_wanted = remembered("notify").as_deref() == Some("on");
    if !is_wanted || !is_hidden() || notification_permission() != NotificationPermission::Granted {
        return;
    }
    // Android shows notifications through the service worker alone.
    let worker = property(&property(&window().navigator(), "serviceWorker"), "controller");
    if worker.is_truthy() {
        let (message, notification) = (js_sys::Object::new(), js_sys::Object::new());
        for (name, text) in [("title", title), ("body", body), ("tag", tag)] {
            let _ = js_sys::Reflect::set(&notification, &name.into(), &text.into());
        }
        let _ = js_sys::Reflect::set(&message, &"notify".into(), &notification);
        let _ = worker.unchecked_into::<web_sys::ServiceWorker>().post_message(&message);
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(body);
    // Tabs of one browser share the tag: one notification, not one per tab.
    options.set_tag(tag);
    options.set_icon("/icon-192.png");
    let _ = Notification::new_with_options(title, &options);
}
