//! What a person does with alerts, and how the answers reach the live list.

use crate::app::prelude::*;

use crate::api::{AcknowledgeAlert, CreateAlert, DeleteAlert, PauseAlert};
use crate::app::components::distance::distance;
use crate::app::components::field::Refused;
use crate::app::components::post_form::Command;
use crate::app::components::sentences::{Standing, condition_word, repeat_word, standing};
use crate::app::said::{Said, Undo};
use crate::live::{expect_live, source};
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
        let said = Said::expect();
        actions.create.when_done(move |answer| {
            if let Some(alert) = answer.read::<AlertView>() {
                let text = words().alert_set(alert.ticker.as_str(), &rule(&alert));
                said.say(text, Some(Undo::by::<DeleteAlert>(&[("id", &alert.id)])));
            }
        });
        actions.pause.when_done(move |answer| {
            if let Some(alert) = answer.read::<AlertView>() {
                let back = if alert.paused { "false" } else { "true" };
                let text = if alert.paused {
                    words().said_alert_paused(&named(&alert))
                } else {
                    words().said_alert_resumed(&named(&alert))
                };
                said.say(text, Some(Undo::by::<PauseAlert>(&[("id", &alert.id), ("paused", back)])));
                source::close_menus();
                source::focus("watching");
            }
        });
        // The answer does not name what is deleted; the question does.
        actions.delete.when_done(move |answer| {
            let Some(id) = answer.sent("id") else { return };
            if let Some(alert) = live.forget_alert(id) {
                // One that waits, rests or is paused cannot be made again as it was: the new one would fire at once, or watch.
                let quote = live.quote(&alert.ticker).get_untracked();
                let away = distance(alert.condition, alert.threshold, quote.as_ref()).or(alert.distance_percent);
                let is_active = standing(&alert, away) == Standing::Active;
                said.say(words().said_alert_deleted(&named(&alert)), is_active.then(|| make_again(&alert)));
                source::focus("watching");
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

/// Returns the sentence after the ticker.
fn rule(alert: &AlertView) -> String {
    words().rule(alert.condition, alert.threshold)
}

/// Names an alert by its sentence: `AAPL crosses above 230.00`.
fn named(alert: &AlertView) -> String {
    [alert.ticker.as_str(), " ", &rule(alert)].concat()
}

/// Makes again what was deleted, as it was typed.
fn make_again(alert: &AlertView) -> Undo {
    let expires = alert.expires_at.map(|time| time.to_string()).unwrap_or_default();
    Undo::by::<CreateAlert>(&[
        ("ticker", alert.ticker.as_str()),
        ("condition", condition_word(alert.condition)),
        ("threshold", &alert.threshold.to_string()),
        ("note", alert.note.as_deref().unwrap_or_default()),
        ("repeat", repeat_word(alert.repeat)),
        ("cooldown_s", &alert.cooldown_s.to_string()),
        ("expires_at", &expires),
    ])
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
