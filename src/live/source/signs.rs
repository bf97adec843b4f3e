//! What can happen while a stream's connection stands: its events, its end, the window, and time that passes.

use futures::channel::mpsc::Receiver;
use futures::stream::{self, Stream, StreamExt};
use gloo_net::eventsource::futures::EventSource;
use gloo_timers::future::IntervalStream;
use web_sys::MessageEvent;

use super::wakes::Wake;
use crate::live::event::NAMES;

/// The time between two looks at the silence, in milliseconds.
pub(super) const TICK_MS: u32 = 500;

/// What can happen while a connection stands.
pub(super) enum Sign {
    Event(String, MessageEvent),
    Closed,
    Woken(Wake),
    Tick,
}

/// Puts together everything that can happen while a connection stands.
pub(super) fn signs<'a>(
    source: &mut EventSource,
    wakes: &'a mut Receiver<Wake>,
) -> Option<impl Stream<Item = Sign> + Unpin + 'a> {
    let subscriptions = NAMES.into_iter().map(|name| source.subscribe(name)).collect::<Result<Vec<_>, _>>().ok()?;
    let events = stream::select_all(subscriptions).map(|event| match event {
        Ok((name, message)) => Sign::Event(name, message),
        // The browser has given up for good; while it tries again by itself nothing is said here.
        Err(_) => Sign::Closed,
    });
    let ticks = IntervalStream::new(TICK_MS).map(|()| Sign::Tick);
    Some(stream::select(events, stream::select(wakes.map(Sign::Woken), ticks)))
}
