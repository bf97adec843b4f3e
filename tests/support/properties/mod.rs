//! What must hold for any input. The same functions are fed by proptest (`make test`) and by the fuzzer (`make fuzz`).

pub mod board;
pub mod cursor;
pub mod filter;
pub mod frame;
