//! Recorded ticks, read from files: streamed, never loaded, several files merged by time.
//!
//! Synchronous and without a clock: [`Recording`] is an iterator, [`due`] says when a tick is due, the caller waits. Rows of
//! one file are delivered as they come, also where their times go back. When looping, each pass is shifted by the span of
//! all times seen in the first pass plus one second, so that times never go back from one pass to the next.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use foliostream::domain::quote::Tick;

pub(crate) use super::row::{BadRowReason, HeaderReason};
use super::row::{Columns, Line, read_line};

/// A row that was refused and skipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {line}: {reason}", .file.display())]
pub(crate) struct BadRow {
    /// The file that the row is in.
    pub file: Arc<Path>,
    /// On which line, the header being 1.
    pub line: u64,
    /// Why the row is refused.
    pub reason: BadRowReason,
}

/// Why a replay cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordingError {
    /// No file was named.
    #[error("a replay needs at least one file")]
    NoFile,
    /// A file cannot be opened or read.
    #[error("cannot read {}: {reason}", .file.display())]
    Unreadable {
        /// The file that cannot be read.
        file: PathBuf,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// A file's first line is no header.
    #[error("cannot replay {}: {reason}", .file.display())]
    Header {
        /// The file with the header.
        file: PathBuf,
        /// Why the header is refused.
        reason: HeaderReason,
    },
    /// A file has a header and nothing to replay.
    #[error("cannot replay {}: it has no good row{}", .file.display(), describe(.first, *.bad_rows))]
    NoGoodRow {
        /// The file without a good row.
        file: PathBuf,
        /// The number of rows that were refused.
        bad_rows: u64,
        /// The first of them.
        first: Option<BadRow>,
    },
}

fn describe(first: &Option<BadRow>, bad_rows: u64) -> String {
    let Some(first) = first else { return String::new() };
    format!(" and {bad_rows} bad, the first on line {}: {}", first.line, first.reason)
}

/// The ticks of one source, row by row.
#[derive(Debug)]
pub(crate) struct RecordingReader<R> {
    source: R,
    file: Arc<Path>,
    columns: Columns,
    line: u64,
    buffer: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> RecordingReader<R> {
    /// Reads the header of a source; `file` names it in messages. Blank lines before the header and between rows count
    /// as lines and are skipped.
    pub(crate) fn new(file: &Path, mut source: R) -> Result<Self, RecordingError> {
        let (mut buffer, mut line) = (Vec::new(), 0);
        let header = |reason| RecordingError::Header { file: file.to_owned(), reason };
        loop {
            line += 1;
            let read = read_line(&mut source, &mut buffer);
            match read.map_err(|reason| RecordingError::Unreadable { file: file.to_owned(), reason })? {
                Line::End => return Err(header(HeaderReason::Empty)),
                Line::TooLong => return Err(header(HeaderReason::NotALine(BadRowReason::TooLong))),
                Line::Whole if buffer.trim_ascii().is_empty() => {}
                Line::Whole => break,
            }
        }
        let columns = Columns::parse(&buffer).map_err(header)?;
        Ok(Self { source, file: file.into(), columns, line, buffer, ended: false })
    }

    fn bad(&self, reason: BadRowReason) -> BadRow {
        BadRow { file: self.file.clone(), line: self.line, reason }
    }
}

impl<R: BufRead> Iterator for RecordingReader<R> {
    type Item = Result<Tick, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            self.line += 1;
            match read_line(&mut self.source, &mut self.buffer) {
                Ok(Line::End) => self.ended = true,
                Ok(Line::TooLong) => return Some(Err(self.bad(BadRowReason::TooLong))),
                Ok(Line::Whole) if self.buffer.trim_ascii().is_empty() => {}
                Ok(Line::Whole) => return Some(self.columns.tick(&self.buffer).map_err(|reason| self.bad(reason))),
                Err(error) => {
                    self.ended = true;
                    return Some(Err(self.bad(BadRowReason::Unreadable(error.to_string()))));
                }
            }
        }
        None
    }
}

/// One file within the merge, with its next tick where it is already known.
#[derive(Debug)]
struct Stream {
    reader: RecordingReader<BufReader<File>>,
    next: Option<Tick>,
}

/// The ticks of all files in order of time; see the module.
#[derive(Debug)]
pub(crate) struct Recording {
    files: Vec<PathBuf>,
    streams: Vec<Stream>,
    repeat: bool,
    /// Whether this is the first pass: later ones repeat no bad row.
    first_pass: bool,
    /// The earliest and latest time of the first pass so far.
    span: Option<(Timestamp, Timestamp)>,
    /// The time by which this pass is shifted.
    shift: SignedDuration,
    /// Whether this pass has delivered a tick: one that delivers none is the last.
    delivered: bool,
    bad_rows: u64,
}

/// Opens files for a replay. Each is looked at as far as its first good row; one without any is refused.
pub(crate) fn open(files: &[PathBuf]) -> Result<Recording, RecordingError> {
    if files.is_empty() {
        return Err(RecordingError::NoFile);
    }
    files.iter().try_for_each(|file| expect_good_row(file))?;
    Ok(Recording {
        files: files.to_vec(),
        streams: open_streams(files)?,
        repeat: false,
        first_pass: true,
        span: None,
        shift: SignedDuration::ZERO,
        delivered: false,
        bad_rows: 0,
    })
}

fn open_file(file: &Path) -> Result<RecordingReader<BufReader<File>>, RecordingError> {
    let opened = File::open(file).map_err(|reason| RecordingError::Unreadable { file: file.to_owned(), reason })?;
    RecordingReader::new(file, BufReader::new(opened))
}

fn open_streams(files: &[PathBuf]) -> Result<Vec<Stream>, RecordingError> {
    files.iter().map(|file| Ok(Stream { reader: open_file(file)?, next: None })).collect()
}

fn expect_good_row(file: &Path) -> Result<(), RecordingError> {
    let (mut bad_rows, mut first) = (0, None);
    for row in open_file(file)? {
        match row {
            Ok(_) => return Ok(()),
            Err(row) => {
                bad_rows += 1;
                first.get_or_insert(row);
            }
        }
    }
    Err(RecordingError::NoGoodRow { file: file.to_owned(), bad_rows, first })
}

impl Recording {
    /// Starts again at the end, for ever; bad rows are told in the first pass only.
    #[must_use]
    pub(crate) fn repeating(mut self) -> Self {
        self.repeat = true;
        self
    }

    /// Returns how many rows have been refused so far, each counted once.
    #[cfg(test)]
    pub(crate) fn bad_rows(&self) -> u64 {
        self.bad_rows
    }

    /// Looks at every file's next row until each has a tick at hand or has ended; a bad row comes first.
    fn look_ahead(&mut self) -> Result<(), BadRow> {
        for stream in &mut self.streams {
            while stream.next.is_none() {
                match stream.reader.next() {
                    Some(Ok(tick)) => stream.next = Some(tick),
                    Some(Err(_)) if !self.first_pass => {}
                    Some(Err(row)) => {
                        self.bad_rows += 1;
                        return Err(row);
                    }
                    None => break,
                }
            }
        }
        Ok(())
    }

    /// Takes the earliest tick at hand, the first file's where times are equal.
    fn take_earliest(&mut self) -> Option<Tick> {
        let waiting = self.streams.iter_mut().filter(|stream| stream.next.is_some());
        waiting.min_by_key(|stream| stream.next.as_ref().map(|tick| tick.time))?.next.take()
    }

    /// Reopens the files for another pass; false where there is none.
    fn begin_again(&mut self) -> bool {
        let Some((first, last)) = self.span.filter(|_| self.repeat && self.delivered) else { return false };
        let one_pass = last.duration_since(first) + SignedDuration::from_secs(1);
        let (Some(shift), Ok(streams)) = (self.shift.checked_add(one_pass), open_streams(&self.files)) else {
            return false;
        };
        self.streams = streams;
        self.shift = shift;
        (self.first_pass, self.delivered) = (false, false);
        true
    }

    /// Puts a tick's time into this pass; none at the end of time.
    fn shifted(&mut self, mut tick: Tick) -> Option<Tick> {
        if self.first_pass {
            let (first, last) = self.span.unwrap_or((tick.time, tick.time));
            self.span = Some((first.min(tick.time), last.max(tick.time)));
        }
        tick.time = tick.time.checked_add(self.shift).ok()?;
        self.delivered = true;
        Some(tick)
    }
}

impl Iterator for Recording {
    type Item = Result<Tick, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Err(row) = self.look_ahead() {
                return Some(Err(row));
            }
            match self.take_earliest() {
                Some(tick) => return self.shifted(tick).map(Ok),
                None if self.begin_again() => {}
                None => return None,
            }
        }
    }
}

/// Returns how long after the replay's start a tick is due: the time since the first tick, divided by `speed`.
///
/// A tick earlier than the first is due at once, and so is everything at a speed that is not a positive number.
pub(crate) fn due(first: Timestamp, tick: Timestamp, speed: f64) -> Duration {
    let since = Duration::try_from(tick.duration_since(first)).unwrap_or(Duration::ZERO);
    if speed.is_nan() || speed <= 0.0 {
        return Duration::ZERO;
    }
    Duration::try_from_secs_f64(since.as_secs_f64() / speed).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rust_decimal::Decimal;

    use super::*;

    fn file(directory: &tempfile::TempDir, name: &str, content: &str) -> PathBuf {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn prices(ticks: impl Iterator<Item = Result<Tick, BadRow>>) -> Vec<String> {
        ticks.filter_map(Result::ok).map(|tick| format!("{} {}", tick.ticker, tick.price)).collect()
    }

    #[test]
    fn files_are_merged_by_time_and_rows_of_one_file_stay_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let one = file(
            &directory,
            "a.csv",
            "time,ticker,price\n2026-01-02T10:00:01Z,A,1\n2026-01-02T10:00:03Z,A,3\n2026-01-02T10:00:00Z,A,0.5\n",
        );
        let two = file(&directory, "b.csv", "price,time,ticker\r\n2,2026-01-02T10:00:02Z,B\r\n\r\n3,2026-01-02T10:00:03Z,B");
        let replay = open(&[one, two]).unwrap();
        assert_eq!(prices(replay), ["A 1", "B 2", "A 3", "A 0.5", "B 3"]);
    }

    #[test]
    fn bad_rows_are_reported_with_file_and_line_counted_and_skipped() {
        let directory = tempfile::tempdir().unwrap();
        let long = "x".repeat(5_000);
        let path = file(
            &directory,
            "a.csv",
            &format!("time,ticker,price\nx\n\n2026-01-02,A,1\n{long}\n2026-01-02,A,-1\n2026-01-02,A,2\n"),
        );
        let mut replay = open(std::slice::from_ref(&path)).unwrap();
        let rows: Vec<_> = replay.by_ref().collect();
        let lines: Vec<u64> = rows.iter().filter_map(|row| row.as_ref().err()).map(|row| row.line).collect();
        assert_eq!((lines, replay.bad_rows(), rows.len()), (vec![2, 5, 6], 3, 5));
        let first = rows[0].as_ref().unwrap_err().to_string();
        assert_eq!(first, format!("{}, line 2: 1 fields where the header has 3", path.display()));
    }

    #[test]
    fn files_that_cannot_be_replayed_are_refused_in_one_line_that_names_them() {
        let directory = tempfile::tempdir().unwrap();
        let good = file(&directory, "good.csv", "time,ticker,price\n2026-01-02,A,1\n");
        let cases = [
            (directory.path().join("missing.csv"), "cannot read "),
            (directory.path().to_owned(), "cannot read "),
            (file(&directory, "empty.csv", "\n\n"), "it is empty"),
            (file(&directory, "header.csv", "a,b,c\n2026-01-02,A,1\n"), "must name time, ticker"),
            (file(&directory, "only.csv", "time,ticker,price\n"), "it has no good row"),
            (file(&directory, "bad.csv", "time,ticker,price\nx,A,1\ny,A,1\n"), "no good row and 2 bad, the first on line 2"),
            (file(&directory, "long.csv", &"x".repeat(9_999)), "its first line is no header"),
        ];
        for (path, words) in cases {
            let message = open(&[good.clone(), path.clone()]).unwrap_err().to_string();
            assert!(message.contains(words) && message.contains(path.to_str().unwrap()), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
        assert!(matches!(open(&[]), Err(RecordingError::NoFile)));
    }

    #[test]
    fn a_loop_never_goes_back_in_time_and_tells_bad_rows_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(&directory, "a.csv", "time,ticker,price\n2026-01-02T10:00:05Z,A,1\nbad\n2026-01-02T10:00:00Z,A,2\n");
        let mut replay = open(&[path]).unwrap().repeating();
        let rows: Vec<_> = replay.by_ref().take(7).collect();
        let times: Vec<String> = rows.iter().flatten().map(|tick| tick.time.to_string()[11..19].to_owned()).collect();
        assert_eq!(times, ["10:00:05", "10:00:00", "10:00:11", "10:00:06", "10:00:17", "10:00:12"]);
        assert_eq!(replay.bad_rows(), 1);
    }

    #[test]
    fn a_loop_ends_when_its_file_is_gone_or_empty() {
        let directory = tempfile::tempdir().unwrap();
        let content = "time,ticker,price\n2026-01-02T10:00:05Z,A,1\n";
        let path = file(&directory, "a.csv", content);
        let mut replay = open(std::slice::from_ref(&path)).unwrap().repeating();
        assert!(replay.next().is_some());
        fs::write(&path, "time,ticker,price\n").unwrap();
        assert_eq!(replay.next(), None);
        fs::write(&path, content).unwrap();
        let mut replay = open(std::slice::from_ref(&path)).unwrap().repeating();
        assert!(replay.next().is_some());
        fs::remove_file(&path).unwrap();
        assert_eq!(replay.next(), None);
    }

    #[test]
    fn a_file_that_breaks_while_it_is_read_ends_with_a_bad_row() {
        struct Broken(&'static [u8]);
        impl io::Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if self.0.is_empty() { Err(io::Error::other("disk gone")) } else { self.0.read(buffer) }
            }
        }
        let source = BufReader::new(Broken(b"time,ticker,price\n2026-01-02,A,1\n"));
        let rows: Vec<_> = RecordingReader::new(Path::new("broken.csv"), source).unwrap().collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[1].as_ref().unwrap_err().to_string().contains("disk gone"));
    }

    #[test]
    fn a_tick_is_due_by_its_distance_from_the_first() {
        let first: Timestamp = "2026-01-02T10:00:00Z".parse().unwrap();
        let later = first + SignedDuration::from_secs(10);
        assert_eq!(due(first, later, 1.0), Duration::from_secs(10));
        assert_eq!(due(first, later, 4.0), Duration::from_millis(2_500));
        assert_eq!(due(later, first, 1.0), Duration::ZERO);
        for senseless in [0.0, -1.0, f64::NAN] {
            assert_eq!(due(first, later, senseless), Duration::ZERO);
        }
        assert_eq!(due(first, later, f64::MIN_POSITIVE), Duration::MAX);
    }

    #[test]
    fn real_files_replay_without_a_bad_row() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ticks");
        let file = directory.join("eurusd-2020-01-01.csv");
        if !file.exists() {
            eprintln!("skipped: {} is not here", file.display());
            return;
        }
        let rows = fs::read_to_string(&file).unwrap().lines().count() - 1;
        let mut replay = open(&[file]).unwrap();
        let prices: Vec<Decimal> = replay.by_ref().flatten().map(|tick| tick.price).collect();
        assert_eq!((prices.len(), replay.bad_rows()), (rows, 0));
        let level = Decimal::new(1_122, 3);
        let crossings = prices.windows(2).filter(|pair| pair[0] <= level && level < pair[1]).count();
        eprintln!("{rows} rows, {crossings} crossings above {level}");
        assert_eq!((rows, crossings), (9_500, 53));
    }
}
