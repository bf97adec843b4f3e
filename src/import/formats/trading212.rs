//! Trading 212: the export of the history, in each order of columns that it had. Amounts are in the currency of the account, prices in that
//! of the share, and a rate says how many of the latter are one of the former.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::reckoning::{fit, in_unit, minus, over, plus, price, times};
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Record, Sheet};

const NAME: &str = "trading212";

const ACTION: Column = &["action"];
const TIME: Column = &["time", "time (utc)"];
const ISIN: Column = &["isin"];
const TICKER: Column = &["ticker"];
const SHARES: Column = &["no. of shares"];
const PRICE: Column = &["price / share"];
const PRICE_CURRENCY: Column = &["currency (price / share)"];
const RATE: Column = &["exchange rate"];
/// Until 2023 the name of the column said the currency.
const TOTAL: Column = &["total", "total (eur)", "total (gbp)", "total (usd)", "total (chf)"];
const TOTAL_CURRENCY: Column = &["currency (total)"];
const WITHHELD: Column = &["withholding tax"];
const WITHHELD_CURRENCY: Column = &["currency (withholding tax)"];
const NOTES: Column = &["notes"];
const ID: Column = &["id"];
const CONVERTED: Column = &["currency conversion from amount"];

/// Charges that come with a trade: the column, that of the currency, and whether it is a tax.
const CHARGES: [(Column, Column, bool); 6] = [
    (
        &[
            "currency conversion fee",
            "currency conversion fee (eur)",
            "currency conversion fee (gbp)",
            "currency conversion fee (usd)",
            "currency conversion fee (chf)",
        ],
        &["currency (currency conversion fee)"],
        false,
    ),
    (&["transaction fee", "transaction fee (eur)", "transaction fee (gbp)"], &["currency (transaction fee)"], false),
    (&["finra fee", "finra fee (eur)", "finra fee (gbp)"], &["currency (finra fee)"], false),
    (&["ptm levy", "ptm levy (eur)", "ptm levy (gbp)"], &["currency (ptm levy)"], false),
    (
        &["stamp duty reserve tax", "stamp duty reserve tax (eur)", "stamp duty reserve tax (gbp)", "stamp duty"],
        &["currency (stamp duty reserve tax)", "currency (stamp duty)"],
        true,
    ),
    (
        &["french transaction tax", "french transaction tax (eur)", "french transaction tax (gbp)"],
        &["currency (french transaction tax)"],
        true,
    ),
];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[ACTION, TIME, ISIN, TICKER, SHARES, PRICE, PRICE_CURRENCY, RATE, TOTAL],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: rows,
    }),
};

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let records: Vec<Record> = sheet.records.iter().map(|record| straightened(sheet, record)).collect();
    let sheet = Sheet { records: &records, ..sheet.clone() };
    let pairs = pairs(&sheet);
    sheet.rows(|line| row(line, &pairs))
}

/// Returns a record with its cells below their names: newer rows of an older file have the notes and the number of the order before the
/// shares, where the header has them behind.
fn straightened(sheet: &Sheet<'_>, record: &Record) -> Record {
    let mut straight = record.clone();
    let (Some(shares), Some(notes)) = (sheet.place(SHARES), sheet.place(NOTES)) else { return straight };
    let cell = |place: usize| record.cells.get(place).map_or("", String::as_str);
    let is_shifted = cell(shares + 1).starts_with("EOF") && cell(shares + 2).starts_with(|first: char| first.is_ascii_digit());
    if is_shifted
        && notes > shares
        && let Some(cells) = straight.cells.get_mut(shares..notes + 2)
    {
        cells.rotate_left(2);
    }
    straight
}

fn row(line: Line<'_>, pairs: &BTreeMap<usize, Line<'_>>) -> Result<Fate, Fault> {
    let action = line.text(ACTION).to_lowercase();
    match action.as_str() {
        "equity rights" => trade(line, ActivityKind::Buy).map(Fate::from),
        "stock distribution" | "scrip stock dividends" | "stock dividend" => {
            with_money(trade(line, ActivityKind::Buy)?, ActivityKind::Dividend, None, "price").map(Fate::Entries)
        }
        "transfer in" => with_money(trade(line, ActivityKind::Buy)?, ActivityKind::Deposit, None, "price").map(Fate::Entries),
        "transfer out" => {
            with_money(trade(line, ActivityKind::Sell)?, ActivityKind::Withdrawal, None, "price").map(Fate::Entries)
        }
        "stock split open" => split(line, *pairs.get(&line.number_of_line()).ok_or(Fault::Unpaired)?),
        "stock split close" if pairs.contains_key(&line.number_of_line()) => Ok(Fate::Skipped(Skip::Detail)),
        "stock split close" => Err(Fault::Unpaired),
        "deposit" | "withdrawal" => transfer(line),
        "result adjustment" => given_back(line),
        "currency conversion" if line.optional(NOTES).is_none() && line.optional(CONVERTED).is_none() => {
            Err(Fault::Missing(line.named(NOTES)))
        }
        "currency conversion" => Ok(Fate::Skipped(Skip::CurrencyExchange)),
        "card debit" | "card credit" | "new card cost" => Ok(Fate::Skipped(Skip::NotKept(line.text(ACTION).to_owned()))),
        "spending cashback" => interest(line),
        word if word.contains("interest") => interest(line),
        word if word.starts_with("dividend") => dividend(line),
        word if word.ends_with(" buy") => trade(line, ActivityKind::Buy).map(Fate::from),
        word if word.ends_with(" sell") => trade(line, ActivityKind::Sell).map(Fate::from),
        _ => Err(Fault::UnknownKind(line.text(ACTION).to_owned())),
    }
}

/// Returns the currency of a column: that of the column beside it, else the one that its name ends with, such as `total (eur)`.
fn currency_of(line: Line<'_>, amount: Column, beside: Column) -> Result<Currency, Fault> {
    let name = line.named(amount);
    match name.split_once('(') {
        Some((_, code)) => currency(code.trim_end_matches(')')),
        None => line.currency(beside),
    }
}

/// Returns what moved in the account, with its currency.
fn total(line: Line<'_>) -> Result<(Decimal, Currency), Fault> {
    Ok((line.number(TOTAL)?, currency_of(line, TOTAL, TOTAL_CURRENCY)?))
}

/// Returns the reference: cards, interest and loans share numbers, and so do a purchase and a sale, but no two of a kind.
fn reference(line: Line<'_>) -> Option<String> {
    let action = line.text(ACTION).to_lowercase();
    let kind = action.rsplit(' ').next().filter(|word| matches!(*word, "buy" | "sell")).unwrap_or(&action);
    line.optional(ID).map(|id| format!("{NAME} {kind} {id}"))
}

/// Returns an entry without its figures, and what the account counts in.
fn blank(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    Ok(Entry { reference: reference(line), ..Entry::new(kind, line.when(TIME)?) })
}

fn instrument(line: Line<'_>, quoted_in: Option<Currency>) -> Result<Named, Fault> {
    let named = Named::of(line.optional(TICKER), line.optional(ISIN), line.optional(&["name"]));
    let named = named.ok_or_else(|| Fault::Missing(line.named(TICKER)))?;
    Ok(Named { currency: quoted_in, ..named })
}

/// Returns how many units of the price's currency are one of the account's.
fn rate(line: Line<'_>, of_price: Currency, of_account: Currency) -> Result<Decimal, Fault> {
    if let Some(rate) = in_unit(Decimal::ONE, of_account, of_price) {
        return Ok(rate);
    }
    let rate = line.number(RATE)?;
    if rate > Decimal::ZERO { Ok(rate) } else { Err(Fault::Senseless(line.named(RATE))) }
}

fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let (total, account) = total(line)?;
    let quoted_in = line.currency(PRICE_CURRENCY)?;
    // What was given for nothing has no rate.
    let rate = if total.is_zero() { Decimal::ONE } else { rate(line, quoted_in, account)? };
    let units = line.number(SHARES)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(SHARES)));
    }
    let (fee, tax) = charges(line, quoted_in, account, rate)?;
    let name = line.named(TOTAL);
    let (net, charged) = (times(total.abs(), rate, &name)?, plus(fee, tax, &name)?);
    let moved = if kind == ActivityKind::Buy { minus(net, charged, &name)? } else { plus(net, charged, &name)? };
    let cent = times(Decimal::new(1, 2), rate, &name)?;
    let is_converted = quoted_in.major() != account.major() && !total.is_zero();
    Ok(Entry {
        instrument: Some(instrument(line, Some(quoted_in))?),
        quantity: units,
        price: price(line.optional_number(PRICE)?, units, moved, cent, &name)?,
        fee,
        tax,
        currency: Some(quoted_in),
        exchange_rate: if is_converted { Some((over(Decimal::ONE, rate, &name)?, account)) } else { None },
        ..blank(line, kind)?
    })
}

/// Returns fees and taxes in the currency of the price.
fn charges(line: Line<'_>, quoted_in: Currency, account: Currency, rate: Decimal) -> Result<(Decimal, Decimal), Fault> {
    let (mut fee, mut tax) = (Decimal::ZERO, Decimal::ZERO);
    for (column, beside, is_tax) in CHARGES {
        let Some(charge) = line.optional_number(column)?.filter(|charge| !charge.is_zero()) else { continue };
        let name = line.named(column);
        let charged_in = currency_of(line, column, beside)?;
        let of_account = || in_unit(charge, charged_in, account)?.checked_mul(rate);
        let charge = fit(in_unit(charge, charged_in, quoted_in).or_else(of_account), &name)?.abs().normalize();
        let sum = if is_tax { &mut tax } else { &mut fee };
        *sum = plus(*sum, charge, &name)?;
    }
    Ok((fee, tax))
}

/// Reads a dividend. Its rate is not told: it is what came in over what was left of the dividend after its tax.
fn dividend(line: Line<'_>) -> Result<Fate, Fault> {
    let (total, account) = total(line)?;
    if total.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    let name = line.named(TOTAL);
    if total < Decimal::ZERO {
        return Err(Fault::Senseless(name));
    }
    let quoted_in = line.optional_currency(PRICE_CURRENCY)?;
    let withheld = line.number_or_zero(WITHHELD)?.abs();
    let withheld_in = if withheld.is_zero() { quoted_in.unwrap_or(account) } else { line.currency(WITHHELD_CURRENCY)? };
    let entry =
        Entry { instrument: Some(instrument(line, quoted_in)?), currency: Some(account), ..blank(line, ActivityKind::Dividend)? };
    if let Some(tax) = in_unit(withheld, withheld_in, account) {
        return Ok(Entry { amount: plus(total, tax, &name)?, tax, ..entry }.into());
    }
    let gross = times(line.number_or_zero(SHARES)?, line.number_or_zero(PRICE)?, &name)?;
    if let Some((paid_in, tax)) = quoted_in.and_then(|paid_in| Some((paid_in, in_unit(withheld, withheld_in, paid_in)?)))
        && gross > tax
    {
        let rate = over(total, minus(gross, tax, &name)?, &name)?;
        return Ok(Entry { amount: gross, tax, currency: Some(paid_in), exchange_rate: Some((rate, account)), ..entry }.into());
    }
    // The tax is of a third currency, and no rate leads from it to what came in.
    Ok(Entry { amount: total, note: Some(format!("Withholding tax {withheld} {}", withheld_in.as_str())), ..entry }.into())
}

fn money(line: Line<'_>, kind: ActivityKind, amount: Decimal, account: Currency) -> Result<Fate, Fault> {
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    let note = line.optional(NOTES).map(str::to_owned);
    Ok(Entry { amount, currency: Some(account), note, ..blank(line, kind)? }.into())
}

/// Reads what came from a bank or went to it: a deposit that was taken back is a withdrawal.
fn transfer(line: Line<'_>) -> Result<Fate, Fault> {
    let (total, account) = total(line)?;
    let comes_in = line.text(ACTION).eq_ignore_ascii_case("deposit") && total > Decimal::ZERO;
    let kind = if comes_in { ActivityKind::Deposit } else { ActivityKind::Withdrawal };
    money(line, kind, total.abs(), account)
}

fn interest(line: Line<'_>) -> Result<Fate, Fault> {
    let (total, account) = total(line)?;
    if total < Decimal::ZERO {
        return Err(Fault::Senseless(line.named(TOTAL)));
    }
    money(line, ActivityKind::Interest, total, account)
}

/// Reads an adjustment, which gives back a tax that was withheld, or takes it later.
fn given_back(line: Line<'_>) -> Result<Fate, Fault> {
    let (total, account) = total(line)?;
    let is_tax = line.text(NOTES).to_lowercase().contains("tax");
    money(line, if is_tax { ActivityKind::Tax } else { ActivityKind::Fee }, -total, account)
}

/// Reads the second row of a split: the units after it over those that the row before it closed.
fn split(line: Line<'_>, closed: Line<'_>) -> Result<Fate, Fault> {
    let (before, after) = (closed.number(SHARES)?.abs(), line.number(SHARES)?.abs());
    let quantity = over(after, before, &line.named(SHARES))?;
    if quantity.is_zero() {
        return Err(Fault::Senseless(line.named(SHARES)));
    }
    let named = instrument(line, line.optional_currency(PRICE_CURRENCY)?)?;
    Ok(Entry { instrument: Some(named), quantity, ..blank(line, ActivityKind::Split)? }.into())
}

/// Returns the other row of every row of a split by its line: the first of a share that closes it belongs to the first that opens it.
fn pairs<'a>(sheet: &'a Sheet<'a>) -> BTreeMap<usize, Line<'a>> {
    let mut splits: BTreeMap<&str, (Vec<Line<'a>>, Vec<Line<'a>>)> = BTreeMap::new();
    for line in sheet.lines() {
        let (closing, opening) = splits.entry(line.text(TICKER)).or_default();
        match line.text(ACTION).to_lowercase().as_str() {
            "stock split close" => closing.push(line),
            "stock split open" => opening.push(line),
            _ => {}
        }
    }
    let of_share = splits.into_values().flat_map(|(closing, opening)| closing.into_iter().zip(opening));
    of_share.flat_map(|(close, open)| [(close.number_of_line(), open), (open.number_of_line(), close)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{count, decimal, entries, faults, read_as, reading, skips, sum, units};

    const HEADER: &str = "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Exchange rate,\
        Total,Currency (Total),Withholding tax,Currency (Withholding tax),Stamp duty reserve tax,Currency (Stamp duty reserve tax),\
        Notes,ID,Currency conversion fee,Currency (Currency conversion fee)\n";

    fn of(rows: &str) -> crate::import::reading::Reading {
        read(format!("{HEADER}{rows}").as_bytes(), &Choices::default()).unwrap()
    }

    fn near(figure: Decimal, expected: &str) {
        assert_eq!(figure.round_dp(2), decimal(expected));
    }

    #[test]
    fn prices_are_of_the_share_and_charges_follow_them() {
        let reading =
            of("Limit buy,2024-01-02 10:00:00.5,GB00BH4HKS39,VOD,Vodafone,100,70,GBX,80,88.60,EUR,,,0.50,GBP,,EOF1,0.475,EUR\n\
            Market sell,2024-01-03 10:00:00,GB00BH4HKS39,VOD,Vodafone,100,70,GBX,80,90.00,EUR,,,,,,EOF1,,\n");
        let [buy, sell] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.quantity, buy.price, buy.currency), (decimal("100"), decimal("70"), Some(Currency::GBX)));
        assert_eq!(
            (buy.fee, buy.tax, buy.exchange_rate),
            (decimal("38"), decimal("50"), Some((decimal("0.0125"), Currency::EUR)))
        );
        assert_eq!(buy.reference.as_deref(), Some("trading212 buy EOF1"));
        assert_eq!(sell.price, decimal("72"), "the money that came in contradicts the price");
    }

    #[test]
    fn rows_that_are_no_trades_are_read_by_their_action() {
        let reading = of("Deposit,2024-01-02 10:00:00,,,,,,,,500,EUR,,,,,,1,,\n\
            Interest on cash,2024-01-03 10:00:00,,,,,,,,0.50,EUR,,,,,,2,,\n\
            Dividend (Dividend),2024-01-04 10:00:00,US5949181045,MSFT,Microsoft,10,0.50,USD,Not available,3.40,EUR,0.75,USD,,,,,,\n\
            Result adjustment,2024-01-05 10:00:00,,,,,,,,2,EUR,,,,,Tax refund,3,,\n\
            Transfer out,2024-01-06 10:00:00,US5949181045,MSFT,Microsoft,10,20,EUR,1,200,EUR,,,,,,EOF4,,\n\
            Card debit,2024-01-07 10:00:00,,,,,,,,-5,EUR,,,,,,5,,\n\
            Currency conversion,2024-01-08 10:00:00,,,,,,,,,,,,,,1 EUR to USD,6,,\n\
            Barter,2024-01-09 10:00:00,,,,,,,,1,EUR,,,,,,7,,\n\
            Market buy,2024-01-10 10:00:00,US5949181045,MSFT,Microsoft,0,20,EUR,1,200,EUR,,,,,,EOF8,,\n\
            Stock split open,2024-01-11 10:00:00,US5949181045,MSFT,Microsoft,5,20,EUR,1,200,EUR,,,,,,EOF9,,\n");
        let dividend = entries(&reading)[2];
        assert_eq!((dividend.amount, dividend.tax), (decimal("5"), decimal("0.75")));
        assert_eq!(dividend.exchange_rate, Some((decimal("0.8"), Currency::EUR)));
        let kinds: Vec<_> = entries(&reading).iter().map(|entry| (entry.kind.word(), entry.amount)).collect();
        assert_eq!(kinds[3..], [("tax", decimal("-2")), ("sell", Decimal::ZERO), ("withdrawal", decimal("200"))]);
        assert_eq!(skips(&reading), [(7, Skip::NotKept("Card debit".to_owned())), (8, Skip::CurrencyExchange)]);
        let senseless = |column: &str| Fault::Senseless(column.to_owned());
        assert_eq!(
            faults(&reading),
            [(9, Fault::UnknownKind("Barter".to_owned())), (10, senseless("no. of shares")), (11, Fault::Unpaired)]
        );
    }

    #[test]
    fn figures_that_no_decimal_holds_are_faults() {
        let most = Decimal::MAX;
        let reading = of(&format!("Market buy,2024-01-10 10:00:00,,MSFT,,{most},{most},USD,{most},{most},EUR,,,,,,EOF8,,\n"));
        assert_eq!(faults(&reading).len(), 1);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let read = |name: &str| read_as(name, NAME);
        let Some(mixed) = read("ok/trading212-2023-2025.csv") else { return };
        assert_eq!((faults(&mixed), skips(&mixed)), (vec![], vec![(13, Skip::Detail)]));
        let split = entries(&mixed).into_iter().find(|entry| entry.kind == ActivityKind::Split).unwrap();
        assert_eq!(split.quantity, decimal("0.25"));
        assert_eq!((units(&mixed)["PALAF"], units(&mixed)["XBTI"]), (decimal("11.0563304"), decimal("-595")));
        near(sum(&mixed, ActivityKind::Withdrawal, "EUR"), "2034.56");

        let basic = read("ok/trading212-2023-basic.csv").unwrap();
        assert_eq!(sum(&basic, ActivityKind::Interest, "EUR"), decimal("0.02"));
        let buys: Vec<_> = entries(&basic).into_iter().filter(|entry| entry.kind == ActivityKind::Buy).collect();
        assert!(buys.len() == 2 && buys[0].reference == buys[1].reference);
        near(buys[0].fee * buys[0].exchange_rate.unwrap().0, "0.02");

        let pence = read("ok/trading212-2023-gbx.csv").unwrap();
        assert_eq!(units(&pence)["RIO"], decimal("0.37251396"));
        assert_eq!((entries(&pence)[0].price, entries(&pence)[1].tax), (decimal("4947.00"), decimal("5")));
        let utc = read("ok/trading212-time-utc.csv").unwrap();
        assert_eq!((units(&utc)["NVDA"], entries(&utc)[0].price), (decimal("0.0267001"), decimal("453.33")));
    }

    #[test]
    fn the_money_of_the_collection_adds_up() {
        for (name, flat, cash) in [("ok/trading212-2024.csv", true, "1758.05"), ("ok/trading212-2026.csv", true, "10121.37")] {
            let Some(reading) = read_as(name, NAME) else { return };
            assert_eq!((units(&reading).is_empty(), faults(&reading)), (flat, vec![]), "{name}");
            // Rates have five decimals: what is reckoned by them is some cents from what moved.
            let sum: Decimal = entries(&reading).iter().map(|entry| moved(entry)).sum();
            assert!((sum - decimal(cash)).abs() < decimal("0.05"), "{name}: {sum}");
        }
        let card = read_as("ok/trading212-card.csv", NAME).unwrap();
        assert_eq!((sum(&card, ActivityKind::Interest, "EUR"), skips(&card).len()), (decimal("1.74"), 2));
    }

    /// Returns the money that an entry moves, in the currency of the account.
    fn moved(entry: &Entry) -> Decimal {
        let gross = if entry.kind.figures().price { entry.quantity * entry.price } else { entry.amount };
        let sign = if entry.kind.takes_money() { -Decimal::ONE } else { Decimal::ONE };
        let rate = entry.exchange_rate.map_or(Decimal::ONE, |(rate, _)| rate);
        (gross * sign - entry.fee - entry.tax) * rate
    }

    #[test]
    fn what_came_for_nothing_has_no_price_and_taxes_are_told_from_fees() {
        let Some(stock) = read_as("ok/trading212-stock-dividends.csv", NAME) else { return };
        assert_eq!((units(&stock)["AAPL"], units(&stock)["SCCO"]), (decimal("0.00543478"), decimal("0.01193872")));
        assert!(entries(&stock).iter().all(|entry| entry.price.is_zero()));
        let rights = read_as("ok/trading212-2025-rights.csv", NAME).unwrap();
        assert_eq!((units(&rights)["AVTX"], entries(&rights)[0].price), (decimal("11.26453044"), decimal("5.4")));
        let duke = read_as("ok/trading212-dividend-gbx.csv", NAME).unwrap();
        let dividend = entries(&duke)[0];
        near(dividend.amount * dividend.exchange_rate.map_or(Decimal::ONE, |(rate, _)| rate), "5.57");
        let french = read_as("ok/trading212-french-tax-sells.csv", NAME).unwrap();
        assert_eq!((entries(&french)[0].tax, entries(&french)[0].price), (decimal("0.61"), decimal("13.88")));
        assert_eq!((units(&french)["O"], count(&french, ActivityKind::Sell)), (decimal("-0.506952"), 2));
        let finra = read_as("ok/trading212-finra.csv", NAME).unwrap();
        assert_eq!((entries(&finra)[0].fee, entries(&finra)[0].tax), (decimal("0.61"), Decimal::ZERO));
        let empty = reading("not-ok/trading212-conversion-empty.csv").unwrap().unwrap();
        assert_eq!(faults(&empty), [(2, Fault::Missing("notes".to_owned()))]);
    }
}
