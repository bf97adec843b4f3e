//! What a portfolio was worth at moments of its past, and what had been put into it by then.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::instrument::Ticker;
use super::super::money::{Currency, percent, share, times};
use super::super::position::{FoldError, Folding, Ledger};
use super::super::rates::Rates;
use super::super::valuation::rounded;

/// What one instrument was traded at and how much of it was held, from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    /// The index of the first moment of which this is true.
    from: usize,
    /// Units in the splits of that moment.
    quantity: Decimal,
    /// What one unit cost in the last trade, in the portfolio's currency.
    traded_at: Option<Decimal>,
}

/// The prices of an instrument over time.
#[derive(Clone, Debug)]
pub struct Prices {
    /// The currency that they are quoted in, pence as pence.
    pub currency: Currency,
    /// Closes with the moment from which on each is known, oldest first.
    pub closes: Vec<(Timestamp, Decimal)>,
    /// Whether closes of before a split were divided by it, as those of most sources are. What was observed stands as it was.
    pub are_adjusted: bool,
}

impl Prices {
    /// Returns the close that was known at a moment.
    pub fn at(&self, moment: Timestamp) -> Option<Decimal> {
        let after = self.closes.partition_point(|(time, _)| *time <= moment);
        self.closes.get(after.checked_sub(1)?).map(|(_, close)| *close)
    }
}

/// A portfolio's value at a moment, and what had been put in by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastPoint {
    /// The moment.
    pub time: Timestamp,
    /// The total value.
    pub value: Decimal,
    /// Deposits less withdrawals; where cash does not count, purchases less sales and income.
    pub net_contributions: Decimal,
    /// All that had been put in by then, without what was taken out again.
    pub money_in: Decimal,
}

/// A portfolio at moments of its past: what it held is known from the start, what that was worth is added one instrument after the
/// other, so that the prices of one alone are in memory.
#[derive(Debug)]
pub struct Past {
    base: Currency,
    moments: Vec<Timestamp>,
    held: BTreeMap<Ticker, Vec<Stretch>>,
    /// The cash of each moment, where it counts.
    cash: Vec<Vec<(Currency, Decimal)>>,
    /// What had been put in and taken out by each moment.
    moved: Vec<(Decimal, Decimal)>,
    values: Vec<Decimal>,
    /// What one major unit of a currency was worth at each moment, of those that were asked for.
    rates: BTreeMap<Currency, Vec<Option<Decimal>>>,
    /// What the ledger is after all its activities.
    whole: Ledger,
}

impl Past {
    /// Takes a fold through moments that ascend.
    ///
    /// Fails where the ledger cannot be folded.
    pub fn of(mut folding: Folding<'_>, moments: Vec<Timestamp>) -> Result<Self, FoldError> {
        let base = folding.base();
        let mut held: BTreeMap<Ticker, Vec<Stretch>> = BTreeMap::new();
        let (mut cash, mut moved) = (Vec::new(), Vec::new());
        for (from, moment) in moments.iter().enumerate() {
            folding.until(*moment)?;
            let changed = folding.take_changed();
            let ledger = folding.ledger();
            for (ticker, position) in changed.into_iter().filter_map(|ticker| ledger.positions.get_key_value(ticker)) {
                let stretch = Stretch { from, quantity: position.quantity, traded_at: position.traded_at() };
                let stretches = held.entry(ticker.clone()).or_default();
                let is_same = |last: &Stretch| (last.quantity, last.traded_at) == (stretch.quantity, stretch.traded_at);
                if !stretches.last().is_some_and(is_same) {
                    stretches.push(stretch);
                }
            }
            let accounts = ledger.cash.values().filter(|_| ledger.cash_tracked());
            cash.push(accounts.map(|account| (account.currency, account.amount)).collect());
            moved.push(ledger.money_moved());
        }
        held.retain(|_, stretches| stretches.iter().any(|stretch| !stretch.quantity.is_zero()));
        let whole = folding.until(Timestamp::MAX)?.clone();
        let values = vec![Decimal::ZERO; moments.len()];
        Ok(Self { base, moments, held, cash, moved, values, rates: BTreeMap::new(), whole })
    }

    /// Returns the moments.
    pub fn moments(&self) -> &[Timestamp] {
        &self.moments
    }

    /// Returns what was held at any of the moments.
    pub fn tickers(&self) -> Vec<Ticker> {
        self.held.keys().cloned().collect()
    }

    /// Returns the currency that an instrument's newest trade was written in.
    pub fn written_in(&self, ticker: &Ticker) -> Option<Currency> {
        self.whole.positions.get(ticker)?.written_in
    }

    /// Adds what was held of an instrument. `rates` are those of each moment, the same for every instrument.
    ///
    /// Before the first close, and where no rate is known, the last trade tells the price: bought at 20 in March, first seen at 24 in May,
    /// it was worth 20 until then. What was never traded either, or outgrows an exact decimal, is left out.
    pub fn add(&mut self, ticker: &Ticker, prices: &Prices, rates: &[Rates]) {
        let Some(stretches) = self.held.get(ticker) else { return };
        let splits = self.whole.positions.get(ticker).map(|position| position.splits.as_slice()).unwrap_or_default();
        let (base, currency) = (self.base, prices.currency.major());
        let of_currency = || self.moments.iter().enumerate().map(|(place, _)| rates.get(place)?.rate(currency, base)).collect();
        let rates: &Vec<Option<Decimal>> = self.rates.entry(currency).or_insert_with(of_currency);
        let mut closes = prices.closes.iter().peekable();
        let mut close = None;
        for (index, stretch) in stretches.iter().enumerate() {
            let until = stretches.get(index + 1).map_or(self.moments.len(), |next| next.from);
            let moments = self.moments.iter().zip(rates).zip(&mut self.values);
            for ((moment, rate), value) in moments.take(until).skip(stretch.from) {
                let moment = *moment;
                // Moments ascend, as closes do.
                while let Some((_, known)) = closes.next_if(|(time, _)| *time <= moment) {
                    close = Some(*known);
                }
                let worth = || {
                    let Some((close, rate)) = close.zip(*rate) else {
                        return times(stretch.quantity, stretch.traded_at?).ok();
                    };
                    let mut later = splits.iter().filter(|split| prices.are_adjusted && split.time > moment);
                    let quantity = later
                        .try_fold(stretch.quantity, |units, split| share(units, split.ratio.after, split.ratio.before))
                        .ok()?;
                    let price = close.checked_div(prices.currency.units_per_major())?;
                    times(times(quantity, price).ok()?, rate).ok()
                };
                if let Some(sum) = worth().and_then(|worth| value.checked_add(worth)) {
                    *value = sum;
                }
            }
        }
    }

    /// Returns the points, oldest first, with the cash of each moment at its rates; none for a moment whose contributions do not fit.
    pub fn points(&self, rates: &[Rates]) -> Vec<PastPoint> {
        Self::together(std::slice::from_ref(self), rates)
    }

    /// Returns the points of several portfolios added up, which have their moments and their currency in common.
    pub fn together(pasts: &[Self], rates: &[Rates]) -> Vec<PastPoint> {
        let moments = pasts.first().map(|past| past.moments.as_slice()).unwrap_or_default();
        let point = |(place, time): (usize, &Timestamp)| {
            let parts = pasts.iter().map(|past| past.at(place, rates));
            let nothing = Some([Decimal::ZERO; 3]);
            let [value, money_in, money_out] = parts.fold(nothing, |sum, part| {
                let (sum, part) = (sum?, part?);
                let mut added = [Decimal::ZERO; 3];
                for (place, more) in part.into_iter().enumerate() {
                    added[place] = sum[place].checked_add(more)?;
                }
                Some(added)
            })?;
            let net_contributions = rounded(money_in.checked_sub(money_out)?);
            Some(PastPoint { time: *time, value: rounded(value), net_contributions, money_in: rounded(money_in) })
        };
        moments.iter().enumerate().filter_map(point).collect()
    }

    /// Returns the value at a moment, and what had been put in and taken out by then.
    fn at(&self, place: usize, rates: &[Rates]) -> Option<[Decimal; 3]> {
        let cash = self.cash[place].iter().filter_map(|(currency, amount)| {
            let rate = rates.get(place)?.rate(*currency, self.base)?;
            times(*amount, rate).ok()
        });
        let value = cash.fold(self.values[place], |sum, amount| sum.checked_add(amount).unwrap_or(sum));
        let (money_in, money_out) = self.moved[place];
        Some([value, money_in, money_out])
    }
}

/// What a range of time is measured by: its gain is that of now less that of its first point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The gain that there was before the range.
    pub gain_before: Decimal,
    /// The time-weighted average of the value at the start and what was put in since; nothing where that is not above zero.
    pub money_at_work: Option<Decimal>,
}

impl Measure {
    /// Measures points that ascend; nothing without any. `begins_empty` says that nothing was held before the first of them, whose
    /// own value was then put in within the range.
    ///
    /// ```
    /// use foliostream::domain::performance::{Measure, PastPoint};
    /// let at = |day: i64, value: i64, put_in: i64| PastPoint {
    ///     time: jiff::Timestamp::from_second(day * 86_400).expect("a day"),
    ///     value: value.into(),
    ///     net_contributions: put_in.into(),
    ///     money_in: put_in.into(),
    /// };
    /// // 1,100 of which 100 were gained; 1,000 more after half of the time: 1,600 were at work on average.
    /// let measure = Measure::of(&[at(0, 1_100, 1_000), at(5, 2_200, 2_000), at(10, 2_300, 2_000)], false).expect("points");
    /// assert_eq!((measure.gain_before, measure.money_at_work), (100.into(), Some(1_600.into())));
    /// assert_eq!(measure.percent(400.into()), Some("18.75".parse().expect("a decimal")));
    /// ```
    pub fn of(points: &[PastPoint], begins_empty: bool) -> Option<Self> {
        let first = points.first()?;
        let gain = |point: &PastPoint| point.value.checked_sub(point.net_contributions);
        let gain_before = if begins_empty { Decimal::ZERO } else { gain(first)? };
        let at_work = |point: &PastPoint| point.net_contributions.checked_add(gain_before);
        let seconds = |from: &PastPoint, to: &PastPoint| Decimal::from(to.time.as_second() - from.time.as_second());
        let weighted = points
            .windows(2)
            .try_fold(Decimal::ZERO, |sum, pair| sum.checked_add(at_work(&pair[0])?.checked_mul(seconds(&pair[0], &pair[1]))?));
        let passed = points.last().map_or(Decimal::ZERO, |last| seconds(first, last));
        let average = if passed.is_zero() { at_work(first) } else { weighted.and_then(|sum| sum.checked_div(passed)) };
        Some(Self { gain_before, money_at_work: average.filter(|money| *money > Decimal::ZERO).map(rounded) })
    }

    /// Returns the range's gain in percent of the money at work, where the gain since the start is `gain` by now.
    pub fn percent(&self, gain: Decimal) -> Option<Decimal> {
        percent(gain.checked_sub(self.gain_before)?, self.money_at_work?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::activity::Activity;
    use super::super::super::activity::ActivityKind::{Deposit, Dividend, Split};
    use super::super::super::position::Reporting;
    use super::super::super::position::fixture::*;
    use super::super::super::rates::RateObservation;
    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T00:00:00Z").parse().unwrap()
    }

    /// Moments of days in January.
    fn moments() -> Vec<Timestamp> {
        ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"].map(at).to_vec()
    }

    fn prices(code: &str, closes: &[(&str, &str)]) -> Prices {
        let closes = closes.iter().map(|(day, close)| (at(day), decimal(close))).collect();
        Prices { currency: currency(code), closes, are_adjusted: true }
    }

    /// A dollar is 0.80 euro on the first two days and 0.90 on the others; a pound is 1.10 throughout.
    fn rates() -> Vec<Rates> {
        let observed = |rate: &str| RateObservation { rate: decimal(rate), previous: None, at: at("2026-01-01") };
        let day = |dollar: &str| {
            let mut rates = Rates::default();
            rates.insert(Currency::USD, Currency::EUR, observed(dollar));
            rates.insert(currency("GBP"), Currency::EUR, observed("1.1"));
            rates
        };
        ["0.8", "0.8", "0.9", "0.9"].map(day).to_vec()
    }

    fn past(activities: Vec<Activity>, track_cash: Option<bool>) -> Past {
        Past::of(Folding::new(Currency::EUR, &activities).with_cash(track_cash), moments()).unwrap()
    }

    fn told(past: &Past) -> Vec<(String, String)> {
        let written = |figure: Decimal| figure.normalize().to_string();
        past.points(&rates()).into_iter().map(|point| (written(point.value), written(point.net_contributions))).collect()
    }

    fn values(past: &Past) -> Vec<String> {
        told(past).into_iter().map(|(value, _)| value).collect()
    }

    #[test]
    fn each_moment_has_what_was_held_then_at_the_prices_and_rates_of_then() {
        let bought = vec![
            buy("2026-01-02", "A", "10", "50").at_rate("USD", "0.8"),
            sell("2026-01-04", "A", "5", "70").at_rate("USD", "0.9"),
            activity(Dividend, "2026-01-03", "A", "10", "0").at_rate("USD", "0.9"),
        ];
        let mut past = past(bought, None);
        past.add(&ticker("A"), &prices("USD", &[("2026-01-01", "49"), ("2026-01-03", "60"), ("2026-01-04", "70")]), &rates());
        // 10 × 49 × 0.8; 10 × 60 × 0.9; 5 × 70 × 0.9. 400 paid, less 9 of dividends, less the 315 of the sale.
        let expected = [("0", "0"), ("392", "400"), ("540", "391"), ("315", "76")];
        assert_eq!(told(&past), expected.map(|(value, put_in)| (value.to_owned(), put_in.to_owned())));
    }

    #[test]
    fn cash_counts_where_it_is_tracked_and_deposits_are_what_was_put_in() {
        let entries = || {
            vec![
                activity(Deposit, "2026-01-01", "", "100", "0").at_rate("USD", "0.8"),
                buy("2026-01-03", "A", "1", "40").at_rate("USD", "0.9"),
            ]
        };
        let mut tracked = past(entries(), Some(true));
        tracked.add(&ticker("A"), &prices("USD", &[("2026-01-01", "40")]), &rates());
        // 100 dollars at 0.8, then 60 dollars and a share of 40 at 0.9.
        let expected = [("80", "80"), ("80", "80"), ("90", "80"), ("90", "80")];
        assert_eq!(told(&tracked), expected.map(|(value, put_in)| (value.to_owned(), put_in.to_owned())));
        assert_eq!(values(&past(entries(), None)), ["0"; 4], "where cash does not count and nothing has a price");
    }

    #[test]
    fn before_its_first_close_an_instrument_is_worth_what_it_was_traded_at() {
        let mut past = past(vec![buy("2026-01-01", "A", "2", "150").at_rate("GBp", "1.1")], None);
        past.add(&ticker("A"), &prices("GBp", &[("2026-01-03", "200")]), &rates());
        // 2 × 1.50 × 1.1, then 2 × 2.00 × 1.1.
        assert_eq!(values(&past), ["3.3", "3.3", "4.4", "4.4"]);
    }

    #[test]
    fn without_a_rate_or_a_price_an_instrument_is_worth_what_it_was_traded_at_also_after_a_split() {
        let entries =
            || vec![buy("2026-01-01", "A", "2", "150").at_rate("JPY", "0.5"), activity(Split, "2026-01-03", "A", "4", "0")];
        let mut without_rate = past(entries(), None);
        without_rate.add(&ticker("A"), &prices("JPY", &[("2026-01-01", "200"), ("2026-01-04", "60")]), &rates());
        // 2 × 150 × 0.5, whatever the closes say; then 8 at a quarter of it.
        assert_eq!(values(&without_rate), ["150"; 4]);
        let mut without_price = past(entries(), None);
        without_price.add(&ticker("A"), &prices("EUR", &[]), &rates());
        assert_eq!(values(&without_price), ["150"; 4]);
    }

    #[test]
    fn adjusted_closes_go_with_today_s_units_and_observed_ones_with_those_of_then() {
        let entries = || vec![buy("2026-01-01", "A", "10", "100"), activity(Split, "2026-01-03", "A", "2", "0")];
        let mut adjusted = past(entries(), None);
        adjusted.add(&ticker("A"), &prices("EUR", &[("2026-01-01", "50"), ("2026-01-03", "55")]), &rates());
        assert_eq!(values(&adjusted), ["1000", "1000", "1100", "1100"]);
        let mut observed = past(entries(), None);
        let closes = prices("EUR", &[("2026-01-01", "100"), ("2026-01-03", "55")]);
        observed.add(&ticker("A"), &Prices { are_adjusted: false, ..closes }, &rates());
        assert_eq!(values(&observed), ["1000", "1000", "1100", "1100"]);
    }

    #[test]
    fn several_portfolios_add_up_moment_by_moment_whatever_currency_they_are_in() {
        let in_dollars = vec![
            activity(Deposit, "2026-01-01", "", "100", "0").at_rate("USD", "1"),
            buy("2026-01-02", "A", "1", "40").at_rate("USD", "1"),
        ];
        let daily = ["0.8", "0.8", "0.9", "0.9"].map(decimal);
        let reporting = Reporting::new(Currency::EUR, moments().into_iter().zip(daily).collect()).unwrap();
        let folding = Folding::new(Currency::USD, &in_dollars).with_cash(Some(true)).reported_in(reporting);
        let mut pasts = [Past::of(folding, moments()).unwrap(), past(vec![buy("2026-01-03", "A", "2", "30")], None)];
        let of_a = prices("USD", &[("2026-01-01", "40"), ("2026-01-04", "50")]);
        pasts.iter_mut().for_each(|past| past.add(&ticker("A"), &of_a, &rates()));
        let told: Vec<_> = Past::together(&pasts, &rates())
            .into_iter()
            .map(|point| (point.value.normalize().to_string(), point.net_contributions.normalize().to_string()))
            .collect();
        // 100 dollars at 0.8; at 0.9 with 2 × 40 × 0.9 beside them; 60 dollars, 1 × 50 and 2 × 50 at 0.9. 80 and 60 euro were put in.
        let expected = [("80", "80"), ("80", "80"), ("162", "140"), ("189", "140")];
        assert_eq!(told, expected.map(|(value, put_in)| (value.to_owned(), put_in.to_owned())));
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_nothing_else() {
        let huge = "70000000000000000000000000000";
        let mut past = past(vec![buy("2026-01-01", "A", huge, "0"), buy("2026-01-01", "B", "1", "5")], None);
        past.add(&ticker("A"), &prices("EUR", &[("2026-01-01", "9")]), &rates());
        past.add(&ticker("B"), &prices("EUR", &[("2026-01-01", "6")]), &rates());
        past.add(&ticker("NONE"), &prices("EUR", &[("2026-01-01", "6")]), &rates());
        assert_eq!(values(&past), ["6"; 4]);
    }

    #[test]
    fn a_range_that_begins_before_anything_was_held_is_measured_from_nothing() {
        let point = |day: &str, value: &str, put_in: &str| PastPoint {
            time: at(day),
            value: decimal(value),
            net_contributions: decimal(put_in),
            money_in: decimal(put_in),
        };
        let points = [point("2026-01-01", "900", "1000"), point("2026-01-03", "1200", "1000")];
        let measure = Measure::of(&points, true).unwrap();
        assert_eq!((measure.gain_before, measure.percent(decimal("200"))), (Decimal::ZERO, Some(decimal("20"))));
        let later = Measure::of(&points, false).unwrap();
        assert_eq!((later.gain_before, later.money_at_work), (decimal("-100"), Some(decimal("900"))));
        assert_eq!(Measure::of(&points[..1], true).unwrap().money_at_work, Some(decimal("1000")), "no time has passed");
        let withdrawn = [point("2026-01-01", "0", "-500"), point("2026-01-03", "0", "-500")];
        assert_eq!(Measure::of(&withdrawn, true).unwrap().percent(decimal("500")), None);
        assert_eq!(Measure::of(&[], true), None);
    }
}
