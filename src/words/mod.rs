//! Everything that a person reads: labels, sentences, figures and dates, in the language of the reader.
//!
//! A text has a key, which is a method of [`Words`](crate::words::Words): `words.total_value()`. The files of `english` declare the
//! keys with their English text; each other language has a file beside each of them. A language that lacks a key does not compile, nor
//! does a text whose placeholders are others than the key's, or one with another number of plural forms than its language has.
//!
//! The texts do not travel within the browser's half of the program: the server hands the page those of its language as one file
//! ([`Words::written`](crate::words::Words::written)), which the browser reads before the page comes to life
//! ([`Words::read`](crate::words::Words::read)).

#[macro_use]
mod area;
mod catalogue;
mod check;
pub mod dates;
mod editions;
mod english;
pub mod figures;
pub mod formats;
mod german;
pub mod language;
pub mod numerals;
mod sentence;
mod told;

pub use catalogue::Words;
pub use english::answers::Answers;
pub use english::refusals::Refusals;
pub use language::Language;
pub use sentence::Sentence;
pub use told::Fired;

/// A text without placeholders, to be written in whichever language the reader has.
pub type Label = fn(Words) -> &'static str;
