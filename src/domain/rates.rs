//! Exchange rates: which observation of a pair counts, and how one currency reaches another.
//!
//! `EURUSD=X` and `USDEUR=X` are one rate written in two directions, so the fresher observation counts for both. Where no pair joins
//! two currencies, or where the one that does is old, the way leads through the dollar or the euro; such a way is as old as its
//! oldest step.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::instrument::Ticker;
use super::money::Currency;
use super::quote::Quote;
use super::session::day_begin;

/// How much fresher a longer way must be before it replaces a shorter one. Pairs that move by the second would otherwise take
/// turns: a direct rate of 10:00:00 and a cross of 10:00:03 are both the market's rate now, one of 400 days ago is not.
const LONGER_WAY: SignedDuration = SignedDuration::from_mins(1);

/// A rate of one pair of currencies, as the market showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateObservation {
    /// Major units of the second currency for one major unit of the first.
    pub rate: Decimal,
    /// The same at the previous close, where it is known.
    pub previous: Option<Decimal>,
    /// The time at which the market showed the rate.
    pub at: Timestamp,
}

impl RateObservation {
    /// Returns the observation of the pair written the other way round; none for a rate too small to be turned round.
    fn inverse(self) -> Option<Self> {
        let inverse = |rate: Decimal| Decimal::ONE.checked_div(rate).filter(|rate| *rate > Decimal::ZERO);
        Some(Self { rate: inverse(self.rate)?, previous: self.previous.and_then(inverse), ..self })
    }

    /// Returns what two steps come to. A step whose previous close is unknown did not move, as far as is known.
    fn then(self, next: Self) -> Option<Self> {
        let before = |step: Self| step.previous.unwrap_or(step.rate);
        let is_known = self.previous.is_some() || next.previous.is_some();
        let previous = if is_known { before(self).checked_mul(before(next)) } else { None };
        Some(Self { rate: self.rate.checked_mul(next.rate)?, previous, at: self.at.min(next.at) })
    }
}

/// Exchange rates between major currencies, each with the time it was observed at.
///
/// ```
/// use foliostream::domain::money::Currency;
/// use foliostream::domain::rates::{RateObservation, Rates};
/// use rust_decimal::Decimal;
/// let at = "2026-11-02T10:00:00Z".parse().expect("a time");
/// let mut rates = Rates::default();
/// rates.insert(Currency::EUR, Currency::USD, RateObservation { rate: Decimal::new(125, 2), previous: None, at });
/// assert_eq!(rates.rate(Currency::USD, Currency::EUR), Some(Decimal::new(8, 1)));
/// assert_eq!(rates.rate(Currency::USD, Currency::CHF), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// By the pair as it was observed; the other direction is never there as well.
    observations: BTreeMap<(Currency, Currency), RateObservation>,
    /// When the newest day of the quotes began that they were read from.
    day: Option<Timestamp>,
}

impl Rates {
    /// Takes an observation of `1 base = rate quote`. A rate of zero or less is ignored, and so is one that is older than what is
    /// known of the pair in either direction. Of two directions seen at one moment that of the smaller code stays, whichever came
    /// first, so that a value does not depend on the order of quotes.
    pub fn insert(&mut self, base: Currency, quote: Currency, observation: RateObservation) {
        let (base, quote) = (base.major(), quote.major());
        let is_better = |known: &RateObservation, tie: bool| known.at < observation.at || (known.at == observation.at && tie);
        let beats = |pair, tie| self.observations.get(&pair).is_none_or(|known| is_better(known, tie));
        if observation.rate <= Decimal::ZERO || !beats((base, quote), true) || !beats((quote, base), base < quote) {
            return;
        }
        self.observations.remove(&(quote, base));
        let previous = observation.previous.filter(|rate| *rate > Decimal::ZERO);
        self.observations.insert((base, quote), RateObservation { previous, ..observation });
    }

    /// Reads the rates from quotes of currency pairs; other quotes are passed over. A quote from a clock that ran ahead counts as
    /// of when it was received.
    pub fn from_quotes<'a>(quotes: impl Iterator<Item = &'a Quote>) -> Self {
        let mut rates = Self::default();
        for quote in quotes {
            if let Some((base, counter)) = currency_pair(&quote.ticker) {
                let at = quote.time.min(quote.received_at);
                rates.day = rates.day.max(Some(day_begin(&quote.ticker, quote.session_start)));
                rates.insert(base, counter, RateObservation { rate: quote.price, previous: quote.previous_close, at });
            }
        }
        rates
    }

    /// Returns how many major units of `to` one major unit of `from` is worth.
    pub fn rate(&self, from: Currency, to: Currency) -> Option<Decimal> {
        self.way(from, to).map(|way| way.rate)
    }

    /// Returns the same at the previous closes, along the way that [`rate`](Self::rate) takes: two ways differ by more than a
    /// day's move. Where no step's previous close is known it is the rate now, so that no day change is made up.
    pub fn rate_before(&self, from: Currency, to: Currency) -> Option<Decimal> {
        self.way(from, to).map(|way| way.previous.unwrap_or(way.rate))
    }

    /// Returns when the newest day of the pairs' quotes began; nothing where the rates were not read from quotes.
    pub fn day(&self) -> Option<Timestamp> {
        self.day
    }

    /// Returns when the newest of all was observed.
    pub fn newest(&self) -> Option<Timestamp> {
        self.observations.values().map(|observation| observation.at).max()
    }

    /// Returns the freshest way; of two that are about as fresh the shorter one.
    fn way(&self, from: Currency, to: Currency) -> Option<RateObservation> {
        let (from, to) = (from.major(), to.major());
        if from == to {
            return Some(RateObservation { rate: Decimal::ONE, previous: None, at: Timestamp::MAX });
        }
        let through = |hub: Currency| self.pair(from, hub)?.then(self.pair(hub, to)?);
        let hubs = [Currency::USD, Currency::EUR].into_iter().filter(|hub| ![from, to].contains(hub));
        hubs.filter_map(through).fold(self.pair(from, to), |best, way| match best {
            Some(best) if way.at.duration_since(best.at) <= LONGER_WAY => Some(best),
            _ => Some(way),
        })
    }

    fn pair(&self, from: Currency, to: Currency) -> Option<RateObservation> {
        let direct = self.observations.get(&(from, to)).copied();
        direct.or_else(|| self.observations.get(&(to, from)).copied()?.inverse())
    }
}

/// Returns the two major currencies of a ticker such as `EURUSD=X`: one of the first costs its price in the second.
///
/// ```
/// use foliostream::domain::money::Currency;
/// use foliostream::domain::rates::currency_pair;
/// let pair = |text: &str| currency_pair(&text.parse().expect("a ticker"));
/// assert_eq!(pair("EURUSD=X"), Some((Currency::EUR, Currency::USD)));
/// assert_eq!(pair("BTC-USD"), None);
/// ```
pub fn currency_pair(ticker: &Ticker) -> Option<(Currency, Currency)> {
    let codes = ticker.as_str().strip_suffix("=X").filter(|codes| codes.len() == 6)?;
    let (base, quote): (Currency, Currency) = (codes.get(..3)?.parse().ok()?, codes.get(3..)?.parse().ok()?);
    (base != quote && base.major() == base && quote.major() == quote).then_some((base, quote))
}

/// Returns the currency in which a price of an instrument is taken where nothing is known: a pair's second, otherwise the dollar.
pub fn presumed_currency(ticker: &Ticker) -> Currency {
    currency_pair(ticker).map_or(Currency::USD, |(_, quoted)| quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHF: Currency = Currency::CHF;
    const EUR: Currency = Currency::EUR;
    const GBP: Currency = Currency::GBP;
    const USD: Currency = Currency::USD;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn some(text: &str) -> Option<Decimal> {
        Some(decimal(text))
    }

    /// An observation that many hours ago.
    fn ago(hours: i64, rate: &str, previous: Option<&str>) -> RateObservation {
        let now: Timestamp = "2026-11-02T10:00:00Z".parse().unwrap();
        RateObservation { rate: decimal(rate), previous: previous.map(decimal), at: now - SignedDuration::from_hours(hours) }
    }

    fn rates(observations: &[(Currency, Currency, RateObservation)]) -> Rates {
        let mut rates = Rates::default();
        observations.iter().for_each(|(base, quote, observation)| rates.insert(*base, *quote, *observation));
        rates
    }

    #[test]
    fn rates_are_found_direct_inverse_or_through_a_hub() {
        let rates =
            rates(&[(EUR, USD, ago(0, "1.25", None)), (Currency::GBX, USD, ago(0, "1.5", None)), (EUR, CHF, ago(0, "0", None))]);
        assert_eq!((rates.rate(EUR, USD), rates.rate(USD, EUR)), (some("1.25"), some("0.8")));
        assert_eq!((rates.rate(GBP, EUR), rates.rate(Currency::GBX, GBP)), (some("1.2"), some("1")));
        assert_eq!((rates.rate(EUR, CHF), rates.rate_before(EUR, CHF)), (None, None));
    }

    #[test]
    fn the_fresher_of_a_pair_and_its_inverse_counts_for_both_whatever_order_they_come_in() {
        let (old, fresh) = ((USD, EUR, ago(24 * 400, "0.5", None)), (EUR, USD, ago(0, "1.25", None)));
        for observations in [[old, fresh], [fresh, old]] {
            let rates = rates(&observations);
            assert_eq!((rates.rate(USD, EUR), rates.rate(EUR, USD)), (some("0.8"), some("1.25")));
        }
    }

    #[test]
    fn two_directions_of_one_moment_count_the_same_whatever_order_they_come_in() {
        let (direct, inverse) = ((EUR, USD, ago(0, "1.25", None)), (USD, EUR, ago(0, "0.7", None)));
        assert_eq!(rates(&[direct, inverse]), rates(&[inverse, direct]));
        assert_eq!(rates(&[inverse, direct]).rate(EUR, USD), some("1.25"));
    }

    #[test]
    fn a_fresh_way_through_a_hub_beats_an_old_direct_rate_and_only_then() {
        let legs = [(GBP, USD, ago(0, "1.25", None)), (USD, CHF, ago(1, "0.8", None))];
        let [first, second] = legs;
        assert_eq!(rates(&[(GBP, CHF, ago(24 * 400, "9", None)), first, second]).rate(GBP, CHF), some("1"));
        assert_eq!(rates(&[(GBP, CHF, ago(1, "1.01", None)), first, second]).rate(GBP, CHF), some("1.01"));
        assert_eq!(rates(&[(GBP, CHF, ago(2, "9", None)), first, second]).rate(CHF, GBP), some("1"));
    }

    #[test]
    fn of_two_hubs_the_one_whose_oldest_step_is_fresher_counts() {
        let through_dollar = [(GBP, USD, ago(0, "1.25", None)), (USD, CHF, ago(900, "9", None))];
        let through_euro = [(GBP, EUR, ago(3, "1.2", None)), (EUR, CHF, ago(2, "0.95", None))];
        let [first, second] = through_dollar;
        let [third, fourth] = through_euro;
        assert_eq!(rates(&[first, second, third, fourth]).rate(GBP, CHF), some("1.14"));
    }

    #[test]
    fn yesterday_s_rate_comes_by_the_way_of_today_s() {
        // The old inverse knows a previous close; the direct pair that counts does not, so that nothing moved as far as is known.
        let pairs = rates(&[(USD, EUR, ago(24 * 400, "0.5", Some("0.4"))), (EUR, USD, ago(0, "1.25", None))]);
        assert_eq!((pairs.rate(USD, EUR), pairs.rate_before(USD, EUR)), (some("0.8"), some("0.8")));
        let legs = rates(&[(GBP, USD, ago(0, "1.25", Some("1.2"))), (USD, CHF, ago(0, "0.8", None))]);
        assert_eq!((legs.rate(GBP, CHF), legs.rate_before(GBP, CHF)), (some("1"), some("0.96")));
    }

    #[test]
    fn only_pairs_of_major_currencies_are_rates() {
        for name in ["AAPL", "EURUSD", "EUREUR=X", "GBXUSD=X", "EUR1SD=X", "EURUSDX=X", "=X"] {
            let ticker: Option<Ticker> = name.parse().ok();
            assert_eq!(ticker.as_ref().and_then(currency_pair), None, "{name}");
        }
    }
}
