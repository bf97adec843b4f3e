//! How figures are written: exact decimals in, texts out, with the separators and signs of the language.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Language, Words};
use crate::domain::alert::{AlertState, Condition};
use crate::domain::instrument::AssetClass;
use crate::domain::money::Currency;

/// The true minus sign; a hyphen is shorter and lower than a plus.
pub const MINUS: &str = "−";

/// What stands where a figure is not known.
pub const UNKNOWN: &str = "—";

/// The direction in which a figure points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The figure is greater than zero.
    Up,
    /// The figure is less than zero.
    Down,
    /// The figure is zero.
    Flat,
}

impl Direction {
    /// Returns the class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Flat => "flat",
        }
    }
}

/// Returns which way a figure points.
pub fn direction(value: Decimal) -> Direction {
    if value.is_zero() {
        Direction::Flat
    } else if value.is_sign_negative() {
        Direction::Down
    } else {
        Direction::Up
    }
}

/// Returns whether a figure that is written with a number of decimals is anything but zero: 0.004 with two is not.
pub fn is_seen(value: Decimal, decimals: u32) -> bool {
    !value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointNearestEven).is_zero()
}

/// An amount taken apart, so that the sign, the symbol and the cents can each look their part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountParts {
    /// `−`, `+` or nothing.
    pub sign: &'static str,
    /// `€`, `US$`, `CHF`; with a blank before it where the language puts one between it and the figure.
    pub symbol: String,
    /// Whether the symbol follows the figure, as the pence's `p` does, and in German every one.
    pub symbol_follows: bool,
    /// The whole units, in groups of three.
    pub whole: String,
    /// The fraction with its separator, or nothing.
    pub fraction: String,
}

impl AmountParts {
    /// Returns the figure as one text: `−€1,234.50`, `−1.234,50 €`.
    pub fn text(&self) -> String {
        let Self { sign, symbol, symbol_follows, whole, fraction } = self;
        if *symbol_follows {
            return [sign, whole.as_str(), fraction, symbol].concat();
        }
        // A code stands apart from its figure, a sign does not.
        let gap = if symbol.ends_with(|last: char| last.is_ascii_alphabetic()) { " " } else { "" };
        [sign, symbol.as_str(), gap, whole, fraction].concat()
    }
}

/// How many significant digits of a price are shown at least, where it has so many: 0.0000081234 instead of 0.00.
const SIGNIFICANT_DIGITS: u32 = 5;

/// Returns how many decimals a price is shown with: the instrument's are the least, since a price may have fallen far below
/// the first one that was seen. 1.5 of an instrument with two shows 1.50, 0.00000812 of the same eight.
pub fn precision(price: Decimal, least: u32) -> u32 {
    let written = price.normalize();
    let digits = written.mantissa().unsigned_abs().checked_ilog10().map_or(1, |exponent| exponent + 1);
    let needed = (written.scale() + SIGNIFICANT_DIGITS).saturating_sub(digits);
    needed.min(written.scale()).max(least)
}

impl Language {
    /// Returns what follows a percentage's figure. The blank does not break a line.
    const fn percent_sign(self) -> &'static str {
        match self {
            Self::English => "%",
            Self::German => "\u{a0}%",
        }
    }

    /// Whether every currency's symbol follows its figure, after a blank.
    const fn symbols_follow(self) -> bool {
        matches!(self, Self::German)
    }
}

impl Words {
    /// Writes an amount of money, rounded half-even to its currency's decimals; a minus only where it is below zero.
    pub fn amount(self, value: Decimal, currency: Currency) -> AmountParts {
        let (negative, whole, fraction) = self.digits(value, currency.decimals());
        AmountParts {
            sign: if negative { MINUS } else { "" },
            symbol: self.symbol(currency),
            symbol_follows: self.symbol_follows(currency),
            whole,
            fraction,
        }
    }

    /// Writes a gain or loss: as [`Self::amount`], with a plus where it is above zero.
    pub fn signed_amount(self, value: Decimal, currency: Currency) -> AmountParts {
        let parts = self.amount(value, currency);
        let is_zero = parts.whole == "0" && parts.fraction.bytes().all(|byte| matches!(byte, b'0' | b'.' | b','));
        let sign = if parts.sign.is_empty() && !is_zero { "+" } else { parts.sign };
        AmountParts { sign, ..parts }
    }

    /// Writes a quoted price with the decimals it needs, at least the instrument's, without a symbol: `1,234.50`, `0.00000812`.
    pub fn quoted(self, value: Decimal, least: u32) -> String {
        self.price(value, precision(value, least))
    }

    /// Writes a price that a person wrote with all its decimals, at least the instrument's: `7.1234`, `7.50`.
    pub fn entered(self, value: Decimal, least: u32) -> String {
        self.price(value, value.normalize().scale().max(least))
    }

    /// Writes a figure with a number of decimals, without a symbol: `1,234.50`.
    pub fn price(self, value: Decimal, decimals: u32) -> String {
        let (negative, whole, fraction) = self.digits(value, decimals);
        [if negative { MINUS } else { "" }, &whole, &fraction].concat()
    }

    /// Writes a figure as [`Self::price`], with a plus where it is above zero.
    pub fn signed_price(self, value: Decimal, decimals: u32) -> String {
        let text = self.price(value, decimals);
        if !is_seen(value, decimals) || text.starts_with(MINUS) { text } else { ["+", &text].concat() }
    }

    /// Writes a figure as exactly as it was written, in groups: `100,000` stays without decimals.
    pub fn exact(self, value: Decimal) -> String {
        self.price(value, value.scale())
    }

    /// Writes a percentage with a number of decimals: `12.4%`, `12,4 %`.
    pub fn percent_to(self, value: Decimal, decimals: u32) -> String {
        self.price(value, decimals) + self.language().percent_sign()
    }

    /// Writes a percentage with two decimals: `1.24%`; a minus only where it is below zero.
    pub fn percent(self, value: Decimal) -> String {
        self.percent_to(value, 2)
    }

    /// Writes a percentage with a plus or a minus.
    pub fn signed_percent(self, value: Decimal) -> String {
        self.signed_price(value, 2) + self.language().percent_sign()
    }

    /// Writes a round percentage of an axis with the decimals it has, and a plus or a minus.
    pub fn signed_figure_percent(self, value: Decimal) -> String {
        self.signed_price(value, value.normalize().scale()) + self.language().percent_sign()
    }

    /// Writes a percentage without its sign, for use beside an arrow that shows it.
    pub fn bare_percent(self, value: Decimal) -> String {
        self.percent(value.abs())
    }

    /// Writes a whole percentage: `52%`.
    pub fn whole_percent(self, value: Decimal) -> String {
        self.percent_to(value, 0)
    }

    /// Writes a whole percentage with a plus or a minus: `+5%`.
    pub fn signed_whole_percent(self, value: Decimal) -> String {
        self.signed_price(value, 0) + self.language().percent_sign()
    }

    /// Writes a quantity with every decimal it has and no trailing zeros.
    pub fn quantity(self, value: Decimal) -> String {
        let value = value.normalize();
        self.price(value, value.scale())
    }

    /// Writes a count: `12,480`.
    pub fn count(self, value: u64) -> String {
        self.grouped(&value.to_string())
    }

    /// Writes an amount of bytes in the unit it is read in: `512 B`, `3.4 KB`, `18 MB`.
    pub fn bytes(self, value: u64) -> String {
        let (unit, name) = match value {
            0..1_000 => return value.to_string() + " B",
            1_000..1_000_000 => (1_000, " KB"),
            1_000_000..1_000_000_000 => (1_000_000, " MB"),
            _ => (1_000_000_000, " GB"),
        };
        let tenths = value / (unit / 10);
        if tenths >= 100 { self.count(tenths / 10) + name } else { self.tenths(tenths) + name }
    }

    /// Writes units that are traded by the million in short: `98,450`, `38.2 M`, `1.2 B`.
    pub fn units_in_short(self, units: Decimal) -> String {
        let units = units.round().to_u64().unwrap_or_default();
        let (unit, name) = match units {
            0..100_000 => return self.count(units),
            100_000..1_000_000_000 => (1_000_000, self.million_short()),
            _ => (1_000_000_000, self.billion_short()),
        };
        let tenths = units / (unit / 10);
        if tenths >= 1_000 { self.count(tenths / 10) + name } else { self.tenths(tenths) + name }
    }

    /// Writes an age in the pill's words: `0.2 s`, `48 s`, `3 min`, `2 h`.
    pub fn age(self, milliseconds: u64) -> String {
        match milliseconds {
            0..10_000 => self.tenths(milliseconds / 100) + " s",
            10_000..60_000 => (milliseconds / 1000).to_string() + " s",
            60_000..3_600_000 => (milliseconds / 60_000).to_string() + " min",
            _ => (milliseconds / 3_600_000).to_string() + " h",
        }
    }

    /// Writes a small number of tenths: `3.4`.
    fn tenths(self, tenths: u64) -> String {
        let mut text = (tenths / 10).to_string();
        text.push(self.numbers().decimal_separator());
        text + &(tenths % 10).to_string()
    }

    /// Rounds and groups: the sign, the whole units and the fraction with its separator.
    fn digits(self, value: Decimal, decimals: u32) -> (bool, String, String) {
        let mut rounded = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointNearestEven);
        rounded.rescale(decimals);
        let negative = rounded.is_sign_negative() && !rounded.is_zero();
        let text = rounded.abs().to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let mut separated = String::new();
        if !fraction.is_empty() {
            separated.push(self.numbers().decimal_separator());
            separated.push_str(fraction);
        }
        (negative, self.grouped(whole), separated)
    }

    /// Puts a separator between groups of three digits.
    fn grouped(self, whole: &str) -> String {
        let mut text = String::with_capacity(whole.len() + whole.len() / 3);
        for (index, digit) in whole.char_indices() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push(self.numbers().group_separator());
            }
            text.push(digit);
        }
        text
    }

    /// Whether a currency's symbol follows its figure: in English only the minor units' do.
    pub fn symbol_follows(self, currency: Currency) -> bool {
        self.language().symbols_follow() || currency.major() != currency
    }

    /// Returns a currency's symbol as it stands beside a figure: after a blank where every symbol follows.
    pub fn symbol(self, currency: Currency) -> String {
        let symbol = symbol(currency);
        if self.language().symbols_follow() { ["\u{a0}", &symbol].concat() } else { symbol }
    }

    /// Returns how a condition reads between a ticker and a level: `AAPL crosses above 230.00`.
    pub fn condition_phrase(self, condition: Condition) -> &'static str {
        match condition {
            Condition::PriceAbove => self.price_above_phrase(),
            Condition::PriceBelow => self.price_below_phrase(),
            Condition::CrossesAbove => self.crosses_above_phrase(),
            Condition::CrossesBelow => self.crosses_below_phrase(),
            Condition::DayChangeAbovePercent => self.day_change_above_phrase(),
            Condition::DayChangeBelowPercent => self.day_change_below_phrase(),
        }
    }

    /// Writes an alert's level: a price, or a percentage for the day-change conditions.
    pub fn threshold(self, condition: Condition, value: Decimal) -> String {
        match condition {
            Condition::DayChangeAbovePercent | Condition::DayChangeBelowPercent => self.percent_to(value, value.scale()),
            _ => self.exact(value),
        }
    }

    /// Writes what an alert waits for: `crosses above 230.00`.
    pub fn rule(self, condition: Condition, threshold: Decimal) -> String {
        [self.condition_phrase(condition), " ", &self.threshold(condition, threshold)].concat()
    }

    /// Returns the word on an alert's state pill.
    pub fn state_word(self, state: AlertState) -> &'static str {
        match state {
            AlertState::Armed => self.state_armed(),
            AlertState::Triggered => self.state_triggered(),
            AlertState::Cooling => self.state_cooling(),
            AlertState::Paused => self.state_paused(),
            AlertState::Expired => self.state_expired(),
        }
    }

    /// Returns what the ring's legend calls a class.
    pub fn class_name(self, class: AssetClass) -> &'static str {
        match class {
            AssetClass::Share => self.shares(),
            AssetClass::Fund => self.funds(),
            AssetClass::Bond => self.bonds(),
            AssetClass::Commodity => self.commodities(),
            AssetClass::Crypto => self.crypto(),
            AssetClass::Currency => self.currencies(),
            AssetClass::Other => self.other_classes(),
        }
    }

    /// Returns the word for a direction that a screen reader speaks.
    pub fn direction_word(self, direction: Direction) -> &'static str {
        match direction {
            Direction::Up => self.went_up(),
            Direction::Down => self.went_down(),
            Direction::Flat => self.stayed(),
        }
    }
}

/// Returns what stands for a currency: `€`, `US$`, `£`, `p` for pence, or its code, as `CHF`.
pub fn symbol(currency: Currency) -> String {
    let sign = match currency.as_str() {
        "EUR" => "€",
        "USD" => "US$",
        "GBP" => "£",
        "GBp" => "p",
        "JPY" => "¥",
        "CNY" => "CN¥",
        "AUD" => "A$",
        "CAD" => "C$",
        "NZD" => "NZ$",
        "HKD" => "HK$",
        "SGD" => "S$",
        "INR" => "₹",
        "KRW" => "₩",
        "ILS" => "₪",
        "ZAc" => "c",
        code => code,
    };
    sign.to_owned()
}

/// Returns what follows a price that is not in the unit its instrument is quoted in: ` EUR`; nothing where it is.
pub fn foreign_unit(currency: Currency, quoted: Currency) -> String {
    if currency == quoted { String::new() } else { [" ", currency.as_str()].concat() }
}

/// Whether a condition waits for a rise.
pub fn waits_for_rise(condition: Condition) -> bool {
    matches!(condition, Condition::PriceAbove | Condition::CrossesAbove | Condition::DayChangeAbovePercent)
}

/// Returns up to two letters that stand for a ticker where a logo would be.
pub fn monogram(ticker: &str) -> String {
    ticker.chars().filter(char::is_ascii_alphanumeric).take(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rounds_to_zero_is_not_seen_whatever_its_sign() {
        let seen = |text: &str| is_seen(decimal(text), 2);
        assert_eq!(["0.004", "-0.004", "0", "0.01", "-0.006"].map(seen), [false, false, false, true, true]);
    }

    fn english() -> Words {
        Words::of(Language::English)
    }

    fn german() -> Words {
        Words::of(Language::German)
    }

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn units_by_the_million_are_written_in_short() {
        let written =
            [0, 98_450, 100_000, 38_249_999, 450_000_000, 1_250_000_000].map(|units| english().units_in_short(units.into()));
        assert_eq!(written, ["0", "98,450", "0.1 M", "38.2 M", "450 M", "1.2 B"]);
        assert_eq!(german().units_in_short(Decimal::from(38_249_999)), "38,2 Mio.");
    }

    #[test]
    fn an_amount_is_grouped_and_keeps_two_decimals() {
        let parts = english().amount(decimal("48169.64"), Currency::EUR);
        assert_eq!((parts.whole.as_str(), parts.fraction.as_str(), parts.symbol.as_str()), ("48,169", ".64", "€"));
        assert_eq!(english().amount(decimal("1234567"), Currency::USD).text(), "US$1,234,567.00");
        assert_eq!(english().amount(decimal("-1234.5"), Currency::EUR).text(), "−€1,234.50");
        assert_eq!(english().amount(decimal("-78.42"), Currency::CHF).text(), "−CHF 78.42");
    }

    #[test]
    fn pence_are_written_after_the_figure() {
        assert_eq!(english().amount(decimal("2571"), Currency::GBX).text(), "2,571.00p");
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!(english().signed_amount(decimal("-0.004"), Currency::EUR).text(), "€0.00");
        assert_eq!(english().signed_amount(decimal("0.004"), Currency::EUR).text(), "€0.00");
        assert_eq!(english().signed_percent(decimal("-0.001")), "0.00%");
        assert_eq!(english().signed_percent(decimal("0.001")), "0.00%");
    }

    #[test]
    fn a_gain_has_a_plus_and_a_loss_a_true_minus() {
        assert_eq!(english().signed_amount(decimal("312.87"), Currency::EUR).text(), "+€312.87");
        assert_eq!(english().signed_amount(decimal("-412.6"), Currency::EUR).text(), "−€412.60");
        assert_eq!(english().signed_percent(decimal("1.236")), "+1.24%");
        assert_eq!(english().signed_percent(decimal("-5.97")), "−5.97%");
    }

    #[test]
    fn rounding_is_half_even() {
        assert_eq!(english().price(decimal("0.125"), 2), "0.12");
        assert_eq!(english().price(decimal("0.135"), 2), "0.14");
    }

    #[test]
    fn a_price_far_below_the_first_one_keeps_its_digits() {
        let shown = |text: &str| english().quoted(decimal(text), 2);
        assert_eq!([shown("1"), shown("0.00000812"), shown("0.50")], ["1.00", "0.00000812", "0.50"]);
        assert_eq!([shown("0.0000081234567"), shown("0.123456"), shown("-0.0004")], ["0.0000081235", "0.12346", "−0.0004"]);
    }

    #[test]
    fn a_price_keeps_five_digits_and_the_instruments_decimals_are_the_least() {
        assert_eq!([english().quoted(decimal("1.08655"), 2), english().quoted(decimal("12345.678"), 2)], ["1.0866", "12,345.68"]);
        assert_eq!([english().quoted(decimal("1.5"), 5), english().quoted(decimal("0"), 2)], ["1.50000", "0.00"]);
        assert_eq!([precision(Decimal::MAX, 2), precision(Decimal::new(1, 28), 2)], [2, 28]);
    }

    #[test]
    fn what_a_person_wrote_keeps_every_decimal() {
        assert_eq!([english().entered(decimal("7.12345678"), 2), english().entered(decimal("7.10"), 2)], ["7.12345678", "7.10"]);
        assert_eq!(foreign_unit(Currency::GBP, Currency::GBX), " GBP");
        assert_eq!(foreign_unit(Currency::GBX, Currency::GBX), "");
    }

    #[test]
    fn a_quantity_keeps_its_decimals_and_drops_its_trailing_zeros() {
        assert_eq!(english().quantity(decimal("2150.000")), "2,150");
        assert_eq!(english().quantity(decimal("0.0550")), "0.055");
        assert_eq!(english().quantity(decimal("-3")), "−3");
    }

    #[test]
    fn a_threshold_is_shown_as_it_was_written() {
        assert_eq!(english().threshold(Condition::PriceAbove, decimal("100000")), "100,000");
        assert_eq!(english().threshold(Condition::CrossesAbove, decimal("230.00")), "230.00");
        assert_eq!(english().threshold(Condition::DayChangeBelowPercent, decimal("-3")), "−3%");
    }

    #[test]
    fn bytes_are_written_in_the_unit_they_are_read_in() {
        let texts = [0, 999, 1_000, 3_450, 18_400, 999_999, 1_000_000, 2_500_000_000].map(|value| english().bytes(value));
        assert_eq!(texts, ["0 B", "999 B", "1.0 KB", "3.4 KB", "18 KB", "999 KB", "1.0 MB", "2.5 GB"]);
        assert_eq!(english().count(12_480), "12,480");
    }

    #[test]
    fn ages_grow_coarser() {
        let texts = [240, 9_990, 10_000, 61_000, 7_300_000].map(|value| english().age(value));
        assert_eq!(texts, ["0.2 s", "9.9 s", "10 s", "1 min", "2 h"]);
    }

    #[test]
    fn the_largest_decimal_is_written_without_a_panic() {
        assert_eq!(english().amount(Decimal::MAX, Currency::EUR).whole, "79,228,162,514,264,337,593,543,950,335");
    }

    #[test]
    fn german_figures_have_a_comma_points_and_their_symbol_at_the_end() {
        assert_eq!(german().amount(decimal("1234.56"), Currency::EUR).text(), "1.234,56\u{a0}€");
        assert_eq!(german().signed_amount(decimal("-1234567.5"), Currency::CHF).text(), "−1.234.567,50\u{a0}CHF");
        assert_eq!(german().signed_amount(decimal("0.001"), Currency::USD).text(), "0,00\u{a0}US$");
        assert_eq!(german().amount(decimal("2571"), Currency::GBX).text(), "2.571,00\u{a0}p");
        assert_eq!(
            [german().signed_percent(decimal("1.234")), german().signed_percent(decimal("-0.001"))],
            ["+1,23\u{a0}%", "0,00\u{a0}%"]
        );
        assert_eq!([german().quantity(decimal("2150.50")), german().quoted(decimal("0.00000812"), 2)], ["2.150,5", "0,00000812"]);
        assert_eq!([german().bytes(3_450), german().bytes(18_400_000), german().age(240)], ["3,4 KB", "18 MB", "0,2 s"]);
        assert_eq!(german().threshold(Condition::DayChangeBelowPercent, decimal("-3")), "−3\u{a0}%");
    }
}
