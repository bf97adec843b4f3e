//! DEGIRO: the statement of the account, in seven languages, also mixed. A trade is a row of its own, with its fees and the exchange of its
//! money in further rows of the same order; a dividend has its tax in another row. What a row is stands in its description alone.

use std::collections::BTreeMap;
use std::iter;

use rust_decimal::Decimal;

use super::degiro::{DATE, ISIN, PRODUCT, TIME, instrument, reference};
use super::degiro_words::{Kind, Trade, kind_of};
use super::reckoning::{fit, in_unit, numbered, over, plus, price, times};
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Row, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::{decimal_mark, number};
use crate::import::table::{Column, Line, Sheet};

const NAME: &str = "degiro_account";

const VALUE_DATE: Column = &["value date", "valutadatum", "date de", "fecha valor", "data valor", "data valore"];
const DESCRIPTION: Column = &["description", "omschrijving", "beschreibung", "descripción", "descrição", "descrizione"];
const BALANCE: Column = &["balance", "saldo", "solde"];
/// Amounts stand in columns without a name.
const UNNAMED: Column = &[""];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, TIME, VALUE_DATE, PRODUCT, ISIN, DESCRIPTION, BALANCE],
        numbers: &[UNNAMED],
        dates: &[],
        decimal: None,
        date: Some(DateForm::DayFirst),
        zone: Some("Europe/Amsterdam"),
        read: rows,
    }),
};

/// A row as it is understood by itself.
struct Booking<'a> {
    line: Line<'a>,
    kind: Kind,
    /// What moved, with its currency; nothing where the row moves no money.
    money: Option<(Decimal, Currency)>,
    order: Option<String>,
}

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let lines: Vec<Line<'_>> = sheet.lines().collect();
    let next = |at: usize| lines.get(at + 1).copied();
    let read: Vec<_> = lines.iter().enumerate().map(|(at, line)| (*line, booking(*line, next(at)))).collect();
    let statement = Statement::of(&read);
    let row = |(at, (line, booking)): (usize, &(Line<'_>, Result<Booking<'_>, Fate>))| {
        let fate = |_: Line<'_>| match booking {
            Ok(booking) => statement.fate(at, booking),
            Err(fate) => Ok(fate.clone()),
        };
        line.row(fate)
    };
    let mut rows: Vec<Row> = read.iter().enumerate().map(row).collect();
    numbered(&mut rows);
    rows
}

/// Reads a row by itself. The number of an order may break over two rows, of which the second has nothing else.
fn booking<'a>(line: Line<'a>, next: Option<Line<'a>>) -> Result<Booking<'a>, Fate> {
    if line.text(ISIN).to_lowercase().ends_with("isin") {
        return Err(Fate::Skipped(Skip::Header));
    }
    let (amount, code) = (line.after(DESCRIPTION, 3), line.after(DESCRIPTION, 2));
    let money = if amount.is_empty() { Ok(None) } else { money(line, amount, code).map(Some) };
    let money = money.map_err(Fate::Refused)?;
    let own = line.after(DESCRIPTION, 6);
    let is_rest = |next: &Line<'_>| next.cells().iter().filter(|cell| !cell.is_empty()).count() == 1;
    let rest = next.filter(is_rest).map_or("", |next| next.after(DESCRIPTION, 6));
    let order = Some(format!("{own}{rest}")).filter(|order| !order.is_empty());
    let kind = kind_of(line.text(DESCRIPTION), money.map(|(amount, _)| amount));
    Ok(Booking { line, kind, money, order })
}

/// Reads an amount by the form that it shows itself: older and newer rows of one file differ.
fn money(line: Line<'_>, amount: &str, code: &str) -> Result<(Decimal, Currency), Fault> {
    let amount = match decimal_mark(iter::once(amount)) {
        Some(mark) => number(amount, mark)?,
        None => line.number_of(amount)?,
    };
    Ok((amount, currency(code)?))
}

/// What the rows of an order say together.
#[derive(Default)]
struct Order {
    /// The place of its first trade, to which fees and taxes are added, and what it was paid in.
    trade: Option<(usize, Currency)>,
    /// Charges by currency: fees and taxes, as costs.
    charges: BTreeMap<Currency, (Decimal, Decimal)>,
    /// What was exchanged, by currency.
    exchanged: BTreeMap<Currency, Decimal>,
}

/// What rows say about each other.
#[derive(Default)]
struct Statement {
    orders: BTreeMap<String, Order>,
    /// Taxes of dividends, and the places of the dividends that they belong to.
    dividends: BTreeMap<(String, String, Currency), (Option<usize>, Decimal)>,
    /// Units of changed instruments: what goes out and comes in under the same number is no trade.
    changes: BTreeMap<(String, Decimal), (usize, usize)>,
}

fn dividend_key(line: Line<'_>, currency: Currency) -> (String, String, Currency) {
    (line.text(ISIN).to_owned(), line.text(VALUE_DATE).to_owned(), currency)
}

fn add(sum: &mut Decimal, amount: Decimal) {
    *sum = sum.checked_add(amount).unwrap_or(Decimal::MAX);
}

/// Returns a sum, or a fault where it was more than a decimal holds.
fn sound(sum: Decimal) -> Result<Decimal, Fault> {
    fit(Some(sum).filter(|sum| *sum != Decimal::MAX), "change")
}

impl Statement {
    fn of(read: &[(Line<'_>, Result<Booking<'_>, Fate>)]) -> Self {
        let mut statement = Self::default();
        for (at, booking) in read.iter().enumerate().filter_map(|(at, (_, read))| Some((at, read.as_ref().ok()?))) {
            statement.note_dividend(at, booking);
            statement.note_order(at, booking);
        }
        statement
    }

    fn note_dividend(&mut self, at: usize, booking: &Booking<'_>) {
        let Some((amount, currency)) = booking.money else { return };
        if !matches!(booking.kind, Kind::Dividend | Kind::DividendTax) {
            return;
        }
        let (place, tax) = self.dividends.entry(dividend_key(booking.line, currency)).or_default();
        match booking.kind {
            Kind::Dividend if amount > Decimal::ZERO => *place = place.or(Some(at)),
            Kind::DividendTax => add(tax, -amount),
            _ => {}
        }
    }

    fn note_order(&mut self, at: usize, booking: &Booking<'_>) {
        if let Kind::Change(trade) = &booking.kind {
            let (bought, sold) = self.changes.entry((booking.line.text(ISIN).to_owned(), trade.units)).or_default();
            *if trade.kind == ActivityKind::Buy { bought } else { sold } += 1;
        }
        let (Some(order), Some((amount, currency))) = (&booking.order, booking.money) else { return };
        let order = self.orders.entry(order.clone()).or_default();
        match booking.kind {
            Kind::Trade(_) => order.trade = order.trade.or(Some((at, currency))),
            Kind::Fee => add(&mut order.charges.entry(currency).or_default().0, -amount),
            Kind::Tax => add(&mut order.charges.entry(currency).or_default().1, -amount),
            Kind::Exchange => add(order.exchanged.entry(currency).or_default(), amount.abs()),
            _ => {}
        }
    }

    fn order_of(&self, booking: &Booking<'_>) -> Option<&Order> {
        booking.order.as_ref().and_then(|order| self.orders.get(order))
    }

    /// Returns what becomes of a row.
    fn fate(&self, at: usize, booking: &Booking<'_>) -> Result<Fate, Fault> {
        let line = booking.line;
        match &booking.kind {
            Kind::Trade(trade) => self.trade(at, booking, trade).map(Fate::from),
            Kind::Given(trade) => given(self.trade(at, booking, trade)?),
            Kind::Change(trade) if self.is_renamed(line, trade) => Ok(Fate::Skipped(Skip::InternalTransfer)),
            Kind::Change(trade) => given(self.trade(at, booking, trade)?),
            Kind::Dividend => self.dividend(at, booking),
            Kind::DividendTax => self.dividend_tax(booking),
            Kind::Fee | Kind::Tax => self.charge(booking),
            Kind::Exchange if self.order_of(booking).is_some_and(|order| order.trade.is_some()) => {
                Ok(Fate::Skipped(Skip::Detail))
            }
            Kind::Exchange => Ok(Fate::Skipped(Skip::CurrencyExchange)),
            Kind::Internal => Ok(Fate::Skipped(Skip::InternalTransfer)),
            Kind::Deposit => amount_of(booking, ActivityKind::Deposit, Decimal::ONE),
            Kind::Withdrawal => amount_of(booking, ActivityKind::Withdrawal, -Decimal::ONE),
            Kind::Interest => earned(booking),
            Kind::Nothing => Ok(Fate::Skipped(Skip::Nothing)),
            Kind::Unreadable(text) => Err(Fault::NotANumber(text.clone())),
            Kind::Unknown => Err(Fault::UnknownKind(line.text(DESCRIPTION).to_owned())),
        }
    }

    fn is_renamed(&self, line: Line<'_>, trade: &Trade) -> bool {
        self.changes.get(&(line.text(ISIN).to_owned(), trade.units)).is_some_and(|(bought, sold)| bought == sold)
    }

    /// Reads a trade, with the rate at which its money was exchanged and, where it is the first of its order, the charges.
    fn trade(&self, at: usize, booking: &Booking<'_>, trade: &Trade) -> Result<Entry, Fault> {
        let line = booking.line;
        let moved = booking.money;
        let quoted_in =
            trade.currency.or(moved.map(|(_, currency)| currency)).ok_or_else(|| Fault::Missing("currency".to_owned()))?;
        let worth = moved.and_then(|(amount, moved_in)| in_unit(amount.abs(), moved_in, quoted_in));
        let (quoted_in, worth) = match (worth, moved) {
            (None, Some((amount, moved_in))) => (moved_in, amount.abs()),
            (worth, _) => (quoted_in, worth.unwrap_or_default()),
        };
        let is_given = !matches!(booking.kind, Kind::Trade(_));
        let cent = times(Decimal::new(1, 2), quoted_in.units_per_major(), "change")?;
        let price = if is_given { trade.price } else { price(Some(trade.price), trade.units, worth, cent, "change")? };
        let mut entry = Entry {
            instrument: Some(instrument(line, quoted_in)?),
            quantity: trade.units,
            price,
            currency: Some(quoted_in),
            reference: booking.order.as_deref().map(|order| reference(order, trade.kind, trade.units, trade.price)),
            ..Entry::new(trade.kind, when(line)?)
        };
        if let Some(order) = self.order_of(booking) {
            order.complete(&mut entry, quoted_in, order.trade.is_some_and(|(place, _)| place == at))?;
        }
        Ok(entry)
    }

    fn dividend(&self, at: usize, booking: &Booking<'_>) -> Result<Fate, Fault> {
        let Some((amount, currency)) = booking.money else { return Ok(Fate::Skipped(Skip::Nothing)) };
        if amount <= Decimal::ZERO {
            return Err(Fault::Senseless("change".to_owned()));
        }
        let tax = self.dividends.get(&dividend_key(booking.line, currency)).filter(|(place, _)| *place == Some(at));
        let entry = Entry::of_amount(ActivityKind::Dividend, when(booking.line)?, amount, currency);
        let instrument = Some(instrument(booking.line, currency)?);
        Ok(Entry { instrument, tax: sound(tax.map_or(Decimal::ZERO, |(_, tax)| *tax))?, ..entry }.into())
    }

    fn dividend_tax(&self, booking: &Booking<'_>) -> Result<Fate, Fault> {
        let of = |(_, currency): (Decimal, Currency)| self.dividends.get(&dividend_key(booking.line, currency))?.0;
        match booking.money.and_then(of) {
            Some(_) => Ok(Fate::Skipped(Skip::Detail)),
            None => cost(booking, ActivityKind::Tax),
        }
    }

    /// Reads a fee or a tax: one of an order is told by its trade where the rate between them is known.
    fn charge(&self, booking: &Booking<'_>) -> Result<Fate, Fault> {
        let is_told = self.order_of(booking).zip(booking.money).is_some_and(|(order, (_, currency))| order.tells(currency));
        if is_told {
            return Ok(Fate::Skipped(Skip::Detail));
        }
        cost(booking, if matches!(booking.kind, Kind::Tax) { ActivityKind::Tax } else { ActivityKind::Fee })
    }
}

impl Order {
    /// Returns whether charges in a currency are told by its trade: those in its own, or in one that its money was exchanged for.
    fn tells(&self, currency: Currency) -> bool {
        let is_exchanged = |currency: &Currency| self.exchanged.get(currency).is_some_and(|sum| !sum.is_zero());
        self.trade.is_some_and(|(_, own)| own == currency || (is_exchanged(&own) && is_exchanged(&currency)))
    }

    /// Adds rate and charges to a trade.
    fn complete(&self, entry: &mut Entry, quoted_in: Currency, is_first: bool) -> Result<(), Fault> {
        let major = quoted_in.major();
        let account = self.exchanged.iter().find(|(currency, _)| **currency != major);
        let rate = match (self.exchanged.get(&major), account) {
            (Some(exchanged), Some((account, paid))) if !paid.is_zero() => {
                let of_major = over(sound(*paid)?, sound(*exchanged)?, "change")?;
                Some((over(of_major, quoted_in.units_per_major(), "change")?, *account))
            }
            _ => None,
        };
        entry.exchange_rate = rate;
        for (currency, (fee, tax)) in self.charges.iter().filter(|(currency, _)| is_first && self.tells(**currency)) {
            let converted = |amount: Decimal| match (in_unit(amount, *currency, quoted_in), rate) {
                (Some(amount), _) => Ok(amount),
                (None, Some((rate, account))) if account == *currency => Ok(over(amount, rate, "change")?.round_dp(10)),
                _ => Err(Fault::Unpaired),
            };
            entry.fee = plus(entry.fee, converted(sound(*fee)?)?, "change")?;
            entry.tax = plus(entry.tax, converted(sound(*tax)?)?, "change")?;
        }
        Ok(())
    }
}

fn when(line: Line<'_>) -> Result<crate::import::dates::When, Fault> {
    line.when_of(&format!("{} {}", line.text(DATE), line.text(TIME)))
}

fn given(trade: Entry) -> Result<Fate, Fault> {
    let kind = if trade.kind == ActivityKind::Buy { ActivityKind::Deposit } else { ActivityKind::Withdrawal };
    with_money(trade, kind, None, "price").map(Fate::Entries)
}

/// Reads an amount that must be of the sign of its kind.
fn amount_of(booking: &Booking<'_>, kind: ActivityKind, sign: Decimal) -> Result<Fate, Fault> {
    let Some((amount, currency)) = booking.money else { return Ok(Fate::Skipped(Skip::Nothing)) };
    let amount = times(amount, sign, "change")?;
    if amount <= Decimal::ZERO {
        return Err(Fault::Senseless("change".to_owned()));
    }
    Ok(noted(booking, kind, amount, currency)?.into())
}

/// Reads a fee or a tax of its own: what was paid is written below zero.
fn cost(booking: &Booking<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    match booking.money {
        Some((amount, currency)) if !amount.is_zero() => Ok(noted(booking, kind, -amount, currency)?.into()),
        _ => Ok(Fate::Skipped(Skip::Nothing)),
    }
}

/// Reads interest: what was paid for a debt is a fee.
fn earned(booking: &Booking<'_>) -> Result<Fate, Fault> {
    match booking.money {
        Some((amount, currency)) if amount > Decimal::ZERO => {
            Ok(noted(booking, ActivityKind::Interest, amount, currency)?.into())
        }
        _ => cost(booking, ActivityKind::Fee),
    }
}

fn noted(booking: &Booking<'_>, kind: ActivityKind, amount: Decimal, currency: Currency) -> Result<Entry, Fault> {
    let note = Some(booking.line.text(DESCRIPTION).to_owned());
    Ok(Entry { note, ..Entry::of_amount(kind, when(booking.line)?, amount, currency) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::faults::Refusal;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{count, decimal, entries, faults, read_as, reading, skips, sum, units};

    const HEADER: &str = "Datum,Uhrzeit,Valutadatum,Produkt,ISIN,Beschreibung,FX,Änderung,,Saldo,,Order-ID\n";

    #[test]
    fn the_rows_of_an_order_are_one_trade() {
        let text = format!(
            "{HEADER}02-01-2024,09:30,02-01-2024,EXAMPLE,US5949181045,Währungswechsel (Einbuchung),\"1,2500\",USD,\"500,00\",USD,\"0,00\",ab-\n\
            ,,,,,,,,,,,cd\n\
            02-01-2024,09:30,02-01-2024,EXAMPLE,US5949181045,Währungswechsel (Ausbuchung),,EUR,-400.00,EUR,\"0,00\",ab-cd\n\
            02-01-2024,09:30,02-01-2024,EXAMPLE,US5949181045,Transaktionsgebühren,,EUR,-2.00,EUR,\"0,00\",ab-cd\n\
            02-01-2024,09:30,02-01-2024,EXAMPLE,US5949181045,\"Kauf 6 @ 50,00 USD\",,USD,\"-300,00\",USD,\"0,00\",ab-cd\n\
            02-01-2024,09:30,02-01-2024,EXAMPLE,US5949181045,\"Kauf 4 @ 50,00 USD\",,USD,\"-200,00\",USD,\"0,00\",ab-cd\n\
            03-01-2024,07:41,01-01-2024,EXAMPLE,US5949181045,Dividende,,USD,10.00,USD,8.50,\n\
            03-01-2024,07:40,01-01-2024,EXAMPLE,US5949181045,Dividendensteuer,,USD,-1.50,USD,-1.50,\n\
            04-01-2024,07:40,04-01-2024,,,Barter,,USD,-1.50,USD,-1.50,\n\
            05-01-2024,07:40,05-01-2024,,,Auszahlung,,EUR,5.00,EUR,5.00,\n"
        );
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [first, second, dividend] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!(
            (first.quantity, first.fee, first.exchange_rate),
            (decimal("6"), decimal("2.5"), Some((decimal("0.8"), Currency::EUR)))
        );
        assert_eq!(
            (second.quantity, second.fee, second.reference.as_deref()),
            (decimal("4"), Decimal::ZERO, Some("degiro ab-cd buy 4@50"))
        );
        assert_eq!((dividend.amount, dividend.tax), (decimal("10.00"), decimal("1.50")));
        assert_eq!(
            skips(&reading),
            [(2, Skip::Detail), (3, Skip::Footer), (4, Skip::Detail), (5, Skip::Detail), (9, Skip::Detail)]
        );
        let expected = [(10, Fault::UnknownKind("Barter".to_owned())), (11, Fault::Senseless("change".to_owned()))];
        assert_eq!(faults(&reading), expected);
    }

    #[test]
    fn the_english_statement_of_the_collection_is_read_as_it_says() {
        let Some(english) = read_as("ok/degiro-account-en.csv", NAME) else { return };
        assert_eq!((units(&english)["US40434L1052"], faults(&english)), (decimal("5"), vec![]));
        let buy = entries(&english).into_iter().find(|entry| entry.kind == ActivityKind::Buy).unwrap();
        let (rate, account) = buy.exchange_rate.unwrap();
        assert_eq!((buy.price, account, (buy.fee * rate).round_dp(6)), (decimal("21.31"), Currency::GBP, decimal("0.45")));
        assert_eq!((buy.quantity * buy.price * rate).round_dp(2), decimal("82.80"));
        assert_eq!(
            (sum(&english, ActivityKind::Dividend, "USD"), sum(&english, ActivityKind::Interest, "GBP")),
            (decimal("1.38"), decimal("0.5"))
        );
        assert!(entries(&english).iter().any(|entry| entry.tax == decimal("0.21")));
    }

    #[test]
    fn the_mixed_statement_of_the_collection_is_read_as_it_says() {
        let Some(mixed) = read_as("ok/degiro-account-mixed.csv", NAME) else { return };
        assert_eq!((faults(&mixed), mixed.rows.len()), (vec![], 74));
        let all = entries(&mixed);
        let vici = all
            .iter()
            .find(|entry| entry.instrument.as_ref().is_some_and(|named| named.name.as_deref() == Some("VICI PROPERTIES INC. C")))
            .unwrap();
        let (rate, account) = vici.exchange_rate.unwrap();
        assert_eq!((vici.quantity, vici.price, account), (decimal("1"), decimal("33.9"), Currency::EUR));
        assert_eq!(((vici.price * rate).round_dp(2), (vici.fee * rate).round_dp(6)), (decimal("31.91"), decimal("1")));
        assert_eq!(units(&mixed)["NL0013654783"], decimal("999"));
        assert_eq!(units(&mixed)["AU000000FBR4"], decimal("500"), "a rename is no trade");
        let aviva = all.iter().find(|entry| entry.currency == Some(Currency::GBX)).unwrap();
        assert_eq!((aviva.kind, aviva.quantity * aviva.price), (ActivityKind::Sell, decimal("1984")));
        assert_eq!(
            (sum(&mixed, ActivityKind::Deposit, "EUR"), sum(&mixed, ActivityKind::Withdrawal, "EUR")),
            (decimal("52.8"), decimal("15.1"))
        );
    }

    #[test]
    fn odd_statements_of_the_collection_are_read_as_far_as_they_make_sense() {
        let Some(dutch) = read_as("warn/degiro-account-nl.csv", NAME) else { return };
        assert_eq!(units(&dutch)["NL0011794037"], decimal("38"));
        assert!(!units(&dutch).contains_key("IE00B3XXRP09"), "the description says that it was sold");
        let ahold: Vec<_> = entries(&dutch).into_iter().filter(|entry| entry.price == decimal("26.88")).collect();
        assert_eq!(ahold.iter().map(|entry| entry.quantity * entry.price + entry.fee).sum::<Decimal>(), decimal("1024.44"));
        assert_eq!(
            (count(&dutch, ActivityKind::Deposit), faults(&dutch)),
            (1, vec![(12, Fault::Senseless("change".to_owned()))])
        );
        assert_eq!(reading("not-ok/degiro-account-headers.csv").unwrap(), Err(Refusal::NoRows));
    }
}
