//! Why a row is left out or refused, and why a file is, in sentences.

use foliostream::import::faults::{Fault, Refusal, Skip};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::words::{Refusals, Sentence};

/// The longest part of a cell that a sentence repeats, in characters.
const REPEATED: usize = 60;

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(REPEATED).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Says why a row is nothing for a ledger.
pub(super) fn skipped(skip: &Skip) -> Sentence {
    match skip {
        Skip::Blank => Refusals::row_is_blank(),
        Skip::Header => Refusals::row_is_header(),
        Skip::Footer => Refusals::row_is_footer(),
        Skip::Cancelled => Refusals::row_was_cancelled(),
        Skip::Pending => Refusals::row_is_pending(),
        Skip::CurrencyExchange => Refusals::row_exchanges_currencies(),
        Skip::InternalTransfer => Refusals::row_moves_within(),
        Skip::Detail => Refusals::row_is_detail(),
        Skip::Nothing => Refusals::row_moves_nothing(),
        Skip::NotKept(what) => Refusals::row_is_not_kept(short(what)),
    }
}

/// Says what is wrong with a row.
pub(super) fn fault(fault: &Fault) -> Sentence {
    match fault {
        Fault::NotANumber(text) => Refusals::cell_not_a_number(short(text)),
        Fault::NotADate(text) => Refusals::cell_not_a_date(short(text)),
        Fault::AmbiguousDate(text) => Refusals::cell_ambiguous_date(short(text)),
        Fault::NotACurrency(text) => Refusals::cell_not_a_currency(short(text)),
        Fault::UnknownKind(text) => Refusals::cell_unknown_kind(short(text)),
        Fault::Missing(column) => Refusals::cell_missing(short(column)),
        Fault::Senseless(column) => Refusals::cell_senseless(short(column)),
        Fault::Unpaired => Refusals::row_is_unpaired(),
    }
}

/// Says why a file cannot be read: 415 where nothing knows it, 422 where it is known and has nothing to read.
pub(super) fn refused(refusal: &Refusal) -> ApiError {
    let unsupported = |sentence| ApiError::new(ErrorCode::UnsupportedMediaType, sentence);
    let unusable = |sentence| ApiError::new(ErrorCode::Unprocessable, sentence);
    match refusal {
        Refusal::Empty => unusable(Refusals::file_is_empty()),
        Refusal::Binary => unsupported(Refusals::file_is_binary()),
        Refusal::WebPage => unsupported(Refusals::file_is_web_page()),
        Refusal::Unknown(columns) if columns.is_empty() => unsupported(Refusals::file_unknown()),
        Refusal::Unknown(columns) => {
            let columns: Vec<&str> = columns.iter().map(String::as_str).filter(|column| !column.is_empty()).take(12).collect();
            unsupported(Refusals::file_of_unknown_columns(short(&columns.join(", "))))
        }
        Refusal::Broken(Some(line)) => unusable(Refusals::file_is_broken_at(line.to_string())),
        Refusal::Broken(None) => unusable(Refusals::file_is_broken()),
        Refusal::Failed(text) => unusable(Refusals::file_says_it_failed(short(text))),
        Refusal::NoRows => unusable(Refusals::file_has_no_rows()),
    }
}
