//! comdirect: its export of bookings, in which every account has a table of its own. That of the securities account says neither whether units
//! were bought or sold nor what it cost: the sign of the pieces says the one, and what the money is more than its units the other.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::reckoning::{booked_price, times};
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Record, Separator, Sheet, column_name, records};

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: "comdirect", reader: Reader::Text { recognise, read } };

const BOOKED: Column = &["buchungstag"];
const TRADED: Column = &["geschäftstag"];
const UNITS: Column = &["stück / nom."];
const NAME: Column = &["bezeichnung"];
const WKN: Column = &["wkn"];
const CURRENCY: Column = &["währung"];
const PRICE: Column = &["ausführungskurs"];
const MONEY: Column = &["umsatz in eur"];
const EVENT: Column = &["vorgang"];

fn recognise(text: &str) -> bool {
    let begin = text.trim_start_matches(['\u{feff}', ';', '\n', ' ']);
    begin.starts_with("\"Umsätze ") && text.contains("\"Buchungstag\"")
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let (records, _) = records(text, Some(Separator::Semicolon));
    let is_header = |record: &Record| record.cells.first().is_some_and(|cell| cell == "Buchungstag");
    let headers: Vec<usize> = records.iter().enumerate().filter(|(_, record)| is_header(record)).map(|(at, _)| at).collect();
    let mut rows = Vec::new();
    for (place, header) in headers.iter().enumerate() {
        let end = headers.get(place + 1).copied().unwrap_or(records.len());
        let (Some(names), Some(below)) = (records.get(*header), records.get(header + 1..end)) else { continue };
        let columns: Vec<String> = names.cells.iter().map(|cell| column_name(cell)).collect();
        let sheet = Sheet {
            columns: &columns,
            records: below,
            decimal: DecimalMark::Comma,
            date: Some(DateForm::DayFirst),
            zone: TimeZone::UTC,
        };
        rows.extend(sheet.rows(if sheet.has(UNITS) { security } else { cash }));
    }
    Ok(rows)
}

/// Whether a record is the title of the next table or its balance, which stand between two tables.
fn is_title(line: Line<'_>) -> bool {
    let first = line.at(0);
    ["Umsätze ", "Neuer Kontostand", "Alter Kontostand", "Keine Umsätze"].iter().any(|begin| first.starts_with(begin))
}

/// Reads a booking of an account of money or of a card, which is no part of a portfolio.
fn cash(line: Line<'_>) -> Result<Fate, Fault> {
    if is_title(line) {
        return Ok(Fate::Skipped(Skip::Footer));
    }
    let event = line.text(EVENT);
    let skip = match event {
        _ if line.text(BOOKED).eq_ignore_ascii_case("offen") => Skip::Pending,
        // The table of the securities account says the same, with its units.
        "Wertpapiere" => Skip::Detail,
        _ => Skip::NotKept(event.to_owned()),
    };
    Ok(Fate::Skipped(skip))
}

fn security(line: Line<'_>) -> Result<Fate, Fault> {
    if is_title(line) {
        return Ok(Fate::Skipped(Skip::Footer));
    }
    if line.text(BOOKED).eq_ignore_ascii_case("offen") {
        return Ok(Fate::Skipped(Skip::Pending));
    }
    let (units, money) = (line.number(UNITS)?, line.number(MONEY)?);
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(UNITS)));
    }
    // Money is told with the sign of its pieces; where it is not, it is unclear which of them counts.
    if !money.is_zero() && money.is_sign_negative() != units.is_sign_negative() {
        return Err(Fault::Senseless(line.named(MONEY)));
    }
    let kind = if units.is_sign_negative() { ActivityKind::Sell } else { ActivityKind::Buy };
    let (price, fee) = price_and_fee(line, kind, units.abs(), money.abs())?;
    let named = Named::of(line.optional(WKN), None, line.optional(NAME)).ok_or_else(|| Fault::Missing(line.named(NAME)))?;
    let when = if line.optional(TRADED).is_some() { line.when(TRADED)? } else { line.when(BOOKED)? };
    let quantity = units.abs();
    let currency = Some(Currency::EUR);
    Ok(Entry { instrument: Some(named), quantity, price, fee, currency, ..Entry::new(kind, when) }.into())
}

/// Returns the price and what the money is more, or of a sale less, than units at it. A price in another currency than the money, or one that
/// leaves charges below zero, gives way to the money alone.
fn price_and_fee(line: Line<'_>, kind: ActivityKind, units: Decimal, money: Decimal) -> Result<(Decimal, Decimal), Fault> {
    let is_in_euro = line.optional_currency(CURRENCY)?.is_none_or(|currency| currency == Currency::EUR);
    if let Some(written) = line.optional_number(PRICE)?.filter(|_| is_in_euro) {
        let worth = times(written.abs(), units, &line.named(PRICE))?;
        let charges = if kind == ActivityKind::Buy { money.checked_sub(worth) } else { worth.checked_sub(money) };
        if let Some(charges) = charges.filter(|charges| *charges >= Decimal::ZERO) {
            return Ok((written.abs(), charges.normalize()));
        }
    }
    Ok((booked_price(None, units, money, &line.named(MONEY))?, Decimal::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, units};

    fn of(text: &str) -> Reading {
        let begin = ";\n\"Umsätze Girokonto\";\"Zeitraum: 2023\";\n\"Neuer Kontostand\";\"5,00 EUR\";\n\n\
            \"Buchungstag\";\"Wertstellung (Valuta)\";\"Vorgang\";\"Buchungstext\";\"Umsatz in EUR\";\n\
            \"offen\";\"--\";\"Karte\";\"Brot\";\"-3,00\";\n\"02.01.2023\";\"02.01.2023\";\"Wertpapiere\";\"Kauf\";\"-1.210,90\";\n\
            \"03.01.2023\";\"03.01.2023\";\"Übertrag\";\"Lohn\";\"20,00\";\n\n\"Umsätze Depot\";\"Zeitraum: 2023\";\n\n\
            \"Buchungstag\";\"Geschäftstag\";\"Stück / Nom.\";\"Bezeichnung\";\"WKN\";\"Währung\";\"Ausführungskurs\";\"Umsatz in EUR\";\n";
        crate::import::read(format!("{begin}{text}").as_bytes(), &Choices::default()).unwrap()
    }

    #[test]
    fn every_table_of_a_file_is_read_and_charges_are_what_the_money_is_more() {
        let reading = of("\"04.01.2023\";\"02.01.2023\";\"40\";\"Nestle\";\"A0Q4DC\";\"EUR\";\"30,00\";\"1.210,90\";\n\
            \"05.01.2023\";\"03.01.2023\";\"-10\";\"Nestle\";\"A0Q4DC\";\"EUR\";\"31,00\";\"-305,00\";\n\
            \"06.01.2023\";\"04.01.2023\";\"2\";\"Apple\";\"865985\";\"USD\";\"120,00\";\"230,00\";\n");
        assert_eq!((reading.format, faults(&reading)), ("comdirect", vec![]));
        let all: Vec<_> = entries(&reading).iter().map(|entry| (entry.kind, entry.price, entry.fee)).collect();
        let row = |kind, price, fee| (kind, decimal(price), decimal(fee));
        let [buy, sell] = [ActivityKind::Buy, ActivityKind::Sell];
        assert_eq!(all, [row(buy, "30", "10.9"), row(sell, "31", "5"), row(buy, "115", "0")]);
        assert_eq!(entries(&reading)[0].when.time.to_string(), "2023-01-02T00:00:00Z");
        let kept_out = Skip::NotKept("Übertrag".to_owned());
        assert_eq!(skips(&reading), [(6, Skip::Pending), (7, Skip::Detail), (8, kept_out), (10, Skip::Footer)]);
    }

    #[test]
    fn what_is_unclear_in_the_securities_account_is_a_fault() {
        let reading = of("\"04.01.2023\";\"02.01.2023\";\"40\";\"Nestle\";\"A0Q4DC\";\"EUR\";\"30,00\";\"-1.210,90\";\n\
            \"04.01.2023\";\"02.01.2023\";\"0\";\"Nestle\";\"A0Q4DC\";\"EUR\";\"30,00\";\"1,00\";\n\
            \"04.01.2023\";\"32.01.2023\";\"1\";\"Nestle\";\"A0Q4DC\";\"EUR\";\"30,00\";\"30,00\";\n");
        let faults: Vec<_> = faults(&reading).into_iter().map(|(_, fault)| fault).collect();
        let column = |name: &str| Fault::Senseless(name.to_owned());
        assert_eq!(faults, [column("umsatz in eur"), column("stück / nom."), Fault::NotADate("32.01.2023".to_owned())]);
    }

    #[test]
    fn the_sample_gives_its_figures() {
        let Some(reading) = read_as("ok/comdirect-all-accounts.csv", "comdirect") else { return };
        assert_eq!((units(&reading)["716460"], faults(&reading)), (decimal("100"), vec![]));
        let [buy] = entries(&reading)[..] else { panic!() };
        assert_eq!(
            (buy.price, buy.fee, buy.when.time.to_string().as_str()),
            (decimal("51.91"), decimal("9.3"), "2020-04-14T00:00:00Z")
        );
        assert_eq!(buy.instrument.as_ref().unwrap().name.as_deref(), Some("SAP SE"));
    }
}
