//! A stream that folds what it is told, and comes back elsewhere when it is cut: what a page does, without the page.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::sse::{Message, Parser};
use foliostream::wire::compact::Reader;

/// What a stream holds.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// The newest price of each ticker.
    pub prices: HashMap<String, String>,
    /// The newest revision of each alert.
    pub alerts: HashMap<String, i64>,
    /// How often each notification came.
    pub notified: BTreeMap<i64, u32>,
    /// What the status says.
    pub feed: String,
    /// Answers that were not 200: each would have killed a browser's stream for good. And frames that could not be read.
    pub refused: Vec<String>,
    /// Full states that were announced by `reset`.
    pub resets: u32,
    /// Connections so far.
    pub connections: u32,
    /// The term it last heard of.
    pub epoch: String,
    last_event_id: String,
    reader: Reader,
}

/// A stream's state, shared with the test that checks it.
pub(crate) type Shared = Arc<Mutex<Folded>>;

/// Starts a stream that goes round the workers.
pub(crate) fn watch(workers: Vec<SocketAddr>, first: usize, path: String) -> Shared {
    let shared = Shared::default();
    let folded = Arc::clone(&shared);
    tokio::spawn(async move {
        let mut turn = first;
        loop {
            let address = workers[turn % workers.len()];
            let reason = follow(address, &path, &folded).await;
            turn += 1;
            // After an orderly `bye` at once, otherwise after a moment; different for each, as browsers are.
            let pause = if reason == End::Bye { 250 } else { 500 };
            tokio::time::sleep(Duration::from_millis(u64::from(rand::random::<u16>()) % pause)).await;
        }
    });
    shared
}

#[derive(PartialEq)]
enum End {
    Bye,
    Torn,
}

async fn follow(address: SocketAddr, path: &str, folded: &Shared) -> End {
    let Ok(Ok(mut socket)) = tokio::time::timeout(Duration::from_secs(2), TcpStream::connect(address)).await else {
        return End::Torn;
    };
    let last_event_id = folded.lock().unwrap().last_event_id.clone();
    let resume = if last_event_id.is_empty() { String::new() } else { format!("last-event-id: {last_event_id}\r\n") };
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\n{resume}\r\n");
    if socket.write_all(request.as_bytes()).await.is_err() {
        return End::Torn;
    }
    let (mut waiting, mut parser, mut begun, mut body) = (Vec::new(), Parser::default(), false, Vec::new());
    loop {
        // Three heartbeats without a byte: the other side is gone.
        let mut buffer = Vec::with_capacity(16_384);
        match tokio::time::timeout(Duration::from_secs(5), socket.read_buf(&mut buffer)).await {
            Ok(Ok(count)) if count > 0 => waiting.extend_from_slice(&buffer),
            _ => return End::Torn,
        }
        if !begun {
            let Some(end) = waiting.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&waiting[..end]).into_owned();
            let mut state = folded.lock().unwrap();
            if !head.starts_with("HTTP/1.1 200") {
                state.refused.push(head.lines().next().unwrap_or_default().to_owned());
                return End::Torn;
            }
            state.connections += 1;
            waiting.drain(..end + 4);
            begun = true;
        }
        body.clear();
        let ended = unchunk(&mut waiting, &mut body);
        for message in parser.push(&body) {
            if take(&mut folded.lock().unwrap(), &message) {
                return End::Bye;
            }
        }
        if ended {
            return End::Torn;
        }
    }
}

/// Takes whole chunks; true after the last.
pub(crate) fn unchunk(waiting: &mut Vec<u8>, body: &mut Vec<u8>) -> bool {
    while let Some(end) = waiting.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&waiting[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok()).unwrap_or(0);
        if waiting.len() < end + 4 + size {
            return false;
        }
        body.extend_from_slice(&waiting[end + 2..end + 2 + size]);
        waiting.drain(..end + 4 + size);
        if size == 0 {
            return true;
        }
    }
    false
}

/// Folds an event; true for `bye`.
fn take(folded: &mut Folded, message: &Message) -> bool {
    if !message.id.is_empty() {
        folded.last_event_id.clone_from(&message.id);
    }
    match message.event.as_str() {
        "hello" => {
            folded.epoch = message.text("epoch");
            folded.reader.forget_names();
            if message.text("resume") == "snapshot" {
                folded.reader.forget();
            }
        }
        "frame" => match folded.reader.read(message.data.as_str().unwrap_or_default()) {
            Ok(changes) => {
                let quotes = changes.quotes.into_iter().map(|quote| (quote.ticker.to_string(), quote.price.to_string()));
                folded.prices.extend(quotes);
            }
            Err(_) => folded.refused.push(format!("not readable: {}", message.data)),
        },
        "price_update" => {
            folded.prices.insert(message.text("ticker"), message.text("price"));
        }
        "reset" => {
            // A full state follows, of all but notifications, which are counted on.
            folded.resets += 1;
            folded.reader.forget();
            folded.prices.clear();
            folded.alerts.clear();
        }
        "alert_changed" if message.data["deleted"] == true => {
            folded.alerts.remove(&message.text("id"));
        }
        "alert_changed" => {
            let revision = message.data["revision"].as_i64().unwrap_or_default();
            let known = folded.alerts.entry(message.text("id")).or_default();
            *known = revision.max(*known);
        }
        "alert_triggered" => *folded.notified.entry(message.data["n"].as_i64().unwrap_or_default()).or_default() += 1,
        "status" => folded.feed = message.text("feed"),
        "bye" => return true,
        _ => {}
    }
    false
}
