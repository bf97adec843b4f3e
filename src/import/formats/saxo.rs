//! Saxo: the list of transactions. Units and price of a trade stand in a text, and its fee is what moved besides.

use rust_decimal::Decimal;

use super::kinds::kind_named;
use super::reckoning::{minus, number_by_itself, over, price, times};
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::{DecimalMark, number};
use crate::import::table::{Column, Line};

const NAME: &str = "saxo";

const DATE: Column = &["trade date"];
const NAME_OF: Column = &["instrument"];
const ISIN: Column = &["instrument isin"];
const CURRENCY: Column = &["instrument currency"];
const SYMBOL: Column = &["instrument symbol"];
const EVENT: Column = &["event"];
const AMOUNT: Column = &["amount"];
const ORDER: Column = &["order id"];
const RATE: Column = &["conversion rate"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, NAME_OF, ISIN, CURRENCY, SYMBOL, EVENT, AMOUNT, RATE],
        numbers: &[AMOUNT],
        dates: &[],
        decimal: None,
        date: Some(DateForm::DayFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let amount = line.optional(AMOUNT).ok_or_else(|| Fault::Missing(line.named(AMOUNT)))?;
    let amount = number_by_itself(line, amount)?;
    let event = line.text(EVENT);
    if let Some(written) = trade_of(event)? {
        return trade(line, &written, amount.abs());
    }
    let words = event.to_lowercase();
    let kind = match kind_named(event) {
        Some(kind) => kind,
        None if words.contains("dividend") => ActivityKind::Dividend,
        None if words.contains("tax") || words.contains("vat") => ActivityKind::Tax,
        None if words.contains("fee") || words.contains("commission") => ActivityKind::Fee,
        None => return Err(Fault::UnknownKind(event.to_owned())),
    };
    cash(line, kind, amount)
}

/// A trade as its event tells it.
struct Trade {
    kind: ActivityKind,
    units: Decimal,
    price: Decimal,
    currency: Option<Currency>,
}

/// Reads `Buy 3 @ 139.74 USD`, whose numbers have a decimal point even where the amount has none.
fn trade_of(event: &str) -> Result<Option<Trade>, Fault> {
    let Some((before, after)) = event.split_once('@') else { return Ok(None) };
    let (word, units) = before.trim().split_once(' ').unwrap_or_default();
    let kind = kind_named(word).filter(|kind| kind.figures().price).ok_or_else(|| Fault::UnknownKind(event.to_owned()))?;
    let (price, code) = after.trim().split_once(' ').unwrap_or((after.trim(), ""));
    let units = number(units, DecimalMark::Point)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless("event".to_owned()));
    }
    Ok(Some(Trade { kind, units, price: number(price, DecimalMark::Point)?.abs(), currency: currency(code).ok() }))
}

/// Reads a trade. What is more than units and price is its fee; where less was paid, or more came in, the money tells the price.
fn trade(line: Line<'_>, written: &Trade, amount: Decimal) -> Result<Fate, Fault> {
    let Trade { kind, units, price: price_told, .. } = *written;
    let quoted_in = written.currency.map_or_else(|| line.currency(CURRENCY), Ok)?;
    let name = line.named(AMOUNT);
    let worth = times(units, price_told, &name)?;
    let amount = of_instrument(line, amount, worth)?;
    let more = if kind == ActivityKind::Buy { minus(amount, worth, &name)? } else { minus(worth, amount, &name)? };
    let (price, fee) = if more.is_sign_negative() {
        (price(Some(price_told), units, amount, Decimal::new(1, 2), &name)?, Decimal::ZERO)
    } else {
        (price_told, more)
    };
    let entry = Entry {
        instrument: Some(instrument(line, quoted_in)?),
        quantity: units,
        price,
        fee,
        currency: Some(quoted_in),
        ..blank(line, kind)?
    };
    Ok(entry.into())
}

/// Returns an amount in the currency of the instrument: some files have it in that of the account, which they do not name.
fn of_instrument(line: Line<'_>, amount: Decimal, worth: Decimal) -> Result<Decimal, Fault> {
    let name = line.named(RATE);
    let rate = match line.optional(RATE) {
        Some(text) => number_by_itself(line, text)?,
        None => Decimal::ONE,
    };
    if rate == Decimal::ONE || rate <= Decimal::ZERO {
        return Ok(amount);
    }
    let converted = over(amount, rate, &name)?.round_dp(10);
    let apart = |amount: Decimal| minus(amount, worth, &name).map(|apart| apart.abs());
    Ok(if apart(converted)? < apart(amount)? { converted } else { amount })
}

fn blank(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let reference = line.optional(ORDER).map(|id| format!("{NAME} {id}"));
    Ok(Entry { reference, ..Entry::new(kind, line.when(DATE)?) })
}

/// Returns the instrument, whose symbol has its market behind a colon.
fn instrument(line: Line<'_>, quoted_in: Currency) -> Result<Named, Fault> {
    let symbol = line.text(SYMBOL).split(':').next();
    let named = Named::of(symbol, line.optional(ISIN), line.optional(NAME_OF));
    Ok(Named { currency: Some(quoted_in), ..named.ok_or_else(|| Fault::Missing(line.named(SYMBOL)))? })
}

fn cash(line: Line<'_>, kind: ActivityKind, amount: Decimal) -> Result<Fate, Fault> {
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    let paid_in = line.currency(CURRENCY)?;
    let amount = if kind.takes_money() { -amount } else { amount };
    let may_be_negative = matches!(kind, ActivityKind::Fee | ActivityKind::Tax);
    if kind.figures().amount.is_none() || (amount.is_sign_negative() && !may_be_negative) {
        return Err(Fault::Senseless(line.named(AMOUNT)));
    }
    let instrument = if kind.figures().ticker { Some(instrument(line, paid_in)?) } else { None };
    Ok(Entry { instrument, amount, currency: Some(paid_in), ..blank(line, kind)? }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn the_fee_is_what_moved_besides() {
        let text = "Client ID,Trade Date,Value Date,Type,Instrument,Instrument ISIN,Instrument currency,Exchange Description,Instrument Symbol,Event,Amount,Order ID,Conversion Rate\n\
            1,02-Mrt-2024,04-Mar-2024,Trade,Example,US5949181045,USD,X,EXM:xnas,Buy 4 @ 100.50 USD,\"-405,00\",9,1\n\
            1,02-Mar-2024,04-Mar-2024,Trade,Example,US5949181045,USD,X,EXM:xnas,Sell 2 @ 100.00 USD,\"179,10\",10,\"0,9\"\n\
            1,03-Mar-2024,04-Mar-2024,Cash amount,,,USD,,,Custody Fee,\"-1,50\",,1\n\
            1,03-Mar-2024,04-Mar-2024,Cash amount,,,USD,,,Custody Fee,0,,1\n\
            1,03-Mar-2024,04-Mar-2024,Cash amount,,,USD,,,Barter,5,,1\n\
            1,03-Mar-2024,04-Mar-2024,Cash Transfer,,,USD,,,Withdrawal,5,,1\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, sell, fee] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.price, buy.fee, buy.reference.as_deref()), (decimal("100.50"), decimal("3"), Some("saxo 9")));
        assert_eq!(
            (sell.fee, fee.amount, buy.instrument.as_ref().unwrap().symbol.as_deref()),
            (decimal("1"), decimal("1.50"), Some("EXM"))
        );
        assert_eq!(skips(&reading), [(5, Skip::Nothing)]);
        assert_eq!(faults(&reading), [(6, Fault::UnknownKind("Barter".to_owned())), (7, Fault::Senseless("amount".to_owned()))]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/saxo-transactions.csv", NAME) else { return };
        assert_eq!((faults(&reading), reading.rows.len(), entries(&reading).len()), (vec![], 30, 30));
        assert_eq!((units(&reading)["VWRA"], units(&reading)["VUSA"]), (decimal("29"), decimal("1.5")));
        assert_eq!(entries(&reading).iter().filter(|entry| entry.fee == decimal("3.77")).count(), 4);
        assert_eq!(
            (sum(&reading, ActivityKind::Fee, "USD"), sum(&reading, ActivityKind::Dividend, "EUR")),
            (decimal("12.58"), decimal("2.29"))
        );
        assert!(entries(&reading).iter().all(|entry| !entry.fee.is_sign_negative() && entry.reference.is_none()));
    }
}
