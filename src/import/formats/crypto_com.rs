//! Crypto.com: the history of the app, with the worth of each row in the currency of its owner.

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

const TIME: Column = &["timestamp (utc)"];
const DESCRIPTION: Column = &["transaction description"];
const ASSET: Column = &["currency"];
const AMOUNT: Column = &["amount"];
const OTHER: Column = &["to currency"];
const OTHER_AMOUNT: Column = &["to amount"];
const NATIVE: Column = &["native currency"];
const WORTH: Column = &["native amount"];
const KIND: Column = &["transaction kind"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "crypto_com",
    reader: Reader::Table(TableFormat {
        header: &[TIME, DESCRIPTION, ASSET, AMOUNT, OTHER, OTHER_AMOUNT, NATIVE, WORTH, KIND],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let word = line.text(KIND).to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    match () {
        () if has(&["interest", "reward", "cashback", "rebate", "referral", "bonus"]) => moved(line, ActivityKind::Interest),
        () if has(&["lock", "program_created", "program_withdrawn"]) => Ok(Fate::Skipped(Skip::InternalTransfer)),
        () if word == "crypto_exchange" => exchange(line),
        () if word == "card_top_up" => moved(line, ActivityKind::Withdrawal),
        () if has(&["swap_debited", "crypto_to_exchange", "crypto_withdrawal"]) => moved(line, ActivityKind::Withdrawal),
        () if has(&["swap_credited", "exchange_to_crypto", "crypto_deposit"]) => moved(line, ActivityKind::Deposit),
        () => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

/// Returns a trade of one side of a row for what the row is worth.
fn trade(line: Line<'_>, kind: ActivityKind, asset: Column, amount: Column) -> Result<Entry, Fault> {
    let (units, currency): (Decimal, Currency) = (line.number(amount)?.abs(), line.currency(NATIVE)?);
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(amount)));
    }
    Ok(Entry {
        instrument: Some(coin(line.text(asset), Some(currency)).ok_or_else(|| Fault::Missing(line.named(asset)))?),
        quantity: units,
        price: price(None, units, line.number(WORTH)?.abs(), Decimal::ZERO, &line.named(WORTH))?,
        currency: Some(currency),
        note: line.optional(DESCRIPTION).map(str::to_owned),
        ..Entry::new(kind, line.when(TIME)?)
    })
}

/// Reads an exchange of two coins: a sale, and a purchase for what it brought.
fn exchange(line: Line<'_>) -> Result<Fate, Fault> {
    let sell = trade(line, ActivityKind::Sell, ASSET, AMOUNT)?;
    let buy = trade(line, ActivityKind::Buy, OTHER, OTHER_AMOUNT)?;
    Ok(Fate::Entries(vec![sell, buy]))
}

/// Reads coins that came in or went out, or money.
fn moved(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let goes_out = kind == ActivityKind::Withdrawal;
    let amount = line.number(AMOUNT)?;
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    if amount.is_sign_negative() != goes_out {
        return Err(Fault::Senseless(line.named(AMOUNT)));
    }
    if let Some(currency) = money(line.text(ASSET)) {
        return Ok(Entry::of_amount(kind, line.when(TIME)?, amount.abs(), currency).into());
    }
    with_money(trade(line, if goes_out { ActivityKind::Sell } else { ActivityKind::Buy }, ASSET, AMOUNT)?, kind, None, "price")
        .map(Fate::Entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, units};

    #[test]
    fn rows_are_told_by_their_worth() {
        let text = "Timestamp (UTC),Transaction Description,Currency,Amount,To Currency,To Amount,Native Currency,Native Amount,Native Amount (in USD),Transaction Kind,Transaction Hash\n\
            2024-01-02 10:00:00,BTC -> ETH,BTC,-0.01,ETH,0.2,EUR,400.0000000000000000000000000000000000000001,430,crypto_exchange,\n\
            2024-01-03 10:00:00,Reward,CRO,10,,,EUR,1.00,1.1,mco_stake_reward,\n\
            2024-01-04 10:00:00,Top up,CRO,-10,,,EUR,-1.00,-1.1,card_top_up,\n\
            2024-01-05 10:00:00,Lock,CRO,-10,,,EUR,1.00,1.1,lockup_lock,\n\
            2024-01-06 10:00:00,Barter,CRO,-10,,,EUR,1.00,1.1,barter,\n\
            2024-01-07 10:00:00,Deposit,CRO,-10,,,EUR,1.00,1.1,crypto_deposit,\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [sell, buy, interest, _, sold, gone] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((sell.price, buy.price, interest.amount), (decimal("40000"), decimal("2000"), decimal("1")));
        assert_eq!((sold.price, gone.kind, gone.amount), (decimal("0.1"), ActivityKind::Withdrawal, decimal("1")));
        assert_eq!(skips(&reading), [(5, Skip::InternalTransfer)]);
        assert_eq!(faults(&reading), [(6, Fault::UnknownKind("barter".to_owned())), (7, Fault::Senseless("amount".to_owned()))]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/cryptocom-app.csv", "crypto_com") else { return };
        assert_eq!((reading.rows.len(), faults(&reading), skips(&reading).len()), (65, vec![], 3));
        // 43 of what is locked, three of the card, and three of the older stake.
        assert_eq!((count(&reading, ActivityKind::Interest), count(&reading, ActivityKind::Deposit)), (49, 5));
        assert_eq!((units(&reading)["EGLD"], units(&reading)["BTC"]), (decimal("-4.15"), decimal("0.01152324")));
        let worth = |kind: ActivityKind| -> Decimal {
            entries(&reading).iter().filter(|entry| entry.kind == kind).map(|entry| entry.amount).sum()
        };
        assert_eq!(worth(ActivityKind::Withdrawal).round_dp(2), decimal("1360.67"));
    }
}
