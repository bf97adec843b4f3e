//! The command line.

/// What is said to `--help`.
pub(crate) const HELP: &str = "\
Looks at an event-stream server from outside and says what it keeps of the contract.

Usage: make conform [URL=…] [TOKEN=…] [PID=…] [CA=…] [MAX_AGE_S=…] [ARGS='[--list] [NAME…]']

Without a URL the server of this checkout is started, every check runs, and none is skipped.

  --url URL          http:// or https://; the installation should be one for tests
  --token TOKEN      its ingest token: quotes named CONFORM-…, alerts and portfolios are made (the latter removed again)
  --pid PID          its process, which is stopped at the end
  --ca FILE          certificates an https:// server is checked against (PEM; the system's unless told)
  --max-age-s SECS   its --max-age-s
  --list             prints every check with its reason, as Markdown
  NAME               only checks of this name
";

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Where the server is; none starts our own.
    pub url: Option<String>,
    /// The ingest token.
    pub token: Option<String>,
    /// The process that may be stopped.
    pub pid: Option<u32>,
    /// The file of certificates.
    pub roots: Option<String>,
    /// The oldest a stream gets.
    pub max_age_s: Option<u64>,
    /// The checks that are wanted; all where none is named.
    pub names: Vec<String>,
}

/// What to do.
pub(crate) enum Asked {
    /// Look.
    Look(Options),
    /// Print the checks.
    List,
    /// Print the help.
    Help,
}

/// Reads the words after the program's name; a wrong one is told back.
pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut options = Options::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--list" => return Ok(Asked::List),
            "--help" | "-h" => return Ok(Asked::Help),
            "--url" => options.url = Some(value()?),
            "--token" => options.token = Some(value()?),
            "--ca" => options.roots = Some(value()?),
            "--pid" => options.pid = Some(number(&word, &value()?)?),
            "--max-age-s" => options.max_age_s = Some(number(&word, &value()?)?),
            name if super::checks::numbered().any(|(_, check)| check.name == name) => options.names.push(word),
            _ => return Err(format!("{word} is no option and no check; see --help and --list")),
        }
    }
    Ok(Asked::Look(options))
}

fn number<T: std::str::FromStr>(word: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{word} takes a number, not {text:?}"))
}
