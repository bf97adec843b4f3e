//! Freetrade: the feed of activities. Prices are in the currency of the instrument, and the rate before its fee says how many of it are one of
//! the account's; a dividend has its rate the other way round.

use rust_decimal::Decimal;

use super::reckoning::{in_unit, minus, over, plus, price, times};
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

const NAME: &str = "freetrade";

const TITLE: Column = &["title"];
const KIND: Column = &["type"];
const TIME: Column = &["timestamp"];
const ACCOUNT: Column = &["account currency"];
const TOTAL: Column = &["total amount"];
const SIDE: Column = &["buy / sell"];
const TICKER: Column = &["ticker"];
const ISIN: Column = &["isin"];
const STAMP_DUTY: Column = &["stamp duty"];
const QUANTITY: Column = &["quantity"];
const ORDER: Column = &["order id"];
const CURRENCY: Column = &["instrument currency"];
const PRICE: Column = &["price per share"];
const RATE: Column = &["fx rate"];
const BASE_RATE: Column = &["base fx rate"];
const FEE: Column = &["fx fee amount"];
const ELIGIBLE: Column = &["dividend eligible quantity"];
const PER_SHARE: Column = &["dividend amount per share"];
const GROSS: Column = &["dividend gross distribution amount"];
const WITHHELD: Column = &["dividend withheld tax amount"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[TITLE, KIND, TIME, ACCOUNT, TOTAL, SIDE, TICKER, ISIN, QUANTITY, CURRENCY, PRICE],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    match line.text(KIND).to_uppercase().as_str() {
        "ORDER" => trade(line).map(Fate::from),
        "FREESHARE_ORDER" => with_money(trade(line)?, ActivityKind::Deposit, None, "price").map(Fate::Entries),
        "DIVIDEND" | "PROPERTY" => dividend(line),
        "INTEREST_FROM_CASH" => cash(line, ActivityKind::Interest),
        "TOP_UP" => cash(line, ActivityKind::Deposit),
        "WITHDRAWAL" => cash(line, ActivityKind::Withdrawal),
        "MONTHLY_STATEMENT" | "TAX_CERTIFICATE" => Ok(Fate::Skipped(Skip::Nothing)),
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

fn cash(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let amount = line.number(TOTAL)?.abs();
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    Ok(Entry::of_amount(kind, line.when(TIME)?, amount, line.currency(ACCOUNT)?).into())
}

fn instrument(line: Line<'_>, quoted_in: Currency) -> Result<Named, Fault> {
    let named = Named::of(line.optional(TICKER), line.optional(ISIN), line.optional(TITLE));
    Ok(Named { currency: Some(quoted_in), ..named.ok_or_else(|| Fault::Missing(line.named(TICKER)))? })
}

/// Returns how many units of the instrument's currency are one of the account's.
fn rate(line: Line<'_>, quoted_in: Currency, account: Currency) -> Result<Decimal, Fault> {
    if let Some(rate) = in_unit(Decimal::ONE, account, quoted_in) {
        return Ok(rate);
    }
    let rate = line.optional_number(BASE_RATE)?.map_or_else(|| line.number(RATE), Ok)?;
    if rate > Decimal::ZERO { Ok(rate) } else { Err(Fault::Senseless(line.named(BASE_RATE))) }
}

/// Reads an order: its total is unsigned, with charges that are in the currency of the account.
fn trade(line: Line<'_>) -> Result<Entry, Fault> {
    let kind = match line.text(SIDE).to_uppercase().as_str() {
        "BUY" => ActivityKind::Buy,
        "SELL" => ActivityKind::Sell,
        _ => return Err(Fault::UnknownKind(line.text(SIDE).to_owned())),
    };
    let name = line.named(TOTAL);
    let (quoted_in, account) = (line.currency(CURRENCY)?, line.currency(ACCOUNT)?);
    let rate = rate(line, quoted_in, account)?;
    let units = line.number(QUANTITY)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    let (fee, tax) = (line.number_or_zero(FEE)?.abs(), line.number_or_zero(STAMP_DUTY)?.abs());
    let (total, charges) = (line.number(TOTAL)?.abs(), plus(fee, tax, &name)?);
    let moved = if kind == ActivityKind::Buy { minus(total, charges, &name)? } else { plus(total, charges, &name)? };
    let cent = times(Decimal::new(1, 2), rate, &name)?;
    let is_converted = quoted_in.major() != account.major();
    Ok(Entry {
        instrument: Some(instrument(line, quoted_in)?),
        quantity: units,
        price: price(line.optional_number(PRICE)?, units, times(moved, rate, &name)?, cent, &name)?,
        fee: times(fee, rate, &name)?,
        tax: times(tax, rate, &name)?,
        currency: Some(quoted_in),
        exchange_rate: if is_converted { Some((over(Decimal::ONE, rate, &name)?, account)) } else { None },
        reference: line.optional(ORDER).map(|id| format!("{NAME} {id}")),
        ..Entry::new(kind, line.when(TIME)?)
    })
}

fn dividend(line: Line<'_>) -> Result<Fate, Fault> {
    let name = line.named(TOTAL);
    let (quoted_in, account) = (line.currency(CURRENCY)?, line.currency(ACCOUNT)?);
    let (total, tax) = (line.number(TOTAL)?, line.number_or_zero(WITHHELD)?.abs());
    if total <= Decimal::ZERO {
        return Err(Fault::Senseless(name));
    }
    let entry = Entry {
        instrument: Some(instrument(line, quoted_in)?),
        currency: Some(account),
        ..Entry::new(ActivityKind::Dividend, line.when(TIME)?)
    };
    if let Some(tax) = in_unit(tax, quoted_in, account) {
        return Ok(Entry { amount: plus(total, tax, &name)?, tax, ..entry }.into());
    }
    let gross = match line.optional_number(GROSS)? {
        Some(gross) => gross,
        None => times(line.number(ELIGIBLE)?, line.number(PER_SHARE)?, &name)?,
    };
    if gross <= tax {
        return Err(Fault::Senseless(line.named(GROSS)));
    }
    // The rate is told to eight decimals; without one it is what came in for what was left.
    let rate = match line.optional_number(BASE_RATE)?.filter(|rate| *rate > Decimal::ZERO) {
        Some(rate) => rate,
        None => over(total, minus(gross, tax, &name)?, &name)?,
    };
    Ok(Entry { amount: gross, tax, currency: Some(quoted_in), exchange_rate: Some((rate, account)), ..entry }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, sum, units};

    const HEADER: &str = "Title,Type,Timestamp,Account Currency,Total Amount,Buy / Sell,Ticker,ISIN,Price per Share in Account Currency,\
        Stamp Duty,Quantity,Venue,Order ID,Order Type,Instrument Currency,Total Shares Amount,Price per Share,FX Rate,Base FX Rate,\
        FX Fee (BPS),FX Fee Amount,Dividend Ex Date,Dividend Pay Date,Dividend Eligible Quantity,Dividend Amount Per Share,\
        Dividend Gross Distribution Amount,Dividend Net Distribution Amount,Dividend Withheld Tax Percentage,Dividend Withheld Tax Amount\n";

    #[test]
    fn charges_follow_the_rate_before_its_fee() {
        let text = format!(
            "{HEADER}Example,ORDER,2024-01-02T10:00:00.000Z,GBP,81.00,BUY,EXM,US5949181045,8,0.50,10,X,ONE,MARKET,USD,100,10,1.2,1.25,39,0.50,,,,,,,,\n\
            Example,DIVIDEND,2024-01-03T10:00:00.000Z,GBP,6.80,,EXM,US5949181045,,,10,,,,USD,,,,0.8,0,0,,,10,1,10,8.5,15,1.5\n\
            January,MONTHLY_STATEMENT,2024-02-01T00:00:00.000Z,,,,,,,,,,,,,,,,,,,,,,,,,,\n\
            Gift,FREESHARE_ORDER,2024-02-02T10:00:00.000Z,GBP,5.00,BUY,GFT,,5,0,1,X,TWO,,GBP,0,5,,,0,,,,,,,,,\n\
            Other,BARTER,2024-02-03T10:00:00.000Z,GBP,5.00,,,,,,,,,,,,,,,,,,,,,,,,\n"
        );
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, dividend, gift, given] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.price, buy.fee, buy.tax), (decimal("10"), decimal("0.625"), decimal("0.625")));
        assert_eq!((buy.exchange_rate, buy.reference.as_deref()), (Some((decimal("0.8"), Currency::GBP)), Some("freetrade ONE")));
        assert_eq!(
            (dividend.amount, dividend.tax, dividend.exchange_rate),
            (decimal("10"), decimal("1.5"), Some((decimal("0.8"), Currency::GBP)))
        );
        assert_eq!((gift.kind, gift.amount, given.price), (ActivityKind::Deposit, decimal("5"), decimal("5")));
        assert_eq!(skips(&reading), [(4, Skip::Nothing)]);
        assert_eq!(faults(&reading), [(6, Fault::UnknownKind("BARTER".to_owned()))]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(older) = read_as("ok/freetrade-activity-2022.csv", NAME) else { return };
        let held = units(&older);
        let rounded = |symbol: &str| held[symbol].round_dp(2);
        assert_eq!(
            (rounded("GOOGL"), rounded("NDAQ"), rounded("TSLA"), held.len()),
            (decimal("0.14"), decimal("2.12"), decimal("1.45"), 3)
        );
        let moved = |entry: &&Entry| {
            let gross = if entry.kind.figures().price { entry.quantity * entry.price } else { entry.amount };
            let sign = if entry.kind.takes_money() { -Decimal::ONE } else { Decimal::ONE };
            (gross * sign - entry.fee - entry.tax) * entry.exchange_rate.map_or(Decimal::ONE, |(rate, _)| rate)
        };
        let cash: Decimal = entries(&older).iter().map(moved).sum();
        // The sum of all totals but that of the gift.
        assert!((cash - decimal("8945.12")).abs() < decimal("0.1"), "{cash}");
        assert_eq!((faults(&older), sum(&older, ActivityKind::Deposit, "GBP")), (vec![], decimal("10000")));
        let newer = read_as("ok/freetrade-activity.csv", NAME).unwrap();
        assert_eq!((faults(&newer), skips(&newer).len(), count(&newer, ActivityKind::Dividend)), (vec![], 2, 4));
        let trust = entries(&newer).into_iter().find(|entry| entry.tax == decimal("25.22")).unwrap();
        assert_eq!(
            (trust.quantity, trust.price, moved(&trust).round_dp(2)),
            (decimal("421"), decimal("11.97869359"), decimal("-5068.25"))
        );
    }
}
