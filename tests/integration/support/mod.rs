//! What the tests stand on: a server on a free port with a clock of its own, a small HTTP client, a reader of event streams.

mod http;
mod process;
mod redis;
mod server;
mod sse;
mod worker;

pub use http::{Answer, EventStream};
pub use process::{Folders, Process, fail, run};
pub use redis::Redis;
pub use server::Server;
pub use sse::Message;
pub use worker::Worker;
