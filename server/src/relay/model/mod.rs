//! A model of the Redis that the product uses, in memory and by tokio's clock, which a test may pause.
//!
//! The seam is the bytes: the library's own connection speaks RESP3 into a pipe, and at its other end stands this model instead of a
//! server. So its time-outs, its subscriptions and its errors are those of production. [`Line`] is a worker's network, which can be
//! slow, cut and still. What the model does not know it refuses, and [`Model::check`] says so. The contract (`contract.rs`) holds it
//! to a real Redis.

mod commands;
pub(crate) mod contract;
mod data;
mod line;
mod resp;
mod scripts;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ProtocolVersion, RedisConnectionInfo, RedisResult, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, timeout, timeout_at};

pub(crate) use self::data::Accepted;
use self::data::{Answer, Data, Listener};
pub(crate) use self::line::Line;
use super::address::{Address, Kind};
use super::connection::CONNECT_TIMEOUT;

/// Bytes that may be under way in one direction.
const PIPE: usize = 4 << 20;

/// Messages that may wait for one listener.
const PUSHES: usize = 65_536;

/// The model; clones share what is in it.
#[derive(Clone, Default)]
pub(crate) struct Model(Arc<Shared>);

#[derive(Default)]
struct Shared {
    data: Mutex<Data>,
    /// Said when a Stream has grown, to the readings that wait for it.
    grown: Notify,
}

/// Where a worker finds the model: the model, and the worker's network on the way to it.
#[derive(Clone)]
pub(in crate::relay) struct Door {
    model: Model,
    line: Line,
}

impl Model {
    /// Returns the address of the model behind a worker's network.
    pub(crate) fn address(&self, line: &Line) -> Address {
        Address { kind: Kind::Modelled(Door { model: self.clone(), line: line.clone() }), authorities: None }
    }

    /// Empties it, as `FLUSHALL` does.
    pub(crate) fn empty(&self) {
        self.data().empty();
    }

    /// Returns every envelope that was accepted for publishing since the beginning, in order.
    pub(crate) fn accepted(&self) -> Vec<Accepted> {
        self.data().accepted.clone()
    }

    /// Returns how often one who did not hold the lease tried to publish.
    pub(crate) fn fenced(&self) -> usize {
        self.data().fenced
    }

    /// Fails where it was asked something that it does not know.
    #[track_caller]
    pub(crate) fn check(&self) {
        let refused = self.data().refused.clone();
        assert!(refused.is_empty(), "the model of Redis does not know {refused:?}: teach it, and its contract");
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        self.0.data.lock().unwrap()
    }

    /// Serves one connection until either end closes it or the network cuts it.
    async fn serve(self, mut stream: DuplexStream, line: Line) {
        let (said, mut heard) = mpsc::channel(PUSHES);
        let listener = Listener::new(said);
        let (mut cuts, mut unread) = (line.cuts(), Vec::new());
        loop {
            tokio::select! {
                biased;
                _ = cuts.changed() => break,
                Some(push) = heard.recv() => {
                    line.pass().await;
                    if stream.write_all(&resp::write(&push)).await.is_err() {
                        break;
                    }
                }
                read = stream.read_buf(&mut unread) => {
                    if !read.is_ok_and(|read| read > 0) || !self.answer(&mut unread, &mut stream, &line, &listener).await {
                        break;
                    }
                }
            }
        }
        self.data().listeners.retain(|other| !other.is(&listener));
    }

    /// Carries out every command that has come whole, and answers it; false where the connection was cut meanwhile.
    async fn answer(&self, unread: &mut Vec<u8>, stream: &mut DuplexStream, line: &Line, listener: &Listener) -> bool {
        let cuts = line.cuts();
        while let Some(command) = resp::take(unread) {
            let fate = line.fate();
            line.pass().await;
            if fate.is_lost_before() {
                return false;
            }
            // What was under way is carried out although the one who asked may have given up.
            let answers = self.carry_out(&command, listener).await;
            line.pass().await;
            if fate.is_lost_after() || cuts.has_changed().unwrap_or(true) {
                return false;
            }
            for answer in answers {
                if stream.write_all(&resp::write(&answer)).await.is_err() {
                    return false;
                }
            }
        }
        true
    }

    async fn carry_out(&self, command: &[String], listener: &Listener) -> Vec<Value> {
        if command[0] == "SUBSCRIBE" || command[0] == "PSUBSCRIBE" {
            return self.data().subscribe(command, listener);
        }
        let waits = commands::block_of(command).map(|wait| Instant::now() + wait);
        loop {
            let grown = self.0.grown.notified();
            let answer: Answer = {
                let mut data = self.data();
                let before = data.added;
                let answer = data.command(command);
                if data.added != before {
                    self.0.grown.notify_waiters();
                }
                answer
            };
            match (answer, waits) {
                (Ok(Value::Nil), Some(until)) if timeout_at(until, grown).await.is_ok() => {}
                (Ok(answer), _) => return vec![answer],
                (Err(error), _) => return vec![resp::error(&error)],
            }
        }
    }
}

impl Door {
    /// Connects through the worker's network.
    pub(in crate::relay) async fn connect(&self, config: AsyncConnectionConfig) -> RedisResult<MultiplexedConnection> {
        let connecting = async {
            self.line.pass().await;
            let (near, far) = tokio::io::duplex(PIPE);
            tokio::spawn(self.model.clone().serve(far, self.line.clone()));
            let settings = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3);
            let (connection, driver) = MultiplexedConnection::new_with_config(&settings, near, config).await?;
            tokio::spawn(driver);
            Ok(connection)
        };
        let late = |_| redis::RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
        timeout(CONNECT_TIMEOUT, connecting).await.map_err(late)?
    }
}

/// Returns a span of whole milliseconds that a command names.
fn millis(text: &str) -> Duration {
    Duration::from_millis(text.parse().unwrap())
}
