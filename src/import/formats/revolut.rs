//! Revolut: the statement of coins, whose numbers carry their currency, and that of savings in funds of the money market, whose columns do.

use rust_decimal::Decimal;

use super::reckoning::{coin, currency_beside, number_by_itself, price, unpriced};
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::instrument::AssetClass;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet, column_name};

const SYMBOL: Column = &["symbol"];
const KIND: Column = &["type"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["price"];
const VALUE: Column = &["value"];
const FEES: Column = &["fees"];
const DATE: Column = &["date"];
const DESCRIPTION: Column = &["description"];
const SHARE_PRICE: Column = &["price per share"];
const SHARES: Column = &["quantity of shares"];

/// The statement of coins.
pub const CRYPTO: Format = Format {
    name: "revolut_crypto",
    reader: Reader::Table(TableFormat {
        header: &[SYMBOL, KIND, QUANTITY, PRICE, VALUE, FEES, DATE],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::MonthFirst),
        zone: None,
        read: |sheet| sheet.rows(coins),
    }),
};

/// The statement of savings.
pub const SAVINGS: Format = Format {
    name: "revolut_savings",
    reader: Reader::Table(TableFormat {
        header: &[DATE, DESCRIPTION, SHARE_PRICE, SHARES],
        numbers: &[SHARES],
        dates: &[DATE],
        decimal: None,
        date: None,
        zone: None,
        read: savings,
    }),
};

fn coins(line: Line<'_>) -> Result<Fate, Fault> {
    match line.text(KIND).to_lowercase().as_str() {
        "buy" => coin_trade(line, ActivityKind::Buy).map(Fate::from),
        "sell" => coin_trade(line, ActivityKind::Sell).map(Fate::from),
        "send" => with_money(coin_trade(line, ActivityKind::Sell)?, ActivityKind::Withdrawal, None, "price").map(Fate::Entries),
        "receive" => with_money(coin_trade(line, ActivityKind::Buy)?, ActivityKind::Deposit, None, "price").map(Fate::Entries),
        "stake" | "unstake" => Ok(Fate::Skipped(Skip::InternalTransfer)),
        word if word.contains("reward") && line.optional(PRICE).is_none() => {
            unpriced(ActivityKind::Buy, line.when(DATE)?, line.text(SYMBOL), line.number(QUANTITY)?, None)
        }
        word if word.contains("reward") => {
            with_money(coin_trade(line, ActivityKind::Buy)?, ActivityKind::Interest, None, "price").map(Fate::Entries)
        }
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

fn coin_trade(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let units = line.number(QUANTITY)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    let written = line.text(VALUE);
    let paid_in = currency_beside(written).ok_or_else(|| Fault::NotACurrency(written.to_owned()))?;
    let value = line.number(VALUE)?.abs();
    let price = price(line.optional_number(PRICE)?, units, value, Decimal::new(1, 2), &line.named(VALUE))?;
    let instrument = coin(line.text(SYMBOL), Some(paid_in)).ok_or_else(|| Fault::Missing(line.named(SYMBOL)))?;
    Ok(Entry {
        instrument: Some(instrument),
        quantity: units,
        price,
        fee: line.number_or_zero(FEES)?.abs(),
        currency: Some(paid_in),
        ..Entry::new(kind, line.when(DATE)?)
    })
}

/// Reads a statement of savings: each currency has a table of its own below the other, with its header.
fn savings(sheet: &Sheet<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut columns = sheet.columns.to_vec();
    let is_header = |cells: &[String]| cells.first().is_some_and(|cell| DATE.contains(&column_name(cell).as_str()));
    let mut rest = sheet.records;
    while !rest.is_empty() {
        let end = rest.iter().position(|record| is_header(&record.cells)).unwrap_or(rest.len());
        let (records, below) = rest.split_at(end);
        let table = Sheet { columns: &columns, records, ..sheet.clone() };
        rows.extend(table.rows(saving));
        let Some((header, below)) = below.split_first() else { break };
        rows.push(Row { line: header.line, fate: Fate::Skipped(Skip::Header) });
        columns = header.cells.iter().map(|cell| column_name(cell)).collect();
        rest = below;
    }
    rows
}

/// Reads a row of savings: the word says what came in and what went out, as signs differ between files.
fn saving(line: Line<'_>) -> Result<Fate, Fault> {
    let description = line.text(DESCRIPTION);
    let words = description.to_lowercase();
    let value = value(line)?;
    match () {
        () if words.starts_with("buy ") => share_trade(line, ActivityKind::Buy, value),
        () if words.starts_with("sell ") => share_trade(line, ActivityKind::Sell, value),
        () if words.starts_with("interest reinvested") => Ok(Fate::Skipped(Skip::InternalTransfer)),
        () if words.starts_with("interest withdrawn") => amount(line, ActivityKind::Withdrawal, value),
        () if words.starts_with("interest paid") => amount(line, ActivityKind::Interest, value),
        () if words.starts_with("service fee") => amount(line, ActivityKind::Fee, value),
        () => Err(Fault::UnknownKind(description.to_owned())),
    }
}

/// Returns the value of a row without its sign, in the currency that the first column of values has in its name, such as `Value, USD`.
fn value(line: Line<'_>) -> Result<(Decimal, Currency), Fault> {
    let text = line.after(DESCRIPTION, 1);
    if text.is_empty() {
        return Err(Fault::Missing("value".to_owned()));
    }
    let name = line.column_after(DESCRIPTION, 1);
    Ok((number_by_itself(line, text)?.abs(), currency(name.rsplit(' ').next().unwrap_or_default())?))
}

fn amount(line: Line<'_>, kind: ActivityKind, (value, paid_in): (Decimal, Currency)) -> Result<Fate, Fault> {
    if value.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    let note = Some(line.text(DESCRIPTION).to_owned());
    Ok(Entry { note, ..Entry::of_amount(kind, line.when(DATE)?, value, paid_in) }.into())
}

fn share_trade(line: Line<'_>, kind: ActivityKind, (value, paid_in): (Decimal, Currency)) -> Result<Fate, Fault> {
    let units = line.optional(SHARES).ok_or_else(|| Fault::Missing(line.named(SHARES)))?;
    let units = number_by_itself(line, units)?.abs();
    let written = line.optional(SHARE_PRICE).map(|text| number_by_itself(line, text)).transpose()?;
    let (name, isin) = line.text(DESCRIPTION).rsplit_once(' ').unwrap_or_default();
    let name = name.split_once(' ').map_or("", |(_, name)| name);
    let named = Named::of(None, Some(isin), Some(name)).ok_or_else(|| Fault::Missing(line.named(DESCRIPTION)))?;
    let instrument = Some(Named { class: Some(AssetClass::Fund), currency: Some(paid_in), ..named });
    let price = price(written, units, value, Decimal::new(1, 2), &line.named(SHARES))?;
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(SHARES)));
    }
    Ok(Entry { instrument, quantity: units, price, currency: Some(paid_in), ..Entry::new(kind, line.when(DATE)?) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn coins_are_paid_in_the_currency_beside_their_numbers() {
        let text = "Symbol,Type,Quantity,Price,Value,Fees,Date\n\
            BTC,Buy,0.5,\"€20,000.00\",\"€10,000.00\",€5.00,\"Feb 5, 2024, 1:10:57 PM\"\n\
            ETH,Send,2,\"1,500.00 SEK\",\"3,000.00 SEK\",0.00 SEK,\"Feb 6, 2024, 12:10:57 AM\"\n\
            ETH,Stake,2,\"1,500.00 SEK\",\"3,000.00 SEK\",0.00 SEK,\"Feb 6, 2024, 12:10:57 AM\"\n\
            ETH,Staking reward,0.01,,,,\"Feb 7, 2024, 12:10:57 AM\"\n\
            ETH,Buy,0.01,5,5,,\"Feb 7, 2024, 12:10:57 AM\"\n\
            ETH,Barter,0.01,€5,€5,,\"Feb 7, 2024, 12:10:57 AM\"\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, sent, gone, reward] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.price, buy.fee, buy.currency), (decimal("20000"), decimal("5"), Some(Currency::EUR)));
        assert_eq!(buy.when.time.to_string(), "2024-02-05T13:10:57Z");
        assert_eq!((sent.kind, gone.kind, gone.amount), (ActivityKind::Sell, ActivityKind::Withdrawal, decimal("3000")));
        assert_eq!((reward.quantity, reward.price, reward.currency), (decimal("0.01"), Decimal::ZERO, None));
        assert_eq!(skips(&reading), [(4, Skip::InternalTransfer)]);
        assert_eq!(faults(&reading), [(6, Fault::NotACurrency("5".to_owned())), (7, Fault::UnknownKind("Barter".to_owned()))]);
    }

    #[test]
    fn each_table_of_savings_has_the_currency_of_its_header() {
        let text = "Date,Description,\"Value, GBP\",Price per share,Quantity of shares\n\
            \"25/01/2024, 12:00:00\",BUY GBP Class R IE00B4L5Y983,\"-2 000,50\",1.00,\"2 000,50\"\n\
            Date,Description,\"Value, USD\",\"Value, EUR\",FX Rate,Price per share,Quantity of shares\n\
            \"03/02/2024, 12:00:00\",Interest PAID USD Class R IE00B4L5Y983,\"0,07\",\"0,05\",0.8,,\n\
            \"04/02/2024, 12:00:00\",Gift USD Class R IE00B4L5Y983,\"0,07\",\"0,05\",0.8,,\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, interest] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.quantity, buy.price, buy.currency), (decimal("2000.50"), decimal("1.00"), Some(Currency::GBP)));
        assert_eq!((interest.amount, interest.currency), (decimal("0.07"), Some(Currency::USD)));
        assert_eq!((skips(&reading), faults(&reading).len()), (vec![(3, Skip::Header)], 1));
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(coins) = read_as("ok/revolut-crypto.csv", "revolut_crypto") else { return };
        assert_eq!((units(&coins)["BTC"], faults(&coins)), (decimal("0.00163011"), vec![]));
        assert_eq!((coins.rows.len(), skips(&coins).len()), (13, 1));
        assert_eq!(entries(&coins).iter().filter(|entry| entry.note.is_some()).count(), 3);
        let euro = read_as("ok/revolut-savings-eur.csv", "revolut_savings").unwrap();
        assert_eq!(
            (units(&euro)["IE000AZVL3K0"], sum(&euro, ActivityKind::Interest, "EUR")),
            (decimal("100"), decimal("0.8919"))
        );
        assert_eq!((sum(&euro, ActivityKind::Fee, "EUR"), faults(&euro)), (decimal("0.2546"), vec![]));
        let others = read_as("ok/revolut-savings-usd-gbp.csv", "revolut_savings").unwrap();
        assert_eq!((units(&others)["IE000H9J0QX4"], units(&others)["IE0002RUHW32"]), (decimal("50.04"), decimal("1000.19")));
        assert_eq!(
            (sum(&others, ActivityKind::Interest, "USD"), sum(&others, ActivityKind::Fee, "USD")),
            (decimal("0.05"), decimal("0.01"))
        );
        assert_eq!(
            (sum(&others, ActivityKind::Interest, "GBP"), sum(&others, ActivityKind::Fee, "GBP")),
            (decimal("0.1"), decimal("0.02"))
        );
        assert_eq!(count(&others, ActivityKind::Withdrawal), 1);
    }
}
