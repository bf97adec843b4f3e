//! Folds activities into lots, cost, realised gain and income.
//!
//! Every figure is in major units: pence are divided by a hundred on the way in. "Base" means the portfolio's currency.
//! The transaction's own rate converts everything that belongs to it; where the activity's currency is the base
//! currency, that rate is one whatever was stored.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::activity::ActivityId;
use super::instrument::Ticker;
use super::money::{ArithmeticError, Currency, minus, plus, times};

mod amount;
mod cash;
mod fold;
mod folding;
mod invested;
mod reporting;
mod simple;
mod splits;
mod together;
mod turn;
mod units;

use amount::Amount;
pub use cash::{CashAccount, CashMove};
pub use folding::{Folding, fold, fold_in};
pub use invested::Invested;
use invested::{Books, Deposited};
pub use reporting::Reporting;
pub use splits::{Split, close_in_units_of, is_surely};
pub use units::Ratio;
use units::Units;

/// Units that were opened together and not yet closed: bought and not yet sold, or sold short and not yet covered.
///
/// A short lot has negative units and a negative cost: 10 sold at 100 with a fee of 5 are −10 units that cost −995.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The time at which they were bought, or sold short.
    pub time: Timestamp,
    /// Whether that is a date alone.
    pub date_only: bool,
    /// Units still open, after splits; negative in a short lot.
    pub quantity: Decimal,
    /// What they cost, charges in, in `currency`; of a short lot the proceeds, negative.
    pub cost: Decimal,
    /// What they cost, charges in, in the base currency at the trade's own rate.
    pub cost_base: Decimal,
    /// The major currency they were bought in.
    pub currency: Currency,
    /// The units as a fraction, exactly: a third has no decimal.
    units: Units,
}

/// A buy or sell as the day change needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The time at which it was traded.
    pub time: Timestamp,
    /// Whether that is a date alone.
    pub date_only: bool,
    /// Units in today's splits: positive bought, negative sold.
    pub quantity: Decimal,
    /// Quantity × price in the base currency at the trade's own rate, charges left out; never negative.
    pub value_base: Decimal,
    /// The units as a fraction, exactly.
    units: Units,
}

/// Cost and realised gain by one method of choosing which units were sold: the oldest first, or the average.
///
/// The figures in the trades' own currency are unknown once a position was traded in two of them: they would mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostBook {
    /// What the open units cost, charges in, in the base currency.
    pub cost_base: Decimal,
    /// Proceeds less sell charges less the cost removed, in the base currency.
    pub realized_base: Decimal,
    /// What the open units cost in the trades' currency.
    pub cost: Option<Decimal>,
    /// Realised gain in the trades' currency.
    pub realized: Option<Decimal>,
    /// The part of `realized_base` that the exchange rate made: cost removed × rate at the sale − its base cost.
    pub realized_currency_base: Option<Decimal>,
}

/// What happened with one instrument, and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The instrument that is held.
    pub ticker: Ticker,
    /// Units held; negative where they are owed (a short position), and exactly zero after closing.
    pub quantity: Decimal,
    /// The one major currency it was traded in; unknown before a trade and after trades in two.
    pub currency: Option<Currency>,
    /// The currency that its newest trade was written in, pence as pence: what its exchange most likely quotes in.
    pub written_in: Option<Currency>,
    /// Open lots, oldest first.
    pub lots: Vec<Lot>,
    /// Sales close the oldest lots, and purchases that cover a short position likewise.
    pub fifo: CostBook,
    /// Sells remove the current average: cost × sold / held.
    pub average: CostBook,
    /// Dividends before their fees and taxes, in the base currency.
    pub income_base: Decimal,
    /// Every folded trade, oldest first.
    pub trades: Vec<Trade>,
    /// Every split while it was held, oldest first.
    pub splits: Vec<Split>,
    /// The newest activity's time.
    pub last_activity: Timestamp,
}

/// A portfolio's activities, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The portfolio's currency: a major one.
    pub base: Currency,
    /// Open and closed positions.
    pub positions: BTreeMap<Ticker, Position>,
    /// Cash by major currency.
    pub cash: BTreeMap<Currency, CashAccount>,
    /// Whether cash is part of the portfolio's value, as its owner has set it; nothing where that was never asked.
    pub track_cash: Option<bool>,
    /// Whether a deposit or a withdrawal exists.
    pub has_deposits: bool,
    /// Dividends and interest before their fees and taxes.
    pub income_base: Decimal,
    /// Fees that are not part of a trade's cost.
    pub fees_base: Decimal,
    /// Taxes that are not part of a trade's cost.
    pub taxes_base: Decimal,
    /// The sum of all deposits, in the base currency.
    pub money_in_base: Decimal,
    /// The sum of all withdrawals, in the base currency.
    pub money_out_base: Decimal,
    /// Where cash does not count: what was paid for holdings and charges, which came from outside, in the base currency.
    pub paid_in_base: Decimal,
    /// Where cash does not count: proceeds, dividends and interest, which went outside, in the base currency.
    pub paid_out_base: Decimal,
    /// The money at work over time in holdings alone: purchases put it in, sales take it out.
    pub invested_in_holdings: Invested,
    /// The money at work over time where cash counts: deposits put it in, withdrawals take it out.
    pub invested_with_cash: Invested,
    books: Books,
    deposited: Deposited,
    /// Units that were sold without being held, by the sale; a sale that opens a short position misses none.
    pub missing: BTreeMap<ActivityId, Decimal>,
    /// The newest activity's time.
    pub last_activity: Option<Timestamp>,
    /// The currencies of portfolios that have no part in a ledger of several, for want of a rate.
    pub left_out: BTreeSet<Currency>,
}

/// The activity that could not be folded, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("activity {}: {reason}", activity.0)]
pub struct FoldError {
    /// The activity that could not be folded.
    pub activity: ActivityId,
    /// Why it could not be folded.
    pub reason: FoldReason,
}

/// Why an activity could not be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldReason {
    /// A figure outgrew an exact decimal.
    #[error(transparent)]
    Arithmetic(#[from] ArithmeticError),
    /// A trade, dividend or split names no instrument.
    #[error("the instrument is missing")]
    TickerMissing,
    /// The quantity of a trade or split is zero or less.
    #[error("the quantity must be greater than zero")]
    QuantityNotPositive,
    /// The price of a trade is less than zero.
    #[error("the price must not be negative")]
    PriceNegative,
    /// The exchange rate is zero or less.
    #[error("the exchange rate must be greater than zero")]
    RateNotPositive,
    /// Money in or out is less than zero.
    #[error("the amount must not be negative")]
    AmountNegative,
}

impl Ledger {
    /// Sets whether cash counts; nothing where that was never asked.
    #[must_use]
    pub fn with_cash(self, track_cash: Option<bool>) -> Self {
        Self { track_cash, ..self }
    }

    /// Returns whether cash is part of the portfolio's value: only where that was set.
    pub fn cash_tracked(&self) -> bool {
        self.track_cash == Some(true)
    }

    /// Returns whether the owner is to be asked about cash: money was moved, and she never said whether it counts.
    pub fn asks_about_cash(&self) -> bool {
        self.track_cash.is_none() && self.has_deposits
    }

    /// Returns the money that was put in and not taken out again, in the base currency: the value less this is the gain since the
    /// start.
    ///
    /// Where cash counts that is deposits less withdrawals. Elsewhere the money of a purchase comes from outside and that of a sale
    /// or a dividend goes there: 1,000 for shares, half of them sold for 700 and 20 of dividends leave 280.
    pub fn net_contributions(&self) -> Result<Decimal, ArithmeticError> {
        if self.cash_tracked() {
            return minus(self.money_in_base, self.money_out_base);
        }
        let charges = plus(self.fees_base, self.taxes_base)?;
        let mut books = self.positions.values().map(|position| &position.fifo);
        books.try_fold(minus(charges, self.income_base)?, |sum, book| minus(plus(sum, book.cost_base)?, book.realized_base))
    }

    /// Returns all that was put in and all that was taken out, in the base currency: what is left of the first after the second are the
    /// net contributions.
    pub fn money_moved(&self) -> (Decimal, Decimal) {
        if self.cash_tracked() { (self.money_in_base, self.money_out_base) } else { (self.paid_in_base, self.paid_out_base) }
    }

    /// Returns the money at work over time, by what counts in this portfolio.
    pub fn invested(&self) -> &Invested {
        if self.cash_tracked() { &self.invested_with_cash } else { &self.invested_in_holdings }
    }
}

impl CostBook {
    fn new() -> Self {
        let zero = Decimal::ZERO;
        Self { cost_base: zero, realized_base: zero, cost: Some(zero), realized: Some(zero), realized_currency_base: Some(zero) }
    }

    fn forget_local(&mut self) {
        (self.cost, self.realized, self.realized_currency_base) = (None, None, None);
    }

    fn remaining(&self) -> Amount {
        Amount { local: self.cost.unwrap_or_default(), base: self.cost_base }
    }

    fn open(&mut self, cost: Amount) -> Result<(), ArithmeticError> {
        self.cost_base = plus(self.cost_base, cost.base)?;
        self.cost = self.cost.map(|known| plus(known, cost.local)).transpose()?;
        Ok(())
    }

    fn close(&mut self, removed: Amount, net: Amount, rate: Decimal) -> Result<(), ArithmeticError> {
        self.cost_base = minus(self.cost_base, removed.base)?;
        self.realized_base = plus(self.realized_base, minus(net.base, removed.base)?)?;
        self.cost = self.cost.map(|cost| minus(cost, removed.local)).transpose()?;
        self.realized = self.realized.map(|sum| plus(sum, minus(net.local, removed.local)?)).transpose()?;
        let part = |sum| plus(sum, minus(times(removed.local, rate)?, removed.base)?);
        self.realized_currency_base = self.realized_currency_base.map(part).transpose()?;
        Ok(())
    }
}

impl Lot {
    /// Makes a lot of 1970 whose cost is the same in the base currency.
    #[cfg(test)]
    pub(crate) fn new(quantity: Decimal, cost: Decimal, currency: Currency) -> Self {
        let (time, date_only, units) = (Timestamp::UNIX_EPOCH, false, Units::whole(quantity));
        Self { time, date_only, quantity, cost, cost_base: cost, currency, units }
    }

    fn hold(&mut self, units: Units) {
        (self.units, self.quantity) = (units, units.value());
    }
}

impl Position {
    /// Returns what one unit cost in the newest trade, in today's splits and the base currency, charges left out; nothing where it was
    /// never traded.
    pub fn traded_at(&self) -> Option<Decimal> {
        let trade = self.trades.last()?;
        trade.value_base.checked_div(trade.quantity.abs())
    }

    fn new(ticker: Ticker, time: Timestamp) -> Self {
        Self {
            ticker,
            quantity: Decimal::ZERO,
            currency: None,
            written_in: None,
            lots: Vec::new(),
            fifo: CostBook::new(),
            average: CostBook::new(),
            income_base: Decimal::ZERO,
            trades: Vec::new(),
            splits: Vec::new(),
            last_activity: time,
        }
    }

    /// Adds a lot that cost `cost`, in a major `currency`. Both are negative where a short position grows.
    fn open(&mut self, trade: Trade, cost: Amount, currency: Currency) -> Result<(), ArithmeticError> {
        let Trade { time, date_only, quantity, .. } = trade;
        self.note_currency(currency);
        self.quantity = plus(self.quantity, quantity)?;
        self.lots.push(Lot { time, date_only, quantity, cost: cost.local, cost_base: cost.base, currency, units: trade.units });
        self.fifo.open(cost)?;
        self.average.open(cost)?;
        self.trades.push(trade);
        Ok(())
    }

    /// Removes the units of a trade, at most those held or owed, for `net` money at `rate`, in a major `currency`. The
    /// money is negative where it was paid to cover a short position.
    fn close(&mut self, trade: Trade, net: Amount, currency: Currency, rate: Decimal) -> Result<(), ArithmeticError> {
        self.note_currency(currency);
        let (held, closed) = (self.quantity, -trade.quantity);
        let average = self.average.remaining().share(closed, held)?;
        let oldest = if closed == held { self.clear() } else { self.take_oldest(closed)? };
        self.fifo.close(oldest, net, rate)?;
        self.average.close(average, net, rate)?;
        self.trades.push(trade);
        Ok(())
    }

    /// Removes everything: the whole remaining cost, so that no rounding of partial sales stays behind.
    fn clear(&mut self) -> Amount {
        self.lots.clear();
        self.quantity = Decimal::ZERO;
        self.fifo.remaining()
    }

    /// Removes units from the oldest lots and returns what they cost; a lot's rest keeps its cost by subtraction. Units
    /// and lots are negative alike in a short position.
    fn take_oldest(&mut self, closed: Decimal) -> Result<Amount, ArithmeticError> {
        let (mut wanted, mut emptied, mut removed) = (Units::whole(closed), 0, Amount::ZERO);
        for lot in &mut self.lots {
            let cost = Amount { local: lot.cost, base: lot.cost_base };
            if lot.quantity.abs() > wanted.value().abs() {
                let part = cost.share(wanted.value(), lot.quantity)?;
                let rest = cost.minus(part)?;
                (lot.cost, lot.cost_base) = (rest.local, rest.base);
                lot.hold(lot.units.minus(wanted)?);
                removed = removed.plus(part)?;
                break;
            }
            wanted = wanted.minus(lot.units)?;
            removed = removed.plus(cost)?;
            emptied += 1;
        }
        self.lots.drain(..emptied);
        self.quantity = self.units_in_lots()?;
        Ok(removed)
    }

    /// Multiplies every unit, past trades included, and leaves every cost as it is. Where one outgrows a decimal, nothing is.
    fn split(&mut self, split: Split) -> Result<(), ArithmeticError> {
        let (mut lots, mut trades) = (self.lots.clone(), self.trades.clone());
        for lot in &mut lots {
            lot.hold(lot.units.split(split.ratio)?);
        }
        for trade in &mut trades {
            trade.units = trade.units.split(split.ratio)?;
            trade.quantity = trade.units.value();
        }
        (self.lots, self.trades) = (lots, trades);
        self.splits.push(split);
        self.quantity = self.units_in_lots()?;
        Ok(())
    }

    /// Sums the lots, so that units held and units in lots can never drift apart by a rounding.
    fn units_in_lots(&self) -> Result<Decimal, ArithmeticError> {
        let none = Units::whole(Decimal::ZERO);
        self.lots.iter().try_fold(none, |sum, lot| sum.plus(lot.units)).map(Units::value)
    }

    fn note_currency(&mut self, currency: Currency) {
        if self.trades.is_empty() {
            self.currency = Some(currency);
        } else if self.currency != Some(currency) {
            self.currency = None;
            self.fifo.forget_local();
            self.average.forget_local();
        }
    }
}

#[cfg(test)]
pub(super) mod fixture;
#[cfg(test)]
mod shorts;

#[cfg(test)]
mod tests {
    use super::super::activity::{Activity, ActivityKind};
    use super::fixture::*;
    use super::*;
    use ActivityKind::{Deposit, Dividend, Fee, Interest, Split, Tax, Withdrawal};
    use proptest::prelude::*;

    fn only(ledger: &Ledger) -> &Position {
        ledger.positions.values().next().unwrap()
    }

    /// Cost and realised gain: FIFO, then average.
    fn books(position: &Position) -> [String; 4] {
        let text = |amount: Decimal| amount.round_dp(2).normalize().to_string();
        [&position.fifo, &position.average]
            .map(|book| [text(book.cost_base), text(book.realized_base)])
            .concat()
            .try_into()
            .unwrap()
    }

    #[test]
    fn a_sell_closes_the_oldest_lot_first_and_the_average_moves() {
        let ledger = ledger(
            "EUR",
            vec![
                buy("2020-01-01", "A", "109", "0").with_fee("3149.20"),
                buy("2020-02-01", "A", "52", "0").with_fee("1684.92"),
                sell("2020-03-01", "A", "15", "0").with_fee("-531.50"),
            ],
        );
        assert_eq!(books(only(&ledger)), ["4400.74", "98.12", "4383.74", "81.12"]);
        assert_eq!(only(&ledger).quantity, decimal("146"));
    }

    #[test]
    fn a_foreign_sale_realises_price_and_currency() {
        let ledger = ledger(
            "EUR",
            vec![
                buy("2020-01-01", "A", "100", "50").at_rate("USD", "0.9").converted(),
                buy("2020-02-01", "A", "50", "60").at_rate("USD", "0.85").converted(),
                sell("2020-03-01", "A", "50", "70").at_rate("USD", "0.88").converted(),
            ],
        );
        let position = only(&ledger);
        assert_eq!(books(position), ["4800", "830", "4700", "730"]);
        assert_eq!(position.average.realized_currency_base.unwrap().round_dp(2), decimal("-3.33"));
        assert_eq!((position.fifo.cost, position.fifo.realized), (Some(decimal("5500")), Some(decimal("1000"))));
    }

    #[test]
    fn a_repurchase_after_a_partial_sale_uses_the_current_average() {
        let trades = vec![
            buy("2020-01-01", "A", "10", "100"),
            sell("2020-01-02", "A", "5", "120"),
            buy("2020-01-03", "A", "5", "200"),
            sell("2020-01-04", "A", "5", "210"),
        ];
        assert_eq!(books(only(&ledger("EUR", trades))), ["1000", "650", "750", "400"]);
    }

    #[test]
    fn a_sale_of_half_leaves_the_dearer_half_by_fifo() {
        let trades =
            vec![buy("2020-01-01", "A", "100", "10"), buy("2020-01-02", "A", "100", "20"), sell("2020-01-03", "A", "100", "25")];
        assert_eq!(books(only(&ledger("EUR", trades))), ["2000", "1500", "1500", "1000"]);
    }

    #[test]
    fn fees_lower_what_a_trade_gains() {
        let trades = vec![
            buy("2022-03-07", "NOVN", "2", "75.8").with_fee("2.95"),
            sell("2022-04-08", "NOVN", "1", "85.73").with_fee("1.30"),
        ];
        let ledger = ledger("EUR", trades);
        let position = only(&ledger);
        let unrealized = decimal("87.8") - position.fifo.cost_base;
        assert_eq!(position.fifo.realized_base + unrealized, decimal("17.68"));
        assert_eq!(position.average.realized_base + decimal("87.8") - position.average.cost_base, decimal("17.68"));
    }

    #[test]
    fn a_split_changes_units_and_never_cost() {
        let trades = vec![
            buy("2020-01-01", "A", "10", "100"),
            activity(Split, "2020-01-02", "A", "2", "0"),
            sell("2020-01-03", "A", "5", "60"),
        ];
        let ledger = ledger("EUR", trades);
        assert_eq!(only(&ledger).quantity, decimal("15"));
        assert_eq!(books(only(&ledger)), ["750", "50", "750", "50"]);
        assert_eq!(only(&ledger).trades[0].quantity, decimal("20"));
    }

    #[test]
    fn a_split_and_its_reverse_leave_what_was_bought() {
        for third in ["0.3333333333333333333333333333", "0.333333", "0.33333333333"] {
            let entries = vec![
                buy("2020-01-01", "A", "119", "10"),
                activity(Split, "2020-01-02", "A", "3", "0"),
                activity(Split, "2020-01-03", "A", third, "0"),
                sell("2020-01-04", "A", "119", "10"),
            ];
            let ledger = ledger("EUR", entries);
            assert!(ledger.missing.is_empty(), "{third}: {:?}", ledger.missing);
            assert_eq!((only(&ledger).quantity, only(&ledger).lots.len()), (Decimal::ZERO, 0), "{third}");
        }
    }

    #[test]
    fn a_part_sold_after_a_reverse_split_leaves_an_exact_rest() {
        let entries = vec![
            buy("2020-01-01", "A", "100", "10"),
            buy("2020-01-01", "A", "20", "10"),
            activity(Split, "2020-01-02", "A", "0.142857142857", "0"),
            sell("2020-01-03", "A", "15", "10"),
            activity(Split, "2020-01-04", "A", "7", "0"),
        ];
        let ledger = ledger("EUR", entries);
        assert_eq!((only(&ledger).quantity, only(&ledger).lots[0].quantity), (decimal("15"), decimal("15")));
    }

    #[test]
    fn ten_splits_of_three_and_back_leave_what_was_bought() {
        let split = |day: usize, ratio: &str| activity(Split, &format!("2020-01-{day:02}"), "A", ratio, "0");
        let mut entries = vec![buy("2020-01-01", "A", "119", "10")];
        entries.extend((2..12).map(|day| split(day, "0.333333333333")));
        entries.extend((12..22).map(|day| split(day, "3")));
        assert_eq!(only(&ledger("EUR", entries)).quantity, decimal("119"));
    }

    #[test]
    fn thirds_close_to_exactly_zero() {
        let (third, two_thirds) = ("0.3333333333333333333333333333", "0.6666666666666666666666666667");
        let trades = vec![
            buy("2020-01-01", "A", third, "408"),
            buy("2020-01-02", "A", two_thirds, "400"),
            sell("2020-01-03", "A", "1", "410"),
        ];
        let ledger = ledger("EUR", trades);
        let position = only(&ledger);
        assert_eq!(position.quantity, Decimal::ZERO);
        assert_eq!((position.fifo.cost_base, position.average.cost_base), (Decimal::ZERO, Decimal::ZERO));
        assert!(position.lots.is_empty());
    }

    #[test]
    fn foreign_cash_keeps_its_average_cost() {
        let deposits = vec![
            activity(Deposit, "2023-12-31", "", "1000", "0").at_rate("USD", "0.85"),
            activity(Deposit, "2024-12-31", "", "1000", "0").at_rate("USD", "0.90"),
            activity(Withdrawal, "2025-01-01", "", "500", "0").at_rate("USD", "0.91"),
        ];
        let ledger = ledger("CHF", deposits);
        let account = &ledger.cash[&Currency::USD];
        assert_eq!(account.amount, decimal("1500"));
        assert_eq!((account.cost_base, account.realized_base), (decimal("1312.5"), decimal("17.5")));
    }

    #[test]
    fn a_balance_that_passes_zero_starts_over_as_a_debt() {
        let ledger = ledger(
            "CHF",
            vec![
                activity(Deposit, "2024-01-01", "", "100", "0").at_rate("USD", "0.8"),
                activity(Withdrawal, "2024-01-02", "", "150", "0").at_rate("USD", "0.9"),
                activity(Deposit, "2024-01-03", "", "50", "0").at_rate("USD", "0.7"),
            ],
        );
        let account = &ledger.cash[&Currency::USD];
        assert_eq!((account.amount, account.cost_base), (Decimal::ZERO, Decimal::ZERO));
        assert_eq!(account.realized_base, decimal("20"));
    }

    #[test]
    fn more_than_held_is_flagged_and_only_the_held_part_sold() {
        let trades = vec![buy("2020-01-01", "A", "3", "10"), sell("2020-01-02", "A", "4", "20").with_fee("4")];
        let ledger = ledger("EUR", trades);
        assert_eq!(ledger.missing, BTreeMap::from([(ActivityId(2), decimal("1"))]));
        assert_eq!(books(only(&ledger)), ["0", "27", "0", "27"]);
        assert_eq!(ledger.cash[&Currency::EUR].amount, decimal("27"));
    }

    #[test]
    fn a_sale_of_nothing_held_moves_nothing() {
        let ledger = ledger("EUR", vec![sell("2020-01-02", "A", "4", "20")]);
        assert_eq!(ledger.missing[&ActivityId(1)], decimal("4"));
        assert!(ledger.positions.is_empty() && ledger.cash.is_empty());
    }

    #[test]
    fn pence_are_folded_as_pounds_at_the_activity_s_own_rate() {
        let bought = buy("2020-01-01", "VOD.L", "100", "7250").with_fee("1000").with_tax("500").at_rate("GBp", "1.2");
        let ledger = ledger("EUR", vec![bought]);
        let lot = &only(&ledger).lots[0];
        assert_eq!((lot.currency, lot.cost, lot.cost_base), (Currency::GBP, decimal("7265"), decimal("8718")));
        assert_eq!(ledger.cash[&Currency::GBP].amount, decimal("-7265"));
    }

    #[test]
    fn the_base_currency_s_rate_is_one_whatever_was_stored() {
        let ledger = ledger("GBP", vec![buy("2020-01-01", "A", "1", "500").at_rate("GBp", "7")]);
        assert_eq!(only(&ledger).fifo.cost_base, decimal("5"));
    }

    #[test]
    fn income_is_gross_and_its_charges_count_separately() {
        let entries = vec![
            activity(Deposit, "2020-01-01", "", "1000", "0"),
            activity(Dividend, "2020-01-02", "A", "100", "0").with_fee("1").with_tax("25"),
            activity(Interest, "2020-01-03", "", "10", "0").with_tax("2"),
            activity(Fee, "2020-01-04", "", "5", "0"),
            activity(Tax, "2020-01-05", "", "7", "0"),
            activity(Withdrawal, "2020-01-06", "", "50", "0").with_fee("2"),
        ];
        let ledger = ledger("EUR", entries);
        assert_eq!((ledger.income_base, ledger.fees_base, ledger.taxes_base), (decimal("110"), decimal("8"), decimal("34")));
        assert_eq!((ledger.money_in_base, ledger.money_out_base), (decimal("1000"), decimal("50")));
        assert_eq!(ledger.cash[&Currency::EUR].amount, decimal("1018"));
        assert!(ledger.cash_tracked());
        assert_eq!(ledger.positions[&ticker("A")].income_base, decimal("100"));
    }

    #[test]
    fn trades_in_two_currencies_leave_the_local_figures_unknown() {
        let trades = vec![
            buy("2020-01-01", "A", "1", "10"),
            buy("2020-01-02", "A", "1", "10").at_rate("USD", "0.9"),
            sell("2020-01-03", "A", "1", "20"),
        ];
        let ledger = ledger("EUR", trades);
        let position = only(&ledger);
        assert_eq!((position.currency, position.fifo.cost, position.average.realized), (None, None, None));
        assert_eq!((position.fifo.cost_base, position.fifo.realized_base), (decimal("9"), decimal("10")));
    }

    #[test]
    fn activities_are_folded_in_order_of_time_then_number() {
        let trades = vec![sell("2020-01-02", "A", "1", "20"), buy("2020-01-01", "A", "1", "10")];
        assert!(ledger("EUR", trades).missing.is_empty());
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let without_ticker = Activity { ticker: None, ..buy("2020-01-01", "A", "1", "1") };
        let cases = [
            (without_ticker, FoldReason::TickerMissing),
            (buy("2020-01-01", "A", "0", "1"), FoldReason::QuantityNotPositive),
            (activity(Split, "2020-01-01", "A", "-2", "0"), FoldReason::QuantityNotPositive),
            (buy("2020-01-01", "A", "1", "-1"), FoldReason::PriceNegative),
            (buy("2020-01-01", "A", "1", "1").at_rate("USD", "0"), FoldReason::RateNotPositive),
            (activity(Deposit, "2020-01-01", "", "-1", "0"), FoldReason::AmountNegative),
        ];
        for (entry, reason) in cases {
            assert_eq!(ledger_of("EUR", vec![entry]), Err(FoldError { activity: ActivityId(1), reason }));
        }
    }

    #[test]
    fn an_overflow_names_its_activity() {
        let huge = "70000000000000000000000000000";
        let refusal = ledger_of("EUR", vec![buy("2020-01-01", "A", "1", "1"), buy("2020-01-02", "A", huge, huge)]);
        let error = refusal.unwrap_err();
        assert_eq!(error.reason, FoldReason::Arithmetic(ArithmeticError::Overflow));
        assert_eq!(error.to_string(), "activity 2: the amount is too large to hold exactly");
    }

    proptest! {
        #[test]
        fn money_in_less_out_plus_gains_is_what_is_left(activities in any_activities()) {
            let (owed, left) = identity(&ledger("EUR", activities));
            prop_assert!((owed - left).abs() <= decimal("0.000000000000001"), "{owed} {left}");
        }

        #[test]
        fn the_identity_is_exact_where_nothing_is_divided(mut activities in any_activities()) {
            activities.retain(|entry| !entry.kind.takes_units());
            for entry in &mut activities {
                entry.converted = true;
            }
            let (owed, left) = identity(&ledger("EUR", activities));
            prop_assert_eq!(owed, left);
        }

        #[test]
        fn closing_leaves_exactly_zero(activities in any_activities()) {
            let mut activities = activities;
            let held = ledger("EUR", activities.clone());
            for position in held.positions.values().filter(|position| !position.quantity.is_zero()) {
                let (name, quantity) = (position.ticker.as_str(), position.quantity.abs().to_string());
                let close = if position.quantity.is_sign_negative() { buy } else { sell };
                activities.push(close("2030-01-01", name, &quantity, "7"));
            }
            for position in ledger("EUR", activities).positions.values() {
                prop_assert_eq!(position.quantity, Decimal::ZERO);
                prop_assert_eq!(position.fifo.cost_base, Decimal::ZERO);
                prop_assert_eq!(position.average.cost_base, Decimal::ZERO);
                prop_assert!(position.lots.is_empty());
            }
        }

        #[test]
        fn both_methods_gain_the_same_in_total(activities in any_activities()) {
            for position in ledger("EUR", activities).positions.values() {
                let fifo = position.fifo.realized_base - position.fifo.cost_base;
                let average = position.average.realized_base - position.average.cost_base;
                prop_assert!((fifo - average).abs() <= decimal("0.000000000000001"));
            }
        }

        #[test]
        fn the_order_of_entry_does_not_matter(activities in any_activities()) {
            let numbered: Vec<Activity> =
                (1..).map(ActivityId).zip(activities).map(|(id, activity)| Activity { id, ..activity }).collect();
            let reversed: Vec<Activity> = numbered.iter().rev().cloned().collect();
            prop_assert_eq!(fold(Currency::EUR, &numbered), fold(Currency::EUR, &reversed));
        }
    }
}
