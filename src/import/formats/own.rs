//! Our own table: what an export of a ledger is, and what is easiest to write by hand. Its columns are the fields of an activity.

use super::kinds::{any_kind_named, class_named};

use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, NamedAccount};
use crate::import::faults::Fault;
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

/// The name of the format.
pub const NAME: &str = "foliostream";

const TIME: Column = &["time"];
const KIND: Column = &["kind"];
const TICKER: Column = &["ticker"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["price"];
const AMOUNT: Column = &["amount"];
const FEE: Column = &["fee"];
const TAX: Column = &["tax"];
const CURRENCY: Column = &["currency"];
const RATE: Column = &["exchange_rate"];
const NOTE: Column = &["note"];
const ESTIMATED: Column = &["exchange_rate_estimated"];
const ACCOUNT: Column = &["account"];
const TAGS: Column = &["tags"];
const CONVERTED: Column = &["converted"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[KIND, TIME, TICKER, QUANTITY, PRICE, AMOUNT, FEE, TAX, CURRENCY, RATE, CONVERTED],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let kind = any_kind_named(line.text(KIND)).ok_or_else(|| Fault::UnknownKind(line.text(KIND).to_owned()))?;
    let named = Named::of(Some(&plain(line.text(TICKER))), line.optional(&["isin"]), line.optional(&["name"]));
    let class = line.optional(&["class"]).and_then(class_named);
    // A rate of another day is looked for again.
    let rate = line.optional_number(RATE)?.filter(|_| line.text(ESTIMATED) != "true");
    let entry = Entry {
        instrument: named.map(|named| Named { class, ..named }),
        quantity: line.number_or_zero(QUANTITY)?,
        price: line.number_or_zero(PRICE)?,
        amount: line.number_or_zero(AMOUNT)?,
        fee: line.number_or_zero(FEE)?,
        tax: line.number_or_zero(TAX)?,
        currency: line.optional_currency(CURRENCY)?,
        kept_rate: rate.map(|rate| (rate, line.text(CONVERTED) == "true")),
        opens_short: line.text(&["opens_short"]) == "true",
        account: Some(plain(line.text(ACCOUNT))).filter(|name| !name.is_empty()).map(named_account),
        tags: tags(line.text(TAGS)),
        note: Some(plain(line.text(NOTE))).filter(|note| !note.is_empty()),
        ..Entry::new(kind, line.when(TIME)?)
    };
    Ok(entry.into())
}

fn named_account(name: String) -> NamedAccount {
    NamedAccount { name, ..NamedAccount::default() }
}

/// Reads tags with commas between them.
fn tags(text: &str) -> Vec<String> {
    plain(text).split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// Takes off the apostrophe by which an export keeps a spreadsheet from working out a text.
fn plain(text: &str) -> String {
    let rest = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']));
    rest.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::import::faults::Fault;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults};

    #[test]
    fn an_export_is_read_as_it_was_written() {
        let text = "kind,time,ticker,quantity,price,amount,fee,tax,currency,exchange_rate,converted,opens_short,note,account,tags\r\n\
            sell,2026-01-02T09:30:00.123456Z,AAPL,2,150.50,,1,0,USD,0.92,true,true,'=1+1,'-Depot,\"'=a, b\"\r\n\
            deposit,2026-01-01,,,,10,0,0,GBp,1.15,false,false,,,\r\nlend,2026-01-01,,,,10,0,0,EUR,1,false,false,,,\r\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [sell, deposit] = entries(&reading)[..] else { panic!() };
        assert_eq!((sell.when.time.to_string().as_str(), sell.opens_short), ("2026-01-02T09:30:00.123456Z", true));
        assert_eq!((sell.kept_rate, sell.note.as_deref()), (Some((decimal("0.92"), true)), Some("=1+1")));
        assert_eq!(
            (sell.account.as_ref().map(|account| account.name.as_str()), &*sell.tags),
            (Some("-Depot"), &["=a".to_owned(), "b".to_owned()][..])
        );
        assert_eq!((deposit.account.as_ref(), deposit.tags.len()), (None, 0));
        assert_eq!((deposit.when.date_only, deposit.currency.unwrap().as_str(), deposit.amount), (true, "GBp", decimal("10")));
        assert_eq!(faults(&reading), [(4, Fault::UnknownKind("lend".to_owned()))]);
    }
}
