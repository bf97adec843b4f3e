//! The fields of the form around the chart.

use leptos::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::numbers::typed_number;
use crate::app::components::sentences::read_condition;
use crate::app::prelude::words;
use crate::domain::alert::Condition;
use crate::live::source;

/// What the form around the chart holds.
#[derive(Clone, Copy)]
pub(crate) struct FormFields {
    /// The ticker as it was typed.
    pub ticker: RwSignal<String>,
    /// The condition's word.
    pub condition: RwSignal<String>,
    /// The level as it was typed.
    pub threshold: RwSignal<String>,
    /// The seconds between two firings as they were typed.
    pub cooldown: RwSignal<String>,
    /// The id of the level's input.
    pub threshold_id: &'static str,
}

impl FormFields {
    pub(super) fn condition(&self) -> Option<Condition> {
        read_condition(&self.condition.get())
    }

    /// Returns the level, where a number above zero or a percentage is typed.
    pub(super) fn level(&self) -> Option<Decimal> {
        typed_number(&self.threshold.get()).ok()
    }

    /// Writes another level into the form's input.
    pub(super) fn write(&self, level: Decimal) {
        source::put_into(self.threshold_id, &words().editable(level));
    }
}
