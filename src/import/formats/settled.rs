//! What most programs mean by money that moved: the price that it makes, and the entries that one row stands for.

use rust_decimal::Decimal;

use super::reckoning::{plus, price_within, times};
use crate::domain::activity::ActivityKind;
use crate::import::entry::{Entry, Fate};
use crate::import::faults::{Fault, Skip};

/// By how much a written price and the money that moved may differ: half a hundredth, which is rounded away.
const ROUNDED: Decimal = Decimal::from_parts(5, 0, 0, false, 3);

/// Digits of a price that is made of an amount.
const DIGITS: u32 = 10;

/// Returns the price of a unit: the written one where, with the charges, it makes the money that moved, and else the one that does.
///
/// ```
/// use foliostream::domain::activity::ActivityKind;
/// use foliostream::import::formats::settled::price;
/// let number = |text: &str| text.parse().expect("a number");
/// let price = |written: &str, net: &str| price(ActivityKind::Buy, number("3"), Some(number(written)), Some(number(net)), number("1"));
/// assert_eq!(price("10", "-31"), Ok(number("10")));
/// assert_eq!(price("10", "-37"), Ok(number("12")), "the money counts");
/// ```
pub fn price(
    kind: ActivityKind,
    units: Decimal,
    written: Option<Decimal>,
    net: Option<Decimal>,
    charges: Decimal,
) -> Result<Decimal, Fault> {
    let units = units.abs();
    if units.is_zero() {
        return Err(Fault::Senseless("quantity".to_owned()));
    }
    let senseless = || Fault::Senseless("amount".to_owned());
    let written = written.map(|price| price.abs());
    let Some(net) = net else { return written.ok_or_else(|| Fault::Missing("price".to_owned())) };
    let charges = if kind == ActivityKind::Buy { -charges } else { charges };
    let gross = net.abs().checked_add(charges).ok_or_else(senseless)?;
    let price = price_within(written, units, gross, ROUNDED, "amount")?;
    // Nothing moved, and a price says that something should have.
    if net.is_zero() && written.is_some_and(|written| written != price) { Err(senseless()) } else { Ok(price) }
}

/// Returns the fee that a sale came to without a column for it. Nothing where no more is missing than was rounded away.
pub fn fee_of_sale(units: Decimal, price: Decimal, net: Decimal) -> Decimal {
    let fee = fee_within(ActivityKind::Sell, units, price, net);
    if fee >= ROUNDED { fee } else { Decimal::ZERO }
}

/// Returns the fee that is within the money of a trade: what a purchase came to above its units at their price, or a sale below them, up
/// to a hundredth of it.
pub fn fee_within(kind: ActivityKind, units: Decimal, price: Decimal, net: Decimal) -> Decimal {
    let fee = || {
        let gross = units.abs().checked_mul(price.abs())?;
        let below = gross.checked_sub(net.abs())?;
        let fee = if kind == ActivityKind::Sell { below } else { -below };
        let most = gross.checked_div(Decimal::ONE_HUNDRED)?;
        (fee > Decimal::ZERO && fee <= most).then(|| fee.normalize())
    };
    fee().unwrap_or_default()
}

/// Returns what a trade comes to: its units at their price, with the charges of a purchase and less those of a sale.
fn worth(trade: &Entry, column: &str) -> Result<Decimal, Fault> {
    let charges = plus(trade.fee, trade.tax, column)?;
    let charges = if trade.kind == ActivityKind::Sell { -charges } else { charges };
    Ok(plus(times(trade.quantity, trade.price, column)?, charges, column)?.round_dp(DIGITS).normalize())
}

/// Returns a trade with the money of the same row: a deposit before units that were delivered, a withdrawal after units that were taken
/// elsewhere, interest or a dividend before the purchase that it was spent on. The money is what the trade comes to, where none is told. Units
/// without a worth stand alone; a sale that costs more than it brings is a fault of a column.
pub fn with_money(trade: Entry, kind: ActivityKind, told: Option<Decimal>, column: &str) -> Result<Vec<Entry>, Fault> {
    let amount = told.filter(|told| !told.is_zero()).map_or_else(|| worth(&trade, column), |told| Ok(told.abs()))?;
    if amount.is_zero() {
        return Ok(vec![trade]);
    }
    if amount.is_sign_negative() {
        return Err(Fault::Senseless(column.to_owned()));
    }
    let money = beside(&trade, kind, amount);
    Ok(if kind.takes_money() { vec![trade, money] } else { vec![money, trade] })
}

/// Returns an entry as it is, where what it gives back may be given back with its kind: a deposit costs something or nothing.
pub fn checked(entry: Entry, column: &str) -> Result<Entry, Fault> {
    let gives_back = entry.fee < Decimal::ZERO || entry.tax < Decimal::ZERO;
    let is_odd = gives_back && !entry.kind.figures().rebates;
    if is_odd { Err(Fault::Senseless(column.to_owned())) } else { Ok(entry) }
}

/// Returns an entry of money of the same row, with a reference of its own.
pub fn beside(entry: &Entry, kind: ActivityKind, amount: Decimal) -> Entry {
    Entry {
        amount,
        currency: entry.currency,
        exchange_rate: entry.exchange_rate,
        instrument: entry.instrument.clone().filter(|_| kind.figures().ticker),
        note: entry.note.clone(),
        reference: entry.reference.as_ref().map(|reference| format!("{reference} {}", kind.word())),
        ..Entry::new(kind, entry.when)
    }
}

/// Returns an entry of money of one kind; nothing where none moved.
pub fn of_money(entry: Entry, kind: ActivityKind, amount: Decimal) -> Fate {
    if amount.is_zero() {
        return Fate::Skipped(Skip::Nothing);
    }
    let instrument = entry.instrument.filter(|_| kind.figures().ticker);
    Entry { kind, amount, instrument, ..entry }.into()
}

/// Returns money that came in or, below zero, went out.
pub fn moved(entry: Entry, amount: Decimal) -> Fate {
    let kind = if amount.is_sign_negative() { ActivityKind::Withdrawal } else { ActivityKind::Deposit };
    of_money(entry, kind, amount.abs())
}

/// Returns a fee or a tax by the money that moved: below zero it was paid, above it was given back.
pub fn charged(entry: Entry, kind: ActivityKind, amount: Decimal) -> Fate {
    of_money(entry, kind, -amount)
}

/// Returns interest by the money that moved: what was paid is a fee.
pub fn interest(entry: Entry, amount: Decimal) -> Fate {
    if amount.is_sign_negative() {
        charged(entry, ActivityKind::Fee, amount)
    } else {
        of_money(entry, ActivityKind::Interest, amount)
    }
}

/// Returns a dividend, which moves money to the portfolio and is of an instrument.
pub fn dividend(entry: Entry, amount: Decimal) -> Result<Fate, Fault> {
    if entry.instrument.is_none() {
        return Err(Fault::Missing("symbol".to_owned()));
    }
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(Fault::Senseless("amount".to_owned()));
    }
    Ok(of_money(entry, ActivityKind::Dividend, amount))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::import::dates::{DateForm, when};
    use crate::import::entry::Named;
    use crate::import::testing::decimal;

    fn buy(quantity: &str, price: &str) -> Entry {
        Entry {
            quantity: decimal(quantity),
            price: decimal(price),
            instrument: Named::symbol("A"),
            reference: Some("x 1".to_owned()),
            ..Entry::new(ActivityKind::Buy, when("2024-01-02", DateForm::YearFirst, &TimeZone::UTC).unwrap())
        }
    }

    fn figures(fate: Fate) -> Vec<(ActivityKind, Decimal, Option<String>)> {
        let Fate::Entries(entries) = fate else { panic!("no entries: {fate:?}") };
        entries.into_iter().map(|entry| (entry.kind, entry.amount, entry.reference)).collect()
    }

    #[test]
    fn a_price_that_contradicts_the_money_gives_way() {
        let sold = |written: Option<&str>, net: Option<&str>| {
            price(ActivityKind::Sell, decimal("-4"), written.map(decimal), net.map(decimal), decimal("0.5"))
        };
        assert_eq!(sold(Some("10"), Some("39.504")), Ok(decimal("10")), "rounded");
        assert_eq!(sold(Some("10"), Some("39.49")), Ok(decimal("9.9975")));
        assert_eq!(sold(None, Some("39.5")), Ok(decimal("10")));
        assert_eq!(sold(Some("10"), None), Ok(decimal("10")));
        assert_eq!(sold(None, None), Err(Fault::Missing("price".to_owned())));
        assert_eq!(sold(Some("10"), Some("0")), Err(Fault::Senseless("amount".to_owned())));
        let most = Decimal::MAX;
        assert!(price(ActivityKind::Buy, most, Some(most), Some(most), most).is_err());
        assert!(price(ActivityKind::Buy, decimal("1"), None, Some(decimal("1")), decimal("2")).is_err(), "below zero");
        assert!(price(ActivityKind::Buy, decimal("0"), None, None, decimal("0")).is_err());
    }

    #[test]
    fn what_a_sale_misses_is_its_fee_where_it_is_little() {
        let fee = |net: &str| fee_of_sale(decimal("4"), decimal("10"), decimal(net));
        assert_eq!(
            (fee("39.98"), fee("39.999"), fee("30"), fee("41")),
            (decimal("0.02"), decimal("0"), decimal("0"), decimal("0"))
        );
    }

    #[test]
    fn units_that_come_from_elsewhere_bring_the_money_for_them() {
        let money = |trade: Entry, kind| with_money(trade, kind, None, "price").map(Fate::Entries);
        let deposit = (ActivityKind::Deposit, decimal("20"), Some("x 1 deposit".to_owned()));
        let bought = (ActivityKind::Buy, decimal("0"), Some("x 1".to_owned()));
        assert_eq!(figures(money(buy("2", "10"), ActivityKind::Deposit).unwrap()), [deposit, bought.clone()]);
        assert_eq!(figures(money(buy("2", "0"), ActivityKind::Deposit).unwrap()), [bought]);
        let charged = Entry { tax: decimal("1.5"), ..buy("2", "10") };
        assert_eq!(figures(money(charged, ActivityKind::Interest).unwrap())[0].1, decimal("21.5"));
        let sale = |price| Entry { kind: ActivityKind::Sell, fee: decimal("1"), ..buy("2", price) };
        assert_eq!(figures(money(sale("10"), ActivityKind::Withdrawal).unwrap())[1].1, decimal("19"));
        assert_eq!(money(sale("0.1"), ActivityKind::Withdrawal), Err(Fault::Senseless("price".to_owned())));
        assert_eq!(
            with_money(buy("2", "10"), ActivityKind::Deposit, Some(decimal("-7")), "price").unwrap()[0].amount,
            decimal("7")
        );
        assert!(money(Entry { quantity: Decimal::MAX, ..buy("2", "10") }, ActivityKind::Deposit).is_err());
        let rebate = |kind| checked(Entry { fee: decimal("-1"), kind, ..buy("1", "1") }, "price").is_ok();
        assert!(rebate(ActivityKind::Interest) && !rebate(ActivityKind::Deposit));
    }

    #[test]
    fn money_is_of_the_kind_that_its_sign_says() {
        let kind = |fate: Fate| figures(fate)[0].0;
        assert_eq!(kind(moved(buy("1", "1"), decimal("-1"))), ActivityKind::Withdrawal);
        assert_eq!(figures(interest(buy("1", "1"), decimal("-3")))[0].1, decimal("3"));
        assert_eq!(figures(charged(buy("1", "1"), ActivityKind::Tax, decimal("3")))[0].1, decimal("-3"));
        assert_eq!(moved(buy("1", "1"), decimal("0")), Fate::Skipped(Skip::Nothing));
        assert!(dividend(buy("1", "1"), decimal("-1")).is_err());
        assert!(dividend(Entry { instrument: None, ..buy("1", "1") }, decimal("1")).is_err());
    }
}
