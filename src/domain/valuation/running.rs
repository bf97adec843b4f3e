//! A valuation that is kept up: what a price or a rate touches is valued again, and the sums are changed by the difference.

use std::ops::Deref;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::instrument::Ticker;
use super::super::money::{ArithmeticError, ExactSum, minus, percent, plus};
use super::super::position::Ledger;
use super::super::quote::Quote;
use super::super::rates::{Rates, currency_pair};
use super::cash::Cash;
use super::day::{Day, Sessions};
use super::market::Market;
use super::part::{Part, Priced, Sums};
use super::{HoldingValuation, Valuation};

/// The valuation of one ledger, which follows quotes and rates. Whatever way it came to them, it is what
/// [`value`](super::value) makes of them, to the last digit.
///
/// It follows in two steps, so that a large ledger can be valued a part at a time while quotes go on changing: changes are noted,
/// and the positions that are then due are valued. What it says holds when nothing is due.
///
/// ```
/// use foliostream::domain::money::Currency;
/// use foliostream::domain::position::fold;
/// use foliostream::domain::rates::Rates;
/// use foliostream::domain::valuation::RunningValuation;
/// let ledger = fold(Currency::EUR, &[]).expect("nothing to refuse");
/// let mut running = RunningValuation::new(&ledger, &Rates::default());
/// running.note([], &Rates::default());
/// running.value_due(|_| None, &Rates::default(), usize::MAX);
/// assert_eq!((running.due(), running.moved().count(), running.newest_price()), (0, 0, None));
/// ```
#[derive(Clone, Debug)]
pub struct RunningValuation<L> {
    ledger: L,
    market: Market,
    /// Every position of the ledger, in its order: by ticker.
    parts: Vec<Part>,
    sums: Sums,
    /// What the ledger's positions realised.
    realized: Result<Decimal, ArithmeticError>,
    quoted: Quoted,
    /// Whether `quoted` has to be found again: a session began, or a quote was replaced by an older one.
    is_session_new: bool,
    cash: Result<Cash, ArithmeticError>,
    /// Whether rates or sessions changed since cash was valued.
    is_cash_old: bool,
    /// The places in `parts` of what is to be valued; some more than once.
    due: Vec<usize>,
    /// The places of what was valued since that was last forgotten; some more than once.
    moved: Vec<usize>,
}

/// The bounds of what the quotes of a ledger's positions say of their times.
#[derive(Clone, Copy, Debug, Default)]
struct Quoted {
    /// The newest price's own time.
    newest: Option<Timestamp>,
    /// When the oldest session began.
    oldest_session: Option<Timestamp>,
    /// The day of the exchange whose day began last.
    day: Option<Timestamp>,
}

impl<L: Deref<Target = Ledger>> RunningValuation<L> {
    /// Begins with a ledger of which every position is due.
    pub fn new(ledger: L, rates: &Rates) -> Self {
        let mut market = Market::new(ledger.base, rates);
        ledger.cash.values().for_each(|account| market.know(account.currency, rates));
        let mut realized = ExactSum::default();
        ledger.positions.values().for_each(|position| realized.add(position.fifo.realized_base));
        let parts: Vec<Part> = ledger.positions.keys().map(Part::blank).collect();
        Self {
            market,
            sums: Sums::default(),
            realized: realized.value(),
            quoted: Quoted::default(),
            is_session_new: true,
            cash: Ok(Cash::default()),
            is_cash_old: true,
            due: (0..parts.len()).rev().collect(),
            moved: Vec::with_capacity(parts.len()),
            parts,
            ledger,
        }
    }

    /// Notes quotes that changed: `changed` names all of them that are of the ledger's positions or of currency pairs, and may name
    /// others. Where a rate changed, all that is quoted in that currency is due.
    pub fn note<'a>(&mut self, changed: impl IntoIterator<Item = &'a Ticker>, rates: &Rates) {
        let mut are_rates_new = false;
        for ticker in changed {
            are_rates_new |= currency_pair(ticker).is_some();
            self.due.extend(place_of(&self.parts, ticker));
        }
        if are_rates_new {
            let currencies = self.market.follow(rates);
            let is_due = |part: &Part| part.priced.is_some_and(|priced| currencies.contains(&priced.currency));
            self.due.extend((0..self.parts.len()).filter(|place| is_due(&self.parts[*place])));
            self.is_cash_old = true;
        }
        if self.due.len() > self.parts.len() {
            self.due.sort_unstable();
            self.due.dedup();
        }
    }

    /// Returns how many positions are due, some counted more than once.
    pub fn due(&self) -> usize {
        self.due.len()
    }

    /// Values at most `most` of the positions that are due, at the quotes and rates of the last noting.
    pub fn value_due<'a>(&mut self, quote: impl Fn(&Ticker) -> Option<&'a Quote>, rates: &Rates, most: usize) {
        let turn = self.due.len().saturating_sub(most);
        for place in self.due.split_off(turn) {
            self.value_part(place, &quote, rates);
            self.moved.push(place);
        }
        if self.due.is_empty() {
            self.settle();
        }
    }

    /// Brings up to date what depends on all positions together.
    fn settle(&mut self) {
        if std::mem::take(&mut self.is_session_new) {
            self.quoted = Quoted::of(&self.parts);
            self.is_cash_old = true;
        }
        if std::mem::take(&mut self.is_cash_old) {
            self.cash = cash(&self.ledger, &self.market, &self.parts, self.quoted);
        }
    }

    fn value_part<'a>(&mut self, place: usize, quote: &impl Fn(&Ticker) -> Option<&'a Quote>, rates: &Rates) {
        let before = &self.parts[place];
        let Some(position) = self.ledger.positions.get(&before.ticker) else { return };
        let quote = quote(&before.ticker);
        quote.into_iter().for_each(|quote| self.market.know(quote.currency, rates));
        let part = Part::of(&self.market, position, quote);
        self.sums.take(before);
        self.sums.add(&part);
        let has_gone_on = |before: Priced, now: Priced| now.is_of_session(&before) && now.time >= before.time;
        self.is_session_new |= !before.priced.zip(part.priced).is_some_and(|(before, now)| has_gone_on(before, now));
        self.quoted.newest = self.quoted.newest.max(part.priced.map(|priced| priced.time));
        self.parts[place] = part;
    }

    /// Returns the open holdings among the positions that were valued since [`forget_moved`](Self::forget_moved), some more than
    /// once. Their weights are left out.
    pub fn moved(&self) -> impl Iterator<Item = &HoldingValuation> {
        self.moved.iter().filter_map(|place| self.parts[*place].holding.as_ref())
    }

    /// Begins another list of what was valued.
    pub fn forget_moved(&mut self) {
        self.moved.clear();
    }

    /// Returns the time of the newest price among those of the ledger's positions.
    pub fn newest_price(&self) -> Option<Timestamp> {
        self.quoted.newest
    }

    /// Returns each open holding's share in all of them, as [`HoldingValuation::weight`] has it; fails where their sum outgrows an
    /// exact decimal.
    pub fn weights(&self) -> Result<impl Iterator<Item = (&Ticker, Option<Decimal>)>, ArithmeticError> {
        let whole = self.sums.valued.gross.value()?;
        Ok(self.holdings().map(move |holding| (&holding.ticker, weight(holding, whole))))
    }

    fn holdings(&self) -> impl Iterator<Item = &HoldingValuation> {
        self.parts.iter().filter_map(|part| part.holding.as_ref())
    }

    /// Returns the whole valuation, its holdings weighed; fails where a figure outgrows an exact decimal.
    pub fn valuation(&self) -> Result<Valuation, ArithmeticError> {
        let weighed = self.holdings().zip(self.weights()?);
        let holdings = weighed.map(|(holding, (_, weight))| HoldingValuation { weight, ..holding.clone() }).collect();
        let closed = self.parts.iter().filter(|part| part.holding.is_none()).map(|part| part.ticker.clone()).collect();
        Ok(Valuation { holdings: largest_first(holdings), closed, ..self.totals()? })
    }

    /// Returns the whole valuation of one that need not follow any more.
    pub(super) fn into_valuation(self) -> Result<Valuation, ArithmeticError> {
        let (totals, whole) = (self.totals()?, self.sums.valued.gross.value()?);
        let (mut holdings, mut closed) = (Vec::with_capacity(self.parts.len()), Vec::new());
        for part in self.parts {
            match part.holding {
                Some(holding) => holdings.push(HoldingValuation { weight: weight(&holding, whole), ..holding }),
                None => closed.push(part.ticker),
            }
        }
        Ok(Valuation { holdings: largest_first(holdings), closed, ..totals })
    }

    /// Returns the valuation without its lists of holdings and closed positions, whose length it does not depend on; fails where
    /// a figure outgrows an exact decimal.
    pub fn totals(&self) -> Result<Valuation, ArithmeticError> {
        let (ledger, sums) = (&*self.ledger, &self.sums);
        let cash = self.cash.as_ref().map_err(|error| *error)?;
        let market_value = sums.market_value()?;
        let gross = sums.valued.gross.value()?;
        let (cost_basis, gross_cost) = (sums.shown().cost.value()?, sums.shown().gross_cost.value()?);
        let realized = self.realized?;
        let unrealized = market_value.map(|value| minus(value, cost_basis)).transpose()?;
        let tracked = ledger.cash_tracked();
        let total_value = if tracked { total_value(market_value, sums.is_any_held(), cash)? } else { market_value };
        let cash_gain = if tracked { cash.gain } else { Decimal::ZERO };
        let charges = plus(ledger.fees_base, ledger.taxes_base)?;
        let settled = plus(minus(plus(realized, ledger.income_base)?, charges)?, cash_gain)?;
        let total_gain = unrealized.filter(|_| total_value.is_some()).map(|unrealized| plus(settled, unrealized)).transpose()?;
        let incomplete = self.incomplete(cash);
        let invested = self.priced_at().filter(|_| incomplete.is_empty()).and_then(|time| ledger.invested().average(time));
        // Where nothing can be valued, nothing is known to have stood still.
        let day = market_value.and_then(|_| sums.day());
        let day = if tracked { day.zip(cash.day).and_then(|(day, cash)| day.with_cash(&cash)) } else { day };
        let is_cash_known = tracked || cash.missing.is_empty();
        Ok(Valuation {
            base: ledger.base,
            market_value,
            gross,
            cost_basis,
            unrealized,
            unrealized_percent: unrealized.and_then(|gain| percent(gain, gross_cost)),
            realized,
            day_change: day.map(|day| day.change),
            day_change_percent: day.and_then(Day::percent),
            track_cash: ledger.track_cash,
            asks_about_cash: ledger.asks_about_cash(),
            cash: cash.value.filter(|_| is_cash_known),
            cash_accounts: cash.accounts.clone(),
            total_value,
            income: ledger.income_base,
            total_gain,
            total_gain_percent: total_gain.zip(invested).and_then(|(gain, invested)| percent(gain, invested)),
            previous_value: total_value.and(day).map(|day| day.before),
            holdings: Vec::new(),
            closed: Vec::new(),
            incomplete,
        })
    }

    /// Returns what could not be valued: holdings, pairs of cash where cash counts, and pairs of portfolios that are left out.
    fn incomplete(&self, cash: &Cash) -> Vec<Ticker> {
        let is_any = self.sums.unvalued.count > 0;
        let held = self.parts.iter().filter(|part| is_any && part.is_incomplete()).map(|part| part.ticker.clone());
        let base = self.ledger.base;
        let left_out = self.ledger.left_out.iter().filter_map(|own| format!("{own}{base}=X").parse().ok());
        let pairs = cash.missing.iter().filter(|_| self.ledger.cash_tracked()).cloned().chain(left_out);
        if is_any { held.chain(pairs).collect() } else { pairs.collect() }
    }

    /// Returns the newest of the prices, rates and activities.
    fn priced_at(&self) -> Option<Timestamp> {
        self.ledger.last_activity.max(self.market.newest).max(self.quoted.newest)
    }
}

impl Quoted {
    fn of(parts: &[Part]) -> Self {
        let priced = || parts.iter().filter_map(|part| part.priced);
        Self {
            newest: priced().map(|priced| priced.time).max(),
            oldest_session: priced().map(|priced| priced.session_start).min(),
            day: priced().map(|priced| priced.day).max(),
        }
    }
}

/// Returns a holding's share in all of them.
fn weight(holding: &HoldingValuation, whole: Decimal) -> Option<Decimal> {
    holding.market_value.and_then(|part| percent(part, whole))
}

/// Puts the most valuable first, then by ticker; unknown values last.
fn largest_first(mut holdings: Vec<HoldingValuation>) -> Vec<HoldingValuation> {
    holdings.sort_by(|left, right| right.market_value.cmp(&left.market_value).then_with(|| left.ticker.cmp(&right.ticker)));
    holdings
}

fn place_of(parts: &[Part], ticker: &Ticker) -> Option<usize> {
    parts.binary_search_by(|part| part.ticker.cmp(ticker)).ok()
}

fn cash(ledger: &Ledger, market: &Market, parts: &[Part], quoted: Quoted) -> Result<Cash, ArithmeticError> {
    let start = |ticker: &Ticker| Some(parts[place_of(parts, ticker)?].priced?.session_start);
    market.cash(ledger, &Sessions { start, oldest: quoted.oldest_session, day: quoted.day })
}

/// Adds holdings and cash. What is unknown of either is left out, but nothing that is there and known leaves a total unknown.
fn total_value(market_value: Option<Decimal>, is_any_held: bool, cash: &Cash) -> Result<Option<Decimal>, ArithmeticError> {
    match (market_value, cash.value) {
        (Some(holdings), Some(cash)) => plus(holdings, cash).map(Some),
        (Some(holdings), None) => Ok(Some(holdings).filter(|_| is_any_held)),
        (None, cash_value) => Ok(cash_value.filter(|_| !cash.accounts.is_empty())),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::super::super::activity::{Activity, ActivityKind};
    use super::super::super::position::fixture::*;
    use super::super::super::quote::{Freshness, Session};
    use super::super::super::source::SourceName;
    use super::super::value;
    use super::*;

    type Quotes = BTreeMap<Ticker, Quote>;

    const HELD: [&str; 5] = ["A", "B", "C", "D", "E.AX"];
    const PAIRS: [&str; 6] = ["EURUSD=X", "USDEUR=X", "GBPEUR=X", "EURGBP=X", "GBPUSD=X", "USDCHF=X"];
    const PRICES: [&str; 9] = [
        "0.01",
        "1.0873",
        "12.5",
        "99.999999",
        "3.3333333333333333",
        "1234567.89",
        "7922816251426433759354395",
        "70000000000000000000000000000",
        "0.000000000000000000000000001",
    ];

    /// What is drawn of a quote: its ticker, price and previous close, currency, and days and minutes of its session and time.
    type Drawn = (usize, usize, Option<usize>, usize, i64, i64);

    fn any_quote() -> impl Strategy<Value = Drawn> {
        let currencies = 0usize..4;
        (0..HELD.len() + PAIRS.len() + 1, 0..PRICES.len(), prop::option::of(0..PRICES.len()), currencies, 0i64..6, -5i64..2_000)
    }

    /// A quote of a session in the days in which the ledger's last trades may be.
    fn quote((name, price, close, code, day, minute): Drawn) -> Quote {
        let name = HELD.iter().chain(&PAIRS).nth(name).unwrap_or(&"NOT-HELD");
        let ticker = ticker(name);
        let session_start = "2025-05-10T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * day);
        let time = session_start + SignedDuration::from_mins(minute);
        let (_, quoted) = currency_pair(&ticker).unzip();
        Quote {
            price: decimal(PRICES[price]),
            bid: None,
            ask: None,
            volume: None,
            currency: quoted.unwrap_or(currency(["EUR", "USD", "GBp", "CHF"][code])),
            previous_close: close.map(|close| decimal(PRICES[close])),
            time,
            received_at: time,
            session_start,
            session: Session::Open,
            freshness: Freshness::Live,
            source: SourceName::PUSHED,
            delay_s: 0,
            ticker,
        }
    }

    /// Activities over five instruments, and perhaps a deposit that leaves little room beside it.
    fn any_ledger() -> impl Strategy<Value = Ledger> {
        let names = prop::collection::vec(0..HELD.len(), 40);
        let deposit = prop::option::weighted(0.2, Just("79228162514264337593543000000"));
        (any_activities(), names, deposit, prop::option::of(any::<bool>())).prop_map(
            |(mut activities, names, deposit, tracked)| {
                for (entry, name) in activities.iter_mut().zip(names) {
                    entry.ticker = entry.ticker.as_ref().map(|_| ticker(HELD[name]));
                }
                let deposit = deposit.map(|amount| activity(ActivityKind::Deposit, "2025-05-01", "", amount, "0"));
                let with = |deposit: Option<Activity>| ledger_of("EUR", activities.iter().cloned().chain(deposit).collect());
                with(deposit).or_else(|_| with(None)).unwrap().with_cash(tracked)
            },
        )
    }

    /// Returns everything of a valuation with every digit and zero of it.
    fn written(valuation: Result<Valuation, ArithmeticError>) -> String {
        format!("{valuation:#?}")
    }

    fn in_full(ledger: &Ledger, quotes: &Quotes) -> Result<Valuation, ArithmeticError> {
        value(ledger, |ticker| quotes.get(ticker), &Rates::from_quotes(quotes.values()))
    }

    /// Follows quotes turn by turn, and values at most so many positions in each. Whenever none is due it compares with a valuation
    /// in full. Returns how many of these failed.
    fn follow(ledger: &Ledger, turns: &[(Vec<Drawn>, usize)]) -> usize {
        let mut quotes = Quotes::new();
        let mut running = RunningValuation::new(ledger, &Rates::default());
        let mut known: BTreeMap<Ticker, HoldingValuation> = BTreeMap::new();
        let mut failed = 0;
        for (turn, most) in turns {
            let changed: Vec<Quote> = turn.iter().copied().map(quote).collect();
            quotes.extend(changed.iter().map(|quote| (quote.ticker.clone(), quote.clone())));
            let rates = Rates::from_quotes(quotes.values());
            running.note(changed.iter().map(|quote| &quote.ticker), &rates);
            running.value_due(|ticker| quotes.get(ticker), &rates, *most);
            if running.due() > 0 {
                continue;
            }
            let expected = in_full(ledger, &quotes);
            failed += usize::from(expected.is_err());
            assert_eq!(written(running.valuation()), written(expected));
            assert_eq!(written(running.clone().into_valuation()), written(running.valuation()));
            known.extend(running.moved().map(|holding| (holding.ticker.clone(), holding.clone())));
            running.forget_moved();
            assert_eq!(
                known.values().collect::<Vec<_>>(),
                running.holdings().collect::<Vec<_>>(),
                "what moved is all that moved"
            );
            let times = quotes.values().filter(|quote| ledger.positions.contains_key(&quote.ticker)).map(|quote| quote.time);
            assert_eq!(running.newest_price(), times.max());
        }
        failed
    }

    proptest! {
        #[test]
        fn a_valuation_that_follows_is_that_in_full_to_the_last_digit(
            ledger in any_ledger(),
            turns in prop::collection::vec((prop::collection::vec(any_quote(), 0..4), Just(usize::MAX)), 1..12),
        ) {
            follow(&ledger, &turns);
        }

        #[test]
        fn a_valuation_in_turns_of_a_few_positions_comes_to_the_same_while_quotes_go_on_changing(
            ledger in any_ledger(),
            mut turns in prop::collection::vec((prop::collection::vec(any_quote(), 0..4), 1usize..4), 1..20),
        ) {
            turns.push((Vec::new(), usize::MAX));
            follow(&ledger, &turns);
        }
    }

    #[test]
    fn what_outgrows_a_decimal_has_a_value_again_when_prices_do() {
        let entries = vec![
            activity(ActivityKind::Deposit, "2025-05-01", "", "79228162514264337593543950000", "0"),
            buy("2025-05-02", "A", "1", "0"),
        ];
        let ledger = ledger("EUR", entries).with_cash(Some(true));
        let of = |price: usize| (vec![(0, price, None, 0, 0, 0)], usize::MAX);
        assert_eq!(follow(&ledger, &[of(0), of(5), of(0), of(5)]), 2, "1,234,567.89 beside that deposit is too much");
    }

    #[test]
    fn a_rate_moves_what_is_quoted_in_its_currency_and_nothing_else() {
        let ledger = ledger("EUR", vec![buy("2025-05-01", "A", "1", "1"), buy("2025-05-01", "B", "1", "1")]);
        let [first, second, rate] = [(0, 2, None, 0, 0, 0), (1, 2, None, 1, 0, 0), (5, 1, None, 0, 0, 0)].map(quote);
        let mut quotes: Quotes = [first, second].map(|quote| (quote.ticker.clone(), quote)).into();
        let mut running = RunningValuation::new(&ledger, &Rates::default());
        running.value_due(|ticker| quotes.get(ticker), &Rates::default(), usize::MAX);
        running.forget_moved();
        quotes.insert(rate.ticker.clone(), rate.clone());
        let rates = Rates::from_quotes(quotes.values());
        running.note([&rate.ticker], &rates);
        assert_eq!(running.due(), 1);
        running.value_due(|ticker| quotes.get(ticker), &rates, usize::MAX);
        let moved: Vec<_> = running.moved().map(|holding| (holding.ticker.as_str(), holding.market_value.is_some())).collect();
        assert_eq!(moved, [("B", true)]);
    }
}
