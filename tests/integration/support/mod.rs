//! What the tests stand on: a server on a free port with a clock of its own, a small HTTP client, a reader of event streams,
//! and what must hold for any input.

mod basket;
mod certificates;
mod documented;
mod http;
pub mod http_2;
#[path = "../../support/postgres.rs"]
pub mod postgres;
mod process;
#[path = "../../support/properties/mod.rs"]
pub mod properties;
mod redis;
mod server;
mod sse;
mod worker;

pub use basket::Basket;
pub use certificates::Authority;
pub use http::{Answer, EventStream, Request};
pub use process::{Folders, Process, fail, run};
pub use redis::Redis;
pub use server::{MORNING, Server, TOKEN};
pub use sse::Message;
pub use worker::Worker;
