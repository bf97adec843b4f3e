//! What is in the model: keys with their expiry, Streams, and who listens.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use redis::{PushKind, Value};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

use super::resp::text;

/// What a command answers: a value, or the text of the server's error.
pub(super) type Answer<T = Value> = Result<T, String>;

/// The id of an entry in a Stream.
pub(super) type Id = (u64, u64);

/// Entries in one node of a Stream: `MAXLEN ~` takes away whole ones.
const NODE: usize = 100;

/// The wall clock of the model at its beginning, in milliseconds: 2026-11-02T10:00:00Z.
const BEGINNING_MS: u64 = 1_793_613_600_000;

/// An envelope that `PUBLISH` has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// When.
    pub at: Instant,
    /// Who held the lease.
    pub holder: String,
    /// The number of the term.
    pub term: u64,
    /// The term with its mark.
    pub named: String,
    /// The number of the envelope.
    pub seq: u64,
    /// The envelope as it was written.
    pub text: String,
}

#[derive(Debug)]
enum Kind {
    Text(String),
    Hash(BTreeMap<String, String>),
    Stream(Stream),
}

#[derive(Debug)]
struct Key {
    kind: Kind,
    until: Option<Instant>,
}

/// A Stream: its entries, each with its fields and values, and the last id that was given.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub entries: Vec<(Id, Vec<String>)>,
    pub last: Id,
}

/// One who listens: a connection with what it has subscribed to.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    channels: BTreeSet<String>,
    patterns: BTreeSet<String>,
    said: mpsc::Sender<Value>,
}

/// All that is in the model.
#[derive(Debug)]
pub(super) struct Data {
    keys: BTreeMap<String, Key>,
    began: Instant,
    pub listeners: Vec<Listener>,
    pub loaded: BTreeSet<String>,
    pub accepted: Vec<Accepted>,
    /// Scripts that were to publish, and were refused.
    pub fenced: usize,
    pub refused: Vec<String>,
    /// Entries that were ever added to Streams.
    pub added: u64,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            keys: BTreeMap::new(),
            began: Instant::now(),
            listeners: Vec::new(),
            loaded: BTreeSet::new(),
            accepted: Vec::new(),
            fenced: 0,
            refused: Vec::new(),
            added: 0,
        }
    }
}

impl Listener {
    pub(super) fn new(said: mpsc::Sender<Value>) -> Self {
        Self { channels: BTreeSet::new(), patterns: BTreeSet::new(), said }
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.said.same_channel(&other.said)
    }

    fn hear(&self, kind: PushKind, data: &[&str]) {
        let sent = self.said.try_send(Value::Push { kind, data: data.iter().map(text).collect() });
        // The connection may have ended.
        assert!(!matches!(sent, Err(TrySendError::Full(_))), "more waits for a listener than a server would keep");
    }
}

impl Data {
    pub(super) fn empty(&mut self) {
        self.keys.clear();
    }

    /// Returns the model's wall clock in milliseconds.
    pub(super) fn wall(&self) -> u64 {
        BEGINNING_MS + u64::try_from(self.began.elapsed().as_millis()).unwrap()
    }

    /// Returns a key that has not expired.
    fn key(&mut self, name: &str) -> Option<&mut Key> {
        if self.keys.get(name)?.until.is_some_and(|until| until <= Instant::now()) {
            self.keys.remove(name);
        }
        self.keys.get_mut(name)
    }

    pub(super) fn type_of(&mut self, name: &str) -> &'static str {
        match self.key(name).map(|key| &key.kind) {
            None => "none",
            Some(Kind::Text(_)) => "string",
            Some(Kind::Hash(_)) => "hash",
            Some(Kind::Stream(_)) => "stream",
        }
    }

    pub(super) fn delete(&mut self, name: &str) -> bool {
        let was_there = self.key(name).is_some();
        self.keys.remove(name);
        was_there
    }

    pub(super) fn get(&mut self, name: &str) -> Answer<Option<String>> {
        match self.key(name).map(|key| &key.kind) {
            None => Ok(None),
            Some(Kind::Text(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong_type()),
        }
    }

    pub(super) fn set(&mut self, name: &str, text: &str) {
        self.keys.insert(name.to_owned(), Key { kind: Kind::Text(text.to_owned()), until: None });
    }

    /// Lets a key that is there go after so long; returns whether it is there.
    pub(super) fn expire(&mut self, name: &str, after: Duration) -> bool {
        self.key(name).map(|key| key.until = Some(Instant::now() + after)).is_some()
    }

    /// Returns a hash; an empty one where there is no key.
    pub(super) fn hash(&mut self, name: &str) -> Answer<BTreeMap<String, String>> {
        match self.key(name).map(|key| &key.kind) {
            None => Ok(BTreeMap::new()),
            Some(Kind::Hash(hash)) => Ok(hash.clone()),
            Some(_) => Err(wrong_type()),
        }
    }

    /// Sets a field of a hash; returns whether it is new.
    pub(super) fn set_field(&mut self, name: &str, field: &str, value: &str) -> Answer<bool> {
        self.key(name);
        let key = self.keys.entry(name.to_owned()).or_insert_with(|| Key { kind: Kind::Hash(BTreeMap::new()), until: None });
        let Kind::Hash(hash) = &mut key.kind else { return Err(wrong_type()) };
        Ok(hash.insert(field.to_owned(), value.to_owned()).is_none())
    }

    /// Takes a field away from a hash, and the hash where that was its last; returns whether it was there.
    pub(super) fn delete_field(&mut self, name: &str, field: &str) -> Answer<bool> {
        let Some(key) = self.key(name) else { return Ok(false) };
        let Kind::Hash(hash) = &mut key.kind else { return Err(wrong_type()) };
        let was_there = hash.remove(field).is_some();
        if hash.is_empty() {
            self.keys.remove(name);
        }
        Ok(was_there)
    }

    /// Returns a Stream, or nothing where there is none.
    pub(super) fn stream(&mut self, name: &str) -> Answer<Option<&mut Stream>> {
        match self.key(name).map(|key| &mut key.kind) {
            None => Ok(None),
            Some(Kind::Stream(stream)) => Ok(Some(stream)),
            Some(_) => Err(wrong_type()),
        }
    }

    /// Adds an entry under an id, or under the next where it is `*`, and takes away whole nodes beyond a length.
    pub(super) fn add(&mut self, name: &str, most: &str, id: &str, fields: &[String]) -> Answer<Id> {
        let wall = self.wall();
        if self.stream(name)?.is_none() {
            self.keys.insert(name.to_owned(), Key { kind: Kind::Stream(Stream::default()), until: None });
        }
        let Some(stream) = self.stream(name)? else { return Err(wrong_type()) };
        let id = match id {
            "*" if wall > stream.last.0 => (wall, 0),
            "*" => match stream.last {
                (u64::MAX, u64::MAX) => {
                    return Err("ERR The stream has exhausted the last possible ID, unable to add more items".to_owned());
                }
                (time, u64::MAX) => (time + 1, 0),
                (time, number) => (time, number + 1),
            },
            id => read_id(id, 0),
        };
        if id <= stream.last {
            return Err("ERR The ID specified in XADD is equal or smaller than the target stream top item".to_owned());
        }
        stream.entries.push((id, fields.to_vec()));
        stream.last = id;
        stream.trim(most.parse().unwrap());
        self.added += 1;
        Ok(id)
    }

    /// Says something on a channel; returns how many heard it.
    pub(super) fn publish(&mut self, channel: &str, payload: &str) -> i64 {
        let mut count = 0;
        for listener in &self.listeners {
            if listener.channels.contains(channel) {
                listener.hear(PushKind::Message, &[channel, payload]);
                count += 1;
            }
            for pattern in listener.patterns.iter().filter(|pattern| matches(pattern, channel)) {
                listener.hear(PushKind::PMessage, &[pattern, channel, payload]);
                count += 1;
            }
        }
        count
    }

    /// Subscribes a listener to channels or patterns; answers one message for each.
    pub(super) fn subscribe(&mut self, command: &[String], listener: &Listener) -> Vec<Value> {
        if !self.listeners.iter().any(|other| other.is(listener)) {
            self.listeners.push(listener.clone());
        }
        let is_pattern = command[0] == "PSUBSCRIBE";
        let mut answers = Vec::new();
        for other in self.listeners.iter_mut().filter(|other| other.is(listener)) {
            for name in &command[1..] {
                let to = if is_pattern { &mut other.patterns } else { &mut other.channels };
                to.insert(name.clone());
                let count = i64::try_from(other.channels.len() + other.patterns.len()).unwrap();
                let kind = if is_pattern { PushKind::PSubscribe } else { PushKind::Subscribe };
                answers.push(Value::Push { kind, data: vec![text(name), Value::Int(count)] });
            }
        }
        answers
    }
}

impl Stream {
    /// Takes away whole nodes from the front while as many entries are left as are wanted; returns how many entries went.
    pub(super) fn trim(&mut self, most: usize) -> usize {
        let nodes = self.entries.len().saturating_sub(most) / NODE;
        self.entries.drain(..nodes * NODE);
        nodes * NODE
    }
}

/// Reads an id, with the number within its millisecond where none is written.
pub(super) fn read_id(text: &str, number: u64) -> Id {
    match text {
        "-" => (0, 0),
        "+" => (u64::MAX, u64::MAX),
        _ => text
            .split_once('-')
            .map_or_else(|| (text.parse().unwrap(), number), |(time, number)| (time.parse().unwrap(), number.parse().unwrap())),
    }
}

/// Writes an id.
pub(super) fn write_id((time, number): Id) -> String {
    format!("{time}-{number}")
}

fn wrong_type() -> String {
    "WRONGTYPE Operation against a key holding the wrong kind of value".to_owned()
}

/// Tells whether a channel is one of a pattern: a beginning, perhaps with escaped characters, and one star at its end.
fn matches(pattern: &str, channel: &str) -> bool {
    let beginning = pattern.strip_suffix('*').expect("the product's patterns end with a star");
    channel.starts_with(&beginning.replace('\\', ""))
}
