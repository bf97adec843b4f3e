//! Reading an alert's rule: by its kind and parameters, or in the short form of ticker, condition and threshold.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};

use foliostream::domain::alert::{Condition, Rule, RuleError};
use foliostream::domain::instrument::Ticker;
use foliostream::wire::commands::{AlertDraft, AlertPatch, RuleDraft, parse_decimal};
use foliostream::wire::error::ApiError;
use foliostream::words::Refusals;

use super::{Acting, at, read_ticker};

/// The longest name of a parameter that is told back to its writer.
const LONGEST_NAME: usize = 32;

/// The fields that a rule is read from.
struct Form<'a> {
    rule: Option<&'a RuleDraft>,
    ticker: Option<&'a str>,
    condition: Option<Condition>,
    threshold: Option<&'a str>,
}

impl Acting {
    /// Reads the rule of a new alert.
    pub(super) fn drafted_rule(&self, draft: &AlertDraft) -> Result<Rule, ApiError> {
        let AlertDraft { rule, ticker, condition, threshold, .. } = draft;
        let form =
            Form { rule: rule.as_ref(), ticker: ticker.as_deref(), condition: *condition, threshold: threshold.as_deref() };
        self.read_rule(&form, None)
    }

    /// Reads the rule of a changed alert: another one, or what of the short form is told over what is there.
    pub(super) fn patched_rule(&self, before: &Rule, patch: &AlertPatch) -> Result<Rule, ApiError> {
        let AlertPatch { rule, ticker, condition, threshold, .. } = patch;
        let form =
            Form { rule: rule.as_ref(), ticker: ticker.as_deref(), condition: *condition, threshold: threshold.as_deref() };
        self.read_rule(&form, Some(before))
    }

    fn read_rule(&self, form: &Form<'_>, before: Option<&Rule>) -> Result<Rule, ApiError> {
        let is_short = form.ticker.is_some() || form.condition.is_some() || form.threshold.is_some();
        match form.rule {
            Some(_) if is_short => Err(ApiError::field("rule", Refusals::rule_or_fields())),
            Some(rule) => self.read_parameters(rule),
            None => self.read_short(form, before),
        }
    }

    fn read_short(&self, form: &Form<'_>, before: Option<&Rule>) -> Result<Rule, ApiError> {
        let ticker = match (form.ticker, before) {
            (Some(text), _) => self.watchable("ticker", text)?,
            (None, Some(before)) => before.ticker().clone(),
            (None, None) => return Err(ApiError::field("ticker", Refusals::name_the_instrument())),
        };
        let condition = form.condition.or(before.map(Rule::kind));
        let condition = condition.ok_or_else(|| ApiError::field("condition", Refusals::name_the_condition()))?;
        let threshold = match (form.threshold, before) {
            (Some(text), _) => read_threshold("threshold", text)?,
            (None, Some(before)) => before.threshold(),
            (None, None) => return Err(ApiError::field("threshold", Refusals::name_the_level())),
        };
        sensible(Rule::of(condition, ticker, threshold), "threshold")
    }

    fn read_parameters(&self, draft: &RuleDraft) -> Result<Rule, ApiError> {
        let kind = read_kind(&draft.kind)?;
        let (field, own, other_field, other) = if kind.is_day_change() {
            ("percent", &draft.percent, "level", &draft.level)
        } else {
            ("level", &draft.level, "percent", &draft.percent)
        };
        let unknown = draft.others.first().map(String::as_str);
        if let Some(name) = unknown.or(other.as_ref().map(|_| other_field)) {
            return Err(ApiError::field(&parameter(name), Refusals::no_such_parameter(draft.kind.as_str())));
        }
        let missing = |name: &str| ApiError::field(&parameter(name), Refusals::needs_its_parameter(draft.kind.as_str(), name));
        let ticker = draft.ticker.as_deref().ok_or_else(|| missing("ticker"))?;
        let ticker = self.watchable("rule.ticker", ticker)?;
        let threshold = own.as_deref().ok_or_else(|| missing(field))?;
        let threshold = read_threshold(&parameter(field), threshold)?;
        sensible(Rule::of(kind, ticker, threshold), &parameter(field))
    }

    /// Reads the ticker of an instrument that has a price here.
    fn watchable(&self, field: &str, text: &str) -> Result<Ticker, ApiError> {
        let ticker = read_ticker(text).map_err(|refusal| ApiError { field: Some(field.to_owned()), ..refusal })?;
        if self.parts.ground.board.knows(&ticker) {
            return Ok(ticker);
        }
        Err(ApiError::field(field, Refusals::nobody_quotes(ticker.as_str())))
    }
}

/// Returns the field that a refusal names for a rule's parameter, such as `rule.level`.
fn parameter(name: &str) -> String {
    let is_name = name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name { format!("rule.{name}") } else { "rule".to_owned() }
}

fn read_kind(text: &str) -> Result<Condition, ApiError> {
    let word: StrDeserializer<'_, ValueError> = text.into_deserializer();
    Condition::deserialize(word).map_err(|_| {
        let kinds = "price_above, price_below, crosses_above, crosses_below, day_change_above_percent, day_change_below_percent";
        ApiError::field("rule.kind", Refusals::no_such_kind(kinds))
    })
}

fn read_threshold(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let threshold = parse_decimal(text).map_err(at(field))?;
    if threshold.to_string() != text.trim() {
        // It is told as it was written, and kept as a number.
        return Err(ApiError::field(field, Refusals::write_it_as(threshold.to_string())));
    }
    Ok(threshold)
}

fn sensible(rule: Rule, field: &str) -> Result<Rule, ApiError> {
    let refusal = |error| match error {
        RuleError::PriceNotPositive => Refusals::level_above_zero(),
        RuleError::PercentOutOfRange => Refusals::percent_between(),
        RuleError::FallTooDeep => Refusals::cannot_fall_by_more(),
    };
    rule.check().map_err(|error| ApiError::field(field, refusal(error)))?;
    Ok(rule)
}
