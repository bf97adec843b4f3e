//! Frames of the compact form, as anything that comes over a line: nothing makes a reader fall, and none spoils a full state that
//! follows.

use foliostream::wire::compact::Reader;

/// A full state of one instrument and one holding.
const STATE: &str = "@mi8f0k2a|=0,AAPL|0,189.84,,0.01,0.01,190,,USD|#USD,t,f,demo|+0,12,2000|$2278.08,,-1.92,-0.08,278.08,13.9,,,,,2000,0,0,0|!|%USD,0,0,0,0,0";

/// Checks a reader to which any texts come, and then a full state.
pub(crate) fn any_frames(texts: &[String]) {
    let mut reader = Reader::default();
    let whole = reader.read(STATE).expect("a full state");
    for text in texts {
        if let Ok(changes) = reader.read(text) {
            let named = |ticker: &str| text.contains(ticker) || STATE.contains(ticker);
            assert!(changes.quotes.iter().all(|quote| named(quote.ticker.as_str())), "{text}");
        }
    }
    reader.forget();
    reader.forget_names();
    assert_eq!(reader.read(STATE), Ok(whole));
}
