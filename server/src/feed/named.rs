//! The sources that `--feed` names, and the one list of those there are.

use super::source::{Kind, Opened, SourceOptions};
use super::{replay, simulated};
use foliostream::domain::source::SourceName;

/// Every kind of source there is. A new one is its file and a line here.
const KINDS: [&Kind; 2] = [&simulated::KIND, &replay::KIND];

/// The word for no source at all: prices are then only pushed.
const NONE: &str = "none";

/// A source that was asked for, not yet opened.
#[derive(Clone, Debug)]
pub struct Named {
    kind: &'static Kind,
    argument: Option<String>,
}

/// What one `--feed` names, in its order; nothing where it says that there is none.
#[derive(Clone, Debug)]
pub(crate) struct NamedSources(Vec<Named>);

impl Named {
    /// Returns the name that its quotes will carry.
    pub fn name(&self) -> SourceName {
        self.kind.name
    }

    /// Opens the source with what was written behind its name.
    pub fn open(&self, options: &SourceOptions) -> Opened {
        (self.kind.open)(self.argument.as_deref(), options)
    }
}

impl NamedSources {
    /// Reads sources that commas separate. What is not the name of a source belongs to the one before it, so that
    /// `simulated,replay:a.csv,b.csv` is a model and a replay of two files.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text == NONE {
            return Ok(Self(Vec::new()));
        }
        let mut named: Vec<Named> = Vec::new();
        for piece in text.split(',') {
            let (word, argument) = piece.split_once(':').map_or((piece, None), |(word, argument)| (word, Some(argument)));
            match (KINDS.iter().find(|kind| kind.name.as_str() == word.trim()), named.last_mut()) {
                (Some(kind), _) => named.push(Named { kind, argument: argument.map(str::to_owned) }),
                (None, Some(before)) => before.argument = Some([before.argument.as_deref().unwrap_or_default(), piece].join(",")),
                (None, None) => return Err(choose()),
            }
        }
        if named.iter().all(|named| (named.kind.takes)(named.argument.as_deref())) { Ok(Self(named)) } else { Err(choose()) }
    }

    /// Puts together what every `--feed` names: each source once.
    pub(crate) fn together(all: Vec<Self>) -> Result<Vec<Named>, String> {
        if all.len() > 1 && all.iter().any(|named| named.0.is_empty()) {
            return Err(format!("--feed {NONE} stands alone: leave it out, or the other --feed"));
        }
        let named: Vec<Named> = all.into_iter().flat_map(|named| named.0).collect();
        for (place, Named { kind, .. }) in named.iter().enumerate() {
            if named[..place].iter().any(|before| before.kind.name == kind.name) {
                return Err(format!("--feed names {} twice; name it once, as {}", kind.name, kind.usage));
            }
        }
        Ok(named)
    }
}

/// Says what there is.
fn choose() -> String {
    let [first, others @ ..] = KINDS;
    let others: Vec<&str> = others.iter().map(|kind| kind.usage).collect();
    format!("choose {}, {NONE}, or {}", first.usage, others.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Vec<String>, String> {
        let read = values.iter().map(|value| NamedSources::read(value)).collect::<Result<Vec<_>, _>>()?;
        let told = |named: Named| [named.name().as_str(), named.argument.as_deref().unwrap_or("-")].join(" ");
        Ok(NamedSources::together(read)?.into_iter().map(told).collect())
    }

    #[test]
    fn several_sources_are_separated_by_commas_or_named_one_by_one() {
        for (values, named) in [
            (&["simulated"][..], &["simulated -"][..]),
            (&["none"], &[]),
            (&["replay:a.csv"], &["replay a.csv"]),
            (&["replay:a.csv,b:c.csv"], &["replay a.csv,b:c.csv"]),
            (&["simulated,replay:a.csv,b.csv"], &["simulated -", "replay a.csv,b.csv"]),
            (&["replay:a.csv, b.csv, simulated"], &["replay a.csv, b.csv", "simulated -"]),
            (&["replay:a.csv", "simulated"], &["replay a.csv", "simulated -"]),
            (&["replay:./simulated"], &["replay ./simulated"]),
        ] {
            assert_eq!(read(values).unwrap(), named, "{values:?}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_and_says_what_can() {
        for text in ["", "yahoo", "replay", "replay:", "replay:a.csv,,b.csv", "simulated:7", "simulated,b.csv", "none,simulated"]
        {
            assert_eq!(read(&[text]).unwrap_err(), "choose simulated, none, or replay:FILE[,FILE…]", "{text:?}");
        }
        assert!(read(&["none", "simulated"]).unwrap_err().contains("stands alone"));
        for twice in [&["simulated", "simulated"][..], &["replay:a.csv,replay:b.csv"]] {
            let refusal = read(twice).unwrap_err();
            assert!(refusal.contains("twice; name it once, as "), "{refusal}");
        }
    }
}
