//! Values positions at quotes and rates.
//!
//! Nothing is rounded here but percents; unknown is `None` and spreads to every sum it is part of, never zero.

use rust_decimal::{Decimal, RoundingStrategy};

use super::instrument::Ticker;
use super::money::{ArithmeticError, Currency, Money, minus, percent, plus, times};
use super::position::{Ledger, Position};
use super::quote::Quote;
use super::rates::Rates;

/// What one holding is worth, in the portfolio's currency but for `price`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldingValuation {
    /// Of what.
    pub ticker: Ticker,
    /// Units held.
    pub quantity: Decimal,
    /// The latest price, as quoted (pence stay pence).
    pub price: Option<Decimal>,
    /// Quantity × price at today's rate.
    pub market_value: Option<Decimal>,
    /// What the open lots cost (FIFO), charges in.
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    pub unrealized: Option<Decimal>,
    /// In percent of the cost basis.
    pub unrealized_percent: Option<Decimal>,
    /// Since the previous close; today's own trades are measured from their prices.
    pub day_change: Option<Decimal>,
    /// In percent of the value at the previous close and today's purchases.
    pub day_change_percent: Option<Decimal>,
    /// In percent of the portfolio's market value.
    pub weight: Option<Decimal>,
    /// Realised gain (FIFO).
    pub realized: Decimal,
    /// Dividends.
    pub income: Decimal,
    /// What the open units cost by the moving average.
    pub average_cost_basis: Decimal,
    /// The part of `unrealized` that the price made: (value − cost in the trades' currency) × today's rate.
    pub capital_gain: Option<Decimal>,
    /// The part of `unrealized` that the exchange rate made: cost × (today's rate − the rate it was bought at).
    pub currency_gain: Option<Decimal>,
}

/// What a portfolio is worth, in its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valuation {
    /// The portfolio's currency.
    pub base: Currency,
    /// All open holdings; unknown while one price or rate is.
    pub market_value: Option<Decimal>,
    /// What the open lots cost (FIFO).
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    pub unrealized: Option<Decimal>,
    /// In percent of the cost basis.
    pub unrealized_percent: Option<Decimal>,
    /// Realised gain of all positions, closed ones too (FIFO).
    pub realized: Decimal,
    /// The holdings' day changes and those of positions closed today.
    pub day_change: Option<Decimal>,
    /// In percent of their value at the previous closes and today's purchases.
    pub day_change_percent: Option<Decimal>,
    /// All cash accounts at today's rates.
    pub cash: Option<Decimal>,
    /// Market value and cash together; the market value alone where cash is not tracked.
    pub total_value: Option<Decimal>,
    /// Dividends and interest before separate fees and taxes.
    pub income: Decimal,
    /// Realised + unrealised + income − separate fees − separate taxes + gains of foreign cash (where cash is tracked).
    pub total_gain: Option<Decimal>,
    /// In percent of the money put in, or of all purchases where cash is not tracked.
    pub total_gain_percent: Option<Decimal>,
    /// The total value that today's change is measured from: total value − day change. Today's deposits are in it, so
    /// that money put in does not look like a gain.
    pub previous_value: Option<Decimal>,
    /// Open holdings, the most valuable first, then by ticker; unknown values last.
    pub holdings: Vec<HoldingValuation>,
    /// Positions that were closed.
    pub closed: Vec<Ticker>,
}

/// Values a ledger at the newest quotes and rates; fails only where a figure outgrows an exact decimal.
pub fn value<'a>(
    ledger: &Ledger,
    quote: impl Fn(&Ticker) -> Option<&'a Quote>,
    rates: &Rates,
) -> Result<Valuation, ArithmeticError> {
    let market = Market { base: ledger.base, rates };
    let (mut holdings, mut closed, mut day) = (Vec::new(), Vec::new(), Some(Day::default()));
    for (ticker, position) in &ledger.positions {
        let quote = quote(ticker);
        let moved = market.day(position, quote)?;
        day = match (day, moved) {
            (Some(sum), Some(moved)) => Some(sum.plus(moved)?),
            _ => None,
        };
        if position.quantity.is_zero() {
            closed.push(ticker.clone());
        } else {
            holdings.push(market.holding(position, quote, moved)?);
        }
    }
    let market_value = total(holdings.iter().map(|holding| holding.market_value))?;
    weigh(&mut holdings, market_value);
    let cash = market.cash(ledger)?;
    sum_up(ledger, Parts { holdings, closed, day, market_value, cash })
}

/// Rounds half-even to eight decimals, for showing; trailing zeros go. Divisions alone make longer tails.
#[must_use]
pub fn rounded(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(8, RoundingStrategy::MidpointNearestEven).normalize()
}

/// What a valuation is summed up from.
struct Parts {
    holdings: Vec<HoldingValuation>,
    closed: Vec<Ticker>,
    day: Option<Day>,
    market_value: Option<Decimal>,
    cash: Option<Cash>,
}

/// Foreign and own cash, and what exchange rates made of it.
#[derive(Clone, Copy)]
struct Cash {
    value: Decimal,
    gain: Decimal,
}

/// A day of one position or of several: all in the base currency.
#[derive(Clone, Copy, Default)]
struct Day {
    change: Decimal,
    /// The value at the previous close, and today's purchases.
    measured_from: Decimal,
}

impl Day {
    fn plus(self, other: Self) -> Result<Self, ArithmeticError> {
        Ok(Self { change: plus(self.change, other.change)?, measured_from: plus(self.measured_from, other.measured_from)? })
    }

    fn percent(self) -> Option<Decimal> {
        percent(self.change, self.measured_from)
    }
}

/// Rates towards one portfolio's currency.
struct Market<'a> {
    base: Currency,
    rates: &'a Rates,
}

impl Market<'_> {
    /// Returns the base value of units at a price as quoted; unknown without a price or a rate. No units are worth zero, whatever
    /// the price: what was bought entirely today needs no previous close.
    fn worth(
        &self,
        units: Decimal,
        price: Option<Decimal>,
        currency: Currency,
        rate: Option<Decimal>,
    ) -> Result<Option<Decimal>, ArithmeticError> {
        if units.is_zero() {
            return Ok(Some(Decimal::ZERO));
        }
        let (Some(price), Some(rate)) = (price, rate) else { return Ok(None) };
        let price = Money::new(price, currency).in_major()?.amount;
        times(times(units, price)?, rate).map(Some)
    }

    /// Returns a position's day; unknown where a price, a rate or a needed previous close is. What is closed and has no
    /// quote did not move: it may be an instrument nobody quotes any more.
    fn day(&self, position: &Position, quote: Option<&Quote>) -> Result<Option<Day>, ArithmeticError> {
        let Some(quote) = quote else { return Ok(position.quantity.is_zero().then(Day::default)) };
        let (mut overnight, mut bought, mut sold) = (position.quantity, Decimal::ZERO, Decimal::ZERO);
        for trade in position.trades.iter().rev().take_while(|trade| trade.time >= quote.session_start) {
            overnight = minus(overnight, trade.quantity)?;
            let side = if trade.quantity.is_sign_negative() { &mut sold } else { &mut bought };
            *side = plus(*side, trade.value_base)?;
        }
        let (rate, rate_before) = (self.rates.rate(quote.currency, self.base), self.rates.rate_before(quote.currency, self.base));
        let value_now = self.worth(position.quantity, Some(quote.price), quote.currency, rate)?;
        let value_before = self.worth(overnight, quote.previous_close, quote.currency, rate_before)?;
        let (Some(value_now), Some(value_before)) = (value_now, value_before) else { return Ok(None) };
        let measured_from = plus(value_before, bought)?;
        Ok(Some(Day { change: minus(plus(value_now, sold)?, measured_from)?, measured_from }))
    }

    fn holding(&self, position: &Position, quote: Option<&Quote>, day: Option<Day>) -> Result<HoldingValuation, ArithmeticError> {
        let market_value = match quote {
            Some(quote) => {
                let rate = self.rates.rate(quote.currency, self.base);
                self.worth(position.quantity, Some(quote.price), quote.currency, rate)?
            }
            None => None,
        };
        let cost_basis = position.fifo.cost_base;
        let unrealized = market_value.map(|value| minus(value, cost_basis)).transpose()?;
        let currency_gain = self.currency_gain(position, quote)?;
        let capital_gain = match (unrealized, currency_gain) {
            (Some(whole), Some(part)) => Some(minus(whole, part)?),
            _ => None,
        };
        Ok(HoldingValuation {
            ticker: position.ticker.clone(),
            quantity: position.quantity,
            price: quote.map(|quote| quote.price),
            market_value,
            cost_basis,
            unrealized,
            unrealized_percent: unrealized.and_then(|gain| percent(gain, cost_basis)),
            day_change: day.map(|day| day.change),
            day_change_percent: day.and_then(Day::percent),
            weight: None,
            realized: position.fifo.realized_base,
            income: position.income_base,
            average_cost_basis: position.average.cost_base,
            capital_gain,
            currency_gain: capital_gain.and(currency_gain),
        })
    }

    /// Returns `cost × rate now − cost in base currency`; unknown where the trades' currency is not the quote's.
    fn currency_gain(&self, position: &Position, quote: Option<&Quote>) -> Result<Option<Decimal>, ArithmeticError> {
        let Some(quote) = quote.filter(|quote| position.currency == Some(quote.currency.major())) else {
            return Ok(None);
        };
        let (Some(cost), Some(rate)) = (position.fifo.cost, self.rates.rate(quote.currency, self.base)) else {
            return Ok(None);
        };
        minus(times(cost, rate)?, position.fifo.cost_base).map(Some)
    }

    /// Returns all cash at today's rates and its gain so far; unknown while one rate is that is needed.
    fn cash(&self, ledger: &Ledger) -> Result<Option<Cash>, ArithmeticError> {
        let mut cash = Cash { value: Decimal::ZERO, gain: Decimal::ZERO };
        for account in ledger.cash.values() {
            cash.gain = plus(cash.gain, account.realized_base)?;
            if account.amount.is_zero() {
                continue;
            }
            let Some(rate) = self.rates.rate(account.currency, self.base) else { return Ok(None) };
            let value = times(account.amount, rate)?;
            cash.value = plus(cash.value, value)?;
            cash.gain = plus(cash.gain, minus(value, account.cost_base)?)?;
        }
        Ok(Some(cash))
    }
}

/// Sums what is known; one unknown makes the sum unknown.
fn total(mut parts: impl Iterator<Item = Option<Decimal>>) -> Result<Option<Decimal>, ArithmeticError> {
    parts.try_fold(Some(Decimal::ZERO), |sum, part| match (sum, part) {
        (Some(sum), Some(part)) => plus(sum, part).map(Some),
        _ => Ok(None),
    })
}

/// Weighs each holding and puts the most valuable first.
fn weigh(holdings: &mut [HoldingValuation], market_value: Option<Decimal>) {
    for holding in holdings.iter_mut() {
        holding.weight = holding.market_value.zip(market_value).and_then(|(part, whole)| percent(part, whole));
    }
    holdings.sort_by(|left, right| right.market_value.cmp(&left.market_value).then_with(|| left.ticker.cmp(&right.ticker)));
}

fn sum_up(ledger: &Ledger, parts: Parts) -> Result<Valuation, ArithmeticError> {
    let sum = |of: fn(&Position) -> Decimal| ledger.positions.values().map(of).try_fold(Decimal::ZERO, plus);
    let cost_basis = sum(|position| position.fifo.cost_base)?;
    let realized = sum(|position| position.fifo.realized_base)?;
    let tracked = ledger.cash_tracked;
    let unrealized = parts.market_value.map(|value| minus(value, cost_basis)).transpose()?;
    let cash_gain = if tracked { parts.cash.map(|cash| cash.gain) } else { Some(Decimal::ZERO) };
    let cash_value = if tracked { parts.cash.map(|cash| cash.value) } else { Some(Decimal::ZERO) };
    let total_value = total([parts.market_value, cash_value].into_iter())?;
    let charges = plus(ledger.fees_base, ledger.taxes_base)?;
    let settled = minus(plus(realized, ledger.income_base)?, charges)?;
    let total_gain = total([Some(settled), unrealized, cash_gain].into_iter())?;
    let put_in = if tracked { ledger.money_in_base } else { ledger.bought_base };
    let day_change = parts.day.map(|day| day.change);
    Ok(Valuation {
        base: ledger.base,
        market_value: parts.market_value,
        cost_basis,
        unrealized,
        unrealized_percent: unrealized.and_then(|gain| percent(gain, cost_basis)),
        realized,
        day_change,
        day_change_percent: parts.day.and_then(Day::percent),
        cash: parts.cash.map(|cash| cash.value),
        total_value,
        income: ledger.income_base,
        total_gain,
        total_gain_percent: total_gain.and_then(|gain| percent(gain, put_in)),
        previous_value: total([total_value, day_change.map(|change| -change)].into_iter())?,
        holdings: parts.holdings,
        closed: parts.closed,
    })
}

#[cfg(test)]
mod tests {
    use super::super::activity::{Activity, ActivityKind};
    use super::super::position::fixture::*;
    use super::super::quote::{Freshness, Session};
    use super::*;
    use proptest::prelude::*;

    const TODAY: &str = "2026-08-02T00:00:00Z";

    fn quote(name: &str, code: &str, price: &str, previous_close: Option<&str>) -> Quote {
        Quote {
            ticker: ticker(name),
            price: decimal(price),
            bid: None,
            ask: None,
            volume: None,
            currency: currency(code),
            previous_close: previous_close.map(decimal),
            time: TODAY.parse().unwrap(),
            received_at: TODAY.parse().unwrap(),
            session_start: TODAY.parse().unwrap(),
            session: Session::Open,
            freshness: Freshness::Live,
        }
    }

    fn valued(base: &str, activities: Vec<Activity>, quotes: &[Quote]) -> Valuation {
        let of = |ticker: &Ticker| quotes.iter().find(|quote| &quote.ticker == ticker);
        value(&ledger(base, activities), of, &Rates::from_quotes(quotes.iter())).unwrap()
    }

    fn some(text: &str) -> Option<Decimal> {
        Some(decimal(text))
    }

    #[test]
    fn a_holding_shows_value_gain_and_day() {
        let trades = vec![buy("2026-01-01", "A", "10", "140")];
        let valuation = valued("EUR", trades, &[quote("A", "EUR", "150", Some("145"))]);
        let holding = &valuation.holdings[0];
        assert_eq!((holding.market_value, holding.unrealized, holding.day_change), (some("1500"), some("100"), some("50")));
        assert_eq!((holding.unrealized_percent, holding.day_change_percent), (some("7.142857"), some("3.448276")));
        assert_eq!((holding.weight, valuation.previous_value), (some("100"), some("1450")));
    }

    #[test]
    fn both_methods_value_the_same_sale() {
        let trades = vec![
            buy("2020-01-01", "A", "109", "0").with_fee("3149.20"),
            buy("2020-02-01", "A", "52", "0").with_fee("1684.92"),
            sell("2020-03-01", "A", "15", "0").with_fee("-531.50"),
        ];
        let holding = &valued("EUR", trades, &[quote("A", "EUR", "100", None)]).holdings[0];
        assert_eq!(holding.unrealized.unwrap().round_dp(2), decimal("10199.26"));
        let average = holding.market_value.unwrap() - holding.average_cost_basis;
        assert_eq!(average.round_dp(2), decimal("10216.26"));
    }

    #[test]
    fn total_gain_is_the_same_by_both_methods_after_a_repurchase() {
        let trades = vec![
            buy("2020-01-01", "A", "10", "100"),
            sell("2020-01-02", "A", "5", "120"),
            buy("2020-01-03", "A", "5", "200"),
            sell("2020-01-04", "A", "5", "210"),
        ];
        let valuation = valued("EUR", trades, &[quote("A", "EUR", "210", None)]);
        assert_eq!((valuation.realized, valuation.unrealized, valuation.total_gain), (decimal("650"), some("50"), some("700")));
        assert_eq!(valuation.holdings[0].average_cost_basis, decimal("750"));
    }

    #[test]
    fn a_price_gain_can_be_a_loss_in_the_portfolio_s_currency() {
        let trades = vec![buy("2026-01-01", "A", "10", "100").at_rate("USD", "0.93")];
        let quotes = [quote("A", "USD", "105", None), quote("USDEUR=X", "EUR", "0.85", None)];
        let valuation = valued("EUR", trades, &quotes);
        let holding = &valuation.holdings[0];
        assert_eq!((holding.unrealized, valuation.total_gain), (some("-37.50"), some("-37.50")));
        assert_eq!((holding.capital_gain, holding.currency_gain), (some("42.50"), some("-80.00")));
    }

    #[test]
    fn foreign_cash_gains_with_its_currency() {
        let deposits = vec![
            activity(ActivityKind::Deposit, "2023-12-31", "", "1000", "0").at_rate("USD", "0.85"),
            activity(ActivityKind::Deposit, "2024-12-31", "", "1000", "0").at_rate("USD", "0.90"),
        ];
        let valuation = valued("CHF", deposits, &[quote("USDCHF=X", "CHF", "0.91", None)]);
        assert_eq!((valuation.cash, valuation.total_gain, valuation.total_value), (some("1820"), some("70"), some("1820")));
        assert_eq!(valuation.total_gain_percent, some("4"));
    }

    #[test]
    fn fees_are_part_of_the_gain() {
        let trades = vec![
            buy("2022-03-07", "NOVN", "2", "75.8").with_fee("2.95"),
            sell("2022-04-08", "NOVN", "1", "85.73").with_fee("1.30"),
        ];
        assert_eq!(valued("EUR", trades, &[quote("NOVN", "EUR", "87.8", None)]).total_gain, some("17.68"));
    }

    fn reference_activities() -> Vec<Activity> {
        let own = |entry: Activity| entry.at_rate("AUD", "1");
        let dividend = |amount| own(activity(ActivityKind::Dividend, "2023-01-03", "ALPHA", amount, "0"));
        vec![
            own(buy("2021-01-04", "ALPHA", "100", "10").with_fee("10")),
            dividend("50"),
            own(buy("2023-01-03", "ALPHA", "5", "10")),
            dividend("60"),
            own(buy("2022-01-03", "BETAX", "100", "5").with_fee("10")),
            own(buy("2023-01-03", "BETAX", "100", "6").with_fee("10")),
            own(sell("2024-06-10", "BETAX", "150", "8").with_fee("10")),
            own(buy("2022-01-03", "GAMMA", "100", "20").with_fee("10")),
            buy("2022-01-03", "OMEGA", "10", "100").with_fee("5").at_rate("USD", "1.50"),
            own(buy("2022-01-03", "ZULU", "200", "10").with_fee("10")),
            own(sell("2023-01-03", "ZULU", "200", "9").with_fee("10")),
        ]
    }

    #[test]
    fn the_reference_portfolio_is_valued_to_the_cent() {
        let quotes = [
            quote("ALPHA", "AUD", "15", Some("14")),
            quote("BETAX", "AUD", "9", Some("9")),
            quote("GAMMA", "AUD", "5", Some("5")),
            quote("OMEGA", "USD", "120", Some("120")),
            quote("USDAUD=X", "AUD", "1.60", Some("1.60")),
        ];
        let valuation = valued("AUD", reference_activities(), &quotes);
        let values: Vec<_> =
            valuation.holdings.iter().map(|holding| (holding.ticker.as_str(), holding.market_value.unwrap())).collect();
        let expected = [("OMEGA", "1920"), ("ALPHA", "1575"), ("GAMMA", "500"), ("BETAX", "450")];
        assert_eq!(values, expected.map(|(name, value)| (name, decimal(value))));
        assert_eq!((valuation.market_value, valuation.day_change), (some("4445"), some("105")));
        assert_eq!(valuation.total_gain, some("-172.50"));
        assert_eq!((valuation.income, valuation.total_value), (decimal("110"), some("4445")));
        assert_eq!(valuation.closed, [ticker("ZULU")]);
    }

    #[test]
    fn the_day_s_currency_move_on_yesterday_s_value_is_part_of_the_day() {
        let trades = vec![buy("2026-01-01", "A", "10", "100").at_rate("USD", "0.9")];
        let quotes = [quote("A", "USD", "110", Some("100")), quote("USDEUR=X", "EUR", "0.9", Some("0.8"))];
        assert_eq!(valued("EUR", trades.clone(), &quotes).day_change, some("190"));
        let quotes = [quote("A", "USD", "110", Some("100")), quote("USDEUR=X", "EUR", "0.9", None)];
        assert_eq!(valued("EUR", trades, &quotes).day_change, some("90"));
    }

    #[test]
    fn today_s_trades_are_measured_from_their_prices() {
        let today = &TODAY[..10];
        let trades = vec![
            buy("2026-01-01", "A", "10", "100"),
            buy(today, "A", "5", "152").with_fee("3"),
            sell(today, "A", "4", "155").with_fee("3"),
        ];
        let holding = &valued("EUR", trades, &[quote("A", "EUR", "150", Some("145"))]).holdings[0];
        assert_eq!(holding.day_change, some("60"));
        assert_eq!(holding.day_change_percent, percent(decimal("60"), decimal("2210")));
    }

    #[test]
    fn what_was_bought_today_needs_no_previous_close() {
        let valuation = valued("EUR", vec![buy("2026-08-02", "A", "10", "100")], &[quote("A", "EUR", "101", None)]);
        assert_eq!((valuation.day_change, valuation.day_change_percent), (some("10"), some("1")));
    }

    #[test]
    fn what_was_sold_out_today_still_moved_today() {
        let trades = vec![buy("2026-01-01", "A", "10", "100"), sell("2026-08-02", "A", "10", "148")];
        let valuation = valued("EUR", trades, &[quote("A", "EUR", "150", Some("145"))]);
        assert_eq!((valuation.day_change, valuation.holdings.len()), (some("30"), 0));
    }

    #[test]
    fn what_was_closed_and_is_quoted_no_more_did_not_move() {
        let trades = vec![buy("2026-01-01", "A", "10", "100"), sell("2026-01-02", "A", "10", "148")];
        let valuation = valued("EUR", trades, &[]);
        assert_eq!((valuation.day_change, valuation.market_value), (some("0"), some("0")));
    }

    #[test]
    fn a_split_today_measures_yesterday_s_units_in_today_s() {
        let mut split = activity(ActivityKind::Split, "2026-08-02", "A", "2", "0");
        split.time = "2026-08-02T01:00:00Z".parse().unwrap();
        let trades = vec![buy("2026-01-01", "A", "10", "100"), split];
        assert_eq!(valued("EUR", trades, &[quote("A", "EUR", "51", Some("50"))]).day_change, some("20"));
    }

    #[test]
    fn an_unknown_previous_close_makes_the_day_unknown_not_zero() {
        let trades = vec![buy("2026-01-01", "A", "10", "100"), buy("2026-01-01", "B", "10", "100")];
        let quotes = [quote("A", "EUR", "101", None), quote("B", "EUR", "101", Some("100"))];
        let valuation = valued("EUR", trades, &quotes);
        assert_eq!((valuation.day_change, valuation.day_change_percent, valuation.previous_value), (None, None, None));
        assert_eq!(valuation.market_value, some("2020"));
    }

    #[test]
    fn one_unknown_price_or_rate_makes_the_total_unknown() {
        let trades = vec![buy("2026-01-01", "A", "10", "100"), buy("2026-01-01", "B", "10", "100")];
        let known = quote("A", "EUR", "101", Some("100"));
        for quotes in [vec![known.clone()], vec![known.clone(), quote("B", "USD", "101", Some("100"))]] {
            let valuation = valued("EUR", trades.clone(), &quotes);
            assert_eq!((valuation.market_value, valuation.total_gain, valuation.total_value), (None, None, None));
            assert_eq!(valuation.holdings[0].ticker, ticker("A"));
            assert_eq!((valuation.holdings[0].weight, valuation.holdings[0].market_value), (None, some("1010")));
        }
    }

    #[test]
    fn a_price_in_pence_is_a_hundredth_of_pounds() {
        let trades = vec![buy("2026-01-01", "VOD.L", "100", "7000").at_rate("GBp", "1.2")];
        let quotes = [quote("VOD.L", "GBp", "7250", Some("7200")), quote("GBPEUR=X", "EUR", "1.2", Some("1.2"))];
        let holding = &valued("EUR", trades, &quotes).holdings[0];
        assert_eq!((holding.price, holding.market_value, holding.day_change), (some("7250"), some("8700"), some("60")));
        assert_eq!(holding.currency_gain, some("0"));
    }

    #[test]
    fn cash_is_shown_but_not_counted_until_a_deposit_exists() {
        let trades = vec![buy("2026-01-01", "A", "10", "100").at_rate("USD", "0.93")];
        let quotes = [quote("A", "USD", "105", None), quote("USDEUR=X", "EUR", "0.85", None)];
        let valuation = valued("EUR", trades, &quotes);
        assert_eq!((valuation.cash, valuation.total_value), (some("-850"), some("892.5")));
        assert_eq!(valuation.total_gain_percent, percent(decimal("-37.5"), decimal("930")));
    }

    #[test]
    fn unknown_foreign_cash_makes_the_total_unknown() {
        let entries = vec![activity(ActivityKind::Deposit, "2024-01-01", "", "10", "0").at_rate("USD", "0.9")];
        let valuation = valued("EUR", entries, &[]);
        assert_eq!((valuation.cash, valuation.total_value, valuation.total_gain), (None, None, None));
    }

    #[test]
    fn the_worse_of_two_observations_of_a_rate_values_nothing() {
        let trades = vec![buy("2026-01-01", "A", "100", "1").at_rate("USD", "0.9")];
        let long_ago = Quote { time: "2025-06-28T00:00:00Z".parse().unwrap(), ..quote("USDEUR=X", "EUR", "0.5", Some("0.4")) };
        let quotes = [quote("A", "USD", "1", Some("1")), long_ago, quote("EURUSD=X", "USD", "1.25", None)];
        let valuation = valued("EUR", trades, &quotes);
        assert_eq!((valuation.market_value, valuation.day_change), (some("80"), some("0")));
    }

    #[test]
    fn an_overflow_is_refused() {
        let ledger = ledger("EUR", vec![buy("2026-01-01", "A", "70000000000000000000", "0")]);
        let quotes = [quote("A", "EUR", "70000000000000000000", None)];
        let refusal = value(&ledger, |_| quotes.first(), &Rates::default());
        assert_eq!(refusal, Err(ArithmeticError::Overflow));
    }

    fn market(prices: (i64, i64, i64, i64)) -> [Quote; 4] {
        let price = |cents: i64| Decimal::new(cents, 2).to_string();
        [
            quote("A", "USD", &price(prices.0), Some("3")),
            quote("B", "GBp", &price(prices.1), Some("4")),
            quote("EURUSD=X", "USD", "1.25", Some("1.3")),
            quote("GBPEUR=X", "EUR", &price(prices.2 + prices.3), Some("1.1")),
        ]
    }

    proptest! {
        #[test]
        fn money_in_less_out_plus_total_gain_is_value_and_cash(
            mut activities in any_activities(),
            prices in (1i64..100_000, 1i64..100_000, 1i64..300, 1i64..300),
        ) {
            activities.push(activity(ActivityKind::Deposit, "2024-01-01", "", "100", "0"));
            let ledger = ledger("EUR", activities);
            let quotes = market(prices);
            let of = |ticker: &Ticker| quotes.iter().find(|quote| &quote.ticker == ticker);
            let valuation = value(&ledger, of, &Rates::from_quotes(quotes.iter())).unwrap();
            let owed = ledger.money_in_base - ledger.money_out_base + valuation.total_gain.unwrap();
            let left = valuation.market_value.unwrap() + valuation.cash.unwrap();
            prop_assert!((owed - left).abs() <= decimal("0.000000000000001"), "{owed} {left}");
            prop_assert_eq!(Some(left), valuation.total_value);
        }

        #[test]
        fn capital_and_currency_gain_are_the_unrealised_gain(
            activities in any_activities(),
            prices in (1i64..100_000, 1i64..100_000, 1i64..300, 1i64..300),
        ) {
            let one_currency = activities.into_iter().map(|entry| Activity { currency: Currency::USD, ..entry });
            let valuation = valued("EUR", one_currency.collect(), &market(prices));
            for holding in valuation.holdings.iter().filter(|holding| holding.ticker == ticker("A")) {
                let (capital, currency) = (holding.capital_gain.unwrap(), holding.currency_gain.unwrap());
                let apart = capital + currency - holding.unrealized.unwrap();
                prop_assert!(apart.abs() <= decimal("0.000000000000001"));
            }
        }
    }
}
