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

/// Returns the kind that a word names in a table of our own, or in one that a person made: every kind by its own word, and by others.
///
/// ```
/// use foliostream::domain::activity::ActivityKind;
/// use foliostream::import::formats::kinds::any_kind_named;
/// assert_eq!(any_kind_named("Transfer in"), Some(ActivityKind::TransferIn));
/// assert_eq!(any_kind_named("Kauf"), Some(ActivityKind::Buy));
/// ```
pub fn any_kind_named(word: &str) -> Option<ActivityKind> {
    let own = word.trim().replace([' ', '-'], "_").to_lowercase();
    ActivityKind::ALL.into_iter().find(|kind| kind.word() == own).or_else(|| kind_named(word))
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

/// Returns whether a symbol is one of an option: a symbol with a day, a `C` or a `P`, and a price.
///
/// ```
/// use foliostream::import::formats::kinds::is_option;
/// assert!(["AAPL  240119C00150000", "-AAPL240119P150", "AAPL 01/19/2024 150.00 C"].iter().all(|symbol| is_option(symbol)));
/// assert!(["AAPL", "BRK.B", "912828C57", "VWCE", ""].iter().all(|symbol| !is_option(symbol)));
/// ```
pub fn is_option(symbol: &str) -> bool {
    let symbol = symbol.trim().to_ascii_uppercase();
    let is_spelled_out = symbol.contains('/') && (symbol.ends_with(" C") || symbol.ends_with(" P"));
    let joined: String = symbol.chars().filter(|character| !character.is_whitespace() && *character != '-').collect();
    let right = joined.rfind(['C', 'P']).and_then(|at| Some((joined.get(..at)?, joined.get(at + 1..)?)));
    let is_joined = right.is_some_and(|(before, price)| {
        let name = before.trim_end_matches(|character: char| character.is_ascii_digit());
        let is_price = !price.is_empty() && price.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        is_price && !name.is_empty() && before.len() - name.len() == 6
    });
    is_spelled_out || is_joined
}
