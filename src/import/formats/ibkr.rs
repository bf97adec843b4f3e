//! What all reports of Interactive Brokers have alike: kinds of instruments, payments in several rows, and corporate actions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::carried::Step;
use super::settled;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::instrument::AssetClass;
use crate::domain::money::Currency;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};

/// The zone of times, where an account has no other.
pub const ZONE: &str = "America/New_York";

/// Returns the class of a kind of instrument as far as it is told; why it is not kept, where it is none of a ledger.
pub fn class_of(category: &str, narrower: &str) -> Result<Result<Option<AssetClass>, Skip>, Fault> {
    let class = match category.to_ascii_uppercase().as_str() {
        "" => None,
        "STK" | "STOCKS" => match narrower.to_ascii_uppercase().as_str() {
            "ETF" => Some(AssetClass::Fund),
            "COMMON" | "ADR" | "PREFERRED" | "REIT" => Some(AssetClass::Share),
            _ => None,
        },
        "FUND" | "FUNDS" | "MUTUAL FUNDS" => Some(AssetClass::Fund),
        "BOND" | "BILL" | "BONDS" | "TREASURY BILLS" => Some(AssetClass::Bond),
        "CRYPTO" | "CRYPTOCURRENCIES" => Some(AssetClass::Crypto),
        "CASH" | "FOREX" => return Ok(Err(Skip::CurrencyExchange)),
        "OPT" | "FUT" | "FOP" | "WAR" | "CFD" | "IOPT" | "FSFOP" | "FSOPT" | "CMDTY" | "STRUCTURED PRODUCTS" => {
            return Ok(Err(Skip::NotKept(category.to_owned())));
        }
        long if ["OPTIONS", "FUTURES", "WARRANTS", "CFDS"].iter().any(|kind| long.contains(kind)) => {
            return Ok(Err(Skip::NotKept(category.to_owned())));
        }
        _ => return Err(Fault::UnknownKind(category.to_owned())),
    };
    Ok(Ok(class))
}

/// Returns the instrument by which a sentence such as `VT(US9220427424) CASH DIVIDEND` begins.
///
/// ```
/// use foliostream::import::formats::ibkr::named_in;
/// let named = named_in("VT(US9220427424) CASH DIVIDEND USD 0.65").expect("an instrument");
/// assert_eq!((named.symbol.as_deref(), named.isin.is_some()), (Some("VT"), true));
/// assert_eq!(named_in("ELECTRONIC FUND TRANSFER (ACH)"), None);
/// ```
pub fn named_in(sentence: &str) -> Option<Named> {
    let (symbol, rest) = sentence.split_once('(')?;
    let (inside, _) = rest.split_once(')')?;
    let is_symbol = !symbol.trim().is_empty() && !symbol.trim_end().contains(' ') && !symbol.ends_with(' ');
    let isin = inside.trim().parse().ok();
    is_symbol.then(|| Named { isin, ..Named::symbol(symbol).unwrap_or_default() })
}

/// A row of a payment, which may stand in several: a dividend, and taxes and fees of it.
#[derive(Clone, Debug)]
pub struct Payment {
    /// What it is: a dividend, a tax or a fee.
    pub kind: ActivityKind,
    /// When, of which instrument, in which currency.
    pub entry: Entry,
    /// The money that moved.
    pub amount: Decimal,
    /// How the report describes it.
    pub text: String,
}

/// A row, before others of the same payment are known.
#[derive(Clone, Debug)]
pub enum Piece {
    /// A row by itself.
    Step(Step),
    /// A row of a payment.
    Payment(Payment),
}

impl From<Result<Fate, Fault>> for Piece {
    fn from(read: Result<Fate, Fault>) -> Self {
        Self::Step(read.into())
    }
}

/// Reads a payment of a type that the broker names.
pub fn payment(kind: &str, entry: Entry, amount: Decimal, text: &str) -> Result<Piece, Fault> {
    let of = |kind: ActivityKind, entry: Entry| Piece::Payment(Payment { kind, entry, amount, text: text.to_owned() });
    let alone = |fate: Fate| Piece::Step(Step::Fate(fate));
    Ok(match kind.to_ascii_lowercase().as_str() {
        "dividends" | "payment in lieu of dividends" => of(ActivityKind::Dividend, entry),
        "withholding tax" | "871(m) withholding" | "taxes" | "transaction tax" => of(ActivityKind::Tax, entry),
        "other fees" | "fees" | "advisor fees" | "commission adjustments" | "client fees" => of(ActivityKind::Fee, entry),
        "broker interest received"
        | "broker interest paid"
        | "bond interest received"
        | "bond interest paid"
        | "interest"
        | "other income" => alone(settled::interest(entry, amount)),
        "deposits/withdrawals" | "deposits & withdrawals" => alone(settled::moved(entry, amount)),
        _ => return Err(Fault::UnknownKind(kind.to_owned())),
    })
}

type Key = (Timestamp, String, Option<Currency>);

impl Payment {
    fn key(&self) -> Option<Key> {
        let named = self.entry.instrument.as_ref()?;
        let isin = || named.isin.as_ref().map(ToString::to_string);
        Some((self.entry.when.time, named.symbol.clone().or_else(isin)?, self.entry.currency))
    }

    /// Returns what rows of one payment begin with.
    fn stem(&self) -> String {
        let end = [" (", " - "].iter().filter_map(|mark| self.text.find(mark)).min();
        self.text.get(..end.unwrap_or(self.text.len())).unwrap_or_default().trim().to_uppercase()
    }

    fn alone(self) -> Fate {
        match self.kind {
            ActivityKind::Dividend => settled::dividend(self.entry, self.amount).unwrap_or_else(Fate::Refused),
            kind => settled::charged(self.entry, kind, self.amount),
        }
    }
}

/// Puts taxes and fees to the dividends that they were taken of. A dividend that was taken back is left out with the one before it.
pub fn joined(pieces: Vec<(usize, Piece)>) -> Vec<(usize, Step)> {
    let mut fates: BTreeMap<usize, Fate> = cancelled(&pieces);
    let mut dividends: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    let mut charged: BTreeMap<usize, Payment> = BTreeMap::new();
    for (place, (_, piece)) in pieces.iter().enumerate() {
        if let Piece::Payment(payment) = piece
            && payment.kind == ActivityKind::Dividend
            && !fates.contains_key(&place)
        {
            charged.insert(place, payment.clone());
            if let Some(key) = payment.key() {
                dividends.entry(key).or_default().push(place);
            }
        }
    }
    for (place, (_, piece)) in pieces.iter().enumerate() {
        if let Piece::Payment(charge) = piece
            && charge.kind != ActivityKind::Dividend
        {
            let of = charge.key().and_then(|key| dividends.get(&key)).map_or(&[][..], Vec::as_slice);
            let is_put = dividend_of(charge, of, &charged).and_then(|at| put(charge, charged.get_mut(&at)?)).is_some();
            fates.insert(place, if is_put { Fate::Skipped(Skip::Detail) } else { charge.clone().alone() });
        }
    }
    fates.extend(charged.into_iter().map(|(place, dividend)| (place, dividend.alone())));
    let step = |(place, (line, piece)): (usize, (usize, Piece))| match piece {
        Piece::Step(step) => (line, step),
        Piece::Payment(_) => (line, Step::Fate(fates.remove(&place).unwrap_or(Fate::Refused(Fault::Unpaired)))),
    };
    pieces.into_iter().enumerate().map(step).collect()
}

/// Returns the dividend of a tax or a fee: of several the one that is described alike, and that has none yet.
fn dividend_of(charge: &Payment, places: &[usize], dividends: &BTreeMap<usize, Payment>) -> Option<usize> {
    let stem = charge.stem();
    let alike = |place: &&usize| dividends.get(place).is_some_and(|dividend| dividend.stem() == stem);
    let has_none =
        |place: &&usize| dividends.get(place).is_some_and(|dividend| charge_of(&dividend.entry, charge.kind).is_zero());
    let described: Vec<&usize> = places.iter().filter(alike).collect();
    match (places, described.first()) {
        ([only], _) => Some(*only),
        (_, Some(first)) => Some(**described.iter().copied().find(has_none).as_ref().unwrap_or(first)),
        _ => None,
    }
}

fn charge_of(entry: &Entry, kind: ActivityKind) -> Decimal {
    if kind == ActivityKind::Tax { entry.tax } else { entry.fee }
}

fn put(charge: &Payment, dividend: &mut Payment) -> Option<()> {
    let charges = charge_of(&dividend.entry, charge.kind).checked_sub(charge.amount)?.normalize();
    if charge.kind == ActivityKind::Tax {
        dividend.entry.tax = charges;
    } else {
        dividend.entry.fee = charges;
    }
    Some(())
}

/// Finds dividends that were taken back, and those that take them back.
fn cancelled(pieces: &[(usize, Piece)]) -> BTreeMap<usize, Fate> {
    let mut fates = BTreeMap::new();
    let mut paid: BTreeMap<(Key, Decimal), Vec<usize>> = BTreeMap::new();
    let of_dividends = |piece: &'_ Piece| match piece {
        Piece::Payment(payment) if payment.kind == ActivityKind::Dividend => Some((payment.key()?, payment.amount.normalize())),
        _ => None,
    };
    for (place, (_, piece)) in pieces.iter().enumerate() {
        if let Some(key) = of_dividends(piece).filter(|(_, amount)| amount.is_sign_positive()) {
            paid.entry(key).or_default().push(place);
        }
    }
    for (place, (_, piece)) in pieces.iter().enumerate() {
        if let Some((key, amount)) = of_dividends(piece).filter(|(_, amount)| amount.is_sign_negative())
            && let Some(other) = paid.get_mut(&(key, -amount)).and_then(Vec::pop)
        {
            fates.insert(place, Fate::Skipped(Skip::Cancelled));
            fates.insert(other, Fate::Skipped(Skip::Cancelled));
        }
    }
    fates
}

/// A row of a corporate action.
#[derive(Clone, Debug)]
pub struct Action {
    /// When, of which instrument, in which currency.
    pub entry: Entry,
    /// How the report describes it, without the instrument of the row.
    pub text: String,
    /// The units that came or, below zero, left.
    pub quantity: Decimal,
    /// The money that came or, below zero, was paid.
    pub proceeds: Decimal,
    /// What units that came are worth.
    pub value: Decimal,
}

impl Action {
    /// Returns what rows of one action have alike.
    fn group(&self) -> String {
        let end = self.text.rfind(" (").unwrap_or(self.text.len());
        format!("{} {}", self.entry.when.time, self.text.get(..end).unwrap_or_default())
    }

    fn traded(&self, kind: ActivityKind, worth: Decimal) -> Result<Entry, Fault> {
        let units = self.quantity.abs();
        let price = settled::price(kind, units, None, Some(worth), Decimal::ZERO)?;
        Ok(Entry { kind, quantity: units, price, ..self.entry.clone() })
    }
}

/// Reads corporate actions: some have a row for what left and one for what came.
pub fn corporate(actions: Vec<(usize, Action)>) -> Vec<(usize, Step)> {
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (_, action) in &actions {
        let (left, came) = groups.entry(action.group()).or_default();
        *(if action.quantity.is_sign_negative() { left } else { came }) += 1;
    }
    let step = |(line, action): (usize, Action)| {
        let counts = groups.get(&action.group()).copied().unwrap_or_default();
        (line, step_of(&action, counts).unwrap_or_else(|fault| Step::Fate(Fate::Refused(fault))))
    };
    actions.into_iter().map(step).collect()
}

fn step_of(action: &Action, (left, came): (usize, usize)) -> Result<Step, Fault> {
    let is_pair = (left, came) == (1, 1);
    let leaves = action.quantity.is_sign_negative();
    let upper = action.text.to_uppercase();
    let is_given = ["SPINOFF", "SPIN-OFF", "STOCK DIVIDEND", "BONUS"].iter().any(|word| upper.contains(word));
    if action.quantity.is_zero() {
        return Ok(Step::Fate(settled::dividend(action.entry.clone(), action.proceeds)?));
    }
    if let Some(ratio) = split_in(&upper) {
        let split = Entry { kind: ActivityKind::Split, quantity: ratio, ..action.entry.clone() };
        return Ok(Step::Fate(if is_pair && !leaves { Fate::Skipped(Skip::Detail) } else { split.into() }));
    }
    if leaves && action.proceeds > Decimal::ZERO && came == 0 {
        return Ok(Step::Fate(action.traded(ActivityKind::Sell, action.proceeds)?.into()));
    }
    if !leaves && action.proceeds < Decimal::ZERO && left == 0 {
        return Ok(Step::Fate(action.traded(ActivityKind::Buy, action.proceeds)?.into()));
    }
    if is_pair && action.proceeds.is_zero() {
        let entry = Entry { quantity: action.quantity.abs(), ..action.entry.clone() };
        return Ok(Step::Exchanged { entry, group: action.group(), arrives: !leaves });
    }
    if !leaves && left == 0 && is_given {
        return Ok(Step::Fate(
            with_money(action.traded(ActivityKind::Buy, action.value)?, ActivityKind::Dividend, None, "amount")
                .map(Fate::Entries)?,
        ));
    }
    Err(Fault::UnknownKind(action.text.clone()))
}

/// Returns the units after a split for one before it: 1/25 of `SPLIT 1 FOR 25`.
fn split_in(text: &str) -> Option<Decimal> {
    let (_, rest) = text.split_once("SPLIT ")?;
    let mut words = rest.split_whitespace();
    let after: Decimal = words.next()?.parse().ok()?;
    let is_for = words.next() == Some("FOR");
    let before: Decimal = words.next()?.parse().ok()?;
    let ratio = after.checked_div(before)?;
    (is_for && ratio > Decimal::ZERO).then(|| ratio.normalize())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::import::dates::{DateForm, when};
    use crate::import::testing::decimal;

    fn entry(symbol: &str) -> Entry {
        let day = when("2024-03-01", DateForm::YearFirst, &TimeZone::UTC).unwrap();
        Entry { instrument: Named::symbol(symbol), ..Entry::new(ActivityKind::Dividend, day) }
    }

    fn payment(kind: ActivityKind, symbol: &str, amount: &str, text: &str) -> (usize, Piece) {
        (0, Piece::Payment(Payment { kind, entry: entry(symbol), amount: decimal(amount), text: text.to_owned() }))
    }

    fn fates(steps: Vec<(usize, Step)>) -> Vec<Fate> {
        let fate = |(_, step)| if let Step::Fate(fate) = step { fate } else { panic!("{step:?}") };
        steps.into_iter().map(fate).collect()
    }

    #[test]
    fn a_tax_belongs_to_the_dividend_that_is_described_alike() {
        use ActivityKind::{Dividend, Fee, Tax};
        let read = fates(joined(vec![
            payment(Dividend, "A", "4", "A(1) 0.1 PER SHARE (Return of Capital)"),
            payment(Dividend, "A", "40", "A(1) 0.9 PER SHARE (Ordinary Dividend)"),
            payment(Tax, "A", "-6", "A(1) 0.9 PER SHARE - US TAX"),
            payment(Fee, "A", "-1", "A(1) 0.9 PER SHARE - FEE"),
            payment(Tax, "B", "-2", "B(1) 0.9 PER SHARE - US TAX"),
        ]));
        let Fate::Entries(dividend) = &read[1] else { panic!("{read:?}") };
        assert_eq!((dividend[0].amount, dividend[0].tax, dividend[0].fee), (decimal("40"), decimal("6"), decimal("1")));
        assert_eq!(read[2..4], [Fate::Skipped(Skip::Detail), Fate::Skipped(Skip::Detail)]);
        let Fate::Entries(alone) = &read[4] else { panic!("{read:?}") };
        assert_eq!((alone[0].kind, alone[0].amount), (Tax, decimal("2")));
    }

    #[test]
    fn a_dividend_that_was_taken_back_is_left_out() {
        let dividend = |amount: &str| payment(ActivityKind::Dividend, "A", amount, "A(1) 0.9 PER SHARE");
        let read = fates(joined(vec![dividend("4"), dividend("-4.00"), dividend("5"), dividend("-6")]));
        assert_eq!(read[..2], [Fate::Skipped(Skip::Cancelled), Fate::Skipped(Skip::Cancelled)]);
        assert!(matches!(&read[2], Fate::Entries(_)));
        assert_eq!(read[3], Fate::Refused(Fault::Senseless("amount".to_owned())));
    }

    fn action(symbol: &str, text: &str, quantity: &str, proceeds: &str) -> (usize, Action) {
        let [quantity, proceeds] = [quantity, proceeds].map(decimal);
        (0, Action { entry: entry(symbol), text: text.to_owned(), quantity, proceeds, value: decimal("0") })
    }

    #[test]
    fn corporate_actions_are_splits_sales_or_exchanges() {
        let split = fates(corporate(vec![action("A", "A SPLIT 3 FOR 2 (A)", "50", "0")]));
        let Fate::Entries(entries) = &split[0] else { panic!("{split:?}") };
        assert_eq!((entries[0].kind, entries[0].quantity), (ActivityKind::Split, decimal("1.5")));
        let pair = fates(corporate(vec![
            action("A", "A SPLIT 1 FOR 25 (A, NEW)", "2", "0"),
            action("A.OLD", "A SPLIT 1 FOR 25 (A.OLD, OLD)", "-50", "0"),
        ]));
        assert!(
            pair[0] == Fate::Skipped(Skip::Detail)
                && matches!(&pair[1], Fate::Entries(entries) if entries[0].quantity == decimal("0.04"))
        );
        let sale = fates(corporate(vec![action("A", "A MERGED FOR USD 2 (A)", "-5", "10")]));
        assert!(matches!(&sale[0], Fate::Entries(entries) if entries[0].price == decimal("2")));
        let unknown = fates(corporate(vec![action("A", "A MERGED (A)", "-5", "0")]));
        assert_eq!(unknown[0], Fate::Refused(Fault::UnknownKind("A MERGED (A)".to_owned())));
        let exchange = corporate(vec![action("A", "A TENDERED (A)", "-5", "0"), action("B", "A TENDERED (B)", "5", "0")]);
        assert!(
            matches!(exchange[0].1, Step::Exchanged { arrives: false, .. })
                && matches!(exchange[1].1, Step::Exchanged { arrives: true, .. })
        );
    }

    #[test]
    fn a_kind_of_instrument_is_kept_left_out_or_unknown() {
        assert_eq!(class_of("STK", "ETF"), Ok(Ok(Some(AssetClass::Fund))));
        assert_eq!(class_of("Equity and Index Options", ""), Ok(Err(Skip::NotKept("Equity and Index Options".to_owned()))));
        assert_eq!(class_of("Forex", ""), Ok(Err(Skip::CurrencyExchange)));
        assert_eq!(class_of("HOUSE", ""), Err(Fault::UnknownKind("HOUSE".to_owned())));
    }
}
