//! What streams take of a contender's memory and of the kernel's.

use crate::{Failure, machine};

/// Memory at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    resident: u64,
    kernel: u64,
}

/// Memory for each of some streams, in kilobytes of 1,024 bytes.
#[derive(Clone, Copy)]
pub(crate) struct PerStream {
    /// The process's resident memory.
    pub process_kb: f64,
    /// Buffers and objects of the kernel for both ends, and whatever else the machine did.
    pub kernel_kb: f64,
}

impl Memory {
    /// Reads it.
    pub(crate) fn of(process: u32) -> Result<Self, Failure> {
        let (buffers, objects) = machine::kernel_bytes()?;
        Ok(Self { resident: machine::resident_bytes(process)?, kernel: buffers + objects })
    }

    /// Divides what has been added since among streams.
    pub(crate) fn since(self, before: Self, streams: usize) -> PerStream {
        let each = |after: u64, before: u64| after.saturating_sub(before) as f64 / 1_024.0 / streams as f64;
        PerStream { process_kb: each(self.resident, before.resident), kernel_kb: each(self.kernel, before.kernel) }
    }
}
