//! Avanza: the list of transactions. Prices are in the currency of the instrument, sums in that of the account, with the rate between them;
//! the tax on a foreign dividend is a row of its own.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::reckoning::{minus, over, plus, price, times};
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

const DATE: Column = &["datum"];
const ACCOUNT: Column = &["konto"];
const KIND: Column = &["typ av transaktion"];
const NAME_OF: Column = &["värdepapper/beskrivning"];
const UNITS: Column = &["antal"];
const PRICE: Column = &["kurs"];
const AMOUNT: Column = &["belopp"];
const CURRENCY: Column = &["transaktionsvaluta", "valuta"];
const FEE: Column = &["courtage (sek)", "courtage"];
const RATE: Column = &["valutakurs"];
const QUOTED_IN: Column = &["instrumentvaluta"];
const ISIN: Column = &["isin"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "avanza",
    reader: Reader::Table(TableFormat {
        header: &[DATE, ACCOUNT, KIND, NAME_OF, UNITS, PRICE, AMOUNT, FEE, ISIN],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Comma),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: rows,
    }),
};

/// A day, an account and a share: what a dividend and its tax have in common.
type Payment<'a> = (&'a str, &'a str, &'a str);

/// What was withheld of payments, and the lines of the dividends that it was withheld from.
#[derive(Default)]
struct Withheld {
    dividend: Option<usize>,
    tax: Decimal,
}

fn payment(line: Line<'_>) -> Payment<'_> {
    (line.text(DATE), line.text(ACCOUNT), line.text(ISIN))
}

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let mut withheld: BTreeMap<Payment<'_>, Withheld> = BTreeMap::new();
    for line in sheet.lines() {
        let of = withheld.entry(payment(line)).or_default();
        match line.text(KIND).to_lowercase().as_str() {
            "utdelning" => of.dividend = of.dividend.or(Some(line.number_of_line())),
            // A sum that no decimal holds becomes one that no dividend is as large as.
            "utländsk källskatt" => of.tax = of.tax.saturating_sub(line.number_or_zero(AMOUNT).unwrap_or_default()),
            _ => {}
        }
    }
    sheet.rows(|line| row(line, withheld.get(&payment(line))))
}

fn row(line: Line<'_>, withheld: Option<&Withheld>) -> Result<Fate, Fault> {
    match line.text(KIND).to_lowercase().as_str() {
        "köp" => trade(line, ActivityKind::Buy),
        "sälj" => trade(line, ActivityKind::Sell),
        "utdelning" => dividend(line, withheld),
        "utländsk källskatt" if withheld.is_some_and(|withheld| withheld.dividend.is_some()) => Ok(Fate::Skipped(Skip::Detail)),
        "utländsk källskatt" => cash(line, ActivityKind::Tax),
        "insättning" => cash(line, ActivityKind::Deposit),
        "uttag" => cash(line, ActivityKind::Withdrawal),
        "ränta" if line.number(AMOUNT)?.is_sign_negative() => cash(line, ActivityKind::Fee),
        "ränta" => cash(line, ActivityKind::Interest),
        // Units that one fund becomes of another have no price: what they are worth is asked.
        "övrigt" if line.optional(UNITS).is_some() => Err(Fault::Missing(line.named(PRICE))),
        "övrigt" if line.text(NAME_OF).to_lowercase().contains("skatt") => cash(line, ActivityKind::Tax),
        "övrigt" => cash(line, ActivityKind::Fee),
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

fn instrument(line: Line<'_>, quoted_in: Option<Currency>) -> Result<Named, Fault> {
    let named = Named::of(None, line.optional(ISIN), line.optional(NAME_OF));
    Ok(Named { currency: quoted_in, ..named.ok_or_else(|| Fault::Missing(line.named(ISIN)))? })
}

fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let name = line.named(AMOUNT);
    let account = line.currency(CURRENCY)?;
    let quoted_in = line.optional_currency(QUOTED_IN)?.unwrap_or(account);
    let rate = if quoted_in == account { Decimal::ONE } else { line.number(RATE)? };
    let units = line.number(UNITS)?.abs();
    if units.is_zero() || rate <= Decimal::ZERO {
        return Err(Fault::Senseless(line.named(if units.is_zero() { UNITS } else { RATE })));
    }
    let (amount, fee) = (line.number(AMOUNT)?.abs(), line.number_or_zero(FEE)?.abs());
    let moved = if kind == ActivityKind::Buy { minus(amount, fee, &name)? } else { plus(amount, fee, &name)? };
    let cent = over(Decimal::new(1, 2), rate, &name)?;
    let entry = Entry {
        instrument: Some(instrument(line, Some(quoted_in))?),
        quantity: units,
        price: price(line.optional_number(PRICE)?, units, over(moved, rate, &name)?, cent, &name)?,
        fee: over(fee, rate, &name)?.round_dp(10),
        currency: Some(quoted_in),
        exchange_rate: (quoted_in != account).then_some((rate, account)),
        ..Entry::new(kind, line.when(DATE)?)
    };
    Ok(entry.into())
}

/// Reads a dividend by what came in, as the rate beside it is often one.
fn dividend(line: Line<'_>, withheld: Option<&Withheld>) -> Result<Fate, Fault> {
    let amount = line.number(AMOUNT)?;
    if amount <= Decimal::ZERO {
        return Err(Fault::Senseless(line.named(AMOUNT)));
    }
    let tax = withheld
        .filter(|withheld| withheld.dividend == Some(line.number_of_line()))
        .map_or(Decimal::ZERO, |withheld| withheld.tax);
    if tax > amount {
        return Err(Fault::Senseless("utländsk källskatt".to_owned()));
    }
    let instrument = Some(instrument(line, line.optional_currency(QUOTED_IN)?)?);
    let entry = Entry::of_amount(ActivityKind::Dividend, line.when(DATE)?, amount, line.currency(CURRENCY)?);
    Ok(Entry { instrument, tax, ..entry }.into())
}

fn cash(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let amount = line.number(AMOUNT)?;
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    let amount = times(amount, if kind.takes_money() { -Decimal::ONE } else { Decimal::ONE }, &line.named(AMOUNT))?;
    if amount.is_sign_negative() && !matches!(kind, ActivityKind::Fee | ActivityKind::Tax) {
        return Err(Fault::Senseless(line.named(AMOUNT)));
    }
    let note = line.optional(NAME_OF).map(str::to_owned);
    Ok(Entry { note, ..Entry::of_amount(kind, line.when(DATE)?, amount, line.currency(CURRENCY)?) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn dividends_have_their_tax_and_trades_their_rate() {
        let text = "Datum;Konto;Typ av transaktion;Värdepapper/beskrivning;Antal;Kurs;Belopp;Transaktionsvaluta;Courtage (SEK);Valutakurs;Instrumentvaluta;ISIN;Resultat\n\
            2024-01-02;A;Köp;Example;10;5,00;-505,00;SEK;5;10;USD;US5949181045\n\
            2024-01-03;A;Utländsk källskatt;Example;10;;-7,50;SEK;;1;;US5949181045;\n\
            2024-01-03;A;Utdelning;Example;10;0,5;50;SEK;;1;USD;US5949181045;\n\
            2024-01-04;A;Övrigt;Avkastningsskatt;;;-12;SEK;;;;;\n\
            2024-01-05;A;Övrigt;Fondbyte;2;;;;;;;US5949181045;\n\
            2024-01-06;A;Byte;Example;2;;;;;;;US5949181045;\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, dividend, tax] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!(
            (buy.price, buy.fee, buy.exchange_rate),
            (decimal("5"), decimal("0.5"), Some((decimal("10"), "SEK".parse().unwrap())))
        );
        assert_eq!((dividend.amount, dividend.tax, tax.amount), (decimal("50"), decimal("7.5"), decimal("12")));
        assert_eq!(skips(&reading), [(3, Skip::Detail)]);
        assert_eq!(faults(&reading), [(6, Fault::Missing("kurs".to_owned())), (7, Fault::UnknownKind("Byte".to_owned()))]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/avanza-transactions.csv", "avanza") else { return };
        let expected =
            [("NO0010827280", "-352.033838"), ("SE0004841500", "6.3572"), ("SE0007126000", "2"), ("US78409V1044", "2")];
        assert_eq!(units(&reading), expected.map(|(isin, units)| (isin.to_owned(), decimal(units))).into());
        assert_eq!((reading.rows.len(), faults(&reading).len()), (20, 2), "an exchange of funds has no price");
        let global = entries(&reading).into_iter().find(|entry| entry.exchange_rate.is_some()).unwrap();
        let (rate, _) = global.exchange_rate.unwrap();
        assert_eq!(((global.price * global.quantity + global.fee) * rate).round_dp(2), decimal("7104.41"));
        assert_eq!(
            (sum(&reading, ActivityKind::Fee, "SEK"), sum(&reading, ActivityKind::Tax, "SEK")),
            (decimal("-87.21"), decimal("160.49"))
        );
        assert_eq!(
            (sum(&reading, ActivityKind::Dividend, "SEK"), sum(&reading, ActivityKind::Interest, "SEK")),
            (decimal("285.38"), decimal("1.56"))
        );
    }
}
