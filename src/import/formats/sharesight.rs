//! Sharesight: its report of all trades. A sale has units below zero; prices are in the currency of the market, and the value is in that of
//! the portfolio, which the report does not name.

use rust_decimal::Decimal;

use super::reckoning::price_of;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::instrument::AssetClass;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "sharesight",
    reader: Reader::Table(TableFormat {
        header: &[MARKET, CODE, NAME, KIND, DATE, QUANTITY, PRICE, BROKERAGE, CURRENCY, RATE, VALUE],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::DayFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

const MARKET: Column = &["market"];
const CODE: Column = &["code"];
const NAME: Column = &["name"];
const KIND: Column = &["type"];
const DATE: Column = &["date"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["price *", "price"];
const BROKERAGE: Column = &["brokerage *", "brokerage"];
const CURRENCY: Column = &["currency"];
const RATE: Column = &["exchange rate"];
const VALUE: Column = &["value"];
const NOTE: Column = &["comments"];

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let word = line.optional(KIND).ok_or_else(|| Fault::Missing(line.named(KIND)))?;
    let is_of_currencies = line.text(MARKET).eq_ignore_ascii_case("fx");
    // On this market a currency is moved, or a coin, which is no currency to others.
    if is_of_currencies && line.optional_currency(CODE).is_ok() {
        return Ok(Fate::Skipped(Skip::CurrencyExchange));
    }
    let trade = |kind| if is_of_currencies { coin(line, kind) } else { trade(line, kind) };
    match word.to_lowercase().as_str() {
        "buy" => trade(ActivityKind::Buy).map(Fate::from),
        "sell" => trade(ActivityKind::Sell).map(Fate::from),
        "opening balance" => {
            with_money(trade(ActivityKind::Buy)?, ActivityKind::Deposit, None, &line.named(PRICE)).map(Fate::Entries)
        }
        _ => Err(Fault::UnknownKind(word.to_owned())),
    }
}

fn entry(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let code = line.optional(CODE).ok_or_else(|| Fault::Missing(line.named(CODE)))?;
    let units = line.number(QUANTITY)?;
    if units.is_zero() || units.is_sign_negative() != (kind == ActivityKind::Sell) {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    Ok(Entry {
        instrument: Named::of(Some(code), None, line.optional(NAME)),
        quantity: units.abs(),
        note: line.optional(NOTE).map(str::to_owned),
        ..Entry::new(kind, line.when(DATE)?)
    })
}

fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let price = line.number(PRICE)?;
    if price < Decimal::ZERO {
        return Err(Fault::Senseless(line.named(PRICE)));
    }
    let fee = line.number_or_zero(BROKERAGE)?;
    Ok(Entry { price, fee, currency: Some(line.currency(CURRENCY)?), ..entry(line, kind)? })
}

/// Reads a trade of a coin, whose price is one of itself: what it is worth is its value in the currency of the portfolio.
fn coin(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let entry = entry(line, kind)?;
    if !line.number_or_zero(BROKERAGE)?.is_zero() {
        return Err(Fault::Senseless(line.named(BROKERAGE)));
    }
    let price = price_of(line.number(VALUE)?.abs(), entry.quantity, &line.named(VALUE))?;
    let class = Some(AssetClass::Crypto);
    Ok(Entry { price, instrument: entry.instrument.map(|named| Named { class, ..named }), ..entry })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, units};

    #[test]
    fn trades_are_in_the_currency_of_their_market_and_coins_in_that_of_the_portfolio() {
        let text = "My Portfolio - All Trades Report between 2022-01-01 and 2022-12-31,,,,,,,,,,,,\n,,,,,,,,,,,,\n\
            Market,Code,Name,Type,Date,Quantity,Price *,Brokerage *,Currency,Exchange Rate,Value,,Comments\n\
            ASX,XRO,Xero,Buy,03/04/2022,20,\"1,100.5\",9.95,AUD,1.1,20009.09,All Trades,first\n\
            FX,LTC,Litecoin currency account,Buy,04/04/2022,4,1,0,LTC,0.01,400.00,All Trades,\n\
            ASX,XRO,Xero,Sell,05/04/2022,-5,120,9.95,AUD,1.1,-545.45,All Trades,\n\
            ASX,WBC,Westpac,Opening Balance,06/04/2022,10,20,0,AUD,1.1,181.82,All Trades,\n\
            FX,EUR,Euro account,Buy,07/04/2022,50,1,0,EUR,0.6,83.33,All Trades,\n\
            ASX,XRO,Xero,Sell,05/04/2022,5,120,9.95,AUD,1.1,545.45,All Trades,\n\
            ASX,XRO,Xero,Split,05/04/2022,5,,,AUD,,,All Trades,\n* Prices are in market currency.,,,,,,,,,,,,\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!(reading.format, "sharesight");
        let all = entries(&reading);
        let [xero, coin] = [all[0], all[1]];
        assert_eq!((xero.price, xero.fee, xero.currency.unwrap().as_str()), (decimal("1100.5"), decimal("9.95"), "AUD"));
        assert_eq!(
            (coin.price, coin.currency, coin.instrument.as_ref().unwrap().class),
            (decimal("100"), None, Some(AssetClass::Crypto))
        );
        assert_eq!((xero.when.time.to_string()[..10].to_owned(), xero.note.as_deref()), ("2022-04-03".to_owned(), Some("first")));
        assert_eq!((count(&reading, ActivityKind::Deposit), units(&reading)["WBC"]), (1, decimal("10")));
        assert_eq!(skips(&reading), [(8, Skip::CurrencyExchange), (11, Skip::Footer)]);
        let expected = [(9, Fault::Senseless("quantity".to_owned())), (10, Fault::UnknownKind("Split".to_owned()))];
        assert_eq!(faults(&reading), expected);
    }

    #[test]
    fn the_sample_gives_its_figures() {
        let Some(reading) = read_as("ok/sharesight-all-trades.csv", "sharesight") else { return };
        assert_eq!((count(&reading, ActivityKind::Buy), count(&reading, ActivityKind::Sell), faults(&reading)), (8, 5, vec![]));
        let held = [("ETH", "2.585396612"), ("FOO", "5"), ("FUND1", "50")];
        assert_eq!(units(&reading), held.map(|(name, units)| (name.to_owned(), decimal(units))).into());
        let fund = entries(&reading).into_iter().find(|entry| entry.price == decimal("275.5")).unwrap();
        assert_eq!((fund.quantity * fund.price, fund.currency.unwrap().as_str()), (decimal("13775"), "GBP"));
    }
}
