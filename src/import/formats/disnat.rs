//! Disnat: the French list of transactions of a Canadian broker, which calls its currencies by their countries.

use rust_decimal::Decimal;

use super::reckoning::price_of_trade;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::{DateForm, When};
use crate::import::entry::{Entry, Fate, Named, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

const TRADED: Column = &["date de transaction"];
const SETTLED: Column = &["date de règlement"];
const KIND: Column = &["type de transaction"];
const SYMBOL: Column = &["symbole"];
const DESCRIPTION: Column = &["description"];
const UNITS: Column = &["quantité"];
const PRICE: Column = &["prix"];
const QUOTED_IN: Column = &["devise du prix"];
const FEE: Column = &["commission payée"];
const AMOUNT: Column = &["montant de l'opération"];
const ACCOUNT: Column = &["devise du compte"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "disnat",
    reader: Reader::Table(TableFormat {
        header: &[TRADED, SETTLED, KIND, SYMBOL, DESCRIPTION, UNITS, PRICE, QUOTED_IN, FEE, AMOUNT, ACCOUNT],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Comma),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let word = line.text(KIND).to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|begin| word.starts_with(begin));
    match () {
        () if begins(&["achat"]) => trade(line, ActivityKind::Buy),
        () if begins(&["vente"]) => trade(line, ActivityKind::Sell),
        () if begins(&["dividende", "distribution"]) => cash(line, ActivityKind::Dividend),
        () if begins(&["intérêt"]) => cash(line, ActivityKind::Interest),
        () if begins(&["taxe", "impôt", "retenue"]) => cash(line, ActivityKind::Tax),
        () if begins(&["frais"]) => cash(line, ActivityKind::Fee),
        () if begins(&["cotisation", "subvention", "incitatif", "transfert reçu", "dépôt"]) => {
            cash(line, ActivityKind::Deposit)
        }
        () if begins(&["résiliation", "retrait"]) => cash(line, ActivityKind::Withdrawal),
        () => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

/// Returns the currency of a column: `CAN` is the Canadian dollar.
fn currency_of(line: Line<'_>, column: Column) -> Result<Currency, Fault> {
    match line.text(column).to_uppercase().as_str() {
        "CAN" => currency("CAD"),
        "USA" | "US" => currency("USD"),
        code => currency(code),
    }
}

/// Returns when it was traded; what is no trade has the day of its settlement alone.
fn when(line: Line<'_>) -> Result<When, Fault> {
    line.when(if line.optional(TRADED).is_some() { TRADED } else { SETTLED })
}

/// Returns the instrument. The symbol of a trade ends with its market, that of a dividend does not.
fn instrument(line: Line<'_>, quoted_in: Currency) -> Result<Named, Fault> {
    let symbol = line.optional(SYMBOL).map(|symbol| symbol.strip_suffix("-C").or(symbol.strip_suffix("-U")).unwrap_or(symbol));
    let named = Named::of(symbol, None, line.optional(DESCRIPTION)).ok_or_else(|| Fault::Missing(line.named(SYMBOL)))?;
    Ok(Named { currency: Some(quoted_in), ..named })
}

/// Reads a trade in the currency of the account: a price in another one is told by the money.
fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let (account, quoted_in) = (currency_of(line, ACCOUNT)?, currency_of(line, QUOTED_IN)?);
    let units = line.number(UNITS)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(UNITS)));
    }
    let entry = Entry {
        instrument: Some(instrument(line, quoted_in)?),
        quantity: units,
        fee: line.number_or_zero(FEE)?.abs(),
        currency: Some(account),
        ..Entry::new(kind, when(line)?)
    };
    let written = if quoted_in == account { line.optional_number(PRICE)? } else { None };
    let price = price_of_trade(&entry, written, line.number(AMOUNT)?.abs(), &line.named(AMOUNT))?;
    Ok(Entry { price, ..entry }.into())
}

fn cash(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let (moved, account) = (line.number(AMOUNT)?, currency_of(line, ACCOUNT)?);
    let amount: Decimal = if kind.takes_money() { -moved } else { moved };
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    if amount.is_sign_negative() && !matches!(kind, ActivityKind::Fee | ActivityKind::Tax) {
        return Err(Fault::Senseless(line.named(AMOUNT)));
    }
    let instrument = if kind.figures().ticker { Some(instrument(line, account)?) } else { None };
    let note = line.optional(DESCRIPTION).map(str::to_owned);
    Ok(Entry { instrument, note, ..Entry::of_amount(kind, when(line)?, amount, account) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, units};

    #[test]
    fn currencies_are_told_by_their_countries() {
        let text = "Date de transaction,Date de règlement,Type de transaction,Classe d'actif,Symbole,Description,Marché,Quantité,Prix,Devise du prix,Commission payée,Montant de l'opération,Devise du compte\n\
            2024-01-02,2024-01-04,ACHAT,Actions,ABC-C,EXAMPLE,CAN,10,\"5,50\",CAN,\"1,00\",\"-56\",CAN\n\
            -,2024-01-05,DIVIDENDE,Actions,ABC,EXAMPLE,-,10,-,CAN,0,\"2,50\",CAN\n\
            -,2024-01-05,FRAIS,-,-,FRAIS,-,0,-,CAN,0,0,CAN\n\
            -,2024-01-06,TROC,-,-,X,-,0,-,CAN,0,1,CAN\n\
            -,2024-01-06,COTISATION,-,-,X,-,0,-,CAN,0,-1,CAN\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, dividend] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.price, buy.fee, buy.currency.unwrap().as_str()), (decimal("5.5"), decimal("1"), "CAD"));
        assert_eq!((buy.instrument.as_ref(), dividend.amount), (dividend.instrument.as_ref(), decimal("2.5")));
        assert_eq!(skips(&reading), [(4, Skip::Nothing)]);
        let senseless = Fault::Senseless("montant de l'opération".to_owned());
        assert_eq!(faults(&reading), [(5, Fault::UnknownKind("TROC".to_owned())), (6, senseless)]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/disnat-transactions-fr.csv", "disnat") else { return };
        assert_eq!((faults(&reading), entries(&reading).len()), (vec![], 23));
        let moved = |entry: &&Entry| {
            let gross = if entry.kind.figures().price { entry.quantity * entry.price } else { entry.amount };
            if entry.kind.takes_money() { -gross } else { gross }
        };
        assert_eq!(entries(&reading).iter().map(moved).sum::<Decimal>().normalize(), decimal("-447.36"));
        assert_eq!(
            (units(&reading)["CASH"], units(&reading).len()),
            (decimal("2"), 5),
            "what a dividend was paid for is no movement"
        );
    }
}
