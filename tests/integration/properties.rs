//! What must hold for any input, tried with a few hundred; `make fuzz` tries millions.

use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::Cursor;
use foliostream_server::board::Head;
use proptest::prelude::*;

use crate::support::properties::{board, compact, cursor, filter, frame, import};

/// Texts that break line protocols, among any others.
fn hard_text() -> impl Strategy<Value = String> {
    let hard =
        ["\r", "\n", "\r\n", "\n\n", "\0", "\u{2028}", "\u{feff}", "🎉", "data: x", "id: 9\n", ":", "\"\\", "event: bye\n\n"];
    let part = prop_oneof![prop::sample::select(hard.to_vec()).prop_map(str::to_owned), any::<String>()];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// Texts that are nearly cursors of a server at epoch 4.7, filter abcdef01, n 7 and seq 100.
fn nearly_a_cursor() -> impl Strategy<Value = String> {
    let part =
        prop_oneof!["[0-9]{1,20}", "[0-9a-fA-F]{7,9}", Just("abcdef01".to_owned()), Just("4.7".to_owned()), Just(String::new())];
    prop_oneof![
        prop::collection::vec(part, 3..6).prop_map(|parts| parts.join("-")),
        "4(000000007)?-abcdef01-[0-9]-[0-9]{1,3}",
        any::<String>()
    ]
}

fn small_cursor() -> impl Strategy<Value = Cursor> {
    // A hundred million starts, a thousand of them a day, take three centuries. Numbers of envelopes are exact in Redis' scripts up to 2^53, and so is the longest cursor as long as it may be.
    let parts = (any::<u32>(), any::<u32>(), any::<u32>(), 0..=i64::MAX, 0..1u64 << 53);
    parts.prop_map(|(number, mark, filter, n, seq)| Cursor {
        epoch: Epoch::new((number % 100_000_000).into(), 1 + mark % 999_999_999),
        filter,
        n,
        seq,
    })
}

/// Texts that are nearly frames.
fn nearly_a_frame() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        "-?[0-9]{1,9}(\\.[0-9]{1,9})?",
        Just("~".to_owned()),
        Just(String::new()),
        "[A-Z0-9.^=_-]{1,8}",
        any::<String>()
    ];
    let record =
        ("[@=+$#!%0-9a-z]{0,2}", prop::collection::vec(field, 0..10)).prop_map(|(sign, fields)| sign + &fields.join(","));
    prop::collection::vec(record, 0..8).prop_map(|records| records.join("|"))
}

/// Texts that are nearly cells of a table of some program.
fn nearly_a_cell() -> impl Strategy<Value = String> {
    let words = [
        "buy",
        "Sell",
        "Dividend",
        "deposit",
        "Kauf",
        "Withdrawal",
        "split",
        "interest",
        "EUR",
        "USD",
        "GBX",
        "AAPL",
        "US0378331005",
        "BTC",
        "",
        "-",
        "2024-03-05",
        "05/03/2024",
        "03/25/2024 10:00:00",
        "20240305",
        "1",
        "-1",
        "1,234.56",
        "1.234,56",
        "(5)",
        "0",
        "1e30",
        "99999999999999999999999999999",
        "10:1",
        "true",
        "Completed",
        "\0",
        "=1+1",
        "\n",
    ];
    prop_oneof![
        4 => prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => "-?[0-9]{1,30}([.,][0-9]{0,30})?",
        1 => any::<String>(),
    ]
}

proptest! {
    #[test]
    fn any_frame_is_read_or_refused(texts in prop::collection::vec(nearly_a_frame(), 0..8)) {
        compact::any_frames(&texts);
    }

    #[test]
    fn a_cursor_survives_its_text_whatever_it_holds(any in small_cursor()) {
        cursor::any_cursor(any);
    }

    #[test]
    fn any_last_event_id_starts_a_stream_or_starts_it_over(text in nearly_a_cursor(), floor in 0u64..100) {
        cursor::any_text(&text, 0xabcd_ef01, Head { epoch: Epoch::new(4, 7), seq: 100, n: 7, alerts: 0 }, floor);
    }

    #[test]
    fn any_query_is_read_or_refused(parameters in prop::collection::vec((any::<u8>(), "[A-Za-z0-9%,.=-]{0,40}"), 0..5), raw: String) {
        filter::any_parameters(&parameters);
        filter::any_query(&raw);
    }

    #[test]
    fn any_spelling_of_a_selection_is_the_same_filter(names in prop::collection::vec("[A-Za-z0-9.^=_-]{0,31}[A-Za-z0-9]", 0..30), turn: usize) {
        let tickers = names.iter().map(|name| name.parse().unwrap()).collect::<Vec<_>>();
        filter::any_selection(&tickers, turn);
    }

    #[test]
    fn any_text_is_one_event_however_it_is_cut(
        texts in prop::collection::vec(hard_text(), 0..4), cursor in small_cursor(), cuts: Vec<u8>,
    ) {
        frame::any_texts(&texts, cursor, &cuts);
    }

    #[test]
    fn any_delivery_ends_where_the_engine_is(changes: Vec<board::Change>, deliveries: Vec<(u16, bool)>) {
        board::any_delivery(&changes, &deliveries);
    }

    #[test]
    fn any_file_is_read_or_refused_and_what_is_read_makes_sense(
        format in any::<usize>(),
        cells in prop::collection::vec(prop::collection::vec(nearly_a_cell(), 0..16), 0..8),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        import::any_file(&bytes);
        import::any_table(format, &cells);
    }
}
