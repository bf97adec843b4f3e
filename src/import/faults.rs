//! Why a row is left out or cannot be read, and why a whole file cannot.

/// Why a row is nothing for a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Nothing is written in it.
    Blank,
    /// It repeats the header.
    Header,
    /// It stands below a table, such as a total.
    Footer,
    /// It was cancelled, or cancels another one.
    Cancelled,
    /// It is not settled yet, or was refused.
    Pending,
    /// It exchanges one currency for another.
    CurrencyExchange,
    /// It moves something within the same books.
    InternalTransfer,
    /// It says with other rows what one of them says already, such as an order of executions.
    Detail,
    /// It moves neither money nor units.
    Nothing,
    /// It is a kind of instrument or event that a ledger has no entry for, by the word of the file.
    NotKept(String),
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A text that should be a number.
    NotANumber(String),
    /// A text that should be a date.
    NotADate(String),
    /// A date whose day and month cannot be told apart.
    AmbiguousDate(String),
    /// A text that should be a currency.
    NotACurrency(String),
    /// A kind of entry that the reader does not know.
    UnknownKind(String),
    /// A cell, by the name of its column, that must not be empty.
    Missing(String),
    /// A figure, by the name of its column, that cannot be what it is, such as a quantity of zero.
    Senseless(String),
    /// It needs another row that is not there.
    Unpaired,
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing in it.
    Empty,
    /// It is no text: an archive, a picture, a program's own file.
    Binary,
    /// It is a web page, such as one that asks to sign in.
    WebPage,
    /// No format knows it. The columns are those of the table it seems to be, for a person to say what they hold.
    Unknown(Vec<String>),
    /// It is of a format that is known, and cannot be read: with the line and what is wrong there, where that is known.
    Broken(Option<usize>),
    /// It is an answer of a server that says that something failed, with its words.
    Failed(String),
    /// There is no row in it.
    NoRows,
}
