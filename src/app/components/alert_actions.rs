//! What a person does with alerts, and how the answers reach the live list.

use leptos::prelude::*;

use crate::api::{AcknowledgeAlert, CreateAlert, DeleteAlert, PauseAlert};
use crate::app::components::field::{Answer, Refused, refused};
use crate::app::format;
use crate::live::{Live, expect_live};
use crate::wire::views::AlertView;

/// The actions shared by every row of a page.
#[derive(Clone, Copy)]
pub struct AlertActions {
    /// Makes one.
    pub create: ServerAction<CreateAlert>,
    /// Pauses one, or arms it again.
    pub pause: ServerAction<PauseAlert>,
    /// Marks its firing as seen.
    pub acknowledge: ServerAction<AcknowledgeAlert>,
    /// Deletes one.
    pub delete: ServerAction<DeleteAlert>,
}

impl AlertActions {
    /// Makes the actions; each answer goes to the live list, where the higher revision wins.
    pub fn prepared() -> Self {
        let live = expect_live();
        let actions = Self {
            create: ServerAction::new(),
            pause: ServerAction::new(),
            acknowledge: ServerAction::new(),
            delete: ServerAction::new(),
        };
        apply(live, actions.create.value());
        apply(live, actions.pause.value());
        apply(live, actions.acknowledge.value());
        actions.forget_deleted(live);
        actions
    }

    /// Takes a deleted alert off the live list; the answer does not name it, so the question is remembered.
    fn forget_deleted(self, live: Live) {
        let asked = StoredValue::new(None::<String>);
        Effect::new(move |_| {
            if let Some(input) = self.delete.input().get() {
                asked.set_value(Some(input.id));
            }
        });
        Effect::new(move |_| {
            if matches!(self.delete.value().get(), Some(Ok(())))
                && let Some(id) = asked.get_value()
            {
                live.forget_alert(&id);
            }
        });
    }

    /// Returns the newest refusal of the rows' actions; a form that makes an alert shows its own.
    pub fn row_refusal(self) -> Refused {
        let (pause, acknowledge, delete) =
            (refused(self.pause.value()), refused(self.acknowledge.value()), refused(self.delete.value()));
        Signal::derive(move || pause.get().or_else(|| acknowledge.get()).or_else(|| delete.get()))
    }
}

/// Puts an answered alert on the live list.
pub fn apply(live: Live, answer: Answer<AlertView>) {
    Effect::new(move |_| {
        if let Some(Ok(alert)) = answer.get() {
            live.apply_alert(alert);
        }
    });
}

/// Says, once and politely, that an alert was made.
#[component]
pub fn SetSaid(
    /// What making it answered.
    answer: Answer<AlertView>,
) -> impl IntoView {
    let said = move || {
        answer.with(|answer| match answer {
            Some(Ok(alert)) => {
                let level = format::threshold(alert.condition, alert.threshold);
                Some(["Set: ", alert.ticker.as_str(), " ", format::condition_phrase(alert.condition), " ", &level].concat())
            }
            _ => None,
        })
    };
    view! { <div role="status">{move || said().map(|text| view! { <p class="confirmed">{text}</p> })}</div> }
}
