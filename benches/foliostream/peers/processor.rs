//! A contender's processor time: to the nanosecond where its threads live on, to the hundredth of a second where one has ended.

use std::collections::BTreeMap;
use std::fs;

use crate::{Failure, machine};

/// What a process has used at one moment.
pub(crate) struct Processor {
    /// Of all its threads that ever were, in seconds.
    whole: f64,
    /// Of each that is alive, in nanoseconds, by its number.
    threads: BTreeMap<u32, u64>,
}

impl Processor {
    /// Reads it.
    pub(crate) fn of(process: u32) -> Result<Self, Failure> {
        let mut threads = BTreeMap::new();
        for entry in fs::read_dir(format!("/proc/{process}/task"))? {
            let entry = entry?;
            // It may have ended since it was listed.
            let Ok(text) = fs::read_to_string(entry.path().join("schedstat")) else { continue };
            let number = entry.file_name().to_string_lossy().parse()?;
            threads.insert(number, text.split(' ').next().unwrap_or_default().parse()?);
        }
        Ok(Self { whole: machine::processor_seconds(process)?, threads })
    }

    /// Returns the seconds used since.
    pub(crate) fn since(&self, before: &Self) -> f64 {
        if before.threads.keys().any(|number| !self.threads.contains_key(number)) {
            return self.whole - before.whole;
        }
        let spent = |(number, now): (&u32, &u64)| now - before.threads.get(number).copied().unwrap_or_default();
        self.threads.iter().map(spent).sum::<u64>() as f64 / 1e9
    }
}
