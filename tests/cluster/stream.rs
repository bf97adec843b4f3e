//! An event stream that a test reads event by event.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::sse::{Message, Parser};

/// How long an event may take; longer than a takeover on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: TcpStream,
    waiting: Vec<u8>,
    parser: Parser,
    ready: VecDeque<Message>,
}

impl Stream {
    /// Opens a stream, where another left off if an id is given.
    pub(crate) async fn open(address: SocketAddr, path: &str, last_event_id: Option<&str>) -> Self {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let resume = last_event_id.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\n{resume}\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut stream = Self { socket, waiting: Vec::new(), parser: Parser::default(), ready: VecDeque::new() };
        let end = loop {
            stream.read().await;
            if let Some(end) = stream.waiting.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
        };
        let head = String::from_utf8_lossy(&stream.waiting[..end]).into_owned();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        stream.waiting.drain(..end + 4);
        stream.take();
        stream
    }

    async fn read(&mut self) {
        let reading = tokio::time::timeout(PATIENCE, self.socket.read_buf(&mut self.waiting)).await;
        let count = reading.expect("something comes").expect("it can be read");
        assert_ne!(count, 0, "the stream was torn");
    }

    fn take(&mut self) {
        let mut body = Vec::new();
        super::watcher::unchunk(&mut self.waiting, &mut body);
        self.ready.extend(self.parser.push(&body));
    }

    /// Returns the next event.
    pub(crate) async fn next(&mut self) -> Message {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return message;
            }
            self.read().await;
            self.take();
        }
    }

    /// Returns the next event of a name, and forgets those before it.
    pub(crate) async fn until(&mut self, name: &str) -> Message {
        self.until_that(|message| message.event == name).await
    }

    /// Returns the next price of a ticker that is this.
    pub(crate) async fn until_price(&mut self, ticker: &str, price: &str) -> Message {
        let is_it = |message: &Message| {
            message.event == "price_update" && message.text("ticker") == ticker && message.text("price") == price
        };
        self.until_that(is_it).await
    }

    /// Returns the next event that is what is looked for, and forgets those before it.
    pub(crate) async fn until_that(&mut self, is_it: impl Fn(&Message) -> bool) -> Message {
        let search = async {
            loop {
                let message = self.next().await;
                if is_it(&message) {
                    return message;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("it comes")
    }
}
