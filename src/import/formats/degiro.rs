//! DEGIRO: the list of transactions, in seven languages. Columns of currencies have no names, so that all from the price on is told by where
//! it stands.

use rust_decimal::Decimal;

use super::reckoning::{fit, in_unit, minus, numbered, over, plus, price};
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::Fault;
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::table::{Column, Line, Sheet};

/// The name of the format.
pub const NAME: &str = "degiro";

pub(super) const DATE: Column = &["date", "datum", "fecha", "data"];
pub(super) const TIME: Column = &["time", "tijd", "uhrzeit", "zeit", "heure", "hora", "ora"];
pub(super) const PRODUCT: Column = &["product", "produkt", "produit", "producto", "produto", "prodotto"];
pub(super) const ISIN: Column = &["isin", "code isin"];
const QUANTITY: Column = &["quantity", "aantal", "anzahl", "quantité", "número", "quantidade", "quantità"];
const PRICE: Column = &["price", "koers", "kurs", "cours", "precio", "preço", "preços", "quotazione"];
const RATE: Column =
    &["exchange rate", "wisselkoers", "wechselkurs", "taux de change", "tipo de cambio", "taxa de câmbio", "tasso di cambio"];
/// Columns of money by their names in each language: how numbers are written is seen there.
const MONEY: Column = &[
    "value",
    "waarde",
    "wert",
    "montant",
    "valor",
    "valore",
    "local value",
    "lokale waarde",
    "total",
    "totaal",
    "gesamt",
    "totale",
    "value eur",
    "waarde eur",
    "wert eur",
    "montant eur",
    "valor eur",
    "valore eur",
    "total eur",
    "totaal eur",
    "gesamt eur",
    "totale eur",
];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, TIME, PRODUCT, ISIN, QUANTITY, PRICE, RATE],
        numbers: &[MONEY, PRICE, QUANTITY, RATE],
        dates: &[],
        decimal: None,
        date: Some(DateForm::DayFirst),
        zone: Some("Europe/Amsterdam"),
        read: rows,
    }),
};

/// Places after the price: the values, and what follows them in the two layouts.
struct Places {
    value: usize,
    /// Where the currency of the account stands; nothing where the name of the column of values ends with it.
    currency: Option<usize>,
    fees: &'static [usize],
    total: usize,
    order: &'static [usize],
}

const OLDER: Places = Places { value: 4, currency: Some(5), fees: &[7], total: 9, order: &[11, 12] };
const NEWER: Places = Places { value: 4, currency: None, fees: &[6, 7], total: 8, order: &[9, 10] };

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let name = |places: usize| sheet.place(PRICE).and_then(|at| sheet.columns.get(at + places)).map_or("", String::as_str);
    let places = if name(5).is_empty() { &OLDER } else { &NEWER };
    let of_account = name(places.value).rsplit(' ').next().unwrap_or_default();
    let mut rows = sheet.rows(|line| row(line, places, of_account));
    numbered(&mut rows);
    rows
}

fn row(line: Line<'_>, places: &Places, of_account: &str) -> Result<Fate, Fault> {
    let cell = |at: usize| line.after(PRICE, at);
    let number = |at: usize| if cell(at).is_empty() { Ok(Decimal::ZERO) } else { line.number_of(cell(at)) };
    let units = line.number(QUANTITY)?;
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    let kind = if units.is_sign_negative() { ActivityKind::Sell } else { ActivityKind::Buy };
    let (quoted_in, account) = (currency(cell(1))?, currency(places.currency.map_or(of_account, cell))?);
    let mut fee = Decimal::ZERO;
    for at in places.fees {
        // What is charged is written below zero.
        fee = minus(fee, number(*at)?, "fee")?;
    }
    let rate = rate(in_unit(number(2)?.abs(), currency(cell(3))?, quoted_in), number(places.value)?.abs(), quoted_in, account)?;
    let net = number(places.total)?.abs();
    let worth =
        over(if kind == ActivityKind::Buy { minus(net, fee, "total")? } else { plus(net, fee, "total")? }, rate, "total")?;
    let written = line.number(PRICE)?.abs();
    let cent = over(Decimal::new(1, 2), rate, "total")?;
    let order = places.order.iter().map(|at| cell(*at)).find(|id| !id.is_empty());
    let entry = Entry {
        instrument: Some(instrument(line, quoted_in)?),
        quantity: units.abs(),
        price: price(Some(written), units.abs(), worth, cent, &line.named(PRICE))?,
        fee: over(fee, rate, "fee")?.round_dp(10),
        currency: Some(quoted_in),
        exchange_rate: (quoted_in.major() != account.major()).then_some((rate, account)),
        reference: order.map(|order| reference(order, kind, units, written)),
        ..Entry::new(kind, line.when_of(&format!("{} {}", line.text(DATE), line.text(TIME)))?)
    };
    Ok(entry.into())
}

/// Returns what one unit of the price's currency is in that of the account: by the values in both, as the rate that is written leads to
/// other sums.
fn rate(local: Option<Decimal>, value: Decimal, quoted_in: Currency, account: Currency) -> Result<Decimal, Fault> {
    if let Some(rate) = in_unit(Decimal::ONE, quoted_in, account) {
        return Ok(rate);
    }
    let local = fit(local, "local value")?;
    if local.is_zero() && value.is_zero() {
        return Ok(Decimal::ONE);
    }
    let rate = over(value, local, "local value")?;
    if rate.is_zero() { Err(Fault::Senseless("value".to_owned())) } else { Ok(rate) }
}

/// Returns the instrument of a row.
pub(super) fn instrument(line: Line<'_>, quoted_in: Currency) -> Result<Named, Fault> {
    let named = Named::of(None, line.optional(ISIN), line.optional(PRODUCT)).ok_or_else(|| Fault::Missing(line.named(ISIN)))?;
    Ok(Named { currency: Some(quoted_in), ..named })
}

/// Returns the reference of a part of an order: all parts of an order share its number.
pub(super) fn reference(order: &str, kind: ActivityKind, units: Decimal, price: Decimal) -> String {
    format!("{NAME} {order} {} {}@{}", kind.word(), units.abs().normalize(), price.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, units};

    #[test]
    fn what_moved_tells_the_rate_and_the_price() {
        let text = "Datum,Uhrzeit,Produkt,ISIN,Referenzbörse,Ausführungsort,Anzahl,Kurs,,Wert in Lokalwährung,,Wert,,Wechselkurs,Gebühr,,Gesamt,,Order-ID\n\
            02-01-2024,09:30,EXAMPLE CORP,US5949181045,NDQ,XNAS,10,\"50,00\",USD,\"-500,00\",USD,\"-400,00\",EUR,\"1,2499\",\"-2,00\",EUR,\"-402,00\",EUR,one\n\
            02-01-2024,09:30,EXAMPLE CORP,US5949181045,NDQ,XNAS,10,\"50,00\",USD,\"-500,00\",USD,\"-400,00\",EUR,\"1,2499\",,EUR,\"-400,00\",EUR,one\n\
            03-01-2024,10:00,OTHER AG,DE0007164600,XET,XETR,-4,\"20,00\",EUR,\"88,00\",EUR,\"88,00\",EUR,,\"-1,00\",EUR,\"87,00\",EUR,two\n\
            04-01-2024,10:00,OTHER AG,DE0007164600,XET,XETR,0,\"20,00\",EUR,\"88,00\",EUR,\"88,00\",EUR,,\"-1,00\",EUR,\"87,00\",EUR,two\n\
            ,,,,,,,,,,,,,,,,,,\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [first, second, sell] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((first.quantity, first.price, first.fee), (decimal("10"), decimal("50.00"), decimal("2.5")));
        assert_eq!(first.exchange_rate, Some((decimal("0.8"), Currency::EUR)));
        assert_eq!(first.reference.as_deref(), Some("degiro one buy 10@50"));
        assert_eq!(second.reference.as_deref(), Some("degiro one buy 10@50 2"), "two parts of an order may be alike");
        assert_eq!((sell.price, sell.fee, sell.exchange_rate), (decimal("22"), decimal("1"), None));
        assert_eq!(faults(&reading), [(5, Fault::Senseless("anzahl".to_owned()))]);
        assert_eq!(reading.rows.len(), 5);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(older) = read_as("ok/degiro-transactions-nl.csv", NAME) else { return };
        let [buy, sell] = entries(&older)[..] else { panic!("{older:?}") };
        assert_eq!((buy.quantity, buy.price, sell.price), (decimal("100"), decimal("49.559"), decimal("682.70")));
        let rate = buy.exchange_rate.unwrap().0;
        assert_eq!(((buy.quantity * buy.price + buy.fee) * rate).round_dp(2), decimal("4335.62"));
        assert_eq!((units(&older)["NL0010273215"], sell.fee), (decimal("-5"), decimal("2")));
        let newer = read_as("ok/degiro-transactions-2025-nl.csv", NAME).unwrap();
        let cost = |entry: &&Entry| entry.quantity * entry.price + entry.fee;
        assert_eq!(entries(&newer).iter().map(cost).sum::<Decimal>(), decimal("143.46"));
        assert!(entries(&newer)[0].reference.as_deref().unwrap().starts_with("degiro 5e1f0c2a-0103"));
        let odd = read_as("warn/degiro-transactions-en.csv", NAME).unwrap();
        let rates = |entry: &&Entry| cost(entry) * entry.exchange_rate.unwrap().0;
        assert_eq!(entries(&odd).iter().map(rates).collect::<Vec<_>>(), [decimal("6.00"), decimal("7.60")]);
        assert_eq!(entries(&odd)[0].price, decimal("4"), "what moved counts");
    }
}
