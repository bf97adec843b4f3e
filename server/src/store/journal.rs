//! What pushes showed that decided nothing, on its way into a SQLite file: appended to a file beside it, and answered by then.
//!
//! A transaction of its own would cost such a push more than all else together. Within a second it is part of one that many share; if
//! the process is killed before, the next one to open the database brings it in first. The file is written and not synced: a process
//! that is killed loses nothing, and a power cut at most what was pushed in the second before it.
//!
//! There are two files at most. The current one takes what comes; when what waits is handed over to be stored, it becomes the one before,
//! and is removed once that is stored. Each line stands for itself. One that was cut off was never answered, and ends the reading.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use foliostream::domain::alert::{AlertId, Memory};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::quote::{Freshness, Quote, Session};
use foliostream::domain::source::SourceName;
use foliostream::wire::epoch::Epoch;

use super::alerts::write_observations;
use super::bars::write_bars;
use super::columns::micros;
use super::progress::last_stored;
use super::quotes::write_quotes;
use super::records::Observation;
use super::statement::Writes;
use super::{Connections, Result, Store, StoreError};

/// The file that takes what comes.
const CURRENT: &str = "foliostream.pushed";

/// The file of what is being stored.
const BEFORE: &str = "foliostream.pushed.before";

/// The longest a file may grow, in bytes: some 100,000 pushes. What comes then waits for the store.
const LONGEST: u64 = 32 << 20;

/// What pushes showed: the newest quotes, the prices of bars in order, and what alerts remember since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pushed {
    /// Each ticker's newest quote.
    pub quotes: Vec<Quote>,
    /// Prices of daily bars, in order.
    pub bars: Vec<(Ticker, Date, Decimal)>,
    /// What alerts saw last.
    pub observations: Vec<Observation>,
}

/// The engine's end of the journal, in one term.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    term: Epoch,
    file: Option<File>,
    /// The length of the current file: up to here its lines are whole.
    length: u64,
    has_before: bool,
}

impl Store {
    /// Returns the journal of a term, where the database is a SQLite file that no other process uses.
    pub(crate) fn journal(&self, term: Epoch) -> Option<Journal> {
        let Connections::Sqlite(connections) = self.0.as_ref() else { return None };
        let folder = connections.own_folder()?.to_owned();
        Some(Journal { folder, term, file: None, length: 0, has_before: false })
    }

    /// Brings in what an engine that was killed had answered and not stored yet, before anything reads the database.
    ///
    /// Lines of another term than the database's last are of another history, such as that of a database that was put back, and lines of a
    /// newer program may not be readable: they are left out, and their file is kept under another name.
    pub(super) async fn bring_in_journal(&self) -> Result<()> {
        let Connections::Sqlite(connections) = self.0.as_ref() else { return Ok(()) };
        let files = [BEFORE, CURRENT].map(|name| connections.folder().join(name));
        if !files.iter().any(|file| file.exists()) {
            return Ok(());
        }
        let mut change = self.begin().await?;
        let stored = last_stored(&mut change).await?;
        let (mut all, mut last, mut count) = (Pushed::default(), stored.number, 0);
        let mut kept_aside = Vec::new();
        for file in &files {
            let Read { lines, is_unreadable } = read(file)?;
            let is_other = |line: &Line| (line.epoch, line.mark) != (stored.epoch, stored.mark);
            if is_unreadable || lines.iter().any(is_other) {
                kept_aside.push(file.clone());
            }
            // Those up to the number of what was stored last were stored before the process was killed.
            for line in lines.into_iter().filter(|line| !is_other(line) && line.number > stored.number) {
                last = last.max(line.number);
                count += 1;
                let Pushed { quotes, bars, observations } = line.into_pushed()?;
                all.quotes.extend(quotes);
                all.bars.extend(bars);
                all.observations.extend(observations);
            }
        }
        write_observations(&mut change, &all.observations.iter().collect::<Vec<_>>()).await?;
        let mut writes = Writes::default();
        write_quotes(&mut writes, &all.quotes);
        write_bars(&mut change, &mut writes, &all.bars).await?;
        // Another process that opens the database now, and has found the files too, brings nothing in a second time.
        stored.with_number(last).write(&mut writes);
        writes.run(&mut change).await?;
        change.commit().await?;
        if count > 0 {
            tracing::info!("{count} pushes that were answered before the process was killed were brought in");
        }
        for file in &files {
            let done = if kept_aside.contains(file) { keep_aside(file) } else { remove(file) };
            done.map_err(|error| unusable(file, &error))?;
        }
        Ok(())
    }
}

impl Journal {
    /// Appends what pushes showed, and the number under which it will be stored with what else is decided. After an error nothing of
    /// it is there.
    pub(crate) fn append(&mut self, number: u64, pushed: &Pushed) -> io::Result<()> {
        let mut line = serde_json::to_vec(&Line::of(self.term, number, pushed))?;
        line.push(b'\n');
        if self.length + line.len() as u64 > LONGEST {
            return Err(io::Error::other("the journal of pushes is full"));
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = create(&self.folder.join(CURRENT))?;
                self.length = file.metadata()?.len();
                self.file.insert(file)
            }
        };
        if let Err(error) = file.write_all(&line) {
            // A line behind a part of another could not be read.
            if file.set_len(self.length).is_err() {
                self.length = LONGEST;
            }
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }

    /// Begins another file: what the current one holds is handed over to be stored.
    pub(crate) fn hand_over(&mut self) {
        if self.file.is_none() {
            return;
        }
        match fs::rename(self.folder.join(CURRENT), self.folder.join(BEFORE)) {
            Ok(()) => (self.file, self.length, self.has_before) = (None, 0, true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                tracing::warn!("somebody has removed the journal of pushes, which belongs to the database; another is begun");
                (self.file, self.length) = (None, 0);
            }
            // It goes on growing: what is stored by then is known by its number.
            Err(error) => tracing::warn!("the journal of pushes could not be turned: {error}"),
        }
    }

    /// Forgets what was handed over: it is stored.
    pub(crate) fn stored(&mut self) {
        if std::mem::take(&mut self.has_before)
            && let Err(error) = remove(&self.folder.join(BEFORE))
        {
            tracing::warn!("the journal of stored pushes could not be removed: {error}");
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn unusable(path: &Path, error: &dyn std::error::Error) -> StoreError {
    StoreError::Unusable { path: path.to_owned(), reason: error.to_string() }
}

/// Keeps a file that was not brought in whole, under the first free name of `foliostream.pushed.left-out-1` and so on.
fn keep_aside(path: &Path) -> io::Result<()> {
    let names = (1..).map(|number| PathBuf::from(format!("{}.left-out-{number}", path.display())));
    let Some(name) = names.into_iter().find(|name| !name.exists()) else { return Ok(()) };
    tracing::error!("not all of {} is of this database and readable here: it is kept as {}", path.display(), name.display());
    fs::rename(path, name)
}

/// What could be read of a file.
#[derive(Default)]
struct Read {
    lines: Vec<Line>,
    /// Whether there is a whole line that could not be read.
    is_unreadable: bool,
}

/// Reads the lines of a file. A last one without its end, or one into which a power cut has left zeros, was not answered; it ends the
/// reading, as does one that cannot be read.
fn read(path: &Path) -> Result<Read> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Read::default()),
        Err(error) => return Err(unusable(path, &error)),
    };
    let mut read = Read::default();
    for text in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = text.strip_suffix(b"\n").filter(|line| !line.contains(&0)) else { break };
        match serde_json::from_slice(line) {
            Ok(line) => read.lines.push(line),
            Err(error) => {
                tracing::warn!("a line of {} cannot be read: {error}", path.display());
                read.is_unreadable = true;
                break;
            }
        }
    }
    Ok(read)
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    epoch: u64,
    mark: u32,
    number: u64,
    quotes: Vec<QuoteLine>,
    bars: Vec<(Ticker, Date, Decimal)>,
    /// Alert, revision and memory.
    observations: Vec<(i64, i64, Memory)>,
}

/// A quote as it stands in a line; times in microseconds since 1970, UTC, as columns have them.
#[derive(Serialize, Deserialize)]
struct QuoteLine {
    ticker: Ticker,
    price: Decimal,
    bid: Option<Decimal>,
    ask: Option<Decimal>,
    volume: Option<Decimal>,
    currency: Currency,
    previous_close: Option<Decimal>,
    time_us: i64,
    received_at_us: i64,
    session_start_us: i64,
    session: Session,
    freshness: Freshness,
    source: SourceName,
    delay_s: u32,
}

impl Line {
    fn of(term: Epoch, number: u64, Pushed { quotes, bars, observations }: &Pushed) -> Self {
        let quotes = quotes.iter().map(QuoteLine::from).collect();
        let observations = observations.iter().map(|seen| (seen.alert_id.0, seen.revision, seen.memory.clone())).collect();
        Self { epoch: term.number(), mark: term.mark(), number, quotes, bars: bars.clone(), observations }
    }

    fn into_pushed(self) -> Result<Pushed> {
        let quotes = self.quotes.into_iter().map(Quote::try_from).collect::<std::result::Result<_, jiff::Error>>();
        let seen = |(id, revision, memory)| Observation { alert_id: AlertId(id), revision, memory };
        Ok(Pushed {
            quotes: quotes.map_err(|error| unusable(Path::new(CURRENT), &error))?,
            bars: self.bars,
            observations: self.observations.into_iter().map(seen).collect(),
        })
    }
}

impl From<&Quote> for QuoteLine {
    fn from(quote: &Quote) -> Self {
        Self {
            ticker: quote.ticker.clone(),
            price: quote.price,
            bid: quote.bid,
            ask: quote.ask,
            volume: quote.volume,
            currency: quote.currency,
            previous_close: quote.previous_close,
            time_us: micros(quote.time),
            received_at_us: micros(quote.received_at),
            session_start_us: micros(quote.session_start),
            session: quote.session,
            freshness: quote.freshness,
            source: quote.source,
            delay_s: quote.delay_s,
        }
    }
}

impl TryFrom<QuoteLine> for Quote {
    type Error = jiff::Error;

    fn try_from(line: QuoteLine) -> std::result::Result<Self, jiff::Error> {
        Ok(Self {
            ticker: line.ticker,
            price: line.price,
            bid: line.bid,
            ask: line.ask,
            volume: line.volume,
            currency: line.currency,
            previous_close: line.previous_close,
            time: Timestamp::from_microsecond(line.time_us)?,
            received_at: Timestamp::from_microsecond(line.received_at_us)?,
            session_start: Timestamp::from_microsecond(line.session_start_us)?,
            session: line.session,
            freshness: line.freshness,
            source: line.source,
            delay_s: line.delay_s,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::Decided;
    use super::super::testing::{Kind, Place, at, new_alert, open_folder, quote, ticker};
    use super::*;

    /// A store of a folder, its term, and an alert.
    async fn begun() -> (tempfile::TempDir, Store, Epoch) {
        let folder = tempfile::tempdir().unwrap();
        let store = open_folder(&folder).await;
        let term = store.begin_term().await.unwrap();
        (folder, store, term)
    }

    fn pushed(price: &str) -> Pushed {
        let day = "2020-01-01".parse().unwrap();
        let bars = vec![(ticker("AAPL"), day, price.parse().unwrap())];
        Pushed { quotes: vec![quote("AAPL", price)], bars, observations: Vec::new() }
    }

    /// Returns the price of AAPL, and the highest and last of its day.
    async fn known(store: &Store) -> Vec<String> {
        let day = "2020-01-01".parse().unwrap();
        let bars = store.bars(&ticker("AAPL"), day, day).await.unwrap();
        let prices = store.quotes().await.unwrap().into_iter().map(|quote| quote.price);
        prices.chain(bars.into_iter().flat_map(|bar| [bar.high, bar.close])).map(|price| price.to_string()).collect()
    }

    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("pushed")).collect()
    }

    #[tokio::test]
    async fn what_was_appended_before_a_kill_is_brought_in_whole_and_in_order() {
        let (folder, store, term) = begun().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let mut journal = store.journal(term).unwrap();
        let memory = Memory { last_price: Some("104".parse().unwrap()), left_level: false };
        let observations = vec![Observation { alert_id: alert.id, revision: alert.revision, memory: memory.clone() }];
        journal.append(1, &pushed("105")).unwrap();
        journal.hand_over();
        journal.append(2, &Pushed { observations, ..pushed("104") }).unwrap();
        assert_eq!(names(&folder).len(), 2);
        store.close().await;
        let store = open_folder(&folder).await;
        assert_eq!(known(&store).await, ["104", "105", "104"]);
        assert_eq!(store.quotes().await.unwrap(), pushed("104").quotes);
        assert_eq!(store.own().alert(alert.id).await.unwrap().unwrap().memory, memory);
        assert_eq!(names(&folder), [""; 0]);
    }

    #[tokio::test]
    async fn what_is_stored_by_then_is_not_brought_in_again() {
        let (folder, store, term) = begun().await;
        let mut journal = store.journal(term).unwrap();
        journal.append(1, &pushed("105")).unwrap();
        journal.hand_over();
        let decided = Decided { number: 1, quotes: vec![quote("AAPL", "106")], ..Decided::default() };
        store.store_decided(term.number(), &decided).await.unwrap();
        store.close().await;
        let store = open_folder(&folder).await;
        assert_eq!(known(&store).await, ["106"], "killed before the file was removed");
        assert_eq!(names(&folder), [""; 0]);
    }

    #[tokio::test]
    async fn once_stored_a_file_is_gone_and_another_is_begun() {
        let (folder, store, term) = begun().await;
        let mut journal = store.journal(term).unwrap();
        for number in 1..4 {
            journal.append(number, &pushed("105")).unwrap();
            journal.hand_over();
            assert_eq!(names(&folder), [BEFORE]);
            journal.stored();
            assert_eq!(names(&folder), [""; 0]);
        }
        journal.hand_over();
        journal.stored();
    }

    #[tokio::test]
    async fn a_line_that_was_cut_off_ends_the_reading_and_keeps_nobody_from_starting() {
        for garbage in [&b"{\"epoch\":1,"[..], b"\0\0\0\0\n", b"\0\0"] {
            let (folder, store, term) = begun().await;
            store.journal(term).unwrap().append(1, &pushed("105")).unwrap();
            store.close().await;
            let path = folder.path().join(CURRENT);
            let mut bytes = fs::read(&path).unwrap();
            bytes.extend_from_slice(garbage);
            fs::write(&path, bytes).unwrap();
            let store = open_folder(&folder).await;
            assert_eq!(known(&store).await, ["105", "105", "105"]);
            assert_eq!(names(&folder), [""; 0]);
        }
    }

    #[tokio::test]
    async fn lines_of_another_history_or_another_program_are_left_out_and_their_file_is_kept() {
        let (folder, store, term) = begun().await;
        let other = Epoch::new(term.number(), term.mark() ^ 1);
        store.journal(other).unwrap().append(1, &pushed("105")).unwrap();
        store.close().await;
        let store = open_folder(&folder).await;
        assert_eq!((known(&store).await, names(&folder)), (vec![], vec!["foliostream.pushed.left-out-1".to_owned()]));
        store.journal(term).unwrap().append(1, &pushed("106")).unwrap();
        store.close().await;
        let mut file = OpenOptions::new().append(true).open(folder.path().join(CURRENT)).unwrap();
        file.write_all(b"{\"of\":\"tomorrow\"}\n").unwrap();
        let store = open_folder(&folder).await;
        assert_eq!(
            (known(&store).await, names(&folder).len()),
            (vec!["106".to_owned(); 3], 2),
            "neither takes the place of the other"
        );
    }

    #[tokio::test]
    async fn a_journal_that_somebody_removes_is_begun_anew() {
        let (folder, store, term) = begun().await;
        let mut journal = store.journal(term).unwrap();
        journal.append(1, &pushed("105")).unwrap();
        fs::remove_file(folder.path().join(CURRENT)).unwrap();
        journal.hand_over();
        journal.append(2, &pushed("106")).unwrap();
        store.close().await;
        assert_eq!(known(&open_folder(&folder).await).await, ["106"; 3]);
    }

    #[tokio::test]
    async fn two_that_open_at_once_bring_in_once() {
        let (folder, store, term) = begun().await;
        let mut journal = store.journal(term).unwrap();
        journal.append(1, &pushed("105")).unwrap();
        journal.hand_over();
        journal.append(2, &pushed("104")).unwrap();
        let before = fs::read(folder.path().join(BEFORE)).unwrap();
        store.close().await;
        let store = open_folder(&folder).await;
        // As the other process has found it, the newer file already gone.
        fs::write(folder.path().join(BEFORE), before).unwrap();
        store.bring_in_journal().await.unwrap();
        assert_eq!(known(&store).await, ["104", "105", "104"]);
    }

    #[tokio::test]
    async fn a_journal_that_is_full_takes_nothing_and_stays_readable() {
        let (folder, store, term) = begun().await;
        let mut journal = store.journal(term).unwrap();
        journal.append(1, &pushed("105")).unwrap();
        journal.length = LONGEST;
        assert!(journal.append(1, &pushed("106")).is_err());
        store.close().await;
        assert_eq!(known(&open_folder(&folder).await).await, ["105", "105", "105"]);
    }

    #[tokio::test]
    async fn only_a_file_that_no_other_process_uses_has_a_journal() {
        let place = Kind::Sqlite.place().await;
        assert!(place.share().await.journal(Epoch::from(1)).is_none());
        let (place, store) = Kind::Postgres.store().await;
        assert!(store.journal(Epoch::from(1)).is_none() && matches!(place, Place::Database(_)));
    }
}
