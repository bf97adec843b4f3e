//! Imports: microseconds that reading a row of a file takes.

use foliostream::import::reading::{Choices, read};

use super::Failure;
use super::report::{Report, Target};
use super::stopwatch::Stopwatch;

const ROWS: usize = 100_000;

/// Measures reading a table of usual columns and one of a program's own, 100,000 rows each: encoding, separator, numbers, dates, entries.
pub(crate) fn measure(stopwatch: &Stopwatch, report: &mut Report) -> Result<(), Failure> {
    let day = |row: usize| format!("20{:02}-{:02}-{:02}", 10 + row % 15, 1 + row % 12, 1 + row % 28);
    let usual =
        |row: usize| format!("{},BUY,T{},{}.5,1{}.25,1.00,USD,note {row}\n", day(row), row % 500, 1 + row % 90, row % 100);
    let usual: String = (0..ROWS).map(usual).collect();
    let usual = ["date,type,symbol,quantity,price,fee,currency,note\n", &usual].concat();
    let program = |row: usize| {
        let (day, units) = (day(row), 1 + row % 90);
        format!("{day}T00:00;Kauf;-{units}00,00;EUR;;;;0,00;0,00;{units};DE0007164600;716460;SAP.DE;SAP SE;\n")
    };
    let program: String = (0..ROWS).map(program).collect();
    let head = "Datum;Typ;Wert;Buchungswährung;Bruttobetrag;Währung Bruttobetrag;Wechselkurs;Gebühren;Steuern;Stück;ISIN;WKN;Ticker-Symbol;Wertpapiername;Notiz\n";
    let program = [head, &program].concat();
    for (what, text) in [("usual columns", usual), ("Portfolio Performance", program)] {
        let reading = read(text.as_bytes(), &Choices::default()).map_err(|refusal| format!("{refusal:?}"))?;
        if reading.rows.len() != ROWS {
            return Err("not every row was read".into());
        }
        let figure = stopwatch.time(ROWS, || (), |()| read(text.as_bytes(), &Choices::default())).per(1e3);
        report.row(
            format!("import: reading a row of {ROWS}, {what} ({} MB)", text.len() / 1_000_000),
            "µs",
            &figure,
            Some(Target(20.0)),
        );
    }
    Ok(())
}
