//! What becomes of a row: the entries of a ledger that it is, with its instruments as the file names them.

use rust_decimal::Decimal;

use super::dates::When;
use super::faults::{Fault, Skip};
use crate::domain::account::AccountKind;
use crate::domain::activity::ActivityKind;
use crate::domain::instrument::AssetClass;
use crate::domain::isin::Isin;
use crate::domain::money::Currency;

/// A row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins on, from 1.
    pub line: usize,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is one entry of the ledger or several: what was delivered is a deposit and a purchase, for instance.
    Entries(Vec<Entry>),
    /// It is nothing for a ledger.
    Skipped(Skip),
    /// It cannot be read.
    Refused(Fault),
}

impl From<Entry> for Fate {
    fn from(entry: Entry) -> Self {
        Self::Entries(vec![entry])
    }
}

/// An entry as the file has it, with its amounts all of one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The kind of the activity.
    pub kind: ActivityKind,
    /// When it happened.
    pub when: When,
    /// The instrument, for kinds that have one.
    pub instrument: Option<Named>,
    /// Units of a trade; of a split, the units after it for one before.
    pub quantity: Decimal,
    /// The price of one unit of a trade.
    pub price: Decimal,
    /// The amount of anything but a trade or a split.
    pub amount: Decimal,
    /// Fees that came with it; below zero where something was given back.
    pub fee: Decimal,
    /// Taxes that came with it; below zero where something was given back.
    pub tax: Decimal,
    /// The currency of price, amount, fee and tax; nothing where the file does not say.
    pub currency: Option<Currency>,
    /// Units of the portfolio's currency for one of `currency`, with that currency, where the program converted.
    pub exchange_rate: Option<(Decimal, Currency)>,
    /// The rate that our own file kept: units of the portfolio's currency for one of `currency`, and whether the money was converted at it.
    pub kept_rate: Option<(Decimal, bool)>,
    /// Whether a sale opens a short position.
    pub opens_short: bool,
    /// The account that it was in.
    pub account: Option<NamedAccount>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// A note.
    pub note: Option<String>,
    /// By what the program tells this entry from others: a row that comes again with it is the same.
    pub reference: Option<String>,
}

impl Entry {
    /// Returns an entry without figures.
    pub fn new(kind: ActivityKind, when: When) -> Self {
        Self {
            kind,
            when,
            instrument: None,
            quantity: Decimal::ZERO,
            price: Decimal::ZERO,
            amount: Decimal::ZERO,
            fee: Decimal::ZERO,
            tax: Decimal::ZERO,
            currency: None,
            exchange_rate: None,
            kept_rate: None,
            opens_short: false,
            account: None,
            tags: Vec::new(),
            note: None,
            reference: None,
        }
    }

    /// Returns an entry of money.
    pub fn of_amount(kind: ActivityKind, when: When, amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency: Some(currency), ..Self::new(kind, when) }
    }
}

/// An account as a file names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedAccount {
    /// The name.
    pub name: String,
    /// What its entries are in unless told.
    pub currency: Option<Currency>,
    /// Where it is kept.
    pub kind: AccountKind,
}

/// An instrument as a file names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named {
    /// The symbol or ticker.
    pub symbol: Option<String>,
    /// The ISIN.
    pub isin: Option<Isin>,
    /// The name.
    pub name: Option<String>,
    /// The class.
    pub class: Option<AssetClass>,
    /// The currency that it is quoted in.
    pub currency: Option<Currency>,
}

impl Named {
    /// Returns an instrument of a symbol; nothing where it is blank.
    pub fn symbol(symbol: &str) -> Option<Self> {
        Self::of(Some(symbol), None, None)
    }

    /// Returns an instrument of what is written; nothing where all is blank. An ISIN that is none counts as a symbol where there is no other.
    pub fn of(symbol: Option<&str>, isin: Option<&str>, name: Option<&str>) -> Option<Self> {
        let written = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty() && *text != "-").map(str::to_owned);
        let (symbol, isin_text, name) = (written(symbol), written(isin), written(name));
        let isin = isin_text.as_deref().or(symbol.as_deref()).and_then(|text| text.parse().ok());
        let is_isin = |text: &String| isin.as_ref().is_some_and(|isin: &Isin| text.eq_ignore_ascii_case(isin.as_str()));
        let symbol = symbol.filter(|symbol| !is_isin(symbol)).or(isin_text.filter(|text| !is_isin(text)));
        let is_named = symbol.is_some() || isin.is_some() || name.is_some();
        is_named.then_some(Self { symbol, isin, name, class: None, currency: None })
    }
}

/// Codes of currencies that are in use (ISO 4217), with those of hundredths that instruments are priced in. Any other three letters are a
/// symbol or a slip.
const CURRENCIES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
    CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR \
    IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR \
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP \
    SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG GBX ZAC ILA";

/// Reads a currency's code or sign; `GBX` is a hundredth of a pound.
pub fn currency(text: &str) -> Result<Currency, Fault> {
    let text = text.trim();
    let code = match text {
        "$" | "US$" => "USD",
        "€" => "EUR",
        "£" => "GBP",
        "p" | "GBp" => "GBX",
        "¥" => "JPY",
        text => text,
    };
    let fault = || Fault::NotACurrency(text.to_owned());
    let is_known = CURRENCIES.split_whitespace().any(|known| known.eq_ignore_ascii_case(code));
    if is_known { code.to_ascii_uppercase().parse().map_err(|_| fault()) } else { Err(fault()) }
}
