//! Figures that readers compute: what may not fit is a fault of the row, and prices fit the money that moved.

use rust_decimal::Decimal;

use crate::domain::activity::ActivityKind;
use crate::import::entry::Entry;
use crate::import::faults::Fault;

/// How many decimals a computed price keeps.
const DECIMALS_OF_A_PRICE: u32 = 10;

fn or_senseless(figure: Option<Decimal>, column: &str) -> Result<Decimal, Fault> {
    figure.ok_or_else(|| Fault::Senseless(column.to_owned()))
}

/// Returns `first × second`; of a product that does not fit, a fault of a column.
pub fn product(first: Decimal, second: Decimal, column: &str) -> Result<Decimal, Fault> {
    or_senseless(first.checked_mul(second), column)
}

/// Returns `first + second`; of a sum that does not fit, a fault of a column.
pub fn sum(first: Decimal, second: Decimal, column: &str) -> Result<Decimal, Fault> {
    or_senseless(first.checked_add(second), column)
}

/// Returns `first / second`, rounded as a price; by zero it is a fault of a column.
pub fn quotient(first: Decimal, second: Decimal, column: &str) -> Result<Decimal, Fault> {
    or_senseless(first.checked_div(second).map(|figure| figure.round_dp(DECIMALS_OF_A_PRICE).normalize()), column)
}

/// Returns the price that is written, where units at it are the money that moved before charges, to the hundredth that a booking is rounded
/// to; else what the money says.
///
/// ```
/// use foliostream::import::formats::figures::price;
/// use rust_decimal::Decimal;
/// let [three, written, money] = [Decimal::from(3), Decimal::new(3333, 3), Decimal::new(1000, 2)];
/// assert_eq!(price(Some(written), three, money, "price"), Ok(written));
/// assert_eq!(price(Some(Decimal::ONE), three, money, "price"), Ok(Decimal::new(33_333_333_333, 10)));
/// ```
pub fn price(written: Option<Decimal>, units: Decimal, money: Decimal, column: &str) -> Result<Decimal, Fault> {
    let hundredth = Decimal::new(1, 2);
    let fits = |price: &Decimal| {
        let gap = price.checked_mul(units).and_then(|worth| worth.checked_sub(money));
        gap.is_some_and(|gap| gap.abs() <= hundredth)
    };
    match written.map(|price| price.abs()).filter(fits) {
        Some(price) => Ok(price),
        None => quotient(money, units, column),
    }
}

/// Returns an entry as it is, where what it gives back may be given back with its kind: a deposit costs something or nothing.
pub fn checked(entry: Entry, column: &str) -> Result<Entry, Fault> {
    let gives_back = entry.fee < Decimal::ZERO || entry.tax < Decimal::ZERO;
    let is_odd = gives_back && !entry.kind.figures().rebates;
    if is_odd { Err(Fault::Senseless(column.to_owned())) } else { Ok(entry) }
}

/// Returns what a delivery from elsewhere is: a deposit of its worth with charges, and the purchase for it.
pub fn delivered_in(purchase: Entry, column: &str) -> Result<Vec<Entry>, Fault> {
    paired(purchase, ActivityKind::Deposit, column)
}

/// Returns what a delivery to elsewhere is: the sale, and a withdrawal of what it brought.
pub fn delivered_out(sale: Entry, column: &str) -> Result<Vec<Entry>, Fault> {
    let mut entries = paired(sale, ActivityKind::Withdrawal, column)?;
    entries.reverse();
    Ok(entries)
}

/// Returns what units that were given for something earned are: the income, and the purchase for it.
pub fn earned(purchase: Entry, income: ActivityKind, column: &str) -> Result<Vec<Entry>, Fault> {
    paired(purchase, income, column)
}

/// Returns a trade behind an entry of the money that it moves. What moves no money, such as units that are worth nothing, stays alone.
fn paired(trade: Entry, kind: ActivityKind, column: &str) -> Result<Vec<Entry>, Fault> {
    let gross = product(trade.quantity, trade.price, column)?;
    let charges = sum(trade.fee, trade.tax, column)?;
    let signed = if trade.kind == ActivityKind::Sell { -charges } else { charges };
    let amount = sum(gross, signed, column)?;
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(Fault::Senseless(column.to_owned()));
    }
    if amount.is_zero() {
        return Ok(vec![trade]);
    }
    let money = Entry {
        amount: amount.normalize(),
        instrument: trade.instrument.clone().filter(|_| kind.figures().ticker),
        currency: trade.currency,
        exchange_rate: trade.exchange_rate,
        note: trade.note.clone(),
        // Two entries of one row are told apart.
        reference: trade.reference.as_ref().map(|reference| format!("{reference} {}", kind.word())),
        ..Entry::new(kind, trade.when)
    };
    Ok(vec![money, trade])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::dates::{DateForm, when};
    use crate::import::testing::decimal;

    fn trade(kind: ActivityKind, price: &str) -> Entry {
        let when = when("2024-05-06", DateForm::YearFirst, &jiff::tz::TimeZone::UTC).unwrap();
        let [quantity, price, fee] = [decimal("4"), decimal(price), decimal("1.5")];
        Entry { quantity, price, fee, reference: Some("program 7".to_owned()), ..Entry::new(kind, when) }
    }

    #[test]
    fn what_is_delivered_leaves_the_money_as_it_was() {
        let figures = |entries: Vec<Entry>| entries.into_iter().map(|entry| (entry.kind, entry.amount)).collect::<Vec<_>>();
        assert_eq!(
            figures(delivered_in(trade(ActivityKind::Buy, "25"), "price").unwrap()),
            [(ActivityKind::Deposit, decimal("101.5")), (ActivityKind::Buy, Decimal::ZERO)]
        );
        assert_eq!(
            figures(delivered_out(trade(ActivityKind::Sell, "25"), "price").unwrap()),
            [(ActivityKind::Sell, Decimal::ZERO), (ActivityKind::Withdrawal, decimal("98.5"))]
        );
        let earned = earned(trade(ActivityKind::Buy, "25"), ActivityKind::Interest, "price").unwrap();
        assert_eq!(earned[0].reference.as_deref(), Some("program 7 interest"));
    }

    #[test]
    fn what_does_not_fit_is_a_fault_of_its_column() {
        let fault = Err(Fault::Senseless("price".to_owned()));
        assert_eq!(product(Decimal::MAX, Decimal::TEN, "price"), fault);
        assert_eq!(sum(Decimal::MAX, Decimal::MAX, "price"), fault);
        assert_eq!(quotient(Decimal::ONE, Decimal::ZERO, "price"), fault);
        assert_eq!(price(None, Decimal::ZERO, Decimal::ONE, "price"), fault);
        assert!(delivered_out(trade(ActivityKind::Sell, "0.1"), "price").is_err());
        let rebate = |kind| checked(Entry { fee: decimal("-1"), ..trade(kind, "1") }, "price");
        assert!(
            rebate(ActivityKind::Interest).is_ok() && rebate(ActivityKind::Deposit) == Err(Fault::Senseless("price".to_owned()))
        );
        assert!(delivered_in(trade(ActivityKind::Buy, "79228162514264337593543950335"), "price").is_err());
    }
}
