//! DEGIRO: what the descriptions of an account's statement say, in seven languages.

use std::iter;

use rust_decimal::Decimal;

use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::entry::currency;
use crate::import::numbers::{DecimalMark, decimal_mark, number};

/// What a row of a statement is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A trade.
    Trade(Trade),
    /// Units that came in or went out by an event of the company.
    Given(Trade),
    /// Units of an instrument that was renamed or exchanged.
    Change(Trade),
    Dividend,
    DividendTax,
    Fee,
    Tax,
    Exchange,
    Internal,
    Deposit,
    Withdrawal,
    Interest,
    Nothing,
    /// It speaks of a trade whose figures cannot be read.
    Unreadable(String),
    Unknown,
}

/// A trade as a description has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trade {
    pub(super) kind: ActivityKind,
    pub(super) units: Decimal,
    pub(super) price: Decimal,
    pub(super) currency: Option<Currency>,
}

const BUY: [&str; 6] = ["buy", "koop", "kauf", "achat", "compra", "acquisto"];
const SELL: [&str; 6] = ["sell", "verkoop", "verkauf", "vente", "venda", "venta"];

const CHANGES: [&str; 6] =
    ["productwijziging", "product change", "produktwechsel", "changement de produit", "cambio de producto", "mudança de produto"];
const FUNDS: [&str; 5] = ["money market fund", "geldmarktfonds", "fonds monétaires", "fund distribution", "cash fund"];
/// Words of moves between the account and the bank that belongs to it, and of what is undone later.
const INTERNAL: [&str; 4] = ["flatexdegiro", "cash sweep", "reservation", "processed flatex withdrawal"];
const EXCHANGE: [&str; 5] = ["valuta ", "fx ", "divisa", "währungswechsel", "opération de change"];
const TAX: [&str; 10] =
    ["tax", "belasting", "steuer", "impôt", "imposto", "impuesto", "retención", "ritenuta", "stamp duty", "imposta"];
const FEE: [&str; 10] = ["kosten", "fee", "frais", "comiss", "costes", "gebühr", "costi", "custos", "courtesy", "comisión"];
const INTEREST: [&str; 6] = ["interest", "rente", "zinsen", "intérêt", "interés", "interessi"];
const WITHDRAWAL: [&str; 7] = ["terugstorting", "withdrawal", "auszahlung", "retrait", "retirada", "levantamento", "prelievo"];
const DEPOSIT: [&str; 7] = ["deposit", "storting", "einzahlung", "versement", "ingreso", "depósito", "deposito"];

/// Returns what a description says of a row that moved so much.
pub(super) fn kind_of(description: &str, amount: Option<Decimal>) -> Kind {
    let words = description.to_lowercase();
    let has = |of: &[&str]| of.iter().any(|word| words.contains(word));
    let moves = amount.is_some_and(|amount| !amount.is_zero());
    if has(&FUNDS) {
        // The units of the fund that holds the cash are cash: what it gains or loses is interest or a fee.
        return if moves && !words.contains("conversion:") { Kind::Interest } else { Kind::Internal };
    }
    if let Some((prefix, kind, rest)) = verb(description) {
        return match trade(kind, rest, amount.unwrap_or_default().abs()) {
            None => Kind::Unreadable(description.to_owned()),
            Some(trade) if prefix.is_empty() || moves => Kind::Trade(trade),
            Some(trade) if CHANGES.iter().any(|word| prefix.starts_with(word)) => Kind::Change(trade),
            Some(trade) => Kind::Given(trade),
        };
    }
    match () {
        () if has(&INTERNAL) => Kind::Internal,
        () if has(&EXCHANGE) => Kind::Exchange,
        () if words.contains("dividend") && has(&TAX) => Kind::DividendTax,
        () if words.contains("dividend") => Kind::Dividend,
        () if has(&TAX) => Kind::Tax,
        () if has(&FEE) => Kind::Fee,
        () if has(&WITHDRAWAL) => Kind::Withdrawal,
        () if has(&DEPOSIT) => Kind::Deposit,
        () if has(&INTEREST) => Kind::Interest,
        () if moves => Kind::Unknown,
        () => Kind::Nothing,
    }
}

/// Returns what stands before the word of a trade, such as `stock dividend`, the kind, and what follows.
fn verb(description: &str) -> Option<(String, ActivityKind, &str)> {
    let of = |text: &str| {
        let word = text.split_whitespace().next()?.to_lowercase();
        let is = |words: &[&str]| words.contains(&word.as_str());
        is(&BUY).then_some(ActivityKind::Buy).or(is(&SELL).then_some(ActivityKind::Sell))
    };
    let (prefix, trade) = match of(description) {
        Some(_) => ("", description),
        None => description.split_once(':')?,
    };
    let (kind, trade) = (of(trade)?, trade.trim_start());
    let rest = trade.split_once(char::is_whitespace).filter(|(_, rest)| rest.contains('@'))?.1;
    Some((prefix.trim().to_lowercase(), kind, rest))
}

/// Reads `4 @ 26,88 EUR` and `5 A NAME@21.31 USD (US4042L1052)`.
fn trade(kind: ActivityKind, text: &str, moved: Decimal) -> Option<Trade> {
    let (before, after) = text.rsplit_once('@')?;
    let is_figure = |character: char| character.is_ascii_digit() || character.is_whitespace() || ".,".contains(character);
    let units = if before.chars().all(is_figure) { before.trim() } else { before.split_whitespace().next()? };
    let mut words = after.split_whitespace();
    let price = words.next()?;
    let currency = words.next().and_then(|word| currency(word).ok());
    let (units, price) = figures(units, price, moved, currency)?;
    (units > Decimal::ZERO && price >= Decimal::ZERO).then_some(Trade { kind, units, price, currency })
}

/// Returns units and price in the one way to read them that leads to the money that moved, else as each shows by itself how it is written.
fn figures(units: &str, price: &str, moved: Decimal, currency: Option<Currency>) -> Option<(Decimal, Decimal)> {
    let read = |text: &str| [DecimalMark::Point, DecimalMark::Comma].map(|mark| number(text, mark).ok());
    let moved = moved.checked_mul(currency.map_or(Decimal::ONE, Currency::units_per_major))?;
    let is_close = |units: Decimal, price: Decimal| {
        let apart = units.checked_mul(price)?.checked_sub(moved)?.abs();
        Some(apart <= moved.checked_mul(Decimal::new(1, 3))?.max(Decimal::new(2, 2)))
    };
    let mut fitting: Vec<(Decimal, Decimal)> = Vec::new();
    for figures in read(units).into_iter().zip(read(price)) {
        if let (Some(units), Some(price)) = figures
            && is_close(units, price) == Some(true)
            && !fitting.contains(&(units, price))
        {
            fitting.push((units, price));
        }
    }
    let shown = |text: &str| match (read(text), decimal_mark(iter::once(text))) {
        (_, Some(mark)) => number(text, mark).ok(),
        ([point, comma], None) => point.filter(|_| point == comma),
    };
    match fitting[..] {
        [figures] => Some(figures),
        _ => Some((shown(units)?, shown(price)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::decimal;

    fn read(text: &str, moved: &str) -> Option<(Decimal, Decimal)> {
        match kind_of(text, Some(decimal(moved))) {
            Kind::Trade(trade) | Kind::Given(trade) | Kind::Change(trade) => Some((trade.units, trade.price)),
            _ => None,
        }
    }

    #[test]
    fn units_and_price_are_read_as_the_money_says() {
        let expected = |units: &str, price: &str| Some((decimal(units), decimal(price)));
        assert_eq!(read("Koop 1.000 @ 0,039 EUR", "-39"), expected("1000", "0.039"));
        assert_eq!(read("Buy 1,000 Example Plc@49.78 GBX (GB00BH4HKS39)", "-497.80"), expected("1000", "49.78"));
        assert_eq!(read("Achat 2 3M COMPANY@79,965 EUR (US88579Y1010)", "-159.93"), expected("2", "79.965"));
        assert_eq!(read("Verkauf 1 234,5 @ 2,00 EUR", "2469"), expected("1234.5", "2.00"));
        assert_eq!(read("Koop 1.000 @ 1.000 EUR", "-5"), None, "neither the money nor the figures tell");
    }

    #[test]
    fn descriptions_say_what_a_row_is() {
        let kind = |text: &str| kind_of(text, Some(decimal("-1")));
        for (text, expected) in [
            ("Dividendsteuer", Kind::DividendTax),
            ("Dividendo", Kind::Dividend),
            ("Frais de connexion 2024", Kind::Fee),
            ("Währungswechsel (Einbuchung)", Kind::Exchange),
            ("Transfer to your Cash Account at flatexDEGIRO Bank", Kind::Internal),
            ("Einzahlung", Kind::Deposit),
            ("Flatex Interest", Kind::Interest),
            ("Barter", Kind::Unknown),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
        assert!(matches!(kind_of("PRODUCT CHANGE: Sell 2 X@3 EUR (X)", Some(Decimal::ZERO)), Kind::Change(_)));
        assert!(matches!(kind_of("STOCK SPLIT: Buy 2 X@3 EUR (X)", None), Kind::Given(_)));
    }
}
