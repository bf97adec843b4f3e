//! What must hold for any input. The same functions are fed by proptest (`make test`) and by the fuzzer (`make fuzz`).

pub(crate) mod board;
pub(crate) mod compact;
pub(crate) mod cursor;
pub(crate) mod filter;
pub(crate) mod frame;
pub(crate) mod import;
