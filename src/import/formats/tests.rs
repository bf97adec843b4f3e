//! Tables that no program's reader knows, and files that are made to mislead.

use super::columns;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::numbers::DecimalMark;
use crate::import::reading::{Choices, Reading, read};
use crate::import::table::Separator;
use crate::import::testing::{count, decimal, entries, faults, read_as, reading, skips, sum, units};
use crate::import::text::Encoding;

fn of(text: &str) -> Reading {
    read(text.as_bytes(), &Choices::default()).unwrap()
}

#[test]
fn files_that_are_made_to_mislead_are_read_right() {
    let Some(lines) = read_as("ok/made-cr-only.csv", columns::NAME) else { return };
    assert_eq!(units(&lines)["AAPL"], decimal("4"));
    let dates = read_as("ok/made-dates-one-row-decides.csv", columns::NAME).unwrap();
    let days: Vec<String> = entries(&dates).iter().map(|entry| entry.when.time.to_string()[..10].to_owned()).collect();
    assert_eq!((days.as_slice(), units(&dates)["MSFT"]), (&["2024-04-03".to_owned(), "2024-06-25".to_owned()][..], decimal("3")));
    let formulas = read_as("ok/made-formula-injection.csv", columns::NAME).unwrap();
    assert!(
        units(&formulas)["AAPL"] == decimal("3")
            && entries(&formulas).iter().any(|entry| entry.note.as_deref().is_some_and(|note| note.starts_with('=')))
    );
    let repeated = read_as("ok/made-header-repeated.csv", columns::NAME).unwrap();
    assert_eq!(units(&repeated).values().sum::<rust_decimal::Decimal>(), decimal("10"));
    assert!(skips(&repeated).iter().any(|(_, skip)| *skip == Skip::Header));
    assert!(units(&read_as("ok/made-long-numbers.csv", columns::NAME).unwrap()).is_empty(), "no dust is left");
    let newlines = read_as("ok/made-quoted-newlines.csv", columns::NAME).unwrap();
    assert_eq!(
        (newlines.rows.iter().map(|row| row.line).collect::<Vec<_>>(), units(&newlines)["AAPL"]),
        (vec![2, 5], decimal("3"))
    );
    let summary = read_as("ok/made-summary-rows.csv", columns::NAME).unwrap();
    assert_eq!((entries(&summary).len(), skips(&summary).len(), faults(&summary).len()), (2, 3, 0));
    let wide = read_as("ok/made-utf16le.csv", columns::NAME).unwrap();
    assert_eq!(
        (wide.encoding, units(&wide)["NESN.SW"], sum(&wide, ActivityKind::Dividend, "CHF")),
        (Encoding::Utf16Le, decimal("3"), decimal("9"))
    );
}

#[test]
fn what_cannot_be_told_is_asked_and_not_guessed() {
    let Some(ambiguous) = read_as("warn/made-dates-ambiguous.csv", columns::NAME) else { return };
    assert_eq!((ambiguous.date, faults(&ambiguous).len()), (None, 3));
    assert_eq!(faults(&ambiguous)[0], (2, Fault::AmbiguousDate("03/04/2024".to_owned())));
    let bytes = crate::import::testing::file("warn/made-dates-ambiguous.csv").unwrap();
    let chosen = read(&bytes, &Choices { date: Some(DateForm::MonthFirst), ..Choices::default() }).unwrap();
    assert_eq!(entries(&chosen)[0].when.time.to_string(), "2024-03-04T00:00:00Z");
    let unknown = read_as("warn/made-unknown-currency.csv", columns::NAME).unwrap();
    assert_eq!(faults(&unknown), [(2, Fault::NotACurrency("USX".to_owned()))]);
    assert_eq!(entries(&unknown)[0].currency.unwrap().as_str(), "GBp");
}

#[test]
fn what_is_no_file_of_entries_is_refused() {
    let Some(empty) = reading("not-ok/made-empty.csv") else { return };
    assert_eq!(empty, Err(Refusal::Empty));
    assert_eq!(reading("not-ok/made-html-login.csv").unwrap(), Err(Refusal::WebPage));
    assert_eq!(reading("not-ok/pp-v69-binary.portfolio").unwrap(), Err(Refusal::Binary));
    assert_eq!(reading("not-ok/sure-header-only.csv").unwrap(), Err(Refusal::NoRows));
}

#[test]
fn a_table_of_usual_columns_is_read_by_their_names() {
    let reading =
        of("Datum;Typ;Wertpapier;ISIN;Stück;Kurs;Gebühren;Währung\n01.02.2024;Kauf;Apple;US0378331005;1,5;1.000,25;-1,00;EUR\n");
    assert_eq!(
        (reading.separator, reading.decimal, reading.date),
        (Some(Separator::Semicolon), Some(DecimalMark::Comma), Some(DateForm::DayFirst))
    );
    let entry = entries(&reading)[0];
    assert_eq!((entry.quantity, entry.price, entry.fee), (decimal("1.5"), decimal("1000.25"), decimal("1.00")));
    let signed = of("date,ticker,qty,amount\n2024-01-02,A,-2,30\n2024-01-01,A,4,40\n");
    assert_eq!((units(&signed)["A"], count(&signed, ActivityKind::Sell)), (decimal("2"), 1));
    assert_eq!(entries(&signed)[0].price, decimal("15"));
}

#[test]
fn columns_of_other_names_are_read_as_a_person_says() {
    let text = "when,what,pieces,each,type\n2024-01-02,AAPL,2,150,buy\n";
    let columns = vec!["when", "what", "pieces", "each", "type"].into_iter().map(str::to_owned).collect();
    assert_eq!(read(text.as_bytes(), &Choices::default()), Err(Refusal::Unknown(columns)));
    let map = [("date", "when"), ("ticker", "What"), ("quantity", "pieces"), ("price", "each")];
    let columns = map.map(|(field, column)| (field.to_owned(), column.to_owned())).into();
    let reading = read(text.as_bytes(), &Choices { columns, ..Choices::default() }).unwrap();
    assert_eq!((units(&reading)["AAPL"], entries(&reading)[0].price), (decimal("2"), decimal("150")));
}

#[test]
fn every_fault_of_a_row_names_its_line_and_what_is_wrong() {
    let reading = of("date,type,symbol,quantity,price,currency\n\
        2024-02-30,buy,A,1,1,USD\n2024-02-01,lend,A,1,1,USD\n2024-02-01,buy,A,x,1,USD\n2024-02-01,buy,,1,1,USD\n\
        2024-02-01,buy,A,0,1,USD\n2024-02-01,buy,A,1,,USD\n2024-02-01,buy,A,1,1,EURO\n");
    let text = str::to_owned;
    let expected = [
        (2, Fault::NotADate(text("2024-02-30"))),
        (3, Fault::UnknownKind(text("lend"))),
        (4, Fault::NotANumber(text("x"))),
        (5, Fault::Missing(text("symbol"))),
        (6, Fault::Senseless(text("quantity"))),
        (7, Fault::Missing(text("price"))),
        (8, Fault::NotACurrency(text("EURO"))),
    ];
    assert_eq!(faults(&reading), expected);
}

/// What becomes of a file: its format with the numbers of entries and faults, or why it is refused.
type Counted = Result<(&'static str, usize, usize), Refusal>;

/// Returns what becomes of each file of a folder of the collection.
fn folder(name: &str) -> Vec<(String, Counted)> {
    let folder = std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/import")).join(name);
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return Vec::new();
    };
    let mut told = Vec::new();
    for file in files.filter_map(Result::ok) {
        let bytes = std::fs::read(file.path()).unwrap();
        let reading = read(&bytes, &Choices::default());
        let counted = reading.map(|reading| (reading.format, entries(&reading).len(), faults(&reading).len()));
        told.push((file.file_name().to_string_lossy().into_owned(), counted));
    }
    told.sort_by(|one, other| one.0.cmp(&other.0));
    told
}

#[test]
fn every_file_of_the_collection_is_read_or_refused_as_it_should_be() {
    // Exchanges of currencies alone, positions alone, and clients of a program without a transaction.
    let without_entries =
        ["ibkr-flex-28.xml", "ofx-tdameritrade-positions.ofx", "pp-id-references.xml", "pp-relative-references.xml"];
    for (name, read) in folder("ok") {
        println!("{name}: {read:?}");
        let has_entries = matches!(read, Ok((_, entries, _)) if entries > 0);
        assert_eq!(has_entries, !without_entries.contains(&name.as_str()), "{name}: {read:?}");
    }
    for (name, read) in folder("not-ok") {
        println!("not-ok {name}: {read:?}");
        // Whether there is such a symbol is no matter of reading.
        let is_read = matches!(read, Ok((_, _, 0)));
        assert_eq!(is_read, name == "ghostfolio-invalid-symbol-btc-usd.csv", "{name}: {read:?}");
    }
}
