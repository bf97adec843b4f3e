//! Our own document: what an export of a portfolio, or of everything, is.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;

use super::json::{parse, text};
use super::kinds::any_kind_named;
use crate::domain::account::AccountKind;
use crate::import::dates::{DateForm, When, when};
use crate::import::entry::{Entry, Fate, Named, NamedAccount, Row, currency};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::numbers::{DecimalMark, number};

/// The name of the format.
pub const NAME: &str = "foliostream_json";

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: NAME, reader: Reader::Text { recognise, read } };

fn recognise(text: &str) -> bool {
    text.trim_start().starts_with("{\"foliostream\":")
}

/// Reads the transactions of a portfolio. Of everything they are those of the first portfolio that has any: the others are told, and left
/// out. A row is told by its place among all transactions, from 1, because the document is one line.
fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let document = parse(text)?;
    let portfolios: Vec<&Value> = match (document.get("portfolio"), document.get("portfolios").and_then(Value::as_array)) {
        (Some(portfolio), _) => vec![portfolio],
        (None, Some(portfolios)) => portfolios.iter().collect(),
        (None, None) => return Err(Refusal::Broken(None)),
    };
    let described = document.get("instruments").and_then(Value::as_array);
    let instruments: Vec<&Value> = described.into_iter().flatten().collect();
    let mut rows = Vec::new();
    let mut first = None;
    for portfolio in portfolios {
        let entries = portfolio.get("activities").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let is_first = entries.is_empty() || std::ptr::eq(*first.get_or_insert(portfolio), portfolio);
        for entry in entries {
            let name = || text_of(portfolio, "name");
            let fate = if is_first {
                let account = account_of(portfolio, entry);
                row(entry, &instruments, account).unwrap_or_else(Fate::Refused)
            } else {
                Fate::Skipped(Skip::NotKept(name()))
            };
            rows.push(Row { line: rows.len() + 1, fate });
        }
    }
    Ok(rows)
}

/// Returns the account of an entry, which tells its id, with what the portfolio says of it.
fn account_of(portfolio: &Value, entry: &Value) -> Option<NamedAccount> {
    let id = text(entry, "account")?;
    let accounts = portfolio.get("accounts").and_then(Value::as_array)?;
    let account = accounts.iter().find(|account| text(account, "account_id") == Some(id))?;
    Some(NamedAccount {
        name: text(account, "name")?.to_owned(),
        currency: text(account, "currency").and_then(|code| currency(code).ok()),
        kind: AccountKind::ALL.into_iter().find(|kind| text(account, "kind") == Some(kind.word())).unwrap_or_default(),
    })
}

fn row(entry: &Value, instruments: &[&Value], account: Option<NamedAccount>) -> Result<Fate, Fault> {
    let word = text_of(entry, "kind");
    let kind = any_kind_named(&word).ok_or(Fault::UnknownKind(word))?;
    let written = text(entry, "currency").map(currency).transpose()?;
    let rate = figure(entry, "exchange_rate")?;
    let is_true = |field: &str| entry.get(field).and_then(Value::as_bool) == Some(true);
    // One of another day is looked for again.
    let rate = rate.filter(|_| !is_true("exchange_rate_estimated"));
    let entry = Entry {
        instrument: text(entry, "ticker").and_then(|ticker| named(ticker, instruments)),
        quantity: figure(entry, "quantity")?.unwrap_or_default(),
        price: figure(entry, "price")?.unwrap_or_default(),
        amount: figure(entry, "amount")?.unwrap_or_default(),
        fee: figure(entry, "fee")?.unwrap_or_default(),
        tax: figure(entry, "tax")?.unwrap_or_default(),
        currency: written,
        kept_rate: rate.map(|rate| (rate, is_true("converted"))),
        opens_short: is_true("opens_short"),
        account,
        tags: entry
            .get("tags")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        note: text(entry, "note").map(str::to_owned),
        ..Entry::new(kind, time(entry)?)
    };
    Ok(entry.into())
}

/// Returns an instrument with what the document says of it elsewhere.
fn named(ticker: &str, instruments: &[&Value]) -> Option<Named> {
    let described = instruments.iter().find(|one| text(one, "ticker") == Some(ticker));
    let field = |field: &str| described.and_then(|one| text(one, field));
    let named = Named::of(Some(ticker), field("isin"), field("name"))?;
    let class = field("class").and_then(super::kinds::class_named);
    Some(Named { class, currency: field("currency").and_then(|text| currency(text).ok()), ..named })
}

fn time(entry: &Value) -> Result<When, Fault> {
    match text(entry, "date") {
        Some(date) => {
            let day: Date = date.parse().map_err(|_| Fault::NotADate(date.to_owned()))?;
            let midnight = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| Fault::NotADate(date.to_owned()))?;
            Ok(When { time: midnight, date_only: true })
        }
        None => {
            let written = text_of(entry, "time");
            let read = when(&written, DateForm::YearFirst, &TimeZone::UTC)?;
            // Midnight is a time here: a date is told as one.
            Ok(When { date_only: false, ..read })
        }
    }
}

fn figure(entry: &Value, field: &str) -> Result<Option<Decimal>, Fault> {
    text(entry, field).map(|text| number(text, DecimalMark::Point)).transpose()
}

fn text_of(object: &Value, field: &str) -> String {
    text(object, field).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::domain::account::AccountKind;
    use crate::domain::money::Currency;
    use crate::import::faults::{Fault, Refusal, Skip};
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, skips};

    #[test]
    fn a_document_of_everything_is_read_with_its_first_portfolio_and_its_instruments() {
        let text = r#"{"foliostream":1,"exported_at":"2026-11-27T10:00:00Z","portfolios":[
            {"name":"Empty","activities":[]},
            {"name":"Main","accounts":[{"account_id":"7","name":"Depot","currency":"USD","kind":"broker"}],"activities":[
                {"kind":"buy","time":"2026-01-02T00:00:00.000Z","date":null,"ticker":"NEWCO","quantity":"2","price":"3.50","amount":null,"fee":"1","tax":"0",
                 "currency":"USD","exchange_rate":"0.9","converted":true,"opens_short":false,"note":"=x","account":"7","tags":["long","a"]},
                {"kind":"split","time":"2026-01-03T00:00:00.000Z","date":"2026-01-03","ticker":"NEWCO","quantity":"2","currency":"USD","exchange_rate":"1","fee":"0","tax":"0"},
                {"kind":"lend","time":"2026-01-03T00:00:00.000Z"}]},
            {"name":"Second","activities":[{"kind":"deposit","time":"2026-01-02T00:00:00.000Z","amount":"1","currency":"EUR"}]}],
            "instruments":[{"ticker":"NEWCO","name":"New","isin":"US0378331005","class":"fund","currency":"USD"}]}"#;
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, split] = entries(&reading)[..] else { panic!() };
        let named = buy.instrument.as_ref().unwrap();
        assert_eq!((named.name.as_deref(), named.isin.is_some(), buy.when.date_only), (Some("New"), true, false));
        assert_eq!((buy.kept_rate, buy.note.as_deref(), split.when.date_only), (Some((decimal("0.9"), true)), Some("=x"), true));
        let account = buy.account.as_ref().unwrap();
        assert_eq!((account.name.as_str(), account.currency, account.kind), ("Depot", Some(Currency::USD), AccountKind::Broker));
        assert_eq!((&buy.tags, split.account.as_ref()), (&vec!["long".to_owned(), "a".to_owned()], None));
        assert_eq!(faults(&reading), [(3, Fault::UnknownKind("lend".to_owned()))]);
        assert_eq!(skips(&reading), [(4, Skip::NotKept("Second".to_owned()))]);
        assert_eq!(read(b"{\"foliostream\":1}", &Choices::default()), Err(Refusal::Broken(None)));
        assert_eq!(read(b"{\"foliostream\":1,", &Choices::default()), Err(Refusal::Broken(Some(1))));
    }
}
