//! What activities moved, in the portfolio's currency: the money of one, and the sums of many. The ledger's page adds up by these;
//! holdings and gains are folded elsewhere ([`position`](super::position)), by the same amounts and rates. Only a sale of more than is
//! held differs: here all of it moved money, there what was held of it, until the missing purchase is entered.

use rust_decimal::Decimal;

use super::activity::{Activity, ActivityKind};
use super::money::{ArithmeticError, Currency, Money, minus, plus, times};

/// What one activity moved, in the portfolio's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Units times price of a trade, or the amount, before fee and tax; never with the sign of the cash's direction. Of a fee that was
    /// paid back it is below zero.
    pub gross: Decimal,
    /// Fee and tax: those that came with it, or the activity itself where it is a fee or a tax.
    pub charges: Decimal,
    /// What the cash grew by: below zero where money went out.
    pub net: Decimal,
}

impl Flow {
    /// Converts an activity's figures at its own rate into `base`.
    ///
    /// A purchase of 2 units at US$ 100 with a fee of US$ 1, at 0.9 € for a dollar, has a gross of € 180, charges of € 0.90, and a net
    /// of −€ 180.90.
    pub fn of(activity: &Activity, base: Currency) -> Result<Self, ArithmeticError> {
        let rate = if activity.currency.major() == base { Decimal::ONE } else { activity.exchange_rate };
        let converted = |figure| times(Money::new(figure, activity.currency).in_major()?.amount, rate);
        let (gross, taken) = (converted(activity.gross()?)?, converted(activity.charges()?)?);
        Self::moved(activity.kind, activity.ticker.is_some(), gross, taken)
    }

    /// Returns what an activity moved in its own currency; pence count in pounds.
    pub fn own(activity: &Activity) -> Result<Self, ArithmeticError> {
        Self::of(activity, activity.currency.major())
    }

    /// Returns what figures of a kind move, with an instrument or without: `gross` before the fee and tax that came with it, which are
    /// `taken` together. What came or went in units moved no cash but those.
    pub fn moved(kind: ActivityKind, has_ticker: bool, gross: Decimal, taken: Decimal) -> Result<Self, ArithmeticError> {
        let is_in_kind = kind.stands_for_others() && kind.figures_with(has_ticker).quantity;
        let moved = match kind {
            ActivityKind::Split => Decimal::ZERO,
            _ if is_in_kind => Decimal::ZERO,
            kind if kind.takes_money() => -gross,
            _ => gross,
        };
        let is_charge = matches!(kind, ActivityKind::Fee | ActivityKind::Tax);
        let charges = if is_charge { plus(gross, taken)? } else { taken };
        Ok(Self { gross, charges, net: minus(moved, taken)? })
    }
}

/// What many activities moved, in the portfolio's currency: `net` is `deposits + income − bought − charges`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flows {
    /// Deposits less withdrawals.
    pub deposits: Decimal,
    /// Purchases less sales, before fees and taxes.
    pub bought: Decimal,
    /// Dividends and interest before tax.
    pub income: Decimal,
    /// Fees and taxes.
    pub charges: Decimal,
    /// What the cash grew by.
    pub net: Decimal,
}

impl Flows {
    /// Returns the sums with what one more activity moved. What came or went in units counts as paid in and bought, or as sold and
    /// paid out.
    pub fn with(self, activity: &Activity, flow: Flow) -> Result<Self, ArithmeticError> {
        use ActivityKind::{OpeningBalance, ReinvestedDividend, SpinOff, TransferIn, TransferOut};
        let mut sums = self;
        let in_kind = if activity.figures().quantity { flow.gross } else { Decimal::ZERO };
        match activity.kind {
            OpeningBalance | TransferIn => {
                sums.deposits = plus(sums.deposits, flow.gross)?;
                sums.bought = plus(sums.bought, in_kind)?;
            }
            TransferOut => {
                sums.deposits = minus(sums.deposits, flow.gross)?;
                sums.bought = minus(sums.bought, in_kind)?;
            }
            ReinvestedDividend | SpinOff => {
                sums.income = plus(sums.income, flow.gross)?;
                sums.bought = plus(sums.bought, flow.gross)?;
            }
            ActivityKind::Deposit => sums.deposits = plus(sums.deposits, flow.gross)?,
            ActivityKind::Withdrawal => sums.deposits = minus(sums.deposits, flow.gross)?,
            ActivityKind::Buy => sums.bought = plus(sums.bought, flow.gross)?,
            ActivityKind::Sell => sums.bought = minus(sums.bought, flow.gross)?,
            ActivityKind::Dividend | ActivityKind::Interest => sums.income = plus(sums.income, flow.gross)?,
            ActivityKind::Fee | ActivityKind::Tax | ActivityKind::Split => {}
        }
        sums.charges = plus(sums.charges, flow.charges)?;
        sums.net = plus(sums.net, flow.net)?;
        Ok(sums)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::position::fixture::activity;
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn charged(activity: Activity, fee: &str, tax: &str) -> Activity {
        Activity { fee: decimal(fee), tax: decimal(tax), ..activity }
    }

    fn dollars(activity: Activity, rate: &str) -> Activity {
        Activity { currency: Currency::USD, exchange_rate: decimal(rate), ..activity }
    }

    #[test]
    fn a_purchase_takes_its_price_and_its_charges_at_the_rate_of_its_day() {
        let buy = charged(dollars(activity(ActivityKind::Buy, "2026-11-02", "A", "2", "100"), "0.9"), "1", "0");
        let flow = Flow::of(&buy, Currency::EUR).unwrap();
        assert_eq!([flow.gross, flow.charges, flow.net], ["180", "0.9", "-180.9"].map(decimal));
    }

    #[test]
    fn a_fee_is_a_charge_itself_and_one_that_was_paid_back_brings_money() {
        let fee = |amount| Flow::of(&activity(ActivityKind::Fee, "2026-11-02", "", amount, "0"), Currency::EUR).unwrap();
        assert_eq!([fee("6").charges, fee("6").net], ["6", "-6"].map(decimal));
        assert_eq!([fee("-6").charges, fee("-6").net], ["-6", "6"].map(decimal));
    }

    #[test]
    fn a_dividend_in_pence_counts_in_pounds() {
        let dividend = activity(ActivityKind::Dividend, "2026-11-02", "SHEL.L", "3794", "0");
        let dividend =
            Activity { currency: "GBp".parse().unwrap(), exchange_rate: decimal("1.15"), ..charged(dividend, "0", "100") };
        let flow = Flow::of(&dividend, Currency::EUR).unwrap();
        assert_eq!([flow.gross, flow.charges, flow.net], ["43.631", "1.15", "42.481"].map(decimal));
        assert_eq!(Flow::own(&dividend).unwrap().net, decimal("36.94"));
    }

    proptest! {
        #[test]
        fn what_the_cash_grew_by_is_deposits_and_income_less_purchases_and_charges(
            drawn in prop::collection::vec((0..9_usize, 1..10_000_i64, 1..1_000_i64, 0..500_i64, 0..500_i64), 0..40)
        ) {
            let mut flows = Flows::default();
            for (kind, quantity, price, fee, tax) in drawn {
                let kind = ActivityKind::ALL[kind];
                let drawn = activity(kind, "2026-11-02", "A", &quantity.to_string(), &price.to_string());
                let drawn = Activity { fee: Decimal::new(fee, 2), tax: Decimal::new(tax, 2), ..dollars(drawn, "0.9") };
                flows = flows.with(&drawn, Flow::of(&drawn, Currency::EUR).unwrap()).unwrap();
            }
            prop_assert_eq!(flows.net, flows.deposits + flows.income - flows.bought - flows.charges);
        }
    }
}
