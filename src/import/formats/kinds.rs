//! Words by which programs name kinds of activities.

use crate::domain::activity::ActivityKind;
use crate::domain::instrument::AssetClass;

use ActivityKind::{Buy, Deposit, Dividend, Fee, Interest, Sell, Split, Tax, Withdrawal};

/// Words and their kinds, in lower case. What a program means by a word of its own stands in its reader.
const WORDS: &[(&str, ActivityKind)] = &[
    ("buy", Buy),
    ("bought", Buy),
    ("purchase", Buy),
    ("kauf", Buy),
    ("achat", Buy),
    ("koop", Buy),
    ("compra", Buy),
    ("acquisto", Buy),
    ("b", Buy),
    ("sell", Sell),
    ("sold", Sell),
    ("sale", Sell),
    ("verkauf", Sell),
    ("vente", Sell),
    ("verkoop", Sell),
    ("venta", Sell),
    ("vendita", Sell),
    ("s", Sell),
    ("dividend", Dividend),
    ("dividends", Dividend),
    ("cash dividend", Dividend),
    ("dividende", Dividend),
    ("div", Dividend),
    ("distribution", Dividend),
    ("interest", Interest),
    ("zinsen", Interest),
    ("intérêts", Interest),
    ("rente", Interest),
    ("fee", Fee),
    ("fees", Fee),
    ("gebühr", Fee),
    ("gebühren", Fee),
    ("frais", Fee),
    ("commission", Fee),
    ("tax", Tax),
    ("taxes", Tax),
    ("steuer", Tax),
    ("steuern", Tax),
    ("withholding tax", Tax),
    ("deposit", Deposit),
    ("einlage", Deposit),
    ("einzahlung", Deposit),
    ("dépôt", Deposit),
    ("storting", Deposit),
    ("cash in", Deposit),
    ("withdrawal", Withdrawal),
    ("withdraw", Withdrawal),
    ("entnahme", Withdrawal),
    ("auszahlung", Withdrawal),
    ("retrait", Withdrawal),
    ("opname", Withdrawal),
    ("cash out", Withdrawal),
    ("split", Split),
    ("stock split", Split),
    ("aktiensplit", Split),
];

/// Returns the kind that a word names.
///
/// ```
/// use foliostream::domain::activity::ActivityKind;
/// use foliostream::import::formats::kinds::kind_named;
/// assert_eq!(kind_named("Kauf "), Some(ActivityKind::Buy));
/// assert_eq!(kind_named("Transfer"), None);
/// ```
pub fn kind_named(word: &str) -> Option<ActivityKind> {
    let word = word.trim().replace(['_', '-'], " ").to_lowercase();
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
}

/// Words and classes of instruments, in lower case.
const CLASSES: &[(&str, AssetClass)] = &[
    ("share", AssetClass::Share),
    ("stock", AssetClass::Share),
    ("stocks", AssetClass::Share),
    ("equity", AssetClass::Share),
    ("stk", AssetClass::Share),
    ("common stock", AssetClass::Share),
    ("aktie", AssetClass::Share),
    ("fund", AssetClass::Fund),
    ("etf", AssetClass::Fund),
    ("mutual fund", AssetClass::Fund),
    ("mutualfund", AssetClass::Fund),
    ("fonds", AssetClass::Fund),
    ("bond", AssetClass::Bond),
    ("fixed income", AssetClass::Bond),
    ("anleihe", AssetClass::Bond),
    ("commodity", AssetClass::Commodity),
    ("crypto", AssetClass::Crypto),
    ("cryptocurrency", AssetClass::Crypto),
    ("currency", AssetClass::Currency),
    ("other", AssetClass::Other),
];

/// Returns the class that a word names.
pub fn class_named(word: &str) -> Option<AssetClass> {
    let word = word.trim().replace(['_', '-'], " ").to_lowercase();
    CLASSES.iter().find(|(known, _)| *known == word).map(|(_, class)| *class)
}
