//! What a booking is by its kind, whether it stands in a table or in the program's own file: its value is the money that moved, charges
//! included.

use rust_decimal::Decimal;

use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::When;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};
use crate::import::formats::reckoning::{booked_price, plus};
use crate::import::formats::settled::{checked, with_money};

/// The kind of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Units came in for money, or went out for it.
    Trade(ActivityKind),
    /// Units came in from elsewhere.
    DeliveryIn,
    /// Units went out to elsewhere.
    DeliveryOut,
    /// Units or money came from another account of the same books.
    TransferIn,
    /// Units or money went to another account of the same books.
    TransferOut,
    /// Money came in: a payment of an instrument, interest, a deposit.
    Income(ActivityKind),
    /// Money went out: a fee, a tax, a withdrawal.
    Cost(ActivityKind),
    /// A fee or a tax was given back.
    Refund(ActivityKind),
}

use ActivityKind::{Buy, Deposit, Dividend, Fee, Interest, Sell, Tax, Withdrawal};

/// The kinds by the words of the program's tables, in lower case, and by the names of its file.
const WORDS: &[(&str, Kind)] = &[
    ("buy", Kind::Trade(Buy)),
    ("kauf", Kind::Trade(Buy)),
    ("achat", Kind::Trade(Buy)),
    ("sell", Kind::Trade(Sell)),
    ("verkauf", Kind::Trade(Sell)),
    ("vente", Kind::Trade(Sell)),
    ("delivery (inbound)", Kind::DeliveryIn),
    ("delivery_inbound", Kind::DeliveryIn),
    ("einlieferung", Kind::DeliveryIn),
    ("distribution (entrante)", Kind::DeliveryIn),
    ("delivery (outbound)", Kind::DeliveryOut),
    ("delivery_outbound", Kind::DeliveryOut),
    ("auslieferung", Kind::DeliveryOut),
    ("distribution (sortante)", Kind::DeliveryOut),
    ("transfer (inbound)", Kind::TransferIn),
    ("transfer_in", Kind::TransferIn),
    ("umbuchung (eingang)", Kind::TransferIn),
    ("transfert (entrant)", Kind::TransferIn),
    ("transfer (outbound)", Kind::TransferOut),
    ("transfer_out", Kind::TransferOut),
    ("umbuchung (ausgang)", Kind::TransferOut),
    ("transfert (sortant)", Kind::TransferOut),
    ("dividend", Kind::Income(Dividend)),
    ("dividends", Kind::Income(Dividend)),
    ("dividende", Kind::Income(Dividend)),
    ("dividendes", Kind::Income(Dividend)),
    ("interest", Kind::Income(Interest)),
    ("zinsen", Kind::Income(Interest)),
    ("intérêts", Kind::Income(Interest)),
    ("deposit", Kind::Income(Deposit)),
    ("einlage", Kind::Income(Deposit)),
    ("dépôt", Kind::Income(Deposit)),
    ("removal", Kind::Cost(Withdrawal)),
    ("entnahme", Kind::Cost(Withdrawal)),
    ("retrait", Kind::Cost(Withdrawal)),
    // Interest is earned in a ledger; what it costs is a fee.
    ("interest charge", Kind::Cost(Fee)),
    ("interest_charge", Kind::Cost(Fee)),
    ("zinsbelastung", Kind::Cost(Fee)),
    ("frais d'intérêts", Kind::Cost(Fee)),
    ("fees", Kind::Cost(Fee)),
    ("gebühren", Kind::Cost(Fee)),
    ("frais", Kind::Cost(Fee)),
    ("fees refund", Kind::Refund(Fee)),
    ("fees_refund", Kind::Refund(Fee)),
    ("gebührenerstattung", Kind::Refund(Fee)),
    ("remboursement de frais", Kind::Refund(Fee)),
    ("taxes", Kind::Cost(Tax)),
    ("steuern", Kind::Cost(Tax)),
    ("impôts", Kind::Cost(Tax)),
    ("impôts / taxes", Kind::Cost(Tax)),
    ("tax refund", Kind::Refund(Tax)),
    ("tax_refund", Kind::Refund(Tax)),
    ("steuerrückerstattung", Kind::Refund(Tax)),
    ("remboursement impôts / taxes", Kind::Refund(Tax)),
];

/// Returns the kind of a word.
pub fn kind(word: &str) -> Result<Kind, Fault> {
    let lower = word.trim().to_lowercase();
    let found = WORDS.iter().find(|(known, _)| *known == lower).map(|(_, kind)| *kind);
    found.ok_or_else(|| Fault::UnknownKind(word.trim().to_owned()))
}

/// A booking.
#[derive(Debug)]
pub struct Booking {
    /// What it is.
    pub kind: Kind,
    /// When it happened.
    pub when: When,
    /// Its instrument.
    pub named: Option<Named>,
    /// Its units, not below zero.
    pub units: Decimal,
    /// The money that moved, not below zero.
    pub value: Decimal,
    /// The fee within the value.
    pub fee: Decimal,
    /// The tax within the value.
    pub tax: Decimal,
    /// The currency of all money; nothing where the file does not say.
    pub currency: Option<Currency>,
    /// A note.
    pub note: Option<String>,
    /// By what it is told from others.
    pub reference: Option<String>,
}

/// How the columns of a booking are called, for what is wrong in them.
#[derive(Clone, Debug)]
pub struct Names {
    /// The instrument.
    pub instrument: String,
    /// The units.
    pub units: String,
    /// The money.
    pub value: String,
}

impl Booking {
    /// Returns what becomes of it.
    pub fn fate(self, names: &Names) -> Result<Fate, Fault> {
        match self.kind {
            Kind::Trade(kind) => self.trade(kind, names).map(Fate::from),
            Kind::DeliveryIn => with_money(self.trade(Buy, names)?, ActivityKind::Deposit, None, &names.value).map(Fate::Entries),
            Kind::DeliveryOut => {
                with_money(self.trade(Sell, names)?, ActivityKind::Withdrawal, None, &names.value).map(Fate::Entries)
            }
            Kind::TransferIn | Kind::TransferOut if !self.units.is_zero() => Ok(Fate::Skipped(Skip::InternalTransfer)),
            Kind::TransferIn => self.money(Deposit, names),
            Kind::TransferOut => self.money(Withdrawal, names),
            Kind::Income(kind) | Kind::Cost(kind) => self.money(kind, names),
            Kind::Refund(kind) => Self { value: -self.value, ..self }.money(kind, names),
        }
    }

    fn instrument(&self, names: &Names) -> Result<Named, Fault> {
        self.named.clone().ok_or_else(|| Fault::Missing(names.instrument.clone()))
    }

    fn entry(&self, kind: ActivityKind) -> Entry {
        Entry {
            currency: self.currency,
            note: self.note.clone(),
            reference: self.reference.clone(),
            ..Entry::new(kind, self.when)
        }
    }

    fn trade(&self, kind: ActivityKind, names: &Names) -> Result<Entry, Fault> {
        let instrument = self.instrument(names)?;
        if self.units.is_zero() {
            return Err(Fault::Senseless(names.units.clone()));
        }
        let charges = plus(self.fee, self.tax, &names.value)?;
        let gross = plus(self.value, if kind == Buy { -charges } else { charges }, &names.value)?;
        if gross < Decimal::ZERO {
            return Err(Fault::Senseless(names.value.clone()));
        }
        Ok(Entry {
            instrument: Some(instrument),
            quantity: self.units,
            price: booked_price(None, self.units, gross, &names.value)?,
            fee: self.fee,
            tax: self.tax,
            ..self.entry(kind)
        })
    }

    fn money(self, kind: ActivityKind, names: &Names) -> Result<Fate, Fault> {
        // A fee and a tax of their own are the money that moved, whichever column repeats it.
        let is_charge = matches!(kind, Fee | Tax);
        let (fee, tax) = if is_charge { (Decimal::ZERO, Decimal::ZERO) } else { (self.fee, self.tax) };
        let charges = plus(fee, tax, &names.value)?;
        let amount = plus(self.value, if kind == Withdrawal { -charges } else { charges }, &names.value)?;
        if amount.is_zero() && self.value.is_zero() {
            return Ok(Fate::Skipped(Skip::Nothing));
        }
        if !is_charge && amount <= Decimal::ZERO {
            return Err(Fault::Senseless(names.value.clone()));
        }
        let instrument = if kind.figures().ticker { Some(self.instrument(names)?) } else { None };
        checked(Entry { instrument, amount, fee, tax, ..self.entry(kind) }, &names.value).map(Fate::from)
    }
}
