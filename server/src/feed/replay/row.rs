//! One row of a tick file: bounded lines, the header's columns, and a typed reason for every row that is refused.

use std::borrow::Cow;
use std::io::{self, BufRead};

use jiff::Timestamp;
use rust_decimal::Decimal;

use foliostream::domain::instrument::TickerError;
use foliostream::domain::money::{Currency, CurrencyError};
use foliostream::domain::quote::{Session, Tick};
use foliostream::domain::source::SourceName;
use foliostream::wire::commands::{Refusal, parse_decimal};
use foliostream::wire::times::parse_time;
use foliostream::words::Refusals;

/// What quotes of a replay say they come from.
pub(crate) const NAME: SourceName = SourceName::of("replay");

/// The longest line that is looked at, in bytes; a longer one is a bad row and is skipped without being held.
pub(crate) const MAX_LINE_BYTES: usize = 4_096;

/// Why a row was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadRowReason {
    /// The line is longer than [`MAX_LINE_BYTES`].
    #[error("the line is longer than 4,096 bytes")]
    TooLong,
    /// Bytes that are no text.
    #[error("the line is not UTF-8")]
    NotText,
    /// A quote that never ends, or text after one.
    #[error("a quoted field does not end where it should")]
    Quoting,
    /// More or fewer fields than the header.
    #[error("{found} fields where the header has {expected}")]
    Columns {
        /// The number of columns that the header has.
        expected: usize,
        /// The number of columns that the row has.
        found: usize,
    },
    /// The time cannot be read.
    #[error("time: {0}")]
    Time(Refusal),
    /// The ticker cannot be read.
    #[error("ticker: {0}")]
    Ticker(TickerError),
    /// The currency cannot be read.
    #[error("currency: {0}")]
    Currency(CurrencyError),
    /// A number cannot be read.
    #[error("{column}: {refusal}")]
    Number {
        /// The column of the number.
        column: &'static str,
        /// Why it cannot be read.
        refusal: Refusal,
    },
    /// A price of zero or less.
    #[error("{column}: must be greater than zero")]
    NotPositive {
        /// The column of the price.
        column: &'static str,
    },
    /// A bid above the ask.
    #[error("the bid is above the ask")]
    Crossed,
    /// The file could not be read further.
    #[error("the file cannot be read further: {0}")]
    Unreadable(String),
}

/// Why a header was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderReason {
    /// No line at all.
    #[error("it is empty")]
    Empty,
    /// Not a line that could be one.
    #[error("its first line is no header: {0}")]
    NotALine(BadRowReason),
    /// A column is missing.
    #[error("its header must name time, ticker, and price or bid and ask")]
    Missing,
    /// A column is there twice.
    #[error("its header names {0} twice")]
    Twice(&'static str),
}

/// What reading a line came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The file has ended.
    End,
    /// The line is in the buffer, without its end.
    Whole,
    /// The line was too long and has been skipped.
    TooLong,
}

/// Reads one line into `buffer`, holding at most [`MAX_LINE_BYTES`] of it.
pub(crate) fn read_line(source: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<Line> {
    buffer.clear();
    let (mut anything, mut too_long) = (false, false);
    loop {
        let chunk = match source.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            break;
        }
        anything = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        too_long |= buffer.len() + part.len() > MAX_LINE_BYTES;
        if !too_long {
            buffer.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        source.consume(used);
        if end.is_some() {
            break;
        }
    }
    if buffer.last() == Some(&b'\r') {
        buffer.pop();
    }
    Ok(match (anything, too_long) {
        (false, _) => Line::End,
        (true, true) => Line::TooLong,
        (true, false) => Line::Whole,
    })
}

/// The index of each column, as the header has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    count: usize,
    time: usize,
    ticker: usize,
    price: Option<usize>,
    bid: Option<usize>,
    ask: Option<usize>,
    volume: Option<usize>,
    currency: Option<usize>,
}

impl Columns {
    /// Reads a header: the names in any order and case; columns of other names are ignored.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, HeaderReason> {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let text = std::str::from_utf8(line).map_err(|_| HeaderReason::NotALine(BadRowReason::NotText))?;
        let names = split(text).map_err(HeaderReason::NotALine)?;
        let place = |wanted: &'static str| {
            let mut places = (0..names.len()).filter(|place| names[*place].eq_ignore_ascii_case(wanted));
            let first = places.next();
            if places.next().is_some() { Err(HeaderReason::Twice(wanted)) } else { Ok(first) }
        };
        let columns = Self {
            count: names.len(),
            time: place("time")?.ok_or(HeaderReason::Missing)?,
            ticker: place("ticker")?.ok_or(HeaderReason::Missing)?,
            price: place("price")?,
            bid: place("bid")?,
            ask: place("ask")?,
            volume: place("volume")?,
            currency: place("currency")?,
        };
        let priced = columns.price.is_some() || (columns.bid.is_some() && columns.ask.is_some());
        if priced { Ok(columns) } else { Err(HeaderReason::Missing) }
    }

    /// Reads a row. The price is the mid, exactly, where the file gives bid and ask only; optional fields may be empty.
    pub(crate) fn tick(&self, line: &[u8]) -> Result<Tick, BadRowReason> {
        let text = std::str::from_utf8(line).map_err(|_| BadRowReason::NotText)?;
        let fields = split(text)?;
        if fields.len() != self.count {
            return Err(BadRowReason::Columns { expected: self.count, found: fields.len() });
        }
        let field = |place: Option<usize>| place.map(|place| fields[place].as_ref());
        let required = self.price.is_none();
        let bid = positive("bid", field(self.bid), required)?;
        let ask = positive("ask", field(self.ask), required)?;
        if bid.zip(ask).is_some_and(|(bid, ask)| bid > ask) {
            return Err(BadRowReason::Crossed);
        }
        let price = match positive("price", field(self.price), true)? {
            Some(price) => price,
            None => mid(bid, ask)?,
        };
        Ok(Tick {
            ticker: fields[self.ticker].parse().map_err(BadRowReason::Ticker)?,
            price,
            bid,
            ask,
            volume: volume(field(self.volume))?,
            currency: currency(field(self.currency))?,
            previous_close: None,
            time: time(&fields[self.time])?,
            session: Session::Open,
            recorded: true,
            source: NAME,
            delay_s: 0,
        })
    }
}

fn time(text: &str) -> Result<Timestamp, BadRowReason> {
    parse_time(text).map_err(BadRowReason::Time)
}

fn currency(text: Option<&str>) -> Result<Option<Currency>, BadRowReason> {
    let text = text.filter(|text| !text.is_empty());
    text.map(str::parse).transpose().map_err(BadRowReason::Currency)
}

fn number(column: &'static str, text: &str) -> Result<Decimal, BadRowReason> {
    parse_decimal(text).map_err(|refusal| BadRowReason::Number { column, refusal })
}

/// Reads a price; an absent column is none, an empty field is none unless `required`.
fn positive(column: &'static str, text: Option<&str>, required: bool) -> Result<Option<Decimal>, BadRowReason> {
    let Some(text) = text.filter(|text| required || !text.is_empty()) else { return Ok(None) };
    let price = number(column, text)?;
    if price > Decimal::ZERO { Ok(Some(price)) } else { Err(BadRowReason::NotPositive { column }) }
}

fn volume(text: Option<&str>) -> Result<Option<Decimal>, BadRowReason> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let volume = number("volume", text)?;
    if volume.is_sign_negative() && !volume.is_zero() {
        return Err(BadRowReason::NotPositive { column: "volume" });
    }
    Ok(Some(volume))
}

/// Returns the exact middle, with one more decimal than its sides only where it needs it.
fn mid(bid: Option<Decimal>, ask: Option<Decimal>) -> Result<Decimal, BadRowReason> {
    let inexact = BadRowReason::Number { column: "bid and ask", refusal: Refusal(Refusals::middle_too_long()) };
    let (Some(bid), Some(ask)) = (bid, ask) else { return Err(inexact) };
    let half = Decimal::new(5, 1);
    let exact = bid.checked_add(ask).and_then(|sum| Some((sum, sum.checked_mul(half)?)));
    let (sum, middle) = exact.ok_or(inexact.clone())?;
    if middle.checked_add(middle) != Some(sum) || sum.checked_sub(ask) != Some(bid) {
        return Err(inexact);
    }
    let shorter = middle.round_dp(bid.scale().max(ask.scale()));
    Ok(if shorter == middle { shorter } else { middle })
}

/// Splits a line at its commas; fields may be quoted, a doubled quote stands for one, blanks around a field go.
fn split(line: &str) -> Result<Vec<Cow<'_, str>>, BadRowReason> {
    let mut fields = Vec::with_capacity(8);
    let mut rest = line;
    loop {
        let start = rest.trim_start();
        let (field, after) = match start.strip_prefix('"') {
            Some(quoted) => split_quoted(quoted)?,
            None => {
                let end = start.find(',').unwrap_or(start.len());
                (Cow::Borrowed(start[..end].trim_end()), &start[end..])
            }
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(fields),
        }
    }
}

/// Splits what follows an opening quote into the field and what comes after it, from the comma on.
fn split_quoted(text: &str) -> Result<(Cow<'_, str>, &str), BadRowReason> {
    let mut end = 0;
    loop {
        end += text[end..].find('"').ok_or(BadRowReason::Quoting)?;
        if !text[end + 1..].starts_with('"') {
            break;
        }
        end += 2;
    }
    let after = text[end + 1..].trim_start();
    if !after.is_empty() && !after.starts_with(',') {
        return Err(BadRowReason::Quoting);
    }
    let field = text[..end].trim();
    Ok((if field.contains('"') { field.replace("\"\"", "\"").into() } else { field.into() }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(header: &str, row: &str) -> Result<Tick, BadRowReason> {
        Columns::parse(header.as_bytes()).unwrap().tick(row.as_bytes())
    }

    #[test]
    fn the_header_decides_which_column_is_which() {
        let tick = tick("\u{feff}Currency, PRICE ,\"ticker\",note,time,volume", "EUR, 1.50 ,\"sap.de\",x,2026-01-02T10:00:00Z,7");
        let tick = tick.unwrap();
        assert_eq!((tick.ticker.as_str(), tick.price.to_string().as_str()), ("SAP.DE", "1.50"));
        assert_eq!((tick.currency, tick.volume), (Some(Currency::EUR), Some(Decimal::from(7))));
        assert_eq!(tick.time.to_string(), "2026-01-02T10:00:00Z");
    }

    #[test]
    fn the_mid_is_exact_and_no_longer_than_it_must_be() {
        for (bid, ask, middle) in
            [("1.121200", "1.121720", "1.121460"), ("1.1", "1.2", "1.15"), ("2", "3", "2.5"), ("4", "4", "4")]
        {
            let tick = tick("time,ticker,bid,ask", &format!("2026-01-02,X,{bid},{ask}")).unwrap();
            assert_eq!(tick.price.to_string(), middle);
            assert_eq!((tick.bid.unwrap().to_string(), tick.ask.unwrap().to_string()), (bid.to_owned(), ask.to_owned()));
        }
        let (lower, upper) = ("9.999999999999999999999999998", "9.999999999999999999999999999");
        let refusal = tick("time,ticker,bid,ask", &format!("2026-01-02,X,{lower},{upper}"));
        assert!(matches!(refusal, Err(BadRowReason::Number { column: "bid and ask", .. })), "{refusal:?}");
    }

    #[test]
    fn empty_optional_fields_are_unknown() {
        let tick = tick("time,ticker,price,bid,ask,volume,currency", "2026-01-02,X,5,,,,").unwrap();
        assert_eq!((tick.bid, tick.ask, tick.volume, tick.currency), (None, None, None, None));
    }

    #[test]
    fn every_kind_of_bad_row_says_what_is_wrong() {
        let header = "time,ticker,bid,ask,volume,currency";
        for (row, words) in [
            ("2026-01-02,X,1", "3 fields where the header has 6"),
            ("yesterday,X,1,2,,", "time: "),
            ("2026-01-02,A B,1,2,,", "ticker: "),
            ("2026-01-02,X,one,2,,", "bid: "),
            ("2026-01-02,X,,2,,", "bid: "),
            ("2026-01-02,X,1,NaN,,", "ask: "),
            ("2026-01-02,X,1,1e400,,", "ask: "),
            ("2026-01-02,X,0,1,,", "bid: must be greater than zero"),
            ("2026-01-02,X,-1,1,,", "bid: must be greater than zero"),
            ("2026-01-02,X,2,1,,", "the bid is above the ask"),
            ("2026-01-02,X,1,2,-3,", "volume: must be greater"),
            ("2026-01-02,X,1,2,,euros", "currency: "),
            ("2026-01-02,\"X,1,2,,", "a quoted field"),
            ("2026-01-02,\"X\"Y,1,2,,", "a quoted field"),
        ] {
            let refusal = tick(header, row).unwrap_err().to_string();
            assert!(refusal.starts_with(words), "{row}: {refusal}");
        }
        assert_eq!(Columns::parse(header.as_bytes()).unwrap().tick(b"\xff"), Err(BadRowReason::NotText));
    }

    #[test]
    fn headers_that_name_too_little_or_twice_are_refused() {
        for header in ["", "time,price", "time,ticker", "time,ticker,bid", "2026-01-02,X,1", "ticker;time;price"] {
            assert_eq!(Columns::parse(header.as_bytes()), Err(HeaderReason::Missing), "{header}");
        }
        assert_eq!(Columns::parse(b"time,ticker,price,Price"), Err(HeaderReason::Twice("price")));
        assert!(matches!(Columns::parse(b"\xff\xfe"), Err(HeaderReason::NotALine(_))));
    }

    #[test]
    fn a_doubled_quote_stands_for_one() {
        assert_eq!(split("\"a\"\"b\" , \"c,d\",e").unwrap(), ["a\"b", "c,d", "e"]);
        assert_eq!(split("a,,").unwrap(), ["a", "", ""]);
    }

    #[test]
    fn a_long_line_is_skipped_without_being_held() {
        let text = format!("short\r\n{}\nlast", "x".repeat(1_000_000));
        let mut source = io::BufReader::with_capacity(1_000, text.as_bytes());
        let mut buffer = Vec::new();
        assert_eq!((read_line(&mut source, &mut buffer).unwrap(), buffer.as_slice()), (Line::Whole, &b"short"[..]));
        assert_eq!(read_line(&mut source, &mut buffer).unwrap(), Line::TooLong);
        assert!(buffer.capacity() <= 2 * MAX_LINE_BYTES);
        assert_eq!((read_line(&mut source, &mut buffer).unwrap(), buffer.as_slice()), (Line::Whole, &b"last"[..]));
        assert_eq!(read_line(&mut source, &mut buffer).unwrap(), Line::End);
    }
}
