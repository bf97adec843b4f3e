//! The records of OFX: what stands between tags, whether these are closed or not.

/// One record: an entry, an instrument, a position or a status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The tag that it stands in.
    pub tag: String,
    /// The line of that tag.
    pub line: usize,
    /// The tags within it, with their texts.
    values: Vec<(String, String)>,
    /// The currency of its statement.
    pub statement_currency: Option<String>,
    /// The account of its statement.
    pub account: String,
    /// Whether its statement is one of a credit card.
    pub is_of_card: bool,
}

/// The tags of records.
const TAGS: [&str; 33] = [
    "BUYDEBT",
    "BUYMF",
    "BUYOPT",
    "BUYOTHER",
    "BUYSTOCK",
    "CLOSUREOPT",
    "INCOME",
    "INVEXPENSE",
    "JRNLFUND",
    "JRNLSEC",
    "MARGININTEREST",
    "REINVEST",
    "RETOFCAP",
    "SELLDEBT",
    "SELLMF",
    "SELLOPT",
    "SELLOTHER",
    "SELLSTOCK",
    "SPLIT",
    "TRANSFER",
    "INVBANKTRAN",
    "STMTTRN",
    "POSMF",
    "POSSTOCK",
    "POSDEBT",
    "POSOPT",
    "POSOTHER",
    "MFINFO",
    "STOCKINFO",
    "DEBTINFO",
    "OPTINFO",
    "OTHERINFO",
    "STATUS",
];

impl Record {
    /// Returns whether a tag stands in it.
    pub fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(known, _)| known == name)
    }

    /// Returns the text of a tag, empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_default()
    }

    /// Returns the text of a tag, where one is written.
    pub fn optional(&self, name: &str) -> Option<&str> {
        let written = |(known, text): &&(String, String)| known == name && !text.is_empty();
        self.values.iter().find(written).map(|(_, text)| text.as_str())
    }
}

/// Returns the records of a text.
///
/// ```
/// use foliostream::import::formats::ofx_records::records;
/// let found = records("<OFX><CURDEF>EUR\n<STMTTRN><TRNAMT>-5<NAME>A &amp; B</STMTTRN>");
/// assert_eq!((found[0].line, found[0].text("NAME"), found[0].statement_currency.as_deref()), (2, "A & B", Some("EUR")));
/// ```
pub fn records(text: &str) -> Vec<Record> {
    let mut reader = Records::default();
    let mut line = 1;
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        let newlines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
        line += newlines(before);
        let (name, after) = tag.split_once('>').unwrap_or((tag, ""));
        let value = after.split('<').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) => reader.close(name.trim()),
            // Declarations and comments say nothing of entries.
            None if name.starts_with(['?', '!']) => {}
            None => reader.open(name.trim().trim_end_matches('/'), value.trim(), line),
        }
        line += newlines(name);
        rest = after;
    }
    reader.finish();
    reader.found
}

#[derive(Default)]
struct Records {
    found: Vec<Record>,
    current: Option<Record>,
    statement_currency: Option<String>,
    account: String,
    is_of_card: bool,
}

impl Records {
    fn open(&mut self, name: &str, value: &str, line: usize) {
        let name = name.to_ascii_uppercase();
        let is_within = self.current.as_ref().is_some_and(|record| record.tag == "INVBANKTRAN");
        if TAGS.contains(&name.as_str()) && !is_within {
            self.finish();
            self.current = Some(Record {
                tag: name,
                line,
                values: Vec::new(),
                statement_currency: self.statement_currency.clone(),
                account: self.account.clone(),
                is_of_card: self.is_of_card,
            });
            return;
        }
        let value = plain(value);
        match (&mut self.current, name.as_str()) {
            (Some(record), _) => record.values.push((name, value)),
            (None, "CURDEF") => self.statement_currency = Some(value).filter(|value| !value.is_empty()),
            (None, "ACCTID") => self.account = value,
            (None, "CCSTMTRS") => self.is_of_card = true,
            (None, "STMTRS" | "INVSTMTRS") => self.is_of_card = false,
            (None, _) => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.current.as_ref().is_some_and(|record| record.tag.eq_ignore_ascii_case(name)) {
            self.finish();
        }
    }

    fn finish(&mut self) {
        self.found.extend(self.current.take());
    }
}

/// Reads what stands for signs that tags are made of.
fn plain(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    let mut plain = value.to_owned();
    for (written, meant) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&nbsp;", " "), ("&amp;", "&")] {
        plain = plain.replace(written, meant);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_ends_with_its_tag_or_where_the_next_begins() {
        let found =
            records("<STMTTRN><TRNAMT>1<MEMO></STMTTRN><NAME>x\n<STMTTRN><TRNAMT>2\n<STMTTRN><TRNAMT>3</TRNAMT></STMTTRN>");
        let told: Vec<_> = found.iter().map(|record| (record.line, record.text("TRNAMT"), record.text("NAME"))).collect();
        assert_eq!(told, [(1, "1", ""), (2, "2", ""), (3, "3", "")]);
    }

    #[test]
    fn statements_say_the_currency_and_the_account_of_their_records() {
        let found = records(
            "<CCSTMTRS><CURDEF>USD<ACCTID>1<STMTTRN></STMTTRN></CCSTMTRS><STMTRS><CURDEF>CAD<ACCTID>2<STMTTRN></STMTTRN>",
        );
        let told: Vec<_> = found
            .iter()
            .map(|record| (record.statement_currency.as_deref(), record.account.as_str(), record.is_of_card))
            .collect();
        assert_eq!(told, [(Some("USD"), "1", true), (Some("CAD"), "2", false)]);
    }

    #[test]
    fn any_text_is_read_without_end() {
        for text in ["<", "<<<", "<STMTTRN", "<STMTTRN><", ">", "</", "<é>ü</é>", "<STMTTRN><NAME>&"] {
            assert!(records(text).len() <= 1, "{text}");
        }
    }
}
