//! What a person does with alerts, and how the answers reach the live list.

use crate::app::prelude::*;

use crate::api::{AcknowledgeAlert, CreateAlert, DeleteAlert, PauseAlert};
use crate::app::components::field::Refused;
use crate::app::components::post_form::{Answer, Command};
use crate::live::expect_live;
use crate::wire::views::AlertView;

/// The actions shared by every row of a page.
#[derive(Clone, Copy)]
pub struct AlertActions {
    /// Makes an alert from the fields of the form.
    pub create: Command,
    /// Pauses one, or arms it again.
    pub pause: Command,
    /// Marks its firing as seen.
    pub acknowledge: Command,
    /// Deletes an alert.
    pub delete: Command,
}

impl AlertActions {
    /// Makes the actions; each answer goes to the live list, where the higher revision wins.
    pub fn prepared() -> Self {
        let live = expect_live();
        let actions = Self {
            create: Command::of::<CreateAlert>(),
            pause: Command::of::<PauseAlert>(),
            acknowledge: Command::of::<AcknowledgeAlert>(),
            delete: Command::of::<DeleteAlert>(),
        };
        apply(actions.create);
        apply(actions.pause);
        apply(actions.acknowledge);
        // The answer does not name what is deleted; the question does.
        actions.delete.when_done(move |answer| {
            if let Some(id) = answer.sent("id") {
                live.forget_alert(id);
            }
        });
        actions
    }

    /// Returns the newest refusal of the rows' actions; a form that makes an alert shows its own.
    pub fn row_refusal(self) -> Refused {
        let (pause, acknowledge, delete) = (self.pause.refused(), self.acknowledge.refused(), self.delete.refused());
        Signal::derive(move || pause.get().or_else(|| acknowledge.get()).or_else(|| delete.get()))
    }
}

/// Puts an answered alert on the live list.
pub fn apply(command: Command) {
    let live = expect_live();
    command.when_done(move |answer| {
        if let Some(alert) = answer.read() {
            live.apply_alert(alert);
        }
    });
}

/// Says, once and politely, that an alert was made.
#[component]
pub fn SetSaid(
    /// The answer to making the alert.
    answer: Signal<Option<Answer>>,
) -> impl IntoView {
    let said = move || {
        let alert: AlertView = answer.with(|answer| answer.as_ref()?.read())?;
        Some(words().alert_set(alert.ticker.as_str(), &words().rule(alert.condition, alert.threshold)))
    };
    view! { <div role="status">{move || said().map(|text| view! { <p class="confirmed">{text}</p> }.into_any())}</div> }
}
