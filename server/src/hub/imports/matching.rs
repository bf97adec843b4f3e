//! Which instruments a file means: known ones, those to be made, and those that a person must choose.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foliostream::domain::instrument::{AssetClass, Details, Instrument, Ticker};
use foliostream::domain::isin::Isin;
use foliostream::domain::money::Currency;
use foliostream::import::entry::{Entry, Fate, Named, Row};
use foliostream::wire::views::{ImportInstrument, ImportMatch};

use crate::hub::entries::USUAL_DECIMALS;

/// The most characters of a ticker that is made from a name.
const MADE_FROM_NAME: usize = 12;

/// The most candidates that are told.
const CANDIDATES: usize = 8;

/// The longest name of an instrument, in characters.
const LONGEST_NAME: usize = 100;

/// The instruments of a file, by what their rows call them.
#[derive(Debug, Default)]
pub(super) struct Instruments {
    found: Vec<Found>,
    by_symbol: HashMap<String, usize>,
    by_isin: HashMap<Isin, usize>,
    by_name: HashMap<String, usize>,
}

/// One instrument of a file.
#[derive(Debug)]
pub(super) struct Found {
    named: Named,
    /// The currencies of its entries, the first ones first.
    currency: Option<Currency>,
    rows: usize,
    /// What it is.
    pub outcome: Outcome,
}

/// What an instrument of a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A known one.
    Known(Arc<Instrument>),
    /// One that will be made; without a currency it cannot be.
    New(Ticker, Option<Currency>),
    /// One of these, which a person must choose.
    Ambiguous(Vec<Ticker>),
}

/// What is known of instruments.
#[derive(Debug)]
pub(super) struct Catalogue {
    by_ticker: HashMap<Ticker, Arc<Instrument>>,
    by_isin: HashMap<Isin, Arc<Instrument>>,
    by_name: HashMap<String, Vec<Arc<Instrument>>>,
}

impl Catalogue {
    /// Returns a catalogue of instruments.
    pub(super) fn new(instruments: Vec<Arc<Instrument>>) -> Self {
        let by_isin = instruments.iter().filter_map(|known| Some((known.details.isin?, Arc::clone(known)))).collect();
        let mut by_name: HashMap<String, Vec<Arc<Instrument>>> = HashMap::new();
        for known in &instruments {
            by_name.entry(known.name.to_lowercase()).or_default().push(Arc::clone(known));
        }
        let by_ticker = instruments.into_iter().map(|known| (known.ticker.clone(), known)).collect();
        Self { by_ticker, by_isin, by_name }
    }

    /// Returns those whose ticker is a symbol with an exchange or a currency behind it, such as `SAP.DE` of `SAP`.
    fn of_symbol(&self, symbol: &str) -> Vec<Arc<Instrument>> {
        let is_of = |known: &&Arc<Instrument>| {
            let rest = known.ticker.as_str().strip_prefix(symbol);
            rest.is_some_and(|rest| rest.starts_with(['.', '-']))
        };
        let mut found: Vec<_> = self.by_ticker.values().filter(is_of).cloned().collect();
        found.sort_by(|one, other| one.ticker.cmp(&other.ticker));
        found.truncate(CANDIDATES);
        found
    }
}

impl Instruments {
    /// Gathers the instruments of a file. Rows that call one by its symbol alone mean the one whose symbol others tell with an ISIN.
    pub(super) fn of(rows: &[Row]) -> Self {
        let mut gathered = Self::default();
        let entries = || rows.iter().filter_map(|row| if let Fate::Entries(entries) = &row.fate { Some(entries) } else { None });
        // Those that say most come first.
        for told in [3, 2, 1] {
            for entry in entries().flatten() {
                if let Some(named) = entry.instrument.as_ref().filter(|named| says(named) == told) {
                    gathered.add(named, entry);
                }
            }
        }
        for entries in entries() {
            let named = entries.iter().find_map(|entry| entry.instrument.as_ref());
            if let Some(place) = named.and_then(|named| gathered.place(named)) {
                gathered.found[place].rows += 1;
            }
        }
        gathered
    }

    fn add(&mut self, named: &Named, entry: &Entry) {
        let place = self.place(named).unwrap_or(self.found.len());
        if place == self.found.len() {
            let outcome = Outcome::Ambiguous(Vec::new());
            self.found.push(Found { named: named.clone(), currency: None, rows: 0, outcome });
        }
        let found = &mut self.found[place];
        found.currency = found.currency.or(named.currency).or(entry.currency);
        found.named.class = found.named.class.or(named.class);
        found.named.name = found.named.name.take().or_else(|| named.name.clone());
        if let Some(symbol) = &named.symbol {
            self.by_symbol.entry(symbol.to_uppercase()).or_insert(place);
        }
        if let Some(isin) = named.isin {
            self.by_isin.entry(isin).or_insert(place);
        }
        if let Some(name) = &named.name {
            self.by_name.entry(name.to_lowercase()).or_insert(place);
        }
    }

    /// Returns where an instrument stands: by its ISIN, else by its symbol, else by its name.
    fn place(&self, named: &Named) -> Option<usize> {
        if let Some(isin) = named.isin {
            return self.by_isin.get(&isin).copied();
        }
        match (&named.symbol, &named.name) {
            (Some(symbol), _) => self.by_symbol.get(&symbol.to_uppercase()).copied(),
            (None, Some(name)) => self.by_name.get(&name.to_lowercase()).copied(),
            (None, None) => None,
        }
    }

    /// Returns what a row means.
    pub(super) fn outcome(&self, named: &Named) -> Option<&Outcome> {
        self.place(named).map(|place| &self.found[place].outcome)
    }

    /// Finds what each is: what a person chose, else what is known by its ISIN, its symbol or its name; what is not known will be made.
    pub(super) fn find(&mut self, catalogue: &Catalogue, chosen: &BTreeMap<String, String>, currency: Option<Currency>) {
        for found in &mut self.found {
            let key = key(&found.named);
            let choice = chosen.get(&key).and_then(|text| text.trim().parse::<Ticker>().ok());
            found.outcome = match choice {
                Some(ticker) => catalogue.by_ticker.get(&ticker).map_or_else(
                    || Outcome::New(ticker.clone(), found.currency.or(currency)),
                    |known| Outcome::Known(Arc::clone(known)),
                ),
                None => known(&found.named, found.currency, catalogue)
                    .unwrap_or_else(|| found.to_be_made(catalogue, found.currency.or(currency))),
            };
        }
        self.give_each_its_own();
    }

    /// Two that would be made under one ticker are told apart by their ISINs.
    fn give_each_its_own(&mut self) {
        let mut taken: HashMap<Ticker, usize> = HashMap::new();
        for place in 0..self.found.len() {
            let Outcome::New(ticker, currency) = self.found[place].outcome.clone() else { continue };
            if *taken.entry(ticker.clone()).or_insert(place) == place {
                continue;
            }
            let of_isin = self.found[place].named.isin.and_then(|isin| isin.as_str().parse::<Ticker>().ok());
            self.found[place].outcome = match of_isin {
                Some(other) => Outcome::New(other, currency),
                None => Outcome::Ambiguous(vec![ticker]),
            };
        }
    }

    /// Returns those that will be made.
    pub(super) fn made(&self) -> Vec<Instrument> {
        self.found.iter().filter_map(Found::made).collect()
    }

    /// Returns the names of those that a person must choose.
    pub(super) fn ambiguous(&self) -> Vec<String> {
        let is_open = |found: &&Found| matches!(found.outcome, Outcome::Ambiguous(_));
        self.found.iter().filter(is_open).map(|found| key(&found.named)).collect()
    }

    /// Returns what is told of them: those to choose first.
    pub(super) fn views(&self) -> Vec<ImportInstrument> {
        let mut views: Vec<ImportInstrument> = self.found.iter().map(Found::view).collect();
        views.sort_by_key(|view| match view.r#match {
            ImportMatch::Ambiguous => 0,
            ImportMatch::New => 1,
            ImportMatch::Known => 2,
        });
        views
    }
}

impl Found {
    fn to_be_made(&self, catalogue: &Catalogue, currency: Option<Currency>) -> Outcome {
        let symbol = self.named.symbol.as_deref().and_then(of_symbol);
        let isin = || self.named.isin.and_then(|isin| isin.as_str().parse().ok());
        let name = || self.named.name.as_deref().and_then(of_name);
        match symbol.or_else(isin).or_else(name) {
            // It is another one that has this ticker: one with another ISIN.
            Some(ticker) if catalogue.by_ticker.contains_key(&ticker) => Outcome::Ambiguous(vec![ticker]),
            Some(ticker) => Outcome::New(ticker, currency),
            None => Outcome::Ambiguous(Vec::new()),
        }
    }

    fn made(&self) -> Option<Instrument> {
        let Outcome::New(ticker, Some(currency)) = &self.outcome else { return None };
        let name = self.named.name.clone().unwrap_or_else(|| ticker.to_string());
        Some(Instrument {
            ticker: ticker.clone(),
            name: name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect(),
            currency: *currency,
            class: self.named.class.unwrap_or(AssetClass::Other),
            price_decimals: USUAL_DECIMALS,
            details: Details { isin: self.named.isin, ..Details::default() },
        })
    }

    fn view(&self) -> ImportInstrument {
        let (ticker, r#match, candidates) = match &self.outcome {
            Outcome::Known(known) => (Some(known.ticker.clone()), ImportMatch::Known, Vec::new()),
            Outcome::New(ticker, _) => (Some(ticker.clone()), ImportMatch::New, Vec::new()),
            Outcome::Ambiguous(candidates) => (None, ImportMatch::Ambiguous, candidates.clone()),
        };
        ImportInstrument {
            key: key(&self.named),
            name: self.named.name.clone(),
            isin: self.named.isin.map(|isin| isin.to_string()),
            ticker,
            r#match,
            candidates,
            rows: self.rows,
        }
    }
}

/// Returns how many of its three names a row tells.
fn says(named: &Named) -> usize {
    usize::from(named.isin.is_some()) + usize::from(named.symbol.is_some()) + usize::from(named.name.is_some())
}

/// Returns by what an instrument of a file is chosen: its symbol, else its ISIN, else its name.
fn key(named: &Named) -> String {
    let isin = || named.isin.map(|isin| isin.to_string());
    named.symbol.clone().or_else(isin).or_else(|| named.name.clone()).unwrap_or_default()
}

fn known(named: &Named, currency: Option<Currency>, catalogue: &Catalogue) -> Option<Outcome> {
    if let Some(known) = named.isin.and_then(|isin| catalogue.by_isin.get(&isin)) {
        return Some(Outcome::Known(Arc::clone(known)));
    }
    let is_another = |known: &Arc<Instrument>| named.isin.is_some() && known.details.isin.is_some();
    if let Some(symbol) = &named.symbol {
        let ticker = of_symbol(symbol)?;
        if let Some(known) = catalogue.by_ticker.get(&ticker) {
            return Some(if is_another(known) { Outcome::Ambiguous(vec![ticker]) } else { Outcome::Known(Arc::clone(known)) });
        }
        let listed = catalogue.of_symbol(ticker.as_str());
        return one_in(listed.into_iter().filter(|known| !is_another(known)).collect(), currency);
    }
    let of_name = catalogue.by_name.get(&named.name.as_deref()?.to_lowercase())?;
    one_in(of_name.iter().filter(|known| !is_another(known)).cloned().collect(), currency)
}

/// Returns the only one of several that is quoted in a currency; of more a person must choose, and where there is none, it is none of them.
fn one_in(several: Vec<Arc<Instrument>>, currency: Option<Currency>) -> Option<Outcome> {
    let is_in = |known: &Arc<Instrument>| currency.is_none_or(|currency| known.currency.major() == currency.major());
    let mut found: Vec<_> = several.into_iter().filter(is_in).collect();
    match found.len() {
        0 => None,
        1 => found.pop().map(Outcome::Known),
        _ => Some(Outcome::Ambiguous(found.into_iter().map(|known| known.ticker.clone()).collect())),
    }
}

/// Returns the ticker that a symbol is: in capitals, with a hyphen for what a ticker has not.
fn of_symbol(symbol: &str) -> Option<Ticker> {
    let symbol = symbol.trim().to_uppercase();
    let hyphened: String = symbol.chars().map(|letter| if letter == ' ' || letter == '/' { '-' } else { letter }).collect();
    symbol.parse().or_else(|_| hyphened.parse()).ok()
}

/// Returns a ticker that is made from a name: its letters and digits.
fn of_name(name: &str) -> Option<Ticker> {
    let letters: String = name.to_uppercase().chars().filter(char::is_ascii_alphanumeric).take(MADE_FROM_NAME).collect();
    letters.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use foliostream::domain::activity::ActivityKind;
    use foliostream::import::dates::When;
    use jiff::Timestamp;

    fn row(symbol: Option<&str>, isin: Option<&str>, name: Option<&str>, currency: &str) -> Row {
        let when = When { time: Timestamp::UNIX_EPOCH, date_only: true };
        let instrument = Named::of(symbol, isin, name);
        let entry = Entry { instrument, currency: currency.parse().ok(), ..Entry::new(ActivityKind::Buy, when) };
        Row { line: 1, fate: entry.into() }
    }

    fn listed(ticker: &str, name: &str, currency: &str, isin: Option<&str>) -> Arc<Instrument> {
        let isin = isin.map(|isin| isin.parse().unwrap());
        Arc::new(Instrument {
            ticker: ticker.parse().unwrap(),
            name: name.to_owned(),
            currency: currency.parse().unwrap(),
            class: AssetClass::Share,
            price_decimals: 2,
            details: Details { isin, ..Details::default() },
        })
    }

    fn found(rows: &[Row], chosen: &[(&str, &str)]) -> Vec<(String, Option<String>, ImportMatch, Vec<String>)> {
        let catalogue = Catalogue::new(vec![
            listed("AAPL", "Apple", "USD", Some("US0378331005")),
            listed("SAP.DE", "SAP", "EUR", None),
            listed("BTC-USD", "Bitcoin", "USD", None),
            listed("BTC-EUR", "Bitcoin", "EUR", None),
            listed("MSFT", "Microsoft", "USD", Some("US5949181045")),
        ]);
        let mut instruments = Instruments::of(rows);
        let chosen = chosen.iter().map(|(key, ticker)| ((*key).to_owned(), (*ticker).to_owned())).collect();
        instruments.find(&catalogue, &chosen, None);
        let text = |ticker: &Ticker| ticker.to_string();
        let told = |view: ImportInstrument| {
            (view.key, view.ticker.as_ref().map(text), view.r#match, view.candidates.iter().map(text).collect())
        };
        instruments.views().into_iter().map(told).collect()
    }

    #[test]
    fn an_instrument_is_found_by_its_isin_its_symbol_or_its_name() {
        use ImportMatch::{Known, New};
        for (rows, key, ticker, is) in [
            (vec![row(Some("APC.F"), Some("US0378331005"), None, "EUR")], "APC.F", "AAPL", Known),
            (vec![row(Some("aapl"), None, None, "USD")], "aapl", "AAPL", Known),
            (vec![row(Some("SAP"), None, None, "EUR")], "SAP", "SAP.DE", Known),
            (vec![row(Some("BTC"), None, None, "USD")], "BTC", "BTC-USD", Known),
            (vec![row(Some("BTC"), None, None, "CHF")], "BTC", "BTC", New),
            (vec![row(None, None, Some("apple"), "USD")], "apple", "AAPL", Known),
            (vec![row(Some("BRK B"), None, None, "USD")], "BRK B", "BRK-B", New),
            (vec![row(None, Some("IE00B4L5Y983"), Some("World"), "EUR")], "IE00B4L5Y983", "IE00B4L5Y983", New),
            (vec![row(None, None, Some("Vanguard Global Bond Fund"), "EUR")], "Vanguard Global Bond Fund", "VANGUARDGLOB", New),
        ] {
            assert_eq!(found(&rows, &[]), [(key.to_owned(), Some(ticker.to_owned()), is, Vec::new())]);
        }
    }

    #[test]
    fn what_may_be_several_is_chosen_by_a_person() {
        let rows = [row(Some("BTC"), None, None, "?"), row(Some("MSFT"), Some("US67066G1040"), None, "USD")];
        let open = found(&rows, &[]);
        let candidates: Vec<_> =
            open.iter().map(|(key, ticker, _, candidates)| (key.as_str(), ticker.is_none(), candidates.join(" "))).collect();
        assert_eq!(candidates, [("MSFT", true, "MSFT".to_owned()), ("BTC", true, "BTC-EUR BTC-USD".to_owned())]);
        let chosen = found(&rows, &[("BTC", "BTC-EUR"), ("MSFT", "NVDA")]);
        let told: Vec<_> = chosen.into_iter().map(|(key, ticker, is, _)| (key, ticker.unwrap(), is)).collect();
        assert_eq!(
            told,
            [
                ("MSFT".to_owned(), "NVDA".to_owned(), ImportMatch::New),
                ("BTC".to_owned(), "BTC-EUR".to_owned(), ImportMatch::Known)
            ]
        );
    }

    #[test]
    fn rows_of_one_instrument_are_one_however_they_call_it() {
        let rows = [
            row(Some("XYZ"), None, None, "EUR"),
            row(Some("XYZ"), Some("IE00B4L5Y983"), Some("World"), "EUR"),
            row(None, Some("IE00B4L5Y983"), None, "EUR"),
            row(None, None, Some("world"), "EUR"),
            row(Some("XYZ"), Some("US67066G1040"), None, "EUR"),
        ];
        let told: Vec<_> = found(&rows, &[]).into_iter().map(|(_, ticker, ..)| ticker.unwrap()).collect();
        assert_eq!(told, ["XYZ", "US67066G1040"], "two of one symbol are told apart by their ISINs");
    }
}
