//! Whether the server can be reached while its stream is silent: a small request whose answer says so.
//!
//! A silent stream looks the same in a quiet market and in a network that swallows everything. A request that is given up after a
//! moment tells the two apart. It also frees the browser of connections that are dead and were kept for later: each try uses up one,
//! and the try that is answered leaves a good one for the stream.

use futures::channel::mpsc::Sender;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestInit, Response};

use super::browser::{after, elapsed_ms};
use super::wakes::Wake;
use leptos::prelude::window;

/// The silence after which the server is asked, in milliseconds.
const SILENT_MS: u64 = 4_000;
/// How long an answer is waited for, in milliseconds.
const PATIENCE_MS: u32 = 2_500;
/// The time from an answer to the next question, in milliseconds.
const AFTER_ANSWER_MS: i64 = 5_000;
/// The time from a question without an answer to the next one, in milliseconds.
const AFTER_NONE_MS: i64 = 500;

/// What is known of the server beside the stream.
pub(super) struct Probe {
    wake: Sender<Wake>,
    /// When the question was put that waits for its answer.
    asked_at: Option<i64>,
    ended_at: i64,
    is_unanswered: bool,
}

impl Probe {
    /// Makes one that tells the supervisor through `wake`.
    pub(super) fn new(wake: Sender<Wake>) -> Self {
        Self { wake, asked_at: None, ended_at: i64::MIN / 2, is_unanswered: false }
    }

    /// Whether the last question had no answer.
    pub(super) fn is_unanswered(&self) -> bool {
        self.is_unanswered
    }

    /// Asks, where the stream has been silent for long and nothing else was asked just now.
    pub(super) fn ask_after(&mut self, silence_ms: u64) {
        let pause_ms = if self.is_unanswered { AFTER_NONE_MS } else { AFTER_ANSWER_MS };
        // The word of an end may be lost where the supervisor has many waiting.
        let is_waiting = self.asked_at.is_some_and(|asked_at| elapsed_ms() - asked_at < 2 * i64::from(PATIENCE_MS));
        if silence_ms < SILENT_MS || is_waiting || elapsed_ms() - self.ended_at < pause_ms {
            return;
        }
        self.asked_at = Some(elapsed_ms());
        let mut wake = self.wake.clone();
        spawn_local(async move {
            // What only something in front of the server says is no answer of it.
            let is_answered = status("/healthz").await.is_some_and(|status| !(502..=504).contains(&status));
            let _ = wake.try_send(if is_answered { Wake::Answered } else { Wake::Unanswered });
        });
    }

    /// Takes in an end; returns when the question was put, and whether the one before had no answer.
    pub(super) fn end(&mut self, is_answered: bool) -> (i64, bool) {
        let was_unanswered = std::mem::replace(&mut self.is_unanswered, !is_answered);
        self.ended_at = elapsed_ms();
        (self.asked_at.take().unwrap_or(self.ended_at), was_unanswered)
    }

    /// Takes in that the stream was heard.
    pub(super) fn heard(&mut self) {
        self.is_unanswered = false;
    }
}

/// Whether the server refuses a stream because it has enough of this reader's: an EventSource does not say why it was refused.
pub(super) async fn is_full(url: &str) -> bool {
    status(url).await == Some(429)
}

/// Returns the status that a request is answered with, and drops what follows it; nothing where no answer came in time.
async fn status(url: &str) -> Option<u16> {
    let request = RequestInit::new();
    let controller = AbortController::new().ok()?;
    request.set_cache(RequestCache::NoStore);
    request.set_signal(Some(&controller.signal()));
    let impatient = controller.clone();
    after(PATIENCE_MS, move || impatient.abort());
    let answer: Result<JsValue, JsValue> = JsFuture::from(window().fetch_with_str_and_init(url, &request)).await;
    controller.abort();
    answer.ok()?.dyn_into::<Response>().ok().map(|response| response.status())
}
