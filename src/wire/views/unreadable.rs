//! Why a portfolio's activities cannot be added up.

use serde::{Deserialize, Serialize};

use crate::domain::money::ArithmeticError;
use crate::domain::position::{FoldError, FoldReason};
use crate::words::{Answers, Sentence, Words};

/// Why a portfolio has no value: one of its activities stands in the way until it is changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct UnreadableView {
    /// The activity at which adding up ended.
    pub activity_id: String,
    /// What is wrong with it, in English.
    pub reason: String,
    /// The same as a word for programs: `figure_too_large`, `instrument_missing`, `quantity_not_positive`, `price_negative`,
    /// `rate_not_positive` or `amount_negative`.
    #[serde(default)]
    pub code: String,
}

impl From<FoldError> for UnreadableView {
    fn from(error: FoldError) -> Self {
        let (code, reason) = fold_refusal(error.reason);
        Self { activity_id: error.activity.0.to_string(), reason: reason.in_english(), code: code.to_owned() }
    }
}

impl UnreadableView {
    /// Says in words what is wrong with the activity; a page of an older version than the server says it in English.
    pub fn reason_in(&self, words: Words) -> String {
        let known = REASONS.into_iter().map(fold_refusal).find(|(code, _)| *code == self.code);
        known.map_or_else(|| self.reason.clone(), |(_, reason)| words.said(&reason))
    }
}

/// Every reason for which activities cannot be added up.
const REASONS: [FoldReason; 6] = [
    FoldReason::Arithmetic(ArithmeticError::Overflow),
    FoldReason::TickerMissing,
    FoldReason::QuantityNotPositive,
    FoldReason::PriceNegative,
    FoldReason::RateNotPositive,
    FoldReason::AmountNegative,
];

/// Returns the word and the sentence for a reason for which an activity cannot be added up.
pub fn fold_refusal(reason: FoldReason) -> (&'static str, Sentence) {
    match reason {
        FoldReason::Arithmetic(_) => ("figure_too_large", Answers::figure_too_large()),
        FoldReason::TickerMissing => ("instrument_missing", Answers::instrument_missing()),
        FoldReason::QuantityNotPositive => ("quantity_not_positive", Answers::quantity_above_zero()),
        FoldReason::PriceNegative => ("price_negative", Answers::price_not_negative()),
        FoldReason::RateNotPositive => ("rate_not_positive", Answers::rate_above_zero()),
        FoldReason::AmountNegative => ("amount_negative", Answers::amount_not_negative()),
    }
}
