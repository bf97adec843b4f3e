//! The parser that other tests trust reads as the standard says (WHATWG HTML, 9.2.6).

use crate::event_stream::{Event, Parser};

fn parse(text: &[u8]) -> Vec<Event> {
    Parser::default().push(text)
}

fn told(text: &[u8]) -> Vec<(String, String, String)> {
    parse(text).into_iter().map(|event| (event.name, event.data, event.id)).collect()
}

fn event(name: &str, data: &str, id: &str) -> (String, String, String) {
    (name.to_owned(), data.to_owned(), id.to_owned())
}

#[test]
fn the_examples_of_the_standard_read_as_it_says() {
    assert_eq!(told(b"data: YHOO\ndata: +2\ndata: 10\n\n"), [event("message", "YHOO\n+2\n10", "")]);
    let four = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
    let expected =
        [event("message", "first event", "1"), event("message", "second event", ""), event("message", " third event", "")];
    assert_eq!(told(four), expected);
    assert_eq!(told(b"data\n\ndata\ndata\n\ndata:"), [event("message", "", ""), event("message", "\n", "")]);
    assert_eq!(told(b"data:test\n\ndata: test\n\n"), [event("message", "test", ""), event("message", "test", "")]);
}

#[test]
fn every_cut_gives_the_same_events() {
    let text = "\u{feff}retry: 10\r\n\r\n: hi\revent: a\r\ndata: é🎉\r\rid: 1\ndata: 2\r\n\r\n".as_bytes();
    let whole = parse(text);
    assert_eq!(whole.len(), 2);
    for cut in 0..=text.len() {
        let mut parser = Parser::default();
        let mut events = parser.push(&text[..cut]);
        events.extend(parser.push(&text[cut..]));
        assert_eq!((events, parser.retry_ms()), (whole.clone(), Some(10)), "cut at {cut}");
    }
}

#[test]
fn line_ends_may_be_mixed_and_a_pair_is_one() {
    assert_eq!(told(b"data: 1\r\ndata: 2\rdata: 3\ndata: 4\n\r"), [event("message", "1\n2\n3\n4", "")]);
    assert_eq!(told(b"data: 1\r\n\n"), [event("message", "1", "")]);
    assert_eq!(told(b"data: 1\r\r\ndata: 2\n\n").len(), 2);
}

#[test]
fn a_byte_order_mark_counts_only_at_the_start() {
    assert_eq!(told(b"\xef\xbb\xbfdata: 1\n\n"), [event("message", "1", "")]);
    assert_eq!(told(b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\n"), []);
    assert_eq!(told(b"\n\xef\xbb\xbfdata: 1\n\n"), []);
    assert_eq!(told(b"\xef\xbbdata: 1\n\n"), []);
}

#[test]
fn an_event_without_data_is_not_dispatched_but_its_id_stays() {
    let mut parser = Parser::default();
    assert_eq!(parser.push(b"event: a\nid: 7\n\n"), []);
    assert_eq!(parser.last_event_id(), "7");
    let events = parser.push(b"data: 1\n\n");
    assert_eq!((events[0].name.as_str(), events[0].id.as_str(), events[0].wrote_id), ("message", "7", false));
}

#[test]
fn an_id_counts_only_once_its_block_has_ended() {
    let mut parser = Parser::default();
    parser.push(b"id: 1\ndata: 1\n\nid: 2\ndata: 2\n");
    assert_eq!((parser.last_event_id(), parser.is_within_event()), ("1", true));
    parser.push(b"\n");
    assert_eq!((parser.last_event_id(), parser.is_within_event()), ("2", false));
}

#[test]
fn an_id_with_nul_is_ignored_and_an_empty_one_forgets() {
    assert_eq!(told(b"id: 1\ndata: 1\n\nid: 2\0x\ndata: 2\n\n"), [event("message", "1", "1"), event("message", "2", "1")]);
    assert_eq!(told(b"id: 1\ndata: 1\n\nid:\ndata: 2\n\n"), [event("message", "1", "1"), event("message", "2", "")]);
}

#[test]
fn retry_takes_digits_alone() {
    let after = |text: &[u8]| {
        let mut parser = Parser::default();
        parser.push(b"retry: 5\n");
        parser.push(text);
        parser.retry_ms()
    };
    for text in
        [&b"retry\n"[..], b"retry:\n", b"retry: 1x\n", b"retry: -1\n", b"retry: 1.5\n", b"retry:  7\n", "retry: ١\n".as_bytes()]
    {
        assert_eq!(after(text), Some(5), "{}", String::from_utf8_lossy(text));
    }
    assert_eq!(after(b"retry:0070\n"), Some(70));
    assert_eq!(after(b"retry: 99999999999999999999999\n"), Some(u64::MAX));
}

#[test]
fn unknown_fields_are_ignored_and_field_names_are_exact() {
    let mut parser = Parser::default();
    let events = parser.push(b"Data: 0\n data: 0\ndata : 0\nfoo\nevent: a\ndata: 1\n\n");
    assert_eq!((events.len(), events[0].data.as_str()), (1, "1"));
    assert_eq!(parser.unknown_lines(), ["Data", " data", "data ", "foo"]);
}

#[test]
fn only_one_space_after_the_colon_is_removed() {
    assert_eq!(told(b"event:\ta\ndata:  x:y \n\n"), [event("\ta", " x:y ", "")]);
}

#[test]
fn bytes_that_are_no_text_become_replacement_characters() {
    assert_eq!(told(b"data: a\xff\xf0\x9f\ndata: \0b\n\n"), [event("message", "a\u{fffd}\u{fffd}\n\0b", "")]);
}

#[test]
fn comments_are_told_with_the_event_after_them() {
    let events = parse(b": one\n\n:two\ndata: 1\n\ndata: 2\n\n");
    assert_eq!((events[0].comments.clone(), events[1].comments.len()), (vec!["one".to_owned(), "two".to_owned()], 0));
}

#[test]
fn what_no_blank_line_ended_is_thrown_away() {
    assert_eq!(told(b"data: 1\n\ndata: 2\n"), [event("message", "1", "")]);
}
