//! Nexo: the list of transactions, with the worth of each in dollars. Its own names of currencies end with an X: `EURX` is the euro.

use rust_decimal::Decimal;

use super::reckoning::{coin, money, price};
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

const NAME: &str = "nexo";

const ID: Column = &["transaction"];
const KIND: Column = &["type"];
const GIVEN: Column = &["input currency"];
const GIVEN_AMOUNT: Column = &["input amount"];
const GOT: Column = &["output currency"];
const GOT_AMOUNT: Column = &["output amount"];
const WORTH: Column = &["usd equivalent"];
const FEE: Column = &["fee"];
const FEE_IN: Column = &["fee currency"];
const DETAILS: Column = &["details"];
const TIME: Column = &["date / time (utc)", "date / time"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[ID, KIND, GIVEN, GIVEN_AMOUNT, GOT, GOT_AMOUNT, WORTH, DETAILS, TIME],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let details = line.text(DETAILS).to_lowercase();
    if details.starts_with("pending") {
        return Ok(Fate::Skipped(Skip::Pending));
    }
    if details.starts_with("rejected") || details.starts_with("cancel") {
        return Ok(Fate::Skipped(Skip::Cancelled));
    }
    let word = line.text(KIND).to_lowercase();
    match word.as_str() {
        "exchange" => exchange(line),
        "deposit to exchange" | "deposit" | "top up crypto" => moved(line, ActivityKind::Deposit),
        "withdrawal" => moved(line, ActivityKind::Withdrawal),
        "exchange deposited on" => Ok(Fate::Skipped(Skip::InternalTransfer)),
        word if word.contains("locking term deposit") || word.starts_with("transfer") => {
            Ok(Fate::Skipped(Skip::InternalTransfer))
        }
        word if ["interest", "cashback", "bonus", "dividend"].iter().any(|part| word.contains(part)) => {
            moved(line, ActivityKind::Interest)
        }
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

/// Returns the currency of an asset, of which some have an X behind.
fn money_of(asset: &str) -> Option<Currency> {
    money(asset).or_else(|| money(asset.strip_suffix('X').filter(|code| code.len() == 3)?))
}

fn reference(line: Line<'_>) -> Option<String> {
    line.optional(ID).map(|id| format!("{NAME} {id}"))
}

/// Returns an entry of a coin for its worth in money.
fn trade(
    line: Line<'_>,
    kind: ActivityKind,
    side: (Column, Column),
    (worth, currency): (Decimal, Currency),
) -> Result<Entry, Fault> {
    let (asset, amount) = side;
    let units = line.number(amount)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(amount)));
    }
    Ok(Entry {
        instrument: Some(coin(line.text(asset), Some(currency)).ok_or_else(|| Fault::Missing(line.named(asset)))?),
        quantity: units,
        price: price(None, units, worth, Decimal::ZERO, &line.named(WORTH))?,
        currency: Some(currency),
        reference: reference(line),
        ..Entry::new(kind, line.when(TIME)?)
    })
}

/// Returns the worth in dollars.
fn worth(line: Line<'_>) -> Result<(Decimal, Currency), Fault> {
    Ok((line.number(WORTH)?.abs(), Currency::USD))
}

/// Reads an exchange: of money and a coin it is a trade, of two coins a sale and a purchase for their worth.
fn exchange(line: Line<'_>) -> Result<Fate, Fault> {
    if line.optional_number(FEE)?.is_some_and(|fee| !fee.is_zero()) {
        // The files that are known have no fee, so whether it is within the amounts is not.
        return Err(Fault::Senseless(line.named(FEE_IN)));
    }
    let (given, got) = (money_of(line.text(GIVEN)), money_of(line.text(GOT)));
    let (sold, bought) = ((GIVEN, GIVEN_AMOUNT), (GOT, GOT_AMOUNT));
    match (given, got) {
        (Some(_), Some(_)) => Ok(Fate::Skipped(Skip::CurrencyExchange)),
        (Some(currency), None) => {
            let paid = line.number(GIVEN_AMOUNT)?.abs();
            trade(line, ActivityKind::Buy, bought, (paid, currency)).map(Fate::from)
        }
        (None, Some(currency)) => {
            let paid = line.number(GOT_AMOUNT)?.abs();
            trade(line, ActivityKind::Sell, sold, (paid, currency)).map(Fate::from)
        }
        (None, None) => {
            let sell = trade(line, ActivityKind::Sell, sold, worth(line)?)?;
            let buy = trade(line, ActivityKind::Buy, bought, worth(line)?)?;
            let reference = buy.reference.as_ref().map(|reference| format!("{reference} buy"));
            Ok(Fate::Entries(vec![sell, Entry { reference, ..buy }]))
        }
    }
}

/// Reads what came in or went out, which both columns tell.
fn moved(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let Some(currency) = money_of(line.text(GIVEN)) else {
        let trade_kind = if kind == ActivityKind::Withdrawal { ActivityKind::Sell } else { ActivityKind::Buy };
        return with_money(trade(line, trade_kind, (GIVEN, GIVEN_AMOUNT), worth(line)?)?, kind, None, "price").map(Fate::Entries);
    };
    let amount = line.number(GIVEN_AMOUNT)?.abs();
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    Ok(Entry { reference: reference(line), ..Entry::of_amount(kind, line.when(TIME)?, amount, currency) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn an_exchange_of_coins_is_told_by_its_worth() {
        let text = "Transaction,Type,Input Currency,Input Amount,Output Currency,Output Amount,USD Equivalent,Fee,Fee Currency,Details,Date / Time (UTC)\n\
            a,Exchange,BTC,-0.01,ETH,0.2,$400.00,-,-,approved / x,2024-01-02 10:00:00\n\
            b,Exchange,GBPX,-100,ETH,0.05,$120.00,-,-,approved / x,2024-01-03 10:00:00\n\
            c,Interest,ETH,0.001,ETH,0.001,$2.00,-,-,approved / x,2024-01-04 10:00:00\n\
            d,Locking Term Deposit,ETH,-0.001,ETH,0.001,$2.00,-,-,approved / x,2024-01-04 10:00:00\n\
            e,Barter,ETH,-0.001,ETH,0.001,$2.00,-,-,approved / x,2024-01-04 10:00:00\n\
            f,Exchange,ETH,-0.001,BTC,0.001,$2.00,1,USDC,approved / x,2024-01-04 10:00:00\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [sell, buy, paid, interest, earned] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((sell.price, buy.price, buy.currency), (decimal("40000"), decimal("2000"), Some(Currency::USD)));
        assert_eq!(
            (paid.price, paid.currency, paid.reference.as_deref()),
            (decimal("2000"), Some(Currency::GBP), Some("nexo b"))
        );
        assert_eq!((interest.amount, earned.quantity), (decimal("2"), decimal("0.001")));
        assert_eq!(skips(&reading), [(5, Skip::InternalTransfer)]);
        assert_eq!(
            faults(&reading),
            [(6, Fault::UnknownKind("Barter".to_owned())), (7, Fault::Senseless("fee currency".to_owned()))]
        );
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(all) = read_as("ok/nexo-transactions.csv", NAME) else { return };
        assert_eq!((faults(&all), sum(&all, ActivityKind::Deposit, "EUR")), (vec![], decimal("150")));
        let interest = decimal("0.001843");
        assert_eq!(units(&all)["USDC"], decimal("161.90485771") - decimal("200") + interest);
        assert_eq!(units(&all)["BTC"], decimal("0.00812429"));
        assert_eq!((skips(&all).len(), count(&all, ActivityKind::Interest)), (3, 4));
        let newer = read_as("ok/nexo-exchange-2024.csv", NAME).unwrap();
        assert_eq!((units(&newer)["BTC"], units(&newer)["USDT"]), (decimal("-0.00707603"), decimal("339.64944")));
        let pending = read_as("warn/nexo-referral-pending.csv", NAME).unwrap();
        assert_eq!((entries(&pending).len(), skips(&pending)), (0, vec![(2, Skip::Pending)]));
    }
}
