//! Centraal Beheer: the list of transactions of Dutch funds, which have names alone.

use super::reckoning::price_of_trade;
use crate::domain::activity::ActivityKind;
use crate::domain::instrument::AssetClass;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

const KIND: Column = &["soort"];
const FUND: Column = &["fondsnaam"];
const DATE: Column = &["transactiedatum"];
const UNITS: Column = &["aantal stukken"];
const PRICE: Column = &["koers"];
const FEE: Column = &["aankoopkosten"];
const TAX: Column = &["dividendbelasting"];
const DIRECTION: Column = &["af bij"];
const GROSS: Column = &["bruto bedrag (eur)"];
const NET: Column = &["netto bedrag (eur)"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "centraal_beheer",
    reader: Reader::Table(TableFormat {
        header: &[KIND, FUND, DATE, UNITS, PRICE, FEE, TAX, DIRECTION, GROSS, NET],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Comma),
        date: Some(DateForm::DayFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    match line.text(KIND).to_lowercase().as_str() {
        "aankoop" => trade(line, ActivityKind::Buy),
        "verkoop" => trade(line, ActivityKind::Sell),
        "dividend uitkering" => dividend(line),
        "overboeking" => transfer(line),
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

fn fund(line: Line<'_>) -> Result<Named, Fault> {
    let named = Named::of(None, None, line.optional(FUND)).ok_or_else(|| Fault::Missing(line.named(FUND)))?;
    Ok(Named { class: Some(AssetClass::Fund), currency: Some(Currency::EUR), ..named })
}

/// Reads a trade: a purchase takes the gross amount, of which its costs are a part, and a sale brings the net one.
fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let units = line.number(UNITS)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(UNITS)));
    }
    let moved = if kind == ActivityKind::Buy { GROSS } else { NET };
    let entry = Entry {
        instrument: Some(fund(line)?),
        quantity: units,
        fee: line.number_or_zero(FEE)?.abs(),
        currency: Some(Currency::EUR),
        ..Entry::new(kind, line.when(DATE)?)
    };
    let price = price_of_trade(&entry, line.optional_number(PRICE)?, line.number(moved)?.abs(), &line.named(moved))?;
    Ok(Entry { price, ..entry }.into())
}

fn dividend(line: Line<'_>) -> Result<Fate, Fault> {
    let amount = line.number(GROSS)?;
    if amount.is_zero() || amount.is_sign_negative() {
        return Err(Fault::Senseless(line.named(GROSS)));
    }
    let entry = Entry::of_amount(ActivityKind::Dividend, line.when(DATE)?, amount, Currency::EUR);
    Ok(Entry { instrument: Some(fund(line)?), tax: line.number_or_zero(TAX)?.abs(), ..entry }.into())
}

fn transfer(line: Line<'_>) -> Result<Fate, Fault> {
    let kind = match line.text(DIRECTION).to_lowercase().as_str() {
        "bij" => ActivityKind::Deposit,
        "af" => ActivityKind::Withdrawal,
        _ => return Err(Fault::UnknownKind(line.text(DIRECTION).to_owned())),
    };
    let amount = line.number(GROSS)?.abs();
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    Ok(Entry::of_amount(kind, line.when(DATE)?, amount, Currency::EUR).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn costs_are_part_of_the_gross_amount() {
        let text = "Boekdatum;Soort;Fondsnaam;Transactiedatum;Aantal stukken;Koers;Aankoopkosten;Dividendbelasting;Af Bij;Bruto bedrag (EUR);Netto bedrag (EUR);Naam;Rekeningnummer;Omschrijving\n\
            02/01/2024;Aankoop;Een Fonds;03/01/2024;2;50,00;0,50;;Af;100,50;100,00;X;Y;\n\
            02/01/2024;Overboeking;;03/01/2024;;;;;Af;10,00;;X;Y;\n\
            02/01/2024;Overboeking;;03/01/2024;;;;;Af;0,00;;X;Y;\n\
            02/01/2024;Ruil;;03/01/2024;;;;;Af;10,00;;X;Y;\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, gone] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!(
            (buy.price, buy.fee, buy.when.time.to_string().as_str()),
            (decimal("50"), decimal("0.5"), "2024-01-03T00:00:00Z")
        );
        assert_eq!((gone.kind, gone.amount), (ActivityKind::Withdrawal, decimal("10")));
        assert_eq!(
            (skips(&reading), faults(&reading)),
            (vec![(4, Skip::Nothing)], vec![(5, Fault::UnknownKind("Ruil".to_owned()))])
        );
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/centraalbeheer.csv", "centraal_beheer") else { return };
        let [_, dividend, buy, sell] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((dividend.amount, dividend.tax), (decimal("46.94"), decimal("7.04")));
        assert_eq!((buy.quantity, buy.price, buy.fee), (decimal("1.6597"), decimal("45.05"), decimal("0.23")));
        assert_eq!((sell.quantity * sell.price - sell.fee).round_dp(2), decimal("74.77"));
        assert_eq!((units(&reading).is_empty(), sum(&reading, ActivityKind::Deposit, "EUR")), (true, decimal("150")));
    }
}
