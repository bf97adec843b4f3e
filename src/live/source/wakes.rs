//! What wakes the supervisor of the stream: the window, and what the page itself wants.

use futures::channel::mpsc::Sender;
use leptos::prelude::*;

use crate::live::Live;

/// What a window reports to the supervisor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// Another stream is wanted, or the network is back.
    Look,
    /// The page is put away.
    Hide,
    /// The page is back.
    Show,
    /// The reader does not want to wait.
    Again,
    /// The server answered when it was asked whether it is there.
    Answered,
    /// It did not, or only something in front of it did.
    Unanswered,
}

/// Passes on what the window and the page's own signals say.
pub(super) fn listen(live: Live, wake: &Sender<Wake>) {
    for (name, word) in
        [("pagehide", Wake::Hide), ("pageshow", Wake::Show), ("online", Wake::Look), ("visibilitychange", Wake::Look)]
    {
        let wake = wake.clone();
        let _forever = window_event_listener_untyped(name, move |_| {
            let _ = wake.clone().try_send(word);
        });
    }
    let impatient = wake.clone();
    Effect::new(move |before: Option<i64>| {
        let times = live.asked_again().get();
        if before.is_some_and(|before| before != times) {
            let _ = impatient.clone().try_send(Wake::Again);
        }
        times
    });
    let wake = wake.clone();
    Effect::new(move || {
        live.followed().track();
        let _ = wake.clone().try_send(Wake::Look);
    });
}
