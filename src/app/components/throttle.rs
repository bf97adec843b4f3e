use leptos::prelude::*;

use crate::app::reactive::effect;
use crate::live::source;

/// Follows a signal at most once every `milliseconds`; what it rests at is always shown in the end.
pub(crate) fn at_most_every<T: Clone + PartialEq + Send + Sync + 'static>(milliseconds: u32, signal: Signal<T>) -> Signal<T> {
    let shown = RwSignal::new(signal.get_untracked());
    let is_waiting = StoredValue::new(false);
    let changed_at = StoredValue::new(None::<i64>);
    effect(move || {
        let now = signal.get();
        if shown.with_untracked(|shown| *shown == now) || is_waiting.get_value() {
            return;
        }
        let elapsed_ms = source::elapsed_ms();
        let left = changed_at.get_value().map_or(0, |at| i64::from(milliseconds) - (elapsed_ms - at));
        if left <= 0 {
            changed_at.set_value(Some(elapsed_ms));
            shown.set(now);
            return;
        }
        is_waiting.set_value(true);
        source::after(u32::try_from(left).unwrap_or(milliseconds), move || {
            // The page may be gone by then.
            if let Some(now) = signal.try_get_untracked() {
                is_waiting.try_set_value(false);
                changed_at.try_set_value(Some(source::elapsed_ms()));
                let _ = shown.try_set(now);
            }
        });
    });
    shown.into()
}
