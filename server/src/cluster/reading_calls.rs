//! How the engine reads a call, and what it answers to one that it does not understand.

use serde::Deserialize;

use crate::relay::{Inbox, Reply};
use foliostream::wire::epoch::Epoch;
use foliostream::wire::spoken::{self, Unheard};

use super::engine_calls::{EngineCall, SentCall};

/// Who asks, which stands in a call of any version.
#[derive(Deserialize)]
struct Asking {
    id: String,
    worker: String,
}

impl Inbox {
    /// Reads a call. What is not understood is counted, and answered where it says who asks: that worker then need not ask
    /// again, and finds another way or refuses.
    pub fn read_call(&self, text: &str, epoch: Epoch) -> Result<SentCall, Option<(String, Reply)>> {
        match spoken::read::<SentCall>(text.as_bytes()) {
            Ok(SentCall { call: EngineCall::Unknown, id, worker }) => {
                self.unknown("order");
                Err(Some((worker, not_understood(id, epoch))))
            }
            Ok(sent) => Ok(sent),
            Err(error) => {
                match &error {
                    Unheard::Version(_) => self.unknown("order"),
                    Unheard::Malformed(_) => self.malformed("order", &error),
                }
                let asking = serde_json::from_str::<Asking>(text).ok();
                Err(asking.map(|Asking { id, worker }| (worker, not_understood(id, epoch))))
            }
        }
    }
}

/// Answers at once: the number 0 is behind every replica of the term.
fn not_understood(call: String, epoch: Epoch) -> Reply {
    Reply { call, epoch, seq: 0, accepted: 0, ignored: 0, kept: false, understood: false, key_used: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine_task::PushKey;

    #[test]
    fn an_order_is_understood_or_answered_as_not_understood() {
        let inbox = Inbox::default();
        let read = |text: &str| inbox.read_call(text, Epoch::new(3, 7));
        // As the release before wrote it, and with what later ones may add.
        for text in [
            r#"{"id":"a","worker":"w","order":{"kind":"flush"}}"#,
            r#"{"v":1,"id":"a","worker":"w","order":{"kind":"flush","until":"now"},"more":{}}"#,
        ] {
            let sent = SentCall { id: "a".to_owned(), worker: "w".to_owned(), call: EngineCall::Flush };
            assert_eq!(read(text), Ok(sent), "{text}");
        }
        let ticks =
            |push| SentCall { id: "a".to_owned(), worker: "w".to_owned(), call: EngineCall::Ticks { ticks: Vec::new(), push } };
        let key = PushKey { key: "k".to_owned(), asked: "s".to_owned() };
        for (text, push) in [
            (r#"{"id":"a","worker":"w","order":{"kind":"ticks","ticks":[]}}"#, None),
            (r#"{"id":"a","worker":"w","order":{"kind":"ticks","ticks":[],"push":{"key":"k","asked":"s"}}}"#, Some(key)),
        ] {
            assert_eq!(read(text), Ok(ticks(push)), "{text}");
        }
        let tick = r#"{"ticker":"A","price":"1.50","bid":null,"ask":null,"volume":null,"currency":"EUR","previous_close":null,"time":"2026-11-02T10:00:00.5Z","session":"open"}"#;
        let sent = read(&format!(r#"{{"id":"a","worker":"w","order":{{"kind":"ticks","ticks":[{tick}]}}}}"#)).unwrap();
        let written = spoken::write(&sent);
        assert!(written.contains(&tick.replace(r#""open"}"#, r#""open","recorded":false,"source":"pushed"}"#)), "{written}");
        for text in [
            r#"{"id":"a","worker":"w","order":{"kind":"dance","steps":[1,2]}}"#,
            r#"{"v":2,"id":"a","worker":"w","order":{"kind":"flush"}}"#,
            r#"{"v":2,"id":"a","worker":"w","ask":[]}"#,
            r#"{"id":"a","worker":"w","order":{"kind":"alert","id":"seven"}}"#,
        ] {
            let answer = Some(("w".to_owned(), not_understood("a".to_owned(), Epoch::new(3, 7))));
            assert_eq!(read(text), Err(answer), "{text}");
        }
        for text in ["", "null", "{}", r#"{"kind":"dance"}"#, "[[[["] {
            assert_eq!(read(text), Err(None), "{text}");
        }
    }
}
