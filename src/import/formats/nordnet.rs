//! Nordnet: the list of transactions, in the four languages of its countries. Columns of currencies share their names, so that the sums are
//! told by where they stand.

use rust_decimal::Decimal;

use super::reckoning::{minus, price_of_trade};
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::entry::{Entry, Fate, Named, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

const NAME: &str = "nordnet";

const ID: Column = &["id"];
const DATE: Column = &["kauppapäivä", "affärsdag", "handelsdag"];
const KIND: Column = &["tapahtumatyyppi", "transaktionstyp", "transaktionstype", "transaksjonstype"];
const NAME_OF: Column = &["arvopaperi", "värdepapper", "værdipapirer", "verdipapir"];
const ISIN: Column = &["isin"];
const QUANTITY: Column = &["määrä", "antal", "antall"];
const PRICE: Column = &["kurssi", "kurs"];
/// Fees, behind which stand their currency, the sum, its currency, and further on the rate.
const FEES: Column = &["kokonaiskulut", "total avgift", "samlede afgifter", "totale avgifter"];
const RATE: Column = &["vaihtokurssi", "växlingskurs", "vekslingskurs"];
const TEXT: Column = &["tapahtumateksti", "transaktionstext", "transaktionstekst", "transaksjonstekst"];
const CANCELLED: Column = &["mitätöintipäivä", "makuleringsdatum", "makuleringsdato"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[ID, DATE, KIND, NAME_OF, ISIN, QUANTITY, PRICE, FEES, RATE],
        numbers: &[],
        dates: &[DATE],
        decimal: Some(DecimalMark::Comma),
        date: None,
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

/// Words of kinds in Finnish, Swedish, Danish and Norwegian.
const KINDS: [(ActivityKind, &[&str]); 7] = [
    (ActivityKind::Buy, &["osto", "köpt", "köp", "købt", "køb", "kjøpt", "kjøp"]),
    (ActivityKind::Sell, &["myynti", "sålt", "sälj", "solgt", "salg"]),
    (ActivityKind::Dividend, &["osinko", "utdelning", "udbytte", "utbytte"]),
    (ActivityKind::Deposit, &["talletus", "insättning", "indbetaling", "indsættelse", "innskudd", "innbetaling"]),
    (ActivityKind::Withdrawal, &["nosto", "uttag", "hævning", "udbetaling", "uttak"]),
    (ActivityKind::Tax, &["ennakkopidätys", "lähdevero", "kupongskatt", "utl kupskatt", "udbytteskat", "kildeskatt", "skatt"]),
    (ActivityKind::Interest, &["korko", "ränta", "rente", "sisäänkorko", "debetränta", "kreditrente"]),
];

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    if line.optional(CANCELLED).is_some() {
        return Ok(Fate::Skipped(Skip::Cancelled));
    }
    let word = line.text(KIND).to_lowercase();
    let known = KINDS.iter().find(|(_, words)| words.contains(&word.as_str()));
    let (kind, _) = known.ok_or_else(|| Fault::UnknownKind(line.text(KIND).to_owned()))?;
    let (amount, moved_in) = (line.number_of(line.after(FEES, 2))?, currency(line.after(FEES, 3))?);
    let entry = Entry {
        currency: Some(moved_in),
        exchange_rate: exchange_rate(line, moved_in)?,
        reference: line.optional(ID).map(|id| format!("{NAME} {id}")),
        ..Entry::new(*kind, line.when(DATE)?)
    };
    if kind.figures().price { trade(line, entry, amount) } else { cash(line, entry, amount) }
}

/// Returns the rate to the currency of the country whose language the file has, as accounts are in it.
fn exchange_rate(line: Line<'_>, moved_in: Currency) -> Result<Option<(Decimal, Currency)>, Fault> {
    let account = match line.named(KIND).as_str() {
        "tapahtumatyyppi" => "EUR",
        "transaktionstyp" => "SEK",
        "transaktionstype" => "DKK",
        _ => "NOK",
    };
    let (account, rate) = (currency(account)?, line.number_or_zero(RATE)?);
    Ok((account != moved_in && rate > Decimal::ZERO && rate != Decimal::ONE).then_some((rate, account)))
}

fn instrument(line: Line<'_>, quoted_in: Option<Currency>) -> Result<Named, Fault> {
    let named = Named::of(None, line.optional(ISIN), line.optional(NAME_OF));
    Ok(Named { currency: quoted_in, ..named.ok_or_else(|| Fault::Missing(line.named(ISIN)))? })
}

fn trade(line: Line<'_>, entry: Entry, amount: Decimal) -> Result<Fate, Fault> {
    let units = line.number(QUANTITY)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    let fee = line.number_or_zero(FEES)?.abs();
    if !fee.is_zero() && Some(currency(line.after(FEES, 1))?) != entry.currency {
        return Err(Fault::NotACurrency(line.after(FEES, 1).to_owned()));
    }
    let entry = Entry { instrument: Some(instrument(line, entry.currency)?), quantity: units, fee, ..entry };
    let price = price_of_trade(&entry, line.optional_number(PRICE)?, amount.abs(), &line.named(FEES))?;
    Ok(Entry { price, ..entry }.into())
}

fn cash(line: Line<'_>, entry: Entry, amount: Decimal) -> Result<Fate, Fault> {
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    // Interest below zero was paid for a debt.
    let is_paid = entry.kind == ActivityKind::Interest && amount.is_sign_negative();
    let kind = if is_paid { ActivityKind::Fee } else { entry.kind };
    let amount = if kind.takes_money() { minus(Decimal::ZERO, amount, &line.named(FEES))? } else { amount };
    if amount.is_sign_negative() && kind != ActivityKind::Tax {
        return Err(Fault::Senseless(line.named(FEES)));
    }
    let instrument = if kind.figures().ticker { Some(instrument(line, entry.currency)?) } else { None };
    let note = line.optional(TEXT).map(str::to_owned);
    Ok(Entry { kind, instrument, amount, note, ..entry }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};
    use crate::import::text::Encoding;

    #[test]
    fn sums_are_told_by_where_they_stand() {
        let text = "Id\tBokföringsdag\tAffärsdag\tLikviddag\tDepå\tTransaktionstyp\tVärdepapper\tISIN\tAntal\tKurs\tRänta\tTotal Avgift\tValuta\tBelopp\tValuta\tInköpsvärde\tResultat\tTotalt antal\tSaldo\tVäxlingskurs\tTransaktionstext\tMakuleringsdatum\n\
            1\t2024-01-02\t2024-01-02\t2024-01-04\t9\tKÖPT\tExample\tUS5949181045\t10\t5,50\t\t1,00\tUSD\t-56,00\tUSD\t\t\t\t\t10,5\t\t\n\
            2\t2024-01-03\t2024-01-03\t2024-01-04\t9\tUTL KUPSKATT\tExample\tUS5949181045\t10\t\t\t\tSEK\t-3,00\tSEK\t\t\t\t\t\tKupong\t\n\
            3\t2024-01-03\t2024-01-03\t2024-01-04\t9\tRÄNTA\t\t\t\t\t\t\tSEK\t-4,00\tSEK\t\t\t\t\t\t\t\n\
            4\t2024-01-03\t2024-01-03\t2024-01-04\t9\tKÖPT\tExample\tUS5949181045\t10\t5,50\t\t1,00\tUSD\t-56,00\tUSD\t\t\t\t\t10,5\t\t2024-01-05\n\
            5\t2024-01-03\t2024-01-03\t2024-01-04\t9\tBYTE\tExample\tUS5949181045\t10\t5,50\t\t1,00\tUSD\t-56,00\tUSD\t\t\t\t\t10,5\t\t\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, tax, fee] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!(
            (buy.price, buy.fee, buy.exchange_rate),
            (decimal("5.5"), decimal("1"), Some((decimal("10.5"), "SEK".parse().unwrap())))
        );
        assert_eq!(
            (tax.kind, tax.amount, fee.kind, fee.amount),
            (ActivityKind::Tax, decimal("3"), ActivityKind::Fee, decimal("4"))
        );
        assert_eq!(
            (skips(&reading), faults(&reading)),
            (vec![(5, Skip::Cancelled)], vec![(6, Fault::UnknownKind("BYTE".to_owned()))])
        );
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/nordnet-fi-utf16.csv", NAME) else { return };
        assert_eq!((reading.encoding, faults(&reading)), (Encoding::Utf16Le, vec![]));
        assert_eq!(sum(&reading, ActivityKind::Dividend, "USD"), decimal("25.2"));
        let buy = entries(&reading)[1];
        assert_eq!((buy.quantity, buy.price, buy.fee), (decimal("450"), decimal("7.3"), decimal("29.6")));
        assert_eq!(
            (units(&reading)["CA4969024047"], buy.exchange_rate),
            (decimal("450"), Some((decimal("0.676"), Currency::EUR)))
        );
        assert_eq!(buy.when.time.to_string(), "2021-08-18T00:00:00Z");
    }
}
