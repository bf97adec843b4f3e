use crate::app::prelude::*;

use super::icon::Icon;
use crate::app::components::list::{Part, list};
use crate::app::reactive::effect;
use crate::live::{Live, Toast, expect_live, source};
use crate::words::figures;

/// How long a message stays unless somebody is reading it, in milliseconds.
const STAYS_MS: u32 = 8_000;
/// How often its time is counted down, in milliseconds.
const STEP_MS: u32 = 250;

/// The alerts that went off while the page is open, one above the other.
#[component]
pub(crate) fn Toasts() -> impl IntoView {
    let live = expect_live();
    let toasts = live.toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-relevant="additions">
            {list(move || toasts.get().into_iter().map(|toast| Part::new(toast.notification.notification_id.clone(), move || view! { <ToastMessage toast/> }.into_any())).collect())}
        </div>
    }
}

/// One message; it leaves by itself, but not while the pointer or the focus is on it.
#[component]
fn ToastMessage(toast: Toast) -> impl IntoView {
    let live = expect_live();
    let Toast { notification } = toast;
    let is_read = RwSignal::new(false);
    let id = StoredValue::new(notification.notification_id.clone());
    effect(move || count_down(live, id, is_read, STAYS_MS));
    let dismiss = move |_| id.with_value(|id| live.dismiss_toast(id));
    let rises = figures::waits_for_rise(notification.condition);
    let title = [notification.ticker.as_str(), " ", &words().rule(notification.condition, notification.threshold)].concat();
    view! {
        <div class="toast" on:pointerenter=move |_| is_read.set(true) on:pointerleave=move |_| is_read.set(false)
            on:focusin=move |_| is_read.set(true) on:focusout=move |_| is_read.set(false)>
            <span class="ico" aria-hidden="true">{if rises { "▲" } else { "▼" }}</span>
            <div>
                <b>{title}</b>
                <p><bdi>{notification.sentence(words())}</bdi></p>
                <a href="/inbox" on:click=dismiss>{words().open_the_inbox()}</a>
            </div>
            <button class="icon" type="button" aria-label=words().dismiss() on:click=dismiss><Icon name="close"/></button>
        </div>
    }
}

/// Takes the message away when its time has passed.
fn count_down(live: Live, id: StoredValue<String>, is_read: RwSignal<bool>, left_ms: u32) {
    source::after(STEP_MS, move || {
        // Gone already: dismissed, or its page is.
        let (Some(id_text), Some(is_read_now)) = (id.try_get_value(), is_read.try_get_untracked()) else { return };
        match (is_read_now, left_ms.saturating_sub(STEP_MS)) {
            (true, _) => count_down(live, id, is_read, left_ms),
            (false, 0) => live.dismiss_toast(&id_text),
            (false, left_ms) => count_down(live, id, is_read, left_ms),
        }
    });
}
