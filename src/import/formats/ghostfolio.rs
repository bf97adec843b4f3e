//! Ghostfolio: its export, which is JSON, and the table that it imports.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;

use super::json;
use super::kinds::class_named;
use super::reckoning::times;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::{DateForm, When, when};
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::table::{Column, Line};

/// The export.
pub const FORMAT: Format = Format { name: "ghostfolio", reader: Reader::Text { recognise, read } };

/// The table that it imports.
pub const TABLE: Format = Format {
    name: "ghostfolio_csv",
    reader: Reader::Table(TableFormat {
        header: &[DATE, CODE, CURRENCY, PRICE, QUANTITY, ACTION, FEE],
        numbers: &[PRICE, QUANTITY, FEE],
        dates: &[DATE],
        decimal: None,
        date: Some(DateForm::DayFirst),
        zone: None,
        read: |sheet| sheet.rows(line),
    }),
};

const DATE: Column = &["date"];
const CODE: Column = &["code"];
const CURRENCY: Column = &["currency", "ccy"];
const PRICE: Column = &["price", "unitprice"];
const QUANTITY: Column = &["quantity", "qty"];
const ACTION: Column = &["action"];
const FEE: Column = &["fee"];
const NOTE: Column = &["note", "comment"];
const SOURCE: Column = &["datasource"];

/// The sources of prices that it knows.
const SOURCES: [&str; 10] = [
    "ALPHA_VANTAGE",
    "COINGECKO",
    "EOD_HISTORICAL_DATA",
    "FINANCIAL_MODELING_PREP",
    "GHOSTFOLIO",
    "GOOGLE_SHEETS",
    "MANUAL",
    "RAKUTEN",
    "RAPID_API",
    "YAHOO",
];

/// One activity, whichever file it stands in.
struct Activity<'a> {
    word: &'a str,
    source: Option<&'a str>,
    when: When,
    named: Option<Named>,
    quantity: Decimal,
    price: Decimal,
    fee: Decimal,
    currency: Currency,
    note: Option<&'a str>,
    id: Option<&'a str>,
}

impl Activity<'_> {
    fn fate(self) -> Result<Fate, Fault> {
        if self.source.is_some_and(|source| !SOURCES.iter().any(|known| known.eq_ignore_ascii_case(source))) {
            return Err(Fault::Senseless("dataSource".to_owned()));
        }
        for (figure, name) in [(self.quantity, "quantity"), (self.price, "unitPrice"), (self.fee, "fee")] {
            if figure < Decimal::ZERO {
                return Err(Fault::Senseless(name.to_owned()));
            }
        }
        let kind = match self.word.to_ascii_uppercase().as_str() {
            // What has no price anywhere, such as a house, was an item in older versions.
            "BUY" | "ITEM" => ActivityKind::Buy,
            "SELL" => ActivityKind::Sell,
            "DIVIDEND" => ActivityKind::Dividend,
            "INTEREST" => ActivityKind::Interest,
            "FEE" => ActivityKind::Fee,
            "LIABILITY" => return Ok(Fate::Skipped(Skip::NotKept(self.word.to_owned()))),
            _ => return Err(Fault::UnknownKind(self.word.to_owned())),
        };
        if self.quantity.is_zero() && self.price.is_zero() && self.fee.is_zero() {
            return Ok(Fate::Skipped(Skip::Nothing));
        }
        self.entry(kind).map(Fate::from)
    }

    fn entry(self, kind: ActivityKind) -> Result<Entry, Fault> {
        let figures = kind.figures();
        let worth = times(self.quantity, self.price, "unitPrice")?.normalize();
        let mut entry = Entry {
            currency: Some(self.currency),
            fee: self.fee,
            note: self.note.map(str::to_owned),
            reference: self.id.map(|id| format!("ghostfolio {id}")),
            ..Entry::new(kind, self.when)
        };
        if figures.ticker {
            entry.instrument = Some(self.named.ok_or_else(|| Fault::Missing("symbol".to_owned()))?);
        }
        if figures.quantity {
            if self.quantity.is_zero() {
                return Err(Fault::Senseless("quantity".to_owned()));
            }
            (entry.quantity, entry.price) = (self.quantity, self.price);
        } else if kind == ActivityKind::Fee {
            entry.amount = amount_of_fee(self.fee, worth)?;
            entry.fee = Decimal::ZERO;
        } else if worth.is_zero() {
            return Err(Fault::Senseless("quantity".to_owned()));
        } else {
            entry.amount = worth;
        }
        Ok(entry)
    }
}

/// Returns what a fee costs: it stands as a fee or, in older versions, as units at a price.
fn amount_of_fee(fee: Decimal, worth: Decimal) -> Result<Decimal, Fault> {
    match (fee.is_zero(), worth.is_zero()) {
        (false, true) => Ok(fee),
        (true, _) => Ok(worth),
        (false, false) if fee == worth => Ok(fee),
        (false, false) => Err(Fault::Senseless("fee".to_owned())),
    }
}

fn recognise(text: &str) -> bool {
    let has = |key: &str| text.contains(key);
    text.trim_start().starts_with('{') && (has("\"activities\"") || has("\"orders\"")) && has("\"unitPrice\"")
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let file = json::parse(text)?;
    let key = if file.get("activities").is_some() { "activities" } else { "orders" };
    let activities = file.get(key).and_then(Value::as_array).ok_or(Refusal::Broken(None))?;
    let profiles = profiles(&file);
    // What stands in the list and is no object is told by the line of the object before it.
    let (mut lines, mut line) = (json::lines(text, key).into_iter(), 1);
    let row = |activity: &Value| {
        if activity.is_object() {
            line = lines.next().unwrap_or(line);
        }
        Row { line, fate: object(activity, &profiles).unwrap_or_else(Fate::Refused) }
    };
    Ok(activities.iter().map(row).collect())
}

/// Returns the profiles of instruments by their symbols.
fn profiles(file: &Value) -> BTreeMap<&str, &Value> {
    let profiles = file.get("assetProfiles").and_then(Value::as_array);
    let by_symbol = |profile| json::text(profile, "symbol").map(|symbol| (symbol, profile));
    profiles.into_iter().flatten().filter_map(by_symbol).collect()
}

fn object(activity: &Value, profiles: &BTreeMap<&str, &Value>) -> Result<Fate, Fault> {
    let word = json::needed_text(activity, "type")?;
    let activity = Activity {
        word,
        source: json::text(activity, "dataSource"),
        when: when(json::needed_text(activity, "date")?, DateForm::YearFirst, &TimeZone::UTC)?,
        named: instrument(activity, profiles),
        quantity: json::needed_number(activity, "quantity")?,
        price: json::needed_number(activity, "unitPrice")?,
        fee: json::optional_number(activity, "fee")?.unwrap_or_default(),
        currency: json::needed_currency(activity, "currency")?,
        note: json::text(activity, "comment"),
        id: json::text(activity, "id"),
    };
    activity.fate()
}

/// Returns the instrument with what its profile says. The symbol of one that is priced by hand is a number of the program's own, and the
/// name is what tells it.
fn instrument(activity: &Value, profiles: &BTreeMap<&str, &Value>) -> Option<Named> {
    let symbol = json::text(activity, "symbol")?;
    let Some(profile) = profiles.get(symbol) else { return Named::symbol(symbol) };
    let is_manual = json::text(activity, "dataSource") == Some("MANUAL");
    let name = json::text(profile, "name");
    let named = Named::of(Some(symbol).filter(|_| !is_manual || name.is_none()), json::text(profile, "isin"), name)?;
    let class = |field: &str| json::text(profile, field).and_then(class_named);
    Some(Named {
        class: class("assetSubClass").or_else(|| class("assetClass")),
        currency: json::text(profile, "currency").and_then(|code| currency(code).ok()),
        ..named
    })
}

fn line(line: Line<'_>) -> Result<Fate, Fault> {
    let date = line.optional(DATE).ok_or_else(|| Fault::Missing(line.named(DATE)))?;
    // A year of two figures may be the day.
    if date.split(|character: char| !character.is_ascii_digit()).all(|figures| figures.len() < 4) {
        return Err(Fault::NotADate(date.to_owned()));
    }
    let activity = Activity {
        word: line.optional(ACTION).ok_or_else(|| Fault::Missing(line.named(ACTION)))?,
        source: line.optional(SOURCE),
        when: line.when_of(date)?,
        named: line.optional(CODE).and_then(Named::symbol),
        quantity: line.number(QUANTITY)?,
        price: line.number(PRICE)?,
        fee: line.number_or_zero(FEE)?,
        currency: line.currency(CURRENCY)?,
        note: line.optional(NOTE),
        id: None,
    };
    activity.fate()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{count, decimal, entries, faults, named, read_as, reading, skips, sum, units};

    fn of(text: &str) -> Reading {
        crate::import::read(text.as_bytes(), &Choices::default()).unwrap()
    }

    const EXPORT: &str = r#"{
  "assetProfiles": [{"symbol": "5a3c", "name": "Sailing boat", "currency": "SEK", "assetClass": "COMMODITY"},
    {"symbol": "VOLV-B.ST", "name": "Volvo", "isin": "SE0000115446", "assetSubClass": "STOCK", "currency": "SEK"}],
  "activities": [
    {"type": "BUY", "symbol": "VOLV-B.ST", "dataSource": "YAHOO", "date": "2024-03-04T09:15:00.000Z", "quantity": 12,
      "unitPrice": 250.5, "fee": 39, "currency": "SEK", "id": "7f", "comment": "first"},
    {"type": "DIVIDEND", "symbol": "VOLV-B.ST", "date": "2024-04-08T00:00:00.000Z", "quantity": 12, "unitPrice": 7.5, "fee": 0,
      "currency": "SEK"},
    {"type": "BUY", "symbol": "5a3c", "dataSource": "MANUAL", "date": "2024-05-01", "quantity": 1, "unitPrice": 9000, "currency": "SEK"},
    {"type": "FEE", "symbol": "5a3c", "dataSource": "MANUAL", "date": "2024-05-02", "quantity": 0, "unitPrice": 0, "fee": 15, "currency": "SEK"},
    {"type": "LIABILITY", "symbol": "loan", "date": "2024-05-03", "quantity": 1, "unitPrice": 80, "currency": "SEK"},
    {"type": "BUY", "symbol": "X", "date": "2050-05-03", "quantity": 0, "unitPrice": 0, "currency": "SEK"},
    {"type": "LEND", "symbol": "X", "date": "2024-05-03", "quantity": 1, "unitPrice": 1, "currency": "SEK"},
    {"type": "BUY", "symbol": "X", "dataSource": "TAROT", "date": "2024-05-03", "quantity": 1, "unitPrice": 1, "currency": "SEK"},
    {"type": "SELL", "symbol": "X", "date": "2024-05-03", "quantity": -1, "unitPrice": 1, "currency": "SEK"},
    7
  ]}"#;

    #[test]
    fn every_activity_of_an_export_is_an_entry_or_says_why_not() {
        let reading = of(EXPORT);
        assert_eq!(reading.format, "ghostfolio");
        let all = entries(&reading);
        let [buy, dividend, boat, fee] = all[..] else { panic!("{all:?}") };
        assert_eq!(
            (buy.quantity, buy.price, buy.fee, buy.reference.as_deref(), buy.note.as_deref()),
            (decimal("12"), decimal("250.5"), decimal("39"), Some("ghostfolio 7f"), Some("first"))
        );
        let volvo = buy.instrument.as_ref().unwrap();
        assert_eq!((volvo.isin.unwrap().as_str(), volvo.class), ("SE0000115446", class_named("stock")));
        assert_eq!((dividend.kind, dividend.amount), (ActivityKind::Dividend, decimal("90")));
        let boat = boat.instrument.as_ref().unwrap();
        assert_eq!((boat.symbol.as_ref(), named(boat).as_str()), (None, "Sailing boat"));
        assert_eq!((fee.kind, fee.amount, fee.fee), (ActivityKind::Fee, decimal("15"), Decimal::ZERO));
        assert_eq!(skips(&reading), [(11, Skip::NotKept("LIABILITY".to_owned())), (12, Skip::Nothing)]);
        assert_eq!(
            faults(&reading),
            [
                (13, Fault::UnknownKind("LEND".to_owned())),
                (14, Fault::Senseless("dataSource".to_owned())),
                (15, Fault::Senseless("quantity".to_owned())),
                (15, Fault::Missing("type".to_owned()))
            ]
        );
    }

    #[test]
    fn the_table_is_read_with_the_day_first_and_a_year_of_two_figures_is_refused() {
        let reading = of("Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note\n\
            03-04-2024,NESN.SW,YAHOO,CHF,95.25,4,buy,2.5,\n20240506,NESN.SW,YAHOO,CHF,3,4,dividend,0,paid\n\
            07/08/2024,Custody,MANUAL,CHF,0,0,fee,12,\n09.10.2024,NESN.SW,YAHOO,CHF,0,0,buy,0,\n\
            03/04/24,NESN.SW,YAHOO,CHF,95.25,4,buy,2.5,\n");
        assert_eq!(reading.format, "ghostfolio_csv");
        let days: Vec<String> = entries(&reading).iter().map(|entry| entry.when.time.to_string()[..10].to_owned()).collect();
        assert_eq!(days, ["2024-04-03", "2024-05-06", "2024-08-07"]);
        assert_eq!(sum(&reading, ActivityKind::Dividend, "CHF"), decimal("12"));
        assert_eq!(skips(&reading), [(5, Skip::Nothing)]);
        assert_eq!(faults(&reading), [(6, Fault::NotADate("03/04/24".to_owned()))]);
    }

    #[test]
    fn a_list_that_is_none_and_a_text_that_breaks_off_are_refused() {
        let refusal = |text: &str| crate::import::read(text.as_bytes(), &Choices::default()).unwrap_err();
        assert_eq!(refusal("{\"activities\": 1, \"unitPrice\": 2}"), Refusal::Broken(None));
        assert_eq!(refusal("{\"activities\": [\n{\"unitPrice\": 2"), Refusal::Broken(Some(2)));
        assert_eq!(amount_of_fee(decimal("2"), decimal("3")), Err(Fault::Senseless("fee".to_owned())));
    }

    #[test]
    fn samples_of_exports_give_their_figures() {
        let Some(dividend) = read_as("ok/ghostfolio-msft-dividend.json", "ghostfolio") else { return };
        let buy = entries(&dividend)[0];
        assert_eq!((units(&dividend)["MSFT"], buy.price, buy.fee), (decimal("1"), decimal("298.58"), decimal("19")));
        assert_eq!(sum(&dividend, ActivityKind::Dividend, "USD"), decimal("0.62"));
        let split = read_as("ok/ghostfolio-nvda-split-sell.json", "ghostfolio").unwrap();
        assert_eq!(units(&split)["NVDA"], decimal("-9"), "the split is not in the file");
        let house = read_as("ok/ghostfolio-penthouse.json", "ghostfolio").unwrap();
        assert_eq!((units(&house)["Penthouse Apartment"], entries(&house)[0].price), (decimal("1"), decimal("500000")));
        let sample = read_as("ok/ghostfolio-sample.json", "ghostfolio").unwrap();
        assert_eq!(
            (units(&sample)["MSFT"], sum(&sample, ActivityKind::Dividend, "USD"), sum(&sample, ActivityKind::Fee, "USD")),
            (decimal("5"), decimal("3.1"), decimal("49"))
        );
        assert_eq!((skips(&sample), faults(&sample)), (vec![(128, Skip::Nothing)], vec![]));
        for (name, symbol, left) in [("btcusd", "BTCUSD", "1"), ("novn-buy-and-sell-partially", "NOVN.SW", "1")] {
            let reading = read_as(&format!("ok/ghostfolio-{name}.json"), "ghostfolio").unwrap();
            assert_eq!((units(&reading)[symbol], faults(&reading)), (decimal(left), vec![]), "{name}");
        }
        let long = read_as("ok/ghostfolio-vti-buy-long-history.json", "ghostfolio").unwrap();
        assert_eq!((units(&long)["VTI"], count(&long, ActivityKind::Buy)), (decimal("30"), 3));
        let without = read_as("ok/ghostfolio-without-accounts.json", "ghostfolio").unwrap();
        assert_eq!((units(&without)["MSFT"], skips(&without).len()), (decimal("5"), 1));
    }

    #[test]
    fn samples_of_tables_and_of_what_is_wrong_give_theirs() {
        let Some(sample) = read_as("ok/ghostfolio-sample.csv", "ghostfolio_csv") else { return };
        assert_eq!((units(&sample)["MSFT"], sum(&sample, ActivityKind::Fee, "USD")), (decimal("5"), decimal("49")));
        assert_eq!((skips(&sample), faults(&sample)), (vec![(6, Skip::Nothing)], vec![]));
        assert_eq!(units(&read_as("ok/ghostfolio-btcusd.csv", "ghostfolio_csv").unwrap())["BTCUSD"], decimal("1"));
        let symbol = read_as("not-ok/ghostfolio-invalid-symbol-btc-usd.csv", "ghostfolio_csv").unwrap();
        assert_eq!(units(&symbol)["BTC-USD"], decimal("1"), "whether there is such a symbol is not told by the file");
        for (name, format, fault) in [
            ("date-yy.csv", "ghostfolio_csv", Fault::NotADate("16/09/21".to_owned())),
            ("currency.csv", "ghostfolio_csv", Fault::NotACurrency("<invalid>".to_owned())),
            ("fee.csv", "ghostfolio_csv", Fault::NotANumber("<invalid>".to_owned())),
            ("type.json", "ghostfolio", Fault::UnknownKind("<invalid>".to_owned())),
            ("data-source.json", "ghostfolio", Fault::Senseless("dataSource".to_owned())),
        ] {
            let reading = read_as(&format!("not-ok/ghostfolio-invalid-{name}"), format).unwrap();
            assert_eq!((entries(&reading).len(), &faults(&reading)[0].1), (0, &fault), "{name}");
        }
        assert_eq!(reading("not-ok/ghostfolio-unexpected-format.json").unwrap(), Err(Refusal::NoRows));
    }
}
