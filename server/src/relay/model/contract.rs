//! What the model and a real Redis have in common: both get the same commands and scripts, and give the same answers.

use redis::{PushInfo, PushKind, Script, Value};
use tokio::sync::mpsc;

use super::{Line, Model};
use crate::relay::{Address, Cause, Keys, Link, scripts};

#[path = "../../../../tests/integration/support/redis.rs"]
#[expect(dead_code, reason = "other tests ask for more")]
pub(crate) mod redis_server;

/// The greatest id that a Stream can have.
const GREATEST: &str = "18446744073709551615-18446744073709551615";

/// One of the two, and what it has answered.
struct Asked {
    link: Link,
    answers: Vec<String>,
}

impl Asked {
    async fn of(address: &Address) -> Self {
        Self { link: address.connect().await.unwrap(), answers: Vec::new() }
    }

    /// Sends commands, each a line of words.
    async fn commands(&mut self, lines: &[&str]) {
        for line in lines {
            let answer = command(line).query_async(&mut self.link).await;
            self.note(line, answer);
        }
    }

    /// Runs a script with a line of keys and a line of arguments, in which `_` is an empty text.
    async fn script(&mut self, script: &str, keys: &str, arguments: &str) -> Value {
        let script = Script::new(script);
        let mut call = script.prepare_invoke();
        keys.split_whitespace().for_each(|key| _ = call.key(key));
        arguments.split_whitespace().for_each(|argument| _ = call.arg(if argument == "_" { "" } else { argument }));
        let answer = call.invoke_async(&mut self.link).await;
        self.note(&format!("{keys}: {arguments}"), answer.clone());
        answer.unwrap_or(Value::Nil)
    }

    fn note(&mut self, asked: &str, answer: redis::RedisResult<Value>) {
        let answer = match answer {
            Ok(value) => format!("{:?}", of_no_time(value)),
            // Servers of different versions put different words behind what it means.
            Err(error) => Cause::of(&error).text.split(" (").next().unwrap_or_default().to_owned(),
        };
        self.answers.push(format!("{asked} → {answer}"));
    }
}

fn command(line: &str) -> redis::Cmd {
    let mut words = line.split_whitespace();
    let mut command = redis::cmd(words.next().unwrap());
    words.for_each(|word| _ = command.arg(word));
    command
}

/// Sorts what a server gives in any order, and blanks the times of day in it: an expiry is a number of thirteen digits.
fn of_no_time(value: Value) -> Value {
    match value {
        Value::Array(values) => {
            let mut values: Vec<_> = values.into_iter().map(of_no_time).collect();
            let is_state = values.len() == 6;
            if !is_state && values.iter().all(|value| matches!(value, Value::BulkString(_))) {
                values.sort_by_key(|value| format!("{value:?}"));
            }
            Value::Array(values)
        }
        Value::BulkString(text) => {
            let text = String::from_utf8(text).unwrap();
            let is_time = |word: &str| word.len() == 13 && word.bytes().all(|byte| byte.is_ascii_digit());
            let words: Vec<_> = text.split(' ').map(|word| if is_time(word) { "time" } else { word }).collect();
            Value::BulkString(words.join(" ").into_bytes())
        }
        other => other,
    }
}

/// Asks the model, and then a real Redis, and compares.
async fn agree(ask: impl AsyncFn(Address) -> Vec<String>) {
    let model = Model::default();
    let modelled = ask(model.address(&Line::new(1))).await;
    model.check();
    let redis = redis_server::Redis::start();
    let real = ask(Address::read(&redis.url()).unwrap()).await;
    for (modelled, real) in modelled.iter().zip(&real) {
        assert_eq!(modelled, real, "the model (left) differs from Redis (right)");
    }
    assert_eq!(modelled.len(), real.len());
}

#[tokio::test]
async fn keys_hashes_and_streams_answer_as_redis_does() {
    agree(async |address| {
        let mut asked = Asked::of(&address).await;
        asked.link.check_version().await.unwrap();
        let lines = [
            "TYPE h",
            "HGET h a",
            "HSET h a 1",
            "HSET h a 2",
            "HGET h a",
            "TYPE h",
            "XADD h MAXLEN ~ 10 * f v",
            "XREAD COUNT 1 BLOCK 1 STREAMS h 0",
            "HDEL h a",
            "HDEL h a",
            "TYPE h",
            "XADD s MAXLEN ~ 1000 1-1 f a",
            "XADD s MAXLEN ~ 1000 1-1 f a",
            "XADD s MAXLEN ~ 1000 1-3 f b g c",
            "XADD s MAXLEN ~ 1000 2-0 f d",
            "TYPE s",
            "HGET s f",
            "XRANGE s 1-2 1-9 COUNT 10",
            "XRANGE s 1-1 2-9 COUNT 2",
            "XRANGE s 1 1 COUNT 9",
            "XRANGE missing - + COUNT 1",
            "XREVRANGE s + - COUNT 1",
            "XREVRANGE missing + - COUNT 1",
            "XREAD COUNT 10 BLOCK 1 STREAMS s 0",
            "XREAD COUNT 1 BLOCK 1 STREAMS s 1-1",
            "XREAD COUNT 1 BLOCK 1 STREAMS s 2-0",
            "XREAD COUNT 1 BLOCK 1 STREAMS missing 0",
            "XTRIM s MAXLEN ~ 1000",
            "XTRIM missing MAXLEN ~ 1000",
            "PUBLISH silence word",
            "XADD s MAXLEN ~ 1000 18446744073709551615-18446744073709551614 f e",
            "XADD s MAXLEN ~ 1000 * f g",
            "XADD s MAXLEN ~ 1000 * f h",
            "XREVRANGE s + - COUNT 1",
        ];
        asked.commands(&lines).await;
        asked.commands(&[&format!("XREAD COUNT 1 BLOCK 1 STREAMS s {GREATEST}")]).await;
        let id: String = command("XADD t MAXLEN ~ 10 * f v").query_async(&mut asked.link).await.unwrap();
        let next: String = command("XADD t MAXLEN ~ 10 * f v").query_async(&mut asked.link).await.unwrap();
        assert!(id < next && id.len() >= 15, "{id} {next}");
        asked.answers
    })
    .await;
}

#[tokio::test]
async fn a_trim_takes_whole_nodes_and_leaves_what_is_wanted() {
    agree(async |address| {
        let mut asked = Asked::of(&address).await;
        let lines: Vec<String> = (1..=250).map(|number| format!("XADD s MAXLEN ~ 120 1-{number} f v")).collect();
        asked.commands(&lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
        asked.commands(&["XRANGE s - + COUNT 1", "XTRIM s MAXLEN ~ 40", "XRANGE s - + COUNT 1"]).await;
        asked.answers
    })
    .await;
}

#[tokio::test]
async fn a_reading_waits_for_what_comes_and_no_longer_than_it_says() {
    agree(async |address| {
        let mut waiting = Asked::of(&address).await;
        let mut adding = Asked::of(&address).await;
        adding.commands(&["XADD s MAXLEN ~ 10 1-1 f a"]).await;
        let read = async { waiting.commands(&["XREAD COUNT 9 BLOCK 900 STREAMS s 1-1"]).await };
        let add = async { adding.commands(&["XADD s MAXLEN ~ 10 1-2 f b"]).await };
        tokio::join!(biased; read, add);
        waiting.answers.extend(adding.answers);
        waiting.answers
    })
    .await;
}

#[tokio::test]
async fn what_is_said_reaches_channels_and_patterns_once_each() {
    agree(async |address| {
        let keys = Keys::new("{a*[b]}");
        let (said, mut heard) = mpsc::channel::<PushInfo>(100);
        let forward = move |push| said.try_send(push).map_err(|_| redis::aio::SendError);
        let mut subscriber = address.connect_subscriber(forward).await.unwrap();
        subscriber.subscribe(&[keys.beat(), keys.prices()][..]).await.unwrap();
        subscriber.subscribe_pattern(&keys.patterns()[..]).await.unwrap();
        let mut asked = Asked::of(&address).await;
        let portfolio = keys.beat().replace("beat", "sse:portfolio:7");
        for channel in [keys.beat(), portfolio, "{aXb}:sse:user:local".to_owned(), keys.prices()] {
            asked.commands(&[&format!("PUBLISH {channel} word")]).await;
        }
        let mut messages = 0;
        while messages < 3 {
            let PushInfo { kind, data } = heard.recv().await.unwrap();
            messages += usize::from(matches!(kind, PushKind::Message | PushKind::PMessage));
            asked.answers.push(format!("{kind:?} {data:?}"));
        }
        asked.answers
    })
    .await;
}

#[tokio::test]
async fn the_lease_and_its_fence_are_kept_by_both() {
    agree(async |address| {
        let mut asked = Asked::of(&address).await;
        for (script, arguments) in [
            (scripts::KEEP, "anna 5000 beat tick"),
            (scripts::TAKE, "anna 5000"),
            (scripts::TAKE, "ben 5000"),
            (scripts::TAKE, "anna 5000"),
            (scripts::KEEP, "ben 5000 beat tick"),
            (scripts::KEEP, "anna 5000 beat tick"),
        ] {
            asked.script(script, "lease", arguments).await;
        }
        let state = "head log quotes status";
        asked.script(scripts::SNAPSHOT, state, "").await;
        for arguments in [
            "ben 3 1 1000 3.7 prices one A",
            "anna 3 1 1000 3.7 prices one A prices two B",
            "anna 3 2 1000 3.7 prices two B prices three status",
            "anna 3 5 1000 3.7 prices five A",
            "anna 3 4 1000 3.8 prices four A",
            "anna 2 1 1000 2.7 prices old A",
        ] {
            asked.script(scripts::PUBLISH, &format!("lease {state}"), arguments).await;
            asked.script(scripts::SNAPSHOT, state, "").await;
        }
        asked.script(scripts::PUBLISH, &format!("lease {state}"), "anna 4 1 1000 4.7 user new _").await;
        asked.script(scripts::SNAPSHOT, state, "").await;
        asked.commands(&["XRANGE log - + COUNT 10", "HGET head seq", "HGET head term", "HGET head epoch"]).await;
        for holder in ["ben", "anna", "anna"] {
            asked.script(scripts::GIVE_BACK, "lease", holder).await;
        }
        asked.commands(&["HSET wrong a 1", "TYPE lease"]).await;
        asked.script(scripts::TAKE, "wrong", "anna 5000").await;
        asked.script(scripts::KEEP, "wrong", "anna 5000 beat tick").await;
        asked.script(scripts::TAKE, "lease", "anna 5000").await;
        asked.script(scripts::PUBLISH, &format!("lease {state}").replace("log", "wrong"), "anna 4 2 1000 4.7 user new _").await;
        asked.script(scripts::GIVE_BACK, "lease", "anna").await;
        // The first asks until the lease of 30 ms is over.
        asked.script(scripts::TAKE, "lease", "anna 30").await;
        let before = asked.answers.len();
        while asked.script(scripts::TAKE, "lease", "ben 5000").await != Value::Int(1) {}
        asked.answers.truncate(before);
        asked.commands(&["TYPE lease"]).await;
        asked.answers
    })
    .await;
}

#[tokio::test]
async fn places_of_streams_are_counted_renewed_and_forgotten_by_both() {
    agree(async |address| {
        let mut asked = Asked::of(&address).await;
        for arguments in
            ["60000 2 w/1 tab {1}", "60000 2 w/2 _ {2}", "60000 2 w/3 _ {3}", "60000 2 w/4 tab {4}", "60000 0 w/5 _ {5}"]
        {
            asked.script(scripts::TAKE_PLACE, "places", arguments).await;
        }
        asked.commands(&["HSET places old 1_tab_e", "HSET places torn x"]).await;
        let mut past = redis::cmd("HSET");
        let past = past.arg("places").arg("past").arg("1 tab {0}").query_async(&mut asked.link).await;
        asked.note("past", past);
        asked.script(scripts::RENEW_PLACES, "places", "60000").await;
        asked.commands(&["HGET places old", "HGET places torn", "HGET places past", "HDEL places w/5"]).await;
        asked.script(scripts::RENEW_PLACES, "places", "60000 w/6 tab {6} w/2 _ {2}").await;
        asked.script(scripts::RENEW_PLACES, "elsewhere", "60000").await;
        asked.answers
    })
    .await;
}
