//! The sentence that says why an alert has fired, from what was seen.

use rust_decimal::Decimal;

use super::{Language, Words};
use crate::domain::alert::{Condition, Firing};
use crate::domain::money::Currency;

/// What the sentence is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired<'a> {
    /// The ticker of the instrument that set it off.
    pub ticker: &'a str,
    /// The condition of the alert when it fired.
    pub condition: Condition,
    /// The level of the alert when it fired.
    pub threshold: Decimal,
    /// The price of the tick that set it off.
    pub price: Decimal,
    /// The price observed before it, where there was one.
    pub previous_price: Option<Decimal>,
    /// The day's change in percent at the tick, where it is known.
    pub change_percent: Option<Decimal>,
    /// Whether the level was passed while no engine ran.
    pub gap: bool,
    /// The note of the alert when it fired.
    pub note: Option<&'a str>,
    /// What the instrument is quoted in.
    pub currency: Currency,
}

impl<'a> Fired<'a> {
    /// Takes a firing of an instrument that is quoted in `currency`.
    pub fn of(firing: &'a Firing, currency: Currency) -> Self {
        Self {
            ticker: firing.ticker.as_str(),
            condition: firing.condition,
            threshold: firing.threshold,
            price: firing.price,
            previous_price: firing.previous_price,
            change_percent: firing.change_percent,
            gap: firing.gap,
            note: firing.note.as_deref(),
            currency,
        }
    }
}

impl Words {
    /// Returns the one sentence that says why an alert fired: `AAPL rose above 150.00 USD: 151.20, was 149.80`; the note
    /// follows in brackets.
    pub fn why(self, fired: &Fired<'_>) -> String {
        let reason = if fired.condition.is_day_change() { self.day_reason(fired) } else { self.price_reason(fired) };
        let price = self.told_price(fired.price, fired.currency);
        let sentence = match fired.previous_price {
            Some(previous) => self.fired_after(fired.ticker, &reason, &price, &self.told_price(previous, fired.currency)),
            None => self.fired(fired.ticker, &reason, &price),
        };
        match fired.note {
            Some(note) => self.with_note(&sentence, note),
            None => sentence,
        }
    }

    fn price_reason(self, fired: &Fired<'_>) -> String {
        let say = match (fired.condition.is_edge(), fired.gap, fired.condition.is_upward()) {
            (true, _, true) => Self::crossed_above,
            (true, _, false) => Self::crossed_below,
            (false, false, true) => Self::is_above,
            (false, false, false) => Self::is_below,
            (false, true, true) => Self::went_above,
            (false, true, false) => Self::went_below,
        };
        let away = if fired.gap { self.while_away() } else { "" };
        say(self, &self.told_price(fired.threshold, fired.currency), fired.currency.as_str(), away)
    }

    fn day_reason(self, fired: &Fired<'_>) -> String {
        let threshold = fired.threshold.normalize();
        let say = if fired.condition.is_upward() { Self::above_percent } else { Self::below_percent };
        let away = if fired.gap { self.passed_while_away() } else { "" };
        let side = say(self, &self.told_number(threshold), away);
        let Some(exact) = fired.change_percent else { return self.moved_today(&side) };
        let short = exact.round_dp(2).normalize();
        // Two decimals read well, unless they hide which side of the level it is on.
        let change = if short == threshold { exact.normalize() } else { short };
        let length = self.told_number(change.abs());
        match change {
            change if change.is_zero() => self.unchanged_today(&side),
            change if change.is_sign_negative() => self.down_today(&length, &side),
            _ => self.up_today(&length, &side),
        }
    }

    /// Writes a price with at least its currency's decimals.
    fn told_price(self, price: Decimal, currency: Currency) -> String {
        let mut price = price.normalize();
        if price.scale() < currency.decimals() {
            price.rescale(currency.decimals());
        }
        self.told_number(price)
    }

    /// Writes a number as the sentence has it: in English as programs do, without groups.
    fn told_number(self, number: Decimal) -> String {
        match self.language() {
            Language::English => number.to_string(),
            Language::German => self.exact(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::Condition::*;

    fn fired(condition: Condition, threshold: &str, change: Option<&str>) -> Fired<'static> {
        Fired {
            ticker: "A",
            condition,
            threshold: threshold.parse().unwrap(),
            price: "151.2".parse().unwrap(),
            previous_price: Some("149.80".parse().unwrap()),
            change_percent: change.map(|change| change.parse().unwrap()),
            gap: false,
            note: None,
            currency: Currency::USD,
        }
    }

    fn english(fired: &Fired<'_>) -> String {
        Words::of(Language::English).why(fired)
    }

    fn german(fired: &Fired<'_>) -> String {
        Words::of(Language::German).why(fired)
    }

    #[test]
    fn the_sentence_says_why() {
        let crossed = fired(CrossesAbove, "150", None);
        assert_eq!(english(&crossed), "A rose above 150.00 USD: 151.20, was 149.80");
        let crossed = Fired { gap: true, note: Some("sell half"), ..crossed };
        assert_eq!(english(&crossed), "A rose above 150.00 USD while the server was offline: 151.20, was 149.80 (sell half)");
        let first = Fired { previous_price: None, ..fired(PriceBelow, "152.125", None) };
        assert_eq!(english(&first), "A is below 152.125 USD: 151.20");
        let away = Fired { gap: true, ..fired(PriceAbove, "150", None) };
        assert_eq!(english(&away), "A went above 150.00 USD while the server was offline: 151.20, was 149.80");
    }

    #[test]
    fn the_sentence_tells_the_day_s_change() {
        let sentence = |condition, threshold, change| english(&fired(condition, threshold, change));
        let up = sentence(DayChangeAbovePercent, "5.0", Some("5.104"));
        assert_eq!(up, "A is up 5.1% today, above 5%: 151.20, was 149.80");
        let close = sentence(DayChangeAbovePercent, "5", Some("5.001"));
        assert_eq!(close, "A is up 5.001% today, above 5%: 151.20, was 149.80");
        let down = sentence(DayChangeBelowPercent, "-5", Some("-5.25"));
        assert_eq!(down, "A is down 5.25% today, below -5%: 151.20, was 149.80");
        let still = sentence(DayChangeBelowPercent, "1", Some("0"));
        assert_eq!(still, "A is unchanged today, below 1%: 151.20, was 149.80");
        let unknown = sentence(DayChangeBelowPercent, "1", None);
        assert_eq!(unknown, "A moved today, below 1%: 151.20, was 149.80");
    }

    #[test]
    fn the_german_sentence_says_the_same() {
        let crossed = Fired { note: Some("die Hälfte"), ..fired(CrossesAbove, "1500", None) };
        assert_eq!(german(&crossed), "A ist über 1.500,00 USD gestiegen: 151,20, zuvor 149,80 (die Hälfte)");
        let away = Fired { gap: true, previous_price: None, ..fired(PriceBelow, "150", None) };
        assert_eq!(german(&away), "A kam unter 150,00 USD, während der Server offline war: 151,20");
        assert_eq!(
            german(&fired(DayChangeBelowPercent, "-5", Some("-5.25"))),
            "A steht heute 5,25 % im Minus, unter −5 %: 151,20, zuvor 149,80"
        );
    }
}
