//! Whether an alert also shows as a notification of the browser.

use crate::app::prelude::*;

use crate::app::reactive::effect;
use crate::live::source::{NotificationPermission, ask_notification_permission, notification_permission, remember, remembered};

/// What can be done now, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Unknown,
    Unsupported,
    Denied,
    Off,
    On,
}

impl Standing {
    /// Returns how things stand in this browser.
    fn now() -> Self {
        match notification_permission() {
            NotificationPermission::Unsupported => Self::Unsupported,
            NotificationPermission::Denied => Self::Denied,
            NotificationPermission::Granted if remembered("notify").as_deref() == Some("on") => Self::On,
            NotificationPermission::Granted | NotificationPermission::Undecided => Self::Off,
        }
    }

    fn told(self) -> &'static str {
        match self {
            Self::Unknown => words().notifications_need_script(),
            Self::Unsupported => words().notifications_unsupported(),
            Self::Denied => words().notifications_denied(),
            Self::Off => words().notifications_off(),
            Self::On => words().notifications_on(),
        }
    }

    fn button(self) -> &'static str {
        if self == Self::On { words().switch_off() } else { words().switch_on() }
    }
}

/// Explains, and asks for permission only when told to.
#[component]
pub(crate) fn BrowserNotifications() -> impl IntoView {
    let standing = RwSignal::new(Standing::Unknown);
    effect(move || standing.set(Standing::now()));
    let switch = move |_| {
        if standing.get_untracked() == Standing::On {
            remember("notify", None);
            return standing.set(Standing::Off);
        }
        ask_notification_permission(move |permission| {
            if permission == NotificationPermission::Granted {
                remember("notify", Some("on"));
            }
            // The page may have been left while the browser asked.
            let _ = standing.try_set(Standing::now());
        });
    };
    let has_button = move || matches!(standing.get(), Standing::Off | Standing::On);
    view! {
        <section class="card notices" id="notices" aria-labelledby="notices-title">
            <header><h2 id="notices-title">{words().browser_notifications()}</h2></header>
            <p class="hint" role="status">{move || standing.get().told()}</p>
            <p class="submit" hidden=move || !has_button()>
                <button class="ghost" type="button" on:click=switch>{move || standing.get().button()}</button>
            </p>
        </section>
    }
}
