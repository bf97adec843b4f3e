//! From the bytes of a file to its text.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::faults::Refusal;

/// How characters are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// One to four bytes a character.
    Utf8,
    /// Two bytes, the lower first.
    Utf16Le,
    /// Two bytes, the higher first.
    Utf16Be,
    /// One byte: Western European, as older Windows programs write it.
    Windows1252,
}

impl Encoding {
    /// Every encoding, in the order of a choice.
    pub const ALL: [Self; 4] = [Self::Utf8, Self::Utf16Le, Self::Utf16Be, Self::Windows1252];

    /// Returns the name by which it is chosen.
    pub fn name(self) -> &'static str {
        self.library().name()
    }

    /// Returns the encoding of a name, such as `utf-8` or `windows-1252`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.name().eq_ignore_ascii_case(name.trim()))
    }

    fn library(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1252 => WINDOWS_1252,
        }
    }
}

/// Files that begin so are no text, also under the name of one: archives, PDF, images, programs and databases.
const BINARY: [&[u8]; 10] = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"%PDF",
    b"\x1f\x8b",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\x7fELF",
    b"SQLite format 3",
    b"\xd0\xcf\x11\xe0",
    b"PPPBV1",
];

/// How many bytes are looked at for what they are.
const LOOKED_AT: usize = 4_096;

/// Returns the text of a file, with `\n` at the end of every line, and the encoding that it was read in: the chosen one, else the one that
/// its first bytes name, else UTF-8 where all of it is, else Windows-1252.
///
/// ```
/// use foliostream::import::text::{decode, Encoding};
/// let (text, encoding) = decode(b"Stra\xdfe;1\r\n", None).expect("a text");
/// assert_eq!((text.as_str(), encoding), ("Straße;1\n", Encoding::Windows1252));
/// ```
pub fn decode(bytes: &[u8], chosen: Option<Encoding>) -> Result<(String, Encoding), Refusal> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::Empty);
    }
    if BINARY.iter().any(|begin| bytes.starts_with(begin)) {
        return Err(Refusal::Binary);
    }
    let encoding = chosen.unwrap_or_else(|| guess(bytes));
    let (text, _) = encoding.library().decode_with_bom_removal(bytes);
    let begin: String = text.trim_start().chars().take(15).collect::<String>().to_ascii_lowercase();
    if begin.starts_with("<!doctype html") || begin.starts_with("<html") {
        return Err(Refusal::WebPage);
    }
    let odd = |character: &char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    let (odd, looked_at) =
        text.chars().take(LOOKED_AT).fold((0, 0), |(odds, all), next| (odds + usize::from(odd(&next)), all + 1));
    if odd * 20 > looked_at {
        return Err(Refusal::Binary);
    }
    // NUL stands in no text, and one database cannot hold it.
    Ok((text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', ""), encoding))
}

fn guess(bytes: &[u8]) -> Encoding {
    let begin = &bytes[..bytes.len().min(LOOKED_AT)];
    let zeros = |from: usize| begin.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    if bytes.starts_with(b"\xff\xfe") || zeros(1) * 4 > begin.len() {
        Encoding::Utf16Le
    } else if bytes.starts_with(b"\xfe\xff") || zeros(0) * 4 > begin.len() {
        Encoding::Utf16Be
    } else if std::str::from_utf8(bytes).is_ok() {
        Encoding::Utf8
    } else {
        Encoding::Windows1252
    }
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub struct Lines(Vec<usize>);

impl Lines {
    /// Finds the lines of a text.
    ///
    /// ```
    /// use foliostream::import::text::Lines;
    /// let lines = Lines::of("a\nb\n\nc");
    /// assert_eq!((lines.at(0), lines.at(2), lines.at(5)), (1, 2, 4));
    /// ```
    pub fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    /// Returns the line, from 1, on which a byte stands.
    pub fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|end| *end < byte) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn every_encoding_is_recognised_with_and_without_its_mark() {
        let text = "Datum;Käufe\n1;2\n";
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (format!("\u{feff}{text}").into_bytes(), Encoding::Utf8),
            (utf_16(text, u16::to_le_bytes), Encoding::Utf16Le),
            (utf_16(&format!("\u{feff}{text}"), u16::to_le_bytes), Encoding::Utf16Le),
            (utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes), Encoding::Utf16Be),
            (WINDOWS_1252.encode(text).0.into_owned(), Encoding::Windows1252),
        ] {
            assert_eq!(decode(&bytes, None), Ok((text.to_owned(), encoding)));
        }
        assert_eq!(decode(b"K\xe4ufe", Some(Encoding::Utf8)).unwrap().0, "K\u{fffd}ufe", "the chosen one counts");
        assert_eq!(Encoding::named("UTF-16le"), Some(Encoding::Utf16Le));
    }

    #[test]
    fn lines_end_alike_and_nul_is_left_out() {
        assert_eq!(decode(b"date\r\nfirst line\rsecond\nthird\0", None).unwrap().0, "date\nfirst line\nsecond\nthird");
    }

    #[test]
    fn what_is_no_text_is_refused_by_what_it_is() {
        assert_eq!(decode(b"", None), Err(Refusal::Empty));
        assert_eq!(decode(b" \r\n", None), Err(Refusal::Empty));
        assert_eq!(decode(b"PK\x03\x04csv", None), Err(Refusal::Binary));
        assert_eq!(decode(&[1, 2, 3, 200, 5, 6], None), Err(Refusal::Binary));
        assert_eq!(decode(b"\n<!DOCTYPE html><html>", None), Err(Refusal::WebPage));
    }
}
