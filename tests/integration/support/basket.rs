//! Many prices that move together, where a frame has to be large.

use serde_json::{Value, json};

/// Two hundred tickers: a frame of some 40 KB when all of them move, more than the buffers between two sockets take.
#[derive(Debug)]
pub(crate) struct Basket(Vec<String>);

impl Basket {
    /// How many there are.
    pub(crate) const SIZE: usize = 200;

    /// Names them.
    pub(crate) fn new() -> Self {
        Self((0..Self::SIZE).map(|number| format!("T{number}")).collect())
    }

    /// Returns the stream of all of them.
    pub(crate) fn stream(&self) -> String {
        format!("prices?tickers={}", self.0.join(","))
    }

    /// Returns quotes that give all of them one price.
    pub(crate) fn at(&self, price: u32) -> Value {
        self.0.iter().map(|ticker| json!({"ticker": ticker, "price": price.to_string()})).collect()
    }
}
