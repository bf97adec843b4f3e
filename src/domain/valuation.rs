//! Values positions at quotes and rates.
//!
//! Nothing is rounded here but percents; unknown is `None`, never zero. A holding that cannot be valued is named in
//! `incomplete`, and the totals are those of the rest.

use rust_decimal::{Decimal, RoundingStrategy};

use super::instrument::Ticker;
use super::money::{ArithmeticError, Currency};
use super::position::Ledger;
use super::quote::Quote;
use super::rates::Rates;

mod cash;
mod day;
mod holding;
mod market;
mod part;
mod running;

pub use cash::CashValuation;
pub use running::RunningValuation;

/// What one holding is worth, in the portfolio's currency but for `price`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldingValuation {
    /// The instrument that is held.
    pub ticker: Ticker,
    /// Units held; negative where they are owed.
    pub quantity: Decimal,
    /// The latest price, as quoted (pence stay pence).
    pub price: Option<Decimal>,
    /// Quantity × price at today's rate.
    pub market_value: Option<Decimal>,
    /// The cost of the open lots (FIFO), charges included.
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    pub unrealized: Option<Decimal>,
    /// In percent of the cost basis; of a short position in percent of its proceeds.
    pub unrealized_percent: Option<Decimal>,
    /// Since the previous close; today's own trades are measured from their prices.
    pub day_change: Option<Decimal>,
    /// In percent of the value at the previous close and of what was opened today.
    pub day_change_percent: Option<Decimal>,
    /// In percent of all holdings together, short positions counted like long ones: 1,000 long and 500 short weigh 66.67
    /// and −33.33. A net value near zero would make every weight boundless.
    pub weight: Option<Decimal>,
    /// Gain of what was sold, the oldest lots first (FIFO).
    pub realized: Decimal,
    /// Dividends before their fees and taxes.
    pub income: Decimal,
    /// What the open units cost by the moving average.
    pub average_cost_basis: Decimal,
    /// The part of `unrealized` that the price made: (value − cost in the trades' currency) × today's rate.
    pub capital_gain: Option<Decimal>,
    /// The part of `unrealized` that the exchange rate made: cost × (today's rate − the rate it was bought at).
    pub currency_gain: Option<Decimal>,
}

/// The value of a portfolio and of its holdings, in its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valuation {
    /// The portfolio's currency, in which all sums are.
    pub base: Currency,
    /// Open holdings that can be valued, short positions taken off; unknown where there are holdings and none can.
    pub market_value: Option<Decimal>,
    /// The same, short positions counted like long ones: what weights are in percent of.
    pub gross: Decimal,
    /// What their open lots cost (FIFO); where none can be valued, what all of them cost.
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    pub unrealized: Option<Decimal>,
    /// In percent of the cost basis, short positions counted like long ones.
    pub unrealized_percent: Option<Decimal>,
    /// Realised gain of all positions, closed ones too (FIFO).
    pub realized: Decimal,
    /// The holdings' day changes and those of positions closed today.
    pub day_change: Option<Decimal>,
    /// In percent of `previous_value`, short positions counted like long ones, and of what was put in since: deposits and what
    /// was borrowed where cash counts, otherwise purchases.
    pub day_change_percent: Option<Decimal>,
    /// Whether cash counts, as it was set; nothing where that was never asked.
    pub track_cash: Option<bool>,
    /// Whether the owner is to be asked about that.
    pub asks_about_cash: bool,
    /// All cash accounts at today's rates; where cash counts, those whose rate is known.
    pub cash: Option<Decimal>,
    /// Every account that holds or owes something.
    pub cash_accounts: Vec<CashValuation>,
    /// Market value and cash together; the market value alone where cash is not tracked.
    pub total_value: Option<Decimal>,
    /// Dividends and interest before separate fees and taxes.
    pub income: Decimal,
    /// Realised + unrealised + income − separate fees − separate taxes + gains of foreign cash (where cash is tracked).
    pub total_gain: Option<Decimal>,
    /// In percent of the time-weighted average of the money that was at work; unknown while a holding is.
    pub total_gain_percent: Option<Decimal>,
    /// What the total was at the previous closes: the holdings of then at those closes and the rates of then and, where it
    /// counts, the cash of then. Nothing that is entered today moves it.
    pub previous_value: Option<Decimal>,
    /// Open holdings, the most valuable first, then by ticker; unknown values last.
    pub holdings: Vec<HoldingValuation>,
    /// Positions that were closed.
    pub closed: Vec<Ticker>,
    /// What could not be valued: holdings without a price or rate, and currency pairs of cash without one. It is left out
    /// of every total.
    pub incomplete: Vec<Ticker>,
}

/// Values a ledger at the newest quotes and rates; fails only where a figure outgrows an exact decimal.
pub fn value<'a>(
    ledger: &Ledger,
    quote: impl Fn(&Ticker) -> Option<&'a Quote>,
    rates: &Rates,
) -> Result<Valuation, ArithmeticError> {
    let mut running = RunningValuation::new(ledger, rates);
    running.value_due(quote, rates, usize::MAX);
    running.into_valuation()
}

/// Rounds half-even to eight decimals, for showing; trailing zeros go. Divisions alone make longer tails.
#[must_use]
pub fn rounded(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(8, RoundingStrategy::MidpointNearestEven).normalize()
}

#[cfg(test)]
mod tests {
    use super::super::activity::{Activity, ActivityKind};
    use super::super::money::percent;
    use super::super::position::fixture::*;
    use super::super::quote::{Freshness, Session};
    use super::*;
    use proptest::prelude::*;

    const TODAY: &str = "2026-08-02T00:00:00Z";

    fn quote(name: &str, code: &str, price: &str, previous_close: Option<&str>) -> Quote {
        let closed = Quote::of_close(ticker(name), decimal(price), currency(code), TODAY.parse().unwrap());
        Quote { previous_close: previous_close.map(decimal), session: Session::Open, freshness: Freshness::Live, ..closed }
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
        // 850 worked for 366 days and 1,750 for 579.
        let average = (decimal("850") * decimal("366") + decimal("1750") * decimal("579")) / decimal("945");
        assert_eq!(valuation.total_gain_percent, percent(decimal("70"), average));
        let account = &valuation.cash_accounts[0];
        assert_eq!((account.currency, account.amount, account.value), (Currency::USD, decimal("2000"), some("1820")));
        assert_eq!((account.currency_gain, account.cost_basis), (some("70"), decimal("1750")));
    }

    #[test]
    fn foreign_cash_moves_with_its_currency_today() {
        let deposit = activity(ActivityKind::Deposit, "2023-12-31", "", "1000", "0").at_rate("USD", "0.85");
        let valuation = valued("CHF", vec![deposit], &[quote("USDCHF=X", "CHF", "0.92", Some("0.90"))]);
        assert_eq!((valuation.day_change, valuation.previous_value), (some("20"), some("900")));
        assert_eq!(valuation.day_change_percent, some("2.222222"));
    }

    /// 10 held at 100 for half of the cash, and 500 dollars that came in at 0.8: yesterday's close is 110, the rate then 0.9.
    fn a_portfolio_with(entered: &[Activity]) -> Valuation {
        let mut entries = vec![
            activity(ActivityKind::Deposit, "2026-01-01", "", "2000", "0"),
            activity(ActivityKind::Deposit, "2026-01-01", "", "500", "0").at_rate("USD", "0.8"),
            buy("2026-01-01", "A", "10", "100"),
        ];
        entries.extend_from_slice(entered);
        let quotes = [
            quote("A", "EUR", "121", Some("110")),
            quote("B", "EUR", "51", Some("40")),
            quote("USDEUR=X", "EUR", "1", Some("0.9")),
        ];
        valued("EUR", entries, &quotes)
    }

    #[test]
    fn yesterday_s_value_does_not_move_with_what_is_entered_today() {
        use ActivityKind::{Deposit, Dividend, Fee, Interest, Split, Tax, Withdrawal};
        let today = |kind, name: &str, figure: &str| activity(kind, "2026-08-02", name, figure, "0");
        // 10 at 110, 1000 in cash and 500 dollars at 0.9.
        let yesterday = some("2550");
        let before = a_portfolio_with(&[]);
        assert_eq!((before.previous_value, before.day_change), (yesterday, some("160")));
        assert_eq!(before.day_change_percent, percent(decimal("160"), decimal("2550")));
        let entered = [
            (today(Deposit, "", "700"), "160"),
            (today(Deposit, "", "700").with_fee("5"), "160"),
            // The dollars came in at 0.95, and are worth 1 now.
            (today(Deposit, "", "100").at_rate("USD", "0.95"), "165"),
            (today(Withdrawal, "", "900"), "160"),
            (today(Withdrawal, "", "100").at_rate("USD", "0.95"), "155"),
            (buy("2026-08-02", "B", "2", "50").with_fee("3"), "162"),
            // What it cost went out at 0.95 and is worth 1 now; the euros of today's holding came from there.
            (buy("2026-08-02", "B", "2", "50").at_rate("USD", "0.95"), "162"),
            (sell("2026-08-02", "A", "10", "120").with_fee("3"), "150"),
            (sell("2026-08-02", "B", "2", "50").short(), "158"),
            (today(Fee, "", "20"), "160"),
            (today(Tax, "", "20"), "160"),
            (today(Interest, "", "20"), "160"),
            (today(Dividend, "A", "20").with_tax("4"), "160"),
            (today(Split, "B", "2"), "160"),
        ];
        for (entry, change) in entered {
            let valuation = a_portfolio_with(std::slice::from_ref(&entry));
            assert_eq!((valuation.previous_value, valuation.day_change), (yesterday, some(change)), "{entry:?}");
        }
    }

    #[test]
    fn yesterday_s_value_of_holdings_alone_is_without_what_was_bought_today() {
        let before = buy("2026-01-01", "A", "10", "100");
        let valuation = |entries| {
            let quotes = [quote("A", "EUR", "121", Some("110")), quote("B", "EUR", "51", Some("40"))];
            let Valuation { previous_value, day_change, day_change_percent, .. } = valued("EUR", entries, &quotes);
            (previous_value, day_change, day_change_percent)
        };
        assert_eq!(valuation(vec![before.clone()]), (some("1100"), some("110"), some("10")));
        let bought = valuation(vec![before.clone(), buy("2026-08-02", "B", "2", "50")]);
        assert_eq!(bought, (some("1100"), some("112"), percent(decimal("112"), decimal("1200"))));
        let sold = valuation(vec![before, sell("2026-08-02", "A", "5", "120")]);
        assert_eq!(sold, (some("1100"), some("105"), percent(decimal("105"), decimal("1100"))));
    }

    #[test]
    fn the_percent_of_a_day_is_of_yesterday_s_value_and_of_what_was_put_in_since() {
        let deposit = |day: &str, amount: &str| activity(ActivityKind::Deposit, day, "", amount, "0");
        let quotes = [quote("A", "EUR", "110", Some("100"))];
        let percent_of = |entries| valued("EUR", entries, &quotes).day_change_percent;
        let held = vec![deposit("2026-01-01", "10000"), buy("2026-01-01", "A", "10", "100")];
        assert_eq!(percent_of(held.clone()), some("1"), "cash stands still and counts");
        assert_eq!(percent_of([held, vec![deposit("2026-08-02", "10000")]].concat()), some("0.5"));
        let first = vec![deposit("2026-08-02", "2000"), buy("2026-08-02", "A", "10", "100")];
        assert_eq!(percent_of(first), some("5"), "funded today");
        let borrowed = vec![deposit("2026-01-01", "10"), buy("2026-08-02", "A", "10", "100")];
        assert_eq!(percent_of(borrowed), some("10"), "what was bought beyond all cash came from somewhere");
        let nothing = valued("EUR", vec![deposit("2026-01-01", "10")], &[]);
        assert_eq!((nothing.day_change_percent, nothing.previous_value), (some("0"), some("10")));
    }

    #[test]
    fn a_price_of_an_earlier_day_is_part_of_yesterday_s_value() {
        let mut old = quote("A", "EUR", "110", None);
        old.time = "2026-07-31T16:00:00Z".parse().unwrap();
        let trades = vec![buy("2026-01-01", "A", "10", "100"), buy("2026-08-02", "A", "1", "105")];
        let valuation = valued("EUR", trades, &[old]);
        assert_eq!((valuation.previous_value, valuation.market_value), (some("1100"), some("1210")));
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
    fn a_price_of_an_earlier_day_is_no_part_of_today() {
        let trades = vec![buy("2026-01-01", "A", "10", "100"), buy("2026-01-01", "B", "10", "100")];
        let mut old = quote("A", "EUR", "110", None);
        old.time = "2026-07-31T16:00:00Z".parse().unwrap();
        let valuation = valued("EUR", trades, &[old, quote("B", "EUR", "102", Some("101"))]);
        assert_eq!((valuation.day_change, valuation.market_value), (some("10"), some("2120")));
        assert_eq!((valuation.holdings[0].ticker.clone(), valuation.holdings[0].day_change), (ticker("A"), None));
    }

    #[test]
    fn what_was_bought_in_a_session_that_began_yesterday_is_measured_from_its_price() {
        let mut bought = buy("2026-08-01", "A", "10", "110");
        bought.time = "2026-08-01T23:30:00Z".parse().unwrap();
        let mut known = quote("A", "EUR", "115", Some("100"));
        known.session_start = "2026-08-01T23:00:00Z".parse().unwrap();
        assert_eq!(valued("EUR", vec![bought], &[known]).day_change, some("50"));
    }

    #[test]
    fn a_split_today_measures_yesterday_s_units_in_today_s() {
        let mut split = activity(ActivityKind::Split, "2026-08-02", "A", "2", "0");
        split.time = "2026-08-02T01:00:00Z".parse().unwrap();
        let trades = vec![buy("2026-01-01", "A", "10", "100"), split];
        for close in ["50", "100"] {
            let valuation = valued("EUR", trades.clone(), &[quote("A", "EUR", "51", Some(close))]);
            assert_eq!((valuation.day_change, valuation.previous_value), (some("20"), some("1000")));
        }
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
    fn a_holding_without_a_price_or_rate_is_named_and_the_totals_are_of_the_rest() {
        let trades = vec![buy("2026-01-01", "A", "10", "100"), buy("2026-01-01", "B", "10", "100")];
        let known = quote("A", "EUR", "101", Some("100"));
        for quotes in [vec![known.clone()], vec![known.clone(), quote("B", "USD", "101", Some("100"))]] {
            let valuation = valued("EUR", trades.clone(), &quotes);
            assert_eq!(valuation.incomplete, [ticker("B")]);
            assert_eq!(
                (valuation.market_value, valuation.total_gain, valuation.total_value),
                (some("1010"), some("10"), some("1010"))
            );
            assert_eq!((valuation.cost_basis, valuation.unrealized_percent), (decimal("1000"), some("1")));
            assert_eq!(
                (valuation.day_change, valuation.previous_value, valuation.total_gain_percent),
                (some("10"), some("1000"), None)
            );
            assert_eq!(valuation.holdings[0].ticker, ticker("A"));
            assert_eq!((valuation.holdings[0].weight, valuation.holdings[0].market_value), (some("100"), some("1010")));
        }
    }

    #[test]
    fn where_nothing_can_be_valued_the_totals_are_unknown_and_not_zero() {
        let valuation = valued("EUR", vec![buy("2026-01-01", "A", "10", "100")], &[]);
        assert_eq!((valuation.market_value, valuation.total_value, valuation.day_change), (None, None, None));
        assert_eq!((valuation.incomplete, valuation.cost_basis), (vec![ticker("A")], decimal("1000")));
        let with_cash = vec![activity(ActivityKind::Deposit, "2026-01-01", "", "1500", "0"), buy("2026-01-01", "A", "10", "100")];
        let valuation = valued("EUR", with_cash, &[]);
        assert_eq!((valuation.total_value, valuation.total_gain, valuation.day_change), (some("500"), None, None));
    }

    #[test]
    fn a_short_position_is_worth_less_than_nothing_and_gains_as_it_falls() {
        let trades = vec![buy("2026-01-01", "A", "10", "100"), sell("2026-01-01", "B", "5", "100").short()];
        let quotes = [quote("A", "EUR", "100", Some("100")), quote("B", "EUR", "90", Some("100"))];
        let valuation = valued("EUR", trades, &quotes);
        assert_eq!((valuation.market_value, valuation.unrealized, valuation.total_gain), (some("550"), some("50"), some("50")));
        let short = &valuation.holdings[1];
        assert_eq!((short.quantity, short.market_value, short.cost_basis), (decimal("-5"), some("-450"), decimal("-500")));
        assert_eq!((short.unrealized, short.unrealized_percent), (some("50"), some("10")));
        assert_eq!((short.day_change, short.day_change_percent), (some("50"), some("10")));
        assert_eq!((valuation.holdings[0].weight, short.weight), (some("68.965517"), some("-31.034483")));
        assert_eq!((valuation.day_change, valuation.day_change_percent), (some("50"), percent(decimal("50"), decimal("1500"))));
    }

    #[test]
    fn a_short_position_opened_or_covered_today_is_measured_from_its_trade_price() {
        let sold = Activity { time: TODAY.parse().unwrap(), ..sell("2026-08-02", "A", "10", "100").short() };
        let day = |trades: Vec<Activity>, price: &str| {
            let valuation = valued("EUR", trades, &[quote("A", "EUR", price, Some("120"))]);
            (valuation.day_change, valuation.day_change_percent)
        };
        assert_eq!(day(vec![sold], "90"), (some("100"), some("10")));
        let covered = Activity { time: TODAY.parse().unwrap(), ..buy("2026-08-02", "A", "10", "108") };
        let before = sell("2026-01-01", "A", "10", "100").short();
        assert_eq!(day(vec![before, covered], "90"), (some("120"), some("10")));
    }

    #[test]
    fn a_small_deposit_beside_large_purchases_makes_no_large_percentage() {
        let entries = vec![buy("2026-01-01", "A", "100", "150"), activity(ActivityKind::Deposit, "2026-06-01", "", "10", "0")];
        let valuation = valued("EUR", entries, &[quote("A", "EUR", "151", None)]);
        assert_eq!((valuation.total_gain, valuation.total_gain_percent), (some("100"), some("0.666667")));
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
    fn cash_is_shown_but_not_counted_where_it_is_not_tracked() {
        let trades = vec![buy("2026-01-01", "A", "10", "100").at_rate("USD", "0.93")];
        let quotes = [quote("A", "USD", "105", None), quote("USDEUR=X", "EUR", "0.85", None)];
        let valuation = valued("EUR", trades, &quotes);
        assert_eq!((valuation.cash, valuation.total_value), (some("-850"), some("892.5")));
        assert_eq!(valuation.total_gain_percent, percent(decimal("-37.5"), decimal("930")));
    }

    #[test]
    fn cash_without_a_rate_is_named_by_its_pair_and_left_out() {
        let entries = vec![activity(ActivityKind::Deposit, "2024-01-01", "", "10", "0").at_rate("USD", "0.9")];
        let valuation = valued("EUR", entries, &[]);
        assert_eq!((valuation.cash, valuation.total_value, valuation.total_gain), (None, None, None));
        assert_eq!(valuation.incomplete, [ticker("USDEUR=X")]);
        let entries = vec![
            activity(ActivityKind::Deposit, "2024-01-01", "", "10", "0").at_rate("USD", "0.9"),
            activity(ActivityKind::Deposit, "2024-01-01", "", "7", "0"),
        ];
        let valuation = valued("EUR", entries, &[]);
        assert_eq!((valuation.cash, valuation.total_value, valuation.total_gain), (some("7"), some("7"), some("0")));
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
    fn a_holding_that_outgrows_a_decimal_is_unknown_and_the_others_stand() {
        let trades = vec![buy("2026-01-01", "A", "70000000000000000000", "0"), buy("2026-01-01", "B", "10", "100")];
        let quotes = [quote("A", "EUR", "70000000000000000000", None), quote("B", "EUR", "101", Some("100"))];
        let valuation = valued("EUR", trades, &quotes);
        assert_eq!((valuation.incomplete.as_slice(), valuation.market_value), ([ticker("A")].as_slice(), some("1010")));
        let of = |name: &str| valuation.holdings.iter().find(|holding| holding.ticker == ticker(name)).unwrap();
        assert_eq!((of("A").market_value, of("A").day_change, of("A").unrealized), (None, None, None));
        assert_eq!((of("B").market_value, of("B").day_change), (some("1010"), some("10")));
    }

    #[test]
    fn a_previous_close_from_before_a_split_is_adjusted_whoever_said_it() {
        let day = |ratio: &str, price: &str, close: &str| {
            let split = activity(ActivityKind::Split, "2026-08-02", "A", ratio, "0");
            valued("EUR", vec![buy("2026-01-01", "A", "10", "100"), split], &[quote("A", "EUR", price, Some(close))]).day_change
        };
        assert_eq!((day("10", "10.2", "100"), day("10", "10.2", "10")), (some("20"), some("20")));
        assert_eq!(day("0.25", "408", "100"), some("20"));
        assert_eq!(day("1.1", "93", "100"), None, "a day may move a price as far");
        // A close in units of now stays one, however far the price goes.
        assert_eq!((day("2", "33", "50"), day("1.5", "80", "100")), (some("-340"), some("-300")));
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
        fn net_contributions_and_the_total_gain_are_the_total_value(
            activities in any_activities(),
            prices in (1i64..100_000, 1i64..100_000, 1i64..300, 1i64..300),
            track_cash in any::<bool>(),
        ) {
            let ledger = ledger("EUR", activities).with_cash(Some(track_cash));
            let quotes = market(prices);
            let of = |ticker: &Ticker| quotes.iter().find(|quote| &quote.ticker == ticker);
            let valuation = value(&ledger, of, &Rates::from_quotes(quotes.iter())).unwrap();
            let put_in = ledger.net_contributions().unwrap();
            let (money_in, money_out) = ledger.money_moved();
            prop_assert!((money_in - money_out - put_in).abs() <= decimal("0.000000000000001"), "{money_in} - {money_out}");
            let (value, gain) = (valuation.total_value.unwrap(), valuation.total_gain.unwrap());
            prop_assert!((put_in + gain - value).abs() <= decimal("0.000000000000001"), "{put_in} + {gain} is not {value}");
        }

        #[test]
        fn nothing_that_is_entered_today_moves_yesterday_s_value(
            mut activities in any_activities(),
            entered in any_activities(),
            prices in (1i64..100_000, 1i64..100_000, 1i64..300, 1i64..300),
        ) {
            activities.push(activity(ActivityKind::Deposit, "2024-01-01", "", "100", "0"));
            let quotes = market(prices);
            let before = valued("EUR", activities.clone(), &quotes).previous_value.unwrap();
            let is_kept = |entry: &Activity| entry.kind != ActivityKind::Split;
            activities.extend(entered.into_iter().filter(is_kept).map(|entry| Activity { time: TODAY.parse().unwrap(), ..entry }));
            let apart = valued("EUR", activities, &quotes).previous_value.unwrap() - before;
            prop_assert!(apart.abs() <= decimal("0.000000000000001"), "{apart}");
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
