//! The tables that it exports: one of an account, where purchases are below zero, or one of a securities account, where sales are. The word
//! decides, not the sign.

use rust_decimal::Decimal;

use super::booking::{Booking, Kind, Names, kind};
use crate::import::entry::{Fate, Named};
use crate::import::faults::Fault;
use crate::import::format::TableFormat;
use crate::import::table::{Column, Line};

/// How they are recognised and read.
pub const TABLE: TableFormat = TableFormat {
    header: &[DATE, KIND, VALUE, CURRENCY, GROSS, GROSS_CURRENCY, FEE, TAX, UNITS, ISIN, NAME],
    numbers: &[VALUE, GROSS, RATE, FEE, TAX, UNITS],
    dates: &[DATE],
    decimal: None,
    date: None,
    zone: None,
    read: |sheet| sheet.rows(row),
};

const DATE: Column = &["datum", "date"];
const KIND: Column = &["typ", "type"];
const VALUE: Column = &["wert", "value", "valeur"];
const CURRENCY: Column = &["buchungswährung", "transaction currency", "devise de l'opération", "devise"];
const GROSS: Column = &["bruttobetrag", "gross amount", "montant brut"];
const GROSS_CURRENCY: Column =
    &["währung bruttobetrag", "currency gross amount", "montant brut en devise", "devise montant brut"];
const RATE: Column = &["wechselkurs", "exchange rate", "taux de change"];
const FEE: Column = &["gebühren", "fees", "frais"];
const TAX: Column = &["steuern", "taxes", "impôts / taxes", "impôts"];
const UNITS: Column = &["stück", "shares", "parts"];
const ISIN: Column = &["isin"];
const WKN: Column = &["wkn"];
const TICKER: Column = &["ticker-symbol", "ticker symbol", "symbole boursier", "symbole"];
const NAME: Column = &["wertpapiername", "security name", "nom du titre", "nom"];
const NOTE: Column = &["notiz", "note"];

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let kind = kind(line.optional(KIND).ok_or_else(|| Fault::Missing(line.named(KIND)))?)?;
    let value = line.number(VALUE)?;
    // What comes in is written above zero; below it, it is unclear what came in.
    if matches!(kind, Kind::Income(_) | Kind::Refund(_)) && value < Decimal::ZERO {
        return Err(Fault::Senseless(line.named(VALUE)));
    }
    let booking = Booking {
        kind,
        when: line.when(DATE)?,
        named: instrument(line)?,
        units: line.number_or_zero(UNITS)?.abs(),
        value: value.abs(),
        fee: line.number_or_zero(FEE)?,
        tax: line.number_or_zero(TAX)?,
        currency: Some(line.currency(CURRENCY)?),
        note: line.optional(NOTE).map(str::to_owned),
        reference: None,
    };
    booking.fate(&Names { instrument: line.named(NAME), units: line.named(UNITS), value: line.named(VALUE) })
}

/// Returns the instrument; its gross amount is in the currency that it is quoted in, where that is another one.
fn instrument(line: Line<'_>) -> Result<Option<Named>, Fault> {
    let named = Named::of(line.optional(TICKER), line.optional(ISIN), line.optional(NAME));
    let Some(named) = named.or_else(|| line.optional(WKN).and_then(Named::symbol)) else { return Ok(None) };
    Ok(Some(Named { currency: line.optional_currency(GROSS_CURRENCY)?, ..named }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::ActivityKind;
    use crate::import::faults::Skip;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, sum, units};

    const NAME: &str = "portfolio_performance_csv";

    fn of(text: &str) -> Reading {
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!(reading.format, NAME);
        reading
    }

    const GERMAN: &str = "Datum;Typ;Wert;Buchungswährung;Bruttobetrag;Währung Bruttobetrag;Wechselkurs;Gebühren;Steuern;Stück;ISIN;WKN;\
        Ticker-Symbol;Wertpapiername;Notiz\n";

    #[test]
    fn the_value_of_a_booking_holds_its_charges() {
        let text = "2023-02-01T09:00;Kauf;-1.210,50;EUR;;;;8,50;2,00;40;CH0038863350;;NESN.SW;Nestlé;Plan\n\
            2023-03-01T09:00;Verkauf;290,00;EUR;;;;4,00;6,00;10;CH0038863350;;NESN.SW;Nestlé;\n\
            2023-04-01T00:00;Dividende;65,00;EUR;;;;1,00;24,00;30;CH0038863350;;NESN.SW;Nestlé;\n\
            2023-05-01T00:00;Zinsbelastung;-3,00;EUR;;;;;;;;;;;\n2023-05-02T00:00;Steuerrückerstattung;7,00;EUR;;;;;;;;;;;\n\
            2023-05-03T00:00;Gebührenerstattung;2,50;EUR;;;;;;;;;;;\n2023-05-04T00:00;Entnahme;-50,00;EUR;;;;;;;;;;;\n";
        let reading = of(&format!("{GERMAN}{text}"));
        assert_eq!(faults(&reading), []);
        let all = entries(&reading);
        let figures = |entry: &crate::import::entry::Entry| (entry.price, entry.amount, entry.fee, entry.tax);
        let expected = |price, amount, fee, tax| (decimal(price), decimal(amount), decimal(fee), decimal(tax));
        assert_eq!(figures(all[0]), expected("30", "0", "8.5", "2"));
        assert_eq!(figures(all[1]), expected("30", "0", "4", "6"));
        assert_eq!(figures(all[2]), expected("0", "90", "1", "24"));
        let amounts: Vec<_> = all[3..].iter().map(|entry| (entry.kind, entry.amount)).collect();
        let expected = [
            (ActivityKind::Fee, decimal("3")),
            (ActivityKind::Tax, decimal("-7")),
            (ActivityKind::Fee, decimal("-2.5")),
            (ActivityKind::Withdrawal, decimal("50")),
        ];
        assert_eq!(amounts, expected);
    }

    #[test]
    fn units_that_move_between_own_accounts_are_left_out_and_what_is_unclear_is_a_fault() {
        let text = "2023-02-01T09:00;Umbuchung (Eingang);500,00;EUR;;;;;;5;CH0038863350;;NESN.SW;Nestlé;\n\
            2023-02-01T09:00;Dividende;-5,00;EUR;;;;;;5;CH0038863350;;NESN.SW;Nestlé;\n2023-02-02T09:00;Leihe;5,00;EUR;;;;;;;;;;;\n\
            2023-02-03T09:00;Kauf;-5,00;EUR;;;;;;;CH0038863350;;;;\n2023-02-03T09:00;Kauf;-5,00;EUR;;;;9,00;;1;CH0038863350;;;;\n\
            2023-02-03T09:00;Kauf;-5,00;EUR;;;;;;1;;;;;\n";
        let reading = of(&format!("{GERMAN}{text}"));
        assert_eq!(skips(&reading), [(2, Skip::InternalTransfer)]);
        assert_eq!(
            faults(&reading),
            [
                (3, Fault::Senseless("wert".to_owned())),
                (4, Fault::UnknownKind("Leihe".to_owned())),
                (5, Fault::Senseless("stück".to_owned())),
                (6, Fault::Senseless("wert".to_owned())),
                (7, Fault::Missing("wertpapiername".to_owned())),
            ]
        );
    }

    #[test]
    fn the_sample_of_an_account_gives_its_figures() {
        let Some(reading) = read_as("ok/pp-account-de.csv", NAME) else { return };
        assert_eq!(faults(&reading), []);
        let held = [("AAPL", "12.5"), ("EUNL.DE", "5"), ("SAP.DE", "2")];
        assert_eq!(units(&reading), held.map(|(name, units)| (name.to_owned(), decimal(units))).into());
        let all = entries(&reading);
        let world = all[1];
        assert_eq!((world.quantity, world.price, world.fee), (decimal("10"), decimal("100"), decimal("4.99")));
        let apple = all[2];
        assert_eq!((apple.quantity * apple.price, apple.fee), (decimal("2111.40"), decimal("1.00")));
        assert_eq!(apple.instrument.as_ref().unwrap().currency.unwrap().as_str(), "USD");
        let taxed: Vec<_> = all.iter().filter(|entry| entry.kind == ActivityKind::Dividend).collect();
        assert_eq!(
            [(taxed[0].amount, taxed[0].tax), (taxed[1].amount, taxed[1].tax)],
            [(decimal("10.09"), decimal("1.59")), (decimal("25.28"), decimal("5.28"))]
        );
        let sale = all[5];
        assert_eq!((sale.price, sale.fee, sale.tax), (decimal("108"), decimal("5"), decimal("15")));
        // The deposit, the interest, a delivery in, a delivery out and a transfer out.
        assert_eq!(sum(&reading, ActivityKind::Deposit, "EUR"), decimal("6500"));
        assert_eq!(sum(&reading, ActivityKind::Interest, "EUR"), decimal("3.21"));
        assert_eq!(sum(&reading, ActivityKind::Withdrawal, "EUR"), decimal("500"));
        let delivery = all.iter().find(|entry| entry.kind == ActivityKind::Buy && entry.quantity == decimal("3")).unwrap();
        assert_eq!(delivery.price, decimal("500"));
    }

    #[test]
    fn samples_of_other_languages_and_dates_give_their_figures() {
        let Some(dates) = read_as("ok/pp-de-dates.csv", NAME) else { return };
        let all = entries(&dates);
        assert_eq!((all[0].quantity * all[0].price, all[0].fee), (decimal("1233.56"), decimal("1.00")));
        assert_eq!((all[1].amount, all[1].tax, all[1].when.date_only), (decimal("22"), decimal("5.8"), true));
        let english = read_as("ok/pp-portfolio-en-german-numbers.csv", NAME).unwrap();
        let held = [("22UA.F", "5"), ("AFRM", "20"), ("DTE.F", "-103")];
        assert_eq!(units(&english), held.map(|(name, units)| (name.to_owned(), decimal(units))).into());
        let prices: Vec<_> = entries(&english)
            .iter()
            .filter(|entry| entry.kind != ActivityKind::Deposit)
            .map(|entry| entry.price.round_dp(3).normalize())
            .collect();
        assert_eq!(prices, ["107.08", "108.105", "181.1", "60.395", "15.52"].map(decimal));
        assert_eq!((count(&english, ActivityKind::Deposit), faults(&english)), (1, vec![]));
        let french = read_as("warn/pp-account-fr.csv", NAME).unwrap();
        let buy = entries(&french)[0];
        assert_eq!((buy.quantity, buy.price, buy.fee), (decimal("10"), decimal("100"), decimal("4.99")));
    }
}
