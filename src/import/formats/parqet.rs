//! Parqet: its export of activities. An amount is unsigned, before the fee and the tax beside it; a tax below zero was given back.

use rust_decimal::Decimal;

use super::kinds::class_named;
use super::reckoning::booked_price;
use super::settled::{checked, with_money};
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::Fault;
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::table::{Column, Line};

use ActivityKind::{Buy, Deposit, Dividend, Fee, Interest, Sell, Tax, Withdrawal};

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "parqet",
    reader: Reader::Table(TableFormat {
        header: &[TIME, PRICE, UNITS, AMOUNT, TAX, FEE, KIND, CLASS, IDENTIFIER, CURRENCY, NAME],
        numbers: &[PRICE, UNITS, AMOUNT, TAX, FEE],
        dates: &[TIME],
        decimal: None,
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

const TIME: Column = &["datetime"];
const PRICE: Column = &["price"];
const UNITS: Column = &["shares"];
const AMOUNT: Column = &["amount"];
const TAX: Column = &["tax"];
const FEE: Column = &["fee"];
const KIND: Column = &["type"];
const CLASS: Column = &["assettype"];
const IDENTIFIER: Column = &["identifier"];
const WKN: Column = &["wkn"];
const CURRENCY: Column = &["currency"];
const NAME: Column = &["holdingname"];

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let word = line.optional(KIND).ok_or_else(|| Fault::Missing(line.named(KIND)))?;
    let is_cash = line.text(CLASS).eq_ignore_ascii_case("cash");
    match word.to_lowercase().as_str() {
        "buy" => trade(line, Buy).map(Fate::from),
        "sell" => trade(line, Sell).map(Fate::from),
        "dividend" => money(line, Dividend),
        "interest" => money(line, Interest),
        "transferin" if !is_cash => {
            with_money(trade(line, Buy)?, ActivityKind::Deposit, None, &line.named(AMOUNT)).map(Fate::Entries)
        }
        "transferout" if !is_cash => {
            with_money(trade(line, Sell)?, ActivityKind::Withdrawal, None, &line.named(AMOUNT)).map(Fate::Entries)
        }
        "transferin" | "deposit" => money(line, Deposit),
        "transferout" | "withdrawal" => money(line, Withdrawal),
        "fee" | "fees" | "cost" => money(line, Fee),
        "tax" | "taxes" => money(line, Tax),
        _ => Err(Fault::UnknownKind(word.to_owned())),
    }
}

fn instrument(line: Line<'_>) -> Result<Named, Fault> {
    let named = Named::of(line.optional(IDENTIFIER), None, line.optional(NAME));
    let named = named.or_else(|| line.optional(WKN).and_then(Named::symbol));
    let class = line.optional(CLASS).and_then(class_named);
    named.map(|named| Named { class, ..named }).ok_or_else(|| Fault::Missing(line.named(IDENTIFIER)))
}

fn entry(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    Ok(Entry {
        instrument: if kind.figures().ticker { Some(instrument(line)?) } else { None },
        fee: line.number_or_zero(FEE)?,
        tax: line.number_or_zero(TAX)?,
        currency: Some(line.currency(CURRENCY)?),
        ..Entry::new(kind, line.when(TIME)?)
    })
}

fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let quantity = line.number(UNITS)?.abs();
    if quantity.is_zero() {
        return Err(Fault::Senseless(line.named(UNITS)));
    }
    let price = booked_price(line.optional_number(PRICE)?, quantity, line.number(AMOUNT)?.abs(), &line.named(AMOUNT))?;
    Ok(Entry { quantity, price, ..entry(line, kind)? })
}

fn money(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let amount = line.number(AMOUNT)?;
    if amount.is_zero() || (amount < Decimal::ZERO && !kind.takes_money()) {
        return Err(Fault::Senseless(line.named(AMOUNT)));
    }
    let entry = entry(line, kind)?;
    // What a fee or a tax costs may stand in its own column as well.
    let is_charge = matches!(kind, Fee | Tax);
    let (fee, tax) = if is_charge { (Decimal::ZERO, Decimal::ZERO) } else { (entry.fee, entry.tax) };
    checked(Entry { amount: amount.abs(), fee, tax, ..entry }, &line.named(FEE)).map(Fate::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::faults::Skip;
    use crate::import::reading::Choices;
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn amounts_are_before_charges() {
        let header = "\"datetime\";\"date\";\"price\";\"shares\";\"amount\";\"tax\";\"fee\";\"type\";\"assettype\";\"identifier\";\"currency\";\
            \"holdingname\"; \n";
        let text = "\"2023-02-01T08:00:00.000Z\";\"01.02.2023\";30,5;4;122;0;1,5;\"Buy\";\"Security\";\"CH0038863350\";\"EUR\";\"Nestle\"; \n\
            \"2023-02-02T08:00:00.000Z\";\"02.02.2023\";31;1;31;-0,4;1;\"Sell\";\"Security\";\"CH0038863350\";\"EUR\";\"Nestle\"; \n\
            \"2023-02-03T08:00:00.000Z\";\"03.02.2023\";32;2;64;0;0;\"TransferIn\";\"Security\";\"CH0038863350\";\"EUR\";\"Nestle\"; \n\
            ;;;;;;;;;;; \n\
            \"2023-02-05T08:00:00.000Z\";\"05.02.2023\";0;0;0;0;0;\"Buy\";\"Security\";\"CH0038863350\";\"EUR\";\"Nestle\"; \n\
            \"2023-02-06T08:00:00.000Z\";\"06.02.2023\";1;1;1;0;0;\"Lend\";\"Security\";\"CH0038863350\";\"EUR\";\"Nestle\"; \n";
        let reading = crate::import::read(format!("{header}{text}").as_bytes(), &Choices::default()).unwrap();
        assert_eq!(reading.format, "parqet");
        let all: Vec<_> = entries(&reading).iter().map(|entry| (entry.kind, entry.price, entry.fee, entry.tax)).collect();
        let [none, zero] = [Decimal::ZERO; 2];
        assert_eq!(
            all,
            [
                (Buy, decimal("30.5"), decimal("1.5"), zero),
                (Sell, decimal("31"), decimal("1"), decimal("-0.4")),
                (Deposit, none, zero, zero),
                (Buy, decimal("32"), zero, zero)
            ]
        );
        assert_eq!(skips(&reading), [(5, Skip::Blank)]);
        let expected = [(6, Fault::Senseless("shares".to_owned())), (7, Fault::UnknownKind("Lend".to_owned()))];
        assert_eq!(faults(&reading), expected);
    }

    #[test]
    fn the_sample_gives_its_figures() {
        let Some(reading) = read_as("ok/parqet-activities.csv", "parqet") else { return };
        assert_eq!((reading.rows.len(), faults(&reading), skips(&reading)), (27, vec![], vec![]));
        assert_eq!((count(&reading, Buy), count(&reading, Dividend), count(&reading, Sell)), (18, 7, 2));
        let held = [("DE0008404005", "-6"), ("IE00BM67HT60", "3.11257"), ("IL0011582033", "-14"), ("LU2089238203", "105.232424")];
        assert_eq!(units(&reading), held.map(|(name, units)| (name.to_owned(), decimal(units))).into());
        assert_eq!(sum(&reading, Dividend, "EUR"), decimal("140.94"));
        let sale = entries(&reading).into_iter().find(|entry| entry.kind == Sell).unwrap();
        assert_eq!((sale.price, sale.fee, sale.tax), (decimal("263"), decimal("1"), decimal("14.83")));
    }
}
