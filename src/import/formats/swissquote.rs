//! Swissquote: the list of transactions. Every row is in the currency of its own, with its costs within the net amount.

use rust_decimal::Decimal;

use super::reckoning::{numbered, plus, price_of_trade};
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

const NAME: &str = "swissquote";

const DATE: Column = &["date", "datum"];
const ORDER: Column = &["order #", "auftrag #", "ordre #"];
const KIND: Column = &["transaction", "transaktionen", "transaktion"];
const SYMBOL: Column = &["symbol", "symbole"];
const NAME_OF: Column = &["name", "nom"];
const ISIN: Column = &["isin"];
const QUANTITY: Column = &["quantity", "anzahl", "quantité"];
const PRICE: Column = &["unit price", "stückpreis", "prix unitaire"];
const COSTS: Column = &["costs", "kosten", "coûts"];
const ACCRUED: Column = &["accrued interest", "aufgelaufene zinsen", "intérêts courus"];
const NET: Column = &["net amount", "nettobetrag", "montant net"];
const CURRENCY: Column = &["currency", "währung", "monnaie", "devise"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, ORDER, KIND, SYMBOL, NAME_OF, ISIN, QUANTITY, PRICE, COSTS, ACCRUED],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::DayFirst),
        zone: Some("Europe/Zurich"),
        read: rows,
    }),
};

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let mut rows = sheet.rows(row);
    // The parts of an order share its number.
    numbered(&mut rows);
    rows
}

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let word = line.text(KIND).to_lowercase();
    match word.as_str() {
        "buy" | "kauf" | "achat" => trade(line, ActivityKind::Buy),
        "sell" | "verkauf" | "vente" => trade(line, ActivityKind::Sell),
        "dividend" | "dividende" => dividend(line),
        "credit" | "einzahlung" | "payment" | "vergütung" => cash(line, ActivityKind::Deposit),
        "debit" | "auszahlung" | "payout" => cash(line, ActivityKind::Withdrawal),
        "interests" | "interest" | "zins" | "zinsen" | "intérêts" => earned(line),
        "tax" | "steuern" => paid(line, ActivityKind::Tax),
        word if word.starts_with("forex") || word.starts_with("fx-") => Ok(Fate::Skipped(Skip::CurrencyExchange)),
        word if ["fee", "gebühr", "frais"].iter().any(|part| word.contains(part)) => paid(line, ActivityKind::Fee),
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

fn blank(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let order = line.optional(ORDER).filter(|order| order.chars().any(|character| character != '0'));
    let reference = order.map(|order| format!("{NAME} {order}"));
    Ok(Entry { currency: Some(line.currency(CURRENCY)?), reference, ..Entry::new(kind, line.when(DATE)?) })
}

fn instrument(line: Line<'_>, quoted_in: Option<Currency>) -> Result<Named, Fault> {
    let named = Named::of(line.optional(SYMBOL), line.optional(ISIN), line.optional(NAME_OF));
    Ok(Named { currency: quoted_in, ..named.ok_or_else(|| Fault::Missing(line.named(SYMBOL)))? })
}

/// Reads a trade. Interest that accrued on a bond is part of the price, as it is paid for the units, and a note tells it.
fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let entry = blank(line, kind)?;
    let units = line.number(QUANTITY)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    let accrued = line.optional_number(ACCRUED)?.filter(|accrued| !accrued.is_zero());
    let entry = Entry {
        instrument: Some(instrument(line, entry.currency)?),
        quantity: units,
        fee: line.number_or_zero(COSTS)?.abs(),
        note: accrued.map(|accrued| format!("{} {accrued}", line.named(ACCRUED))),
        ..entry
    };
    let price = price_of_trade(&entry, line.optional_number(PRICE)?, line.number(NET)?.abs(), &line.named(NET))?;
    Ok(Entry { price, ..entry }.into())
}

/// Reads a dividend: its costs are what was withheld.
fn dividend(line: Line<'_>) -> Result<Fate, Fault> {
    let entry = blank(line, ActivityKind::Dividend)?;
    let tax = line.number_or_zero(COSTS)?.abs();
    let amount = plus(line.number(NET)?, tax, &line.named(NET))?;
    if amount <= Decimal::ZERO {
        return Err(Fault::Senseless(line.named(NET)));
    }
    Ok(Entry { instrument: Some(instrument(line, entry.currency)?), amount, tax, ..entry }.into())
}

/// Reads money from a bank or to one, with what the move cost.
fn cash(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let (net, fee) = (line.number(NET)?, line.number_or_zero(COSTS)?.abs());
    let net = if kind == ActivityKind::Deposit { net } else { -net };
    let amount = plus(net, if kind == ActivityKind::Deposit { fee } else { -fee }, &line.named(NET))?;
    if amount <= Decimal::ZERO {
        return Err(Fault::Senseless(line.named(NET)));
    }
    Ok(Entry { amount, fee, ..blank(line, kind)? }.into())
}

fn paid(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let net = line.number(NET)?;
    if net.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    Ok(Entry { amount: -net, note: line.optional(KIND).map(str::to_owned), ..blank(line, kind)? }.into())
}

/// Reads interest: what was paid for a debt is a fee.
fn earned(line: Line<'_>) -> Result<Fate, Fault> {
    let net = line.number(NET)?;
    if net <= Decimal::ZERO {
        return paid(line, ActivityKind::Fee);
    }
    Ok(Entry { amount: net, ..blank(line, ActivityKind::Interest)? }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn costs_are_within_the_net_amount() {
        let text = "Datum;Auftrag #;Transaktionen;Symbol;Name;ISIN;Anzahl;Stückpreis;Kosten;Aufgelaufene Zinsen;Nettobetrag;Saldo;Währung\n\
            02-01-2024 10:00:00;77;Kauf;NESN;Nestle;CH0038863350;10.0;100.00;5.00;0.00;-1'005.00;0;CHF\n\
            02-01-2024 10:00:01;77;Kauf;NESN;Nestle;CH0038863350;1.0;100.00;0.00;0.00;-100.00;0;CHF\n\
            03-01-2024 10:00:00;00000000;Dividende;NESN;Nestle;CH0038863350;1.0;30.00;10.50;0.00;19.50;0;CHF\n\
            04-01-2024 10:00:00;00000000;Depotgebühren;;;;1.0;20.00;1.00;0.00;-21.00;0;CHF\n\
            05-01-2024 10:00:00;78;Fx-Gutschrift Comp.;;;;1.0;20.00;0.00;0.00;20.00;0;EUR\n\
            06-01-2024 10:00:00;00000000;Tausch;;;;1.0;20.00;0.00;0.00;20.00;0;EUR\n\
            07-01-2024 10:00:00;00000000;Auszahlung;;;;1.0;20.00;0.00;0.00;20.00;0;EUR\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, part, dividend, fee] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.price, buy.fee, buy.reference.as_deref()), (decimal("100"), decimal("5"), Some("swissquote 77")));
        assert_eq!(part.reference.as_deref(), Some("swissquote 77 2"));
        assert_eq!((dividend.amount, dividend.tax, fee.amount), (decimal("30"), decimal("10.5"), decimal("21")));
        assert_eq!(skips(&reading), [(6, Skip::CurrencyExchange)]);
        assert_eq!(
            faults(&reading),
            [(7, Fault::UnknownKind("Tausch".to_owned())), (8, Fault::Senseless("nettobetrag".to_owned()))]
        );
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/swissquote-transactions.csv", NAME) else { return };
        let expected = [
            ("ORFN", "200"),
            ("XDWU", "640"),
            ("KROP", "850"),
            ("WENS", "3300"),
            ("VDEM", "-537"),
            ("VWRD", "-808"),
            ("VEUD", "-709"),
            ("WDSC", "-373"),
        ];
        assert_eq!(units(&reading), expected.map(|(symbol, units)| (symbol.to_owned(), decimal(units))).into());
        assert_eq!((faults(&reading), skips(&reading).len(), reading.rows.len()), (vec![], 4, 21));
        let moved = |currency: &str| -> Decimal {
            entries(&reading)
                .iter()
                .filter(|entry| entry.currency.is_some_and(|of| of.as_str() == currency))
                .map(|entry| {
                    let gross = if entry.kind.figures().price { entry.quantity * entry.price } else { entry.amount };
                    (if entry.kind.takes_money() { -gross } else { gross }) - entry.fee - entry.tax
                })
                .sum()
        };
        // Without the exchanges of currencies.
        assert_eq!(moved("CHF").normalize(), decimal("62020.99") - decimal("100000"));
        assert_eq!(moved("EUR").normalize(), decimal("486.58"));
        let apart = moved("USD") - decimal("39220.25") - decimal("108017.30");
        assert!(apart.abs() < decimal("0.02"), "{apart}");
        assert_eq!(sum(&reading, ActivityKind::Withdrawal, "CHF"), decimal("6000"));
    }
}
