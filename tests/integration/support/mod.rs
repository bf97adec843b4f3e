//! What the tests stand on: a server on a free port with a clock of its own, a small HTTP client, a reader of event streams,
//! and what must hold for any input.

mod basket;
mod certificates;
mod documented;
mod http;
pub(crate) mod http_2;
mod line;
#[path = "../../support/postgres.rs"]
pub(crate) mod postgres;
mod process;
#[path = "../../support/properties/mod.rs"]
pub(crate) mod properties;
mod redis;
mod server;
mod sse;
mod worker;

pub(crate) use basket::Basket;
pub(crate) use certificates::Authority;
pub(crate) use http::{Answer, EventStream, Request};
pub(crate) use line::Connection;
pub(crate) use process::{Folders, Process, fail, run};
pub(crate) use redis::Redis;
pub(crate) use server::{MORNING, Server, TOKEN};
pub(crate) use sse::Message;
pub(crate) use worker::Worker;
