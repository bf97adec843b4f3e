//! Arithmetic with the figures of a row. A file may hold any figures: what does not fit a decimal is a fault of its row.

use std::collections::BTreeMap;
use std::iter;

use rust_decimal::Decimal;

use crate::domain::activity::ActivityKind;
use crate::domain::instrument::AssetClass;
use crate::domain::money::Currency;
use crate::import::dates::When;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::Fault;
use crate::import::numbers::{decimal_mark, number};
use crate::import::table::Line;

/// Returns what was reckoned, or a fault of a column where no decimal can hold it.
pub fn fit(reckoned: Option<Decimal>, column: &str) -> Result<Decimal, Fault> {
    reckoned.ok_or_else(|| Fault::Senseless(column.to_owned()))
}

/// Returns one figure times another.
pub fn times(figure: Decimal, other: Decimal, column: &str) -> Result<Decimal, Fault> {
    fit(figure.checked_mul(other), column)
}

/// Returns the sum of two figures.
pub fn plus(figure: Decimal, other: Decimal, column: &str) -> Result<Decimal, Fault> {
    fit(figure.checked_add(other), column)
}

/// Returns one figure less another.
pub fn minus(figure: Decimal, other: Decimal, column: &str) -> Result<Decimal, Fault> {
    fit(figure.checked_sub(other), column)
}

/// Returns one figure over another, as exactly as a decimal holds it.
pub fn over(figure: Decimal, other: Decimal, column: &str) -> Result<Decimal, Fault> {
    fit(figure.checked_div(other).map(|quotient| quotient.normalize()), column)
}

/// Decimals of a price that is made of money.
const DECIMALS: u32 = 10;

/// Returns the price that money makes of units, with ten decimals; below zero it is a fault of a column.
pub fn price_of(money: Decimal, units: Decimal, column: &str) -> Result<Decimal, Fault> {
    let price = over(money, units, column)?.round_dp(DECIMALS).normalize();
    if price.is_sign_negative() && !price.is_zero() { Err(Fault::Senseless(column.to_owned())) } else { Ok(price) }
}

/// Returns the price that is written, where units at it are as near to the money that moved as `tolerance`; else what the money makes.
pub fn price_within(
    written: Option<Decimal>,
    units: Decimal,
    moved: Decimal,
    tolerance: Decimal,
    column: &str,
) -> Result<Decimal, Fault> {
    if let Some(written) = written {
        let apart = minus(times(written, units, column)?, moved, column)?;
        if apart.abs() <= tolerance {
            return Ok(written);
        }
    }
    price_of(moved, units, column)
}

/// Returns the price that is written, where units at it are the money that moved before charges, to the hundredth that a booking is rounded
/// to; else what the money makes.
///
/// ```
/// use foliostream::import::formats::reckoning::booked_price;
/// use rust_decimal::Decimal;
/// let [three, written, money] = [Decimal::from(3), Decimal::new(3333, 3), Decimal::new(1000, 2)];
/// assert_eq!(booked_price(Some(written), three, money, "price"), Ok(written));
/// assert_eq!(booked_price(Some(Decimal::ONE), three, money, "price"), Ok(Decimal::new(33_333_333_333, 10)));
/// ```
pub fn booked_price(written: Option<Decimal>, units: Decimal, money: Decimal, column: &str) -> Result<Decimal, Fault> {
    price_within(written.map(|price| price.abs()), units, money, Decimal::new(1, 2), column)
}

/// Returns the price of one unit: the one that is written, unless the money that moved for the units contradicts it. `cent` is what amounts
/// are rounded to: two of them, a hundred-thousandth of the money and what the price's last figure makes of the units are no contradiction.
///
/// ```
/// use foliostream::import::formats::reckoning::price;
/// use rust_decimal::Decimal;
/// let (units, cent) = (Decimal::from(3), Decimal::new(1, 2));
/// assert_eq!(price(Some(Decimal::new(333, 2)), units, Decimal::TEN, cent, "price"), Ok(Decimal::new(333, 2)));
/// assert_eq!(price(Some(Decimal::TEN), units, Decimal::TEN, cent, "price"), Ok("3.3333333333".parse().expect("a decimal")));
/// ```
pub fn price(written: Option<Decimal>, units: Decimal, moved: Decimal, cent: Decimal, column: &str) -> Result<Decimal, Fault> {
    let Some(written) = written else { return price_of(moved, units, column) };
    let of_figures = times(Decimal::new(1, written.scale()), units, column)?;
    let of_money = times(moved.abs(), Decimal::new(1, 5), column)?;
    let tolerance = plus(times(cent, Decimal::TWO, column)?, plus(of_figures, of_money, column)?, column)?;
    price_within(Some(written), units, moved, tolerance, column)
}

/// Returns the price of a trade as [`price`] does, where money is rounded to hundredths and the charges are those of the entry: a purchase
/// takes them besides the price of its units, a sale brings so much less.
pub fn price_of_trade(trade: &Entry, written: Option<Decimal>, net: Decimal, column: &str) -> Result<Decimal, Fault> {
    let charges = plus(trade.fee, trade.tax, column)?;
    let moved = if trade.kind == ActivityKind::Sell { plus(net, charges, column)? } else { minus(net, charges, column)? };
    price(written, trade.quantity, moved, Decimal::new(1, 2), column)
}

/// Tells entries apart whose references are alike, such as equal parts of one order: the second gets a 2, and so on.
pub fn numbered(rows: &mut [Row]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let Fate::Entries(entries) = &mut row.fate else { continue };
        for reference in entries.iter_mut().filter_map(|entry| entry.reference.as_mut()) {
            let count = counts.entry(reference.clone()).or_default();
            *count += 1;
            if *count > 1 {
                *reference = format!("{reference} {count}");
            }
        }
    }
}

/// Reads a number by the form that it shows itself, for files whose columns differ in it; else in the form of the file.
pub fn number_by_itself(line: Line<'_>, text: &str) -> Result<Decimal, Fault> {
    decimal_mark(iter::once(text)).map_or_else(|| line.number_of(text), |mark| number(text, mark))
}

/// Returns the currency that stands beside a number, such as `€` of `€1.50`; nothing where there is none.
pub fn currency_beside(text: &str) -> Option<Currency> {
    let beside = text
        .trim_matches(|character: char| character.is_ascii_digit() || character.is_whitespace() || ".,-+".contains(character));
    currency(beside).ok()
}

/// Returns a coin by its symbol.
pub fn coin(symbol: &str, quoted_in: Option<Currency>) -> Option<Named> {
    let named = Named::symbol(symbol)?;
    Some(Named { class: Some(AssetClass::Crypto), currency: quoted_in, ..named })
}

/// What the note of an entry says whose price no file tells.
pub const UNPRICED: &str = "The file tells no price.";

/// Returns a trade of a coin that came in or went out, and whose worth is not told: its price is zero, and its note says why.
pub fn unpriced(kind: ActivityKind, when: When, symbol: &str, units: Decimal, reference: Option<String>) -> Result<Fate, Fault> {
    if units <= Decimal::ZERO {
        return Err(Fault::Senseless("amount".to_owned()));
    }
    let note = Some(UNPRICED.to_owned());
    Ok(Entry { instrument: coin(symbol, None), quantity: units, note, reference, ..Entry::new(kind, when) }.into())
}

/// A trade of a coin for money, as places of trade for coins tell it.
#[derive(Clone, Debug)]
pub struct CoinTrade<'a> {
    /// The symbol of the coin.
    pub symbol: &'a str,
    /// How many were traded; below zero where they were sold.
    pub units: Decimal,
    /// What was charged in the coin.
    pub fee_in_units: Decimal,
    /// What was paid or came in for the units, without fees.
    pub worth: Decimal,
    /// What was charged in money.
    pub fee: Decimal,
    /// The currency of the money.
    pub currency: Currency,
}

impl CoinTrade<'_> {
    /// Returns its entry. A fee in the coin is units that were not credited, or were taken besides: it is told in money by the price.
    pub fn entry(&self, when: When, reference: Option<String>) -> Result<Entry, Fault> {
        let name = "amount";
        let (units, is_buy) = (self.units.abs(), self.units.is_sign_positive());
        let quantity = if is_buy { minus(units, self.fee_in_units, name)? } else { plus(units, self.fee_in_units, name)? };
        if quantity <= Decimal::ZERO {
            return Err(Fault::Senseless("fee".to_owned()));
        }
        let price = over(self.worth.abs(), units, name)?.round_dp(10);
        Ok(Entry {
            instrument: coin(self.symbol, Some(self.currency)),
            quantity,
            price,
            fee: plus(self.fee, times(self.fee_in_units, price, name)?, name)?,
            currency: Some(self.currency),
            reference,
            ..Entry::new(if is_buy { ActivityKind::Buy } else { ActivityKind::Sell }, when)
        })
    }
}

/// Returns an amount in another unit of the same currency, such as pence for pounds; nothing where it is another currency.
pub fn in_unit(amount: Decimal, from: Currency, to: Currency) -> Option<Decimal> {
    let is_same = from.major() == to.major();
    is_same.then(|| amount.checked_mul(to.units_per_major())?.checked_div(from.units_per_major())).flatten()
}

/// Currencies that places of trade for coins take. Some coins go by the codes of other currencies.
const MONEY: &str =
    "EUR USD GBP CHF AUD CAD JPY SEK NOK DKK PLN CZK HUF RON BGN TRY BRL NZD SGD HKD AED MXN INR ZAR KRW UAH ARS COP IDR";

/// Returns the currency that an asset of a place of trade for coins is; nothing where it is a coin.
pub fn money(asset: &str) -> Option<Currency> {
    let code = asset.trim().to_ascii_uppercase();
    MONEY.split(' ').any(|known| known == code).then(|| currency(&code).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::decimal;

    #[test]
    fn what_does_not_fit_is_a_fault_of_its_column() {
        let fault = Err(Fault::Senseless("total".to_owned()));
        assert_eq!(times(Decimal::MAX, Decimal::TWO, "total"), fault);
        assert_eq!(plus(Decimal::MAX, Decimal::MAX, "total"), fault);
        assert_eq!(minus(Decimal::MIN, Decimal::MAX, "total"), fault);
        assert_eq!(over(Decimal::ONE, Decimal::ZERO, "total"), fault);
        assert_eq!(price(None, Decimal::ZERO, Decimal::ONE, Decimal::ONE, "total"), fault);
        assert_eq!(price(None, Decimal::ONE, decimal("-1"), Decimal::ONE, "total"), fault);
    }

    #[test]
    fn pence_are_pounds_and_coins_are_no_money() {
        assert_eq!(in_unit(decimal("0.05"), Currency::GBP, Currency::GBX), Some(decimal("5")));
        assert_eq!(in_unit(decimal("1"), Currency::GBP, Currency::EUR), None);
        assert_eq!((money("eur"), money("TOP"), money("BTC")), (Some(Currency::EUR), None, None));
    }
}
