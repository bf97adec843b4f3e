//! One process per data directory: an operating-system lock that dies with its holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use jiff::Timestamp;

use super::Result;
use super::error::StoreError;

/// The file that is locked; it is never removed, as removing it would let two processes lock two files of one name.
pub const LOCK_NAME: &str = "foliostream.lock";

/// The longest description of a holder that is repeated, in bytes.
const MAX_HOLDER: u64 = 200;

/// Holds the data directory until it is released or dropped.
#[derive(Debug)]
pub struct DirectoryLock(File);

impl DirectoryLock {
    /// Takes the lock of a directory, and writes into its file who has it: process number and start.
    ///
    /// Fails with `Locked` and the holder's own words, or `Unusable`.
    pub fn take(directory: &Path) -> Result<Self> {
        let path = directory.join(LOCK_NAME);
        let unusable = |error: std::io::Error| StoreError::Unusable { path: path.clone(), reason: error.to_string() };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        super::open::keep_private(&mut options);
        let mut file = options.open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { path: directory.to_owned(), holder: holder(&file) });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        sign(&mut file).map_err(unusable)?;
        Ok(Self(file))
    }

    /// Lets others in.
    pub fn release(&self) {
        // Fails only where the lock is already gone.
        let _ = self.0.unlock();
    }
}

/// Writes who holds the lock. The time is the file's own, as the system stamped it at the first write.
fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    write!(file, "process {}", std::process::id())?;
    if let Ok(since) = Timestamp::try_from(file.metadata()?.modified()?) {
        write!(file, ", running since {since:.0}")?;
    }
    writeln!(file)
}

/// Reads who holds the lock, as one line.
fn holder(file: &File) -> String {
    let mut text = String::new();
    // Where it cannot be read, the holder is just another process.
    let _ = file.take(MAX_HOLDER).read_to_string(&mut text);
    match text.lines().next() {
        Some(line) if !line.is_empty() => line.chars().filter(|character| !character.is_control()).collect(),
        _ => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let _first = DirectoryLock::take(folder.path()).unwrap();
        let refusal = DirectoryLock::take(folder.path()).unwrap_err().to_string();
        let process = format!("in use by process {}, running since 2", std::process::id());
        assert!(refusal.contains(&process), "{refusal}");
        assert!(!refusal.contains('\n'), "{refusal}");
    }

    #[test]
    fn a_released_or_dropped_lock_can_be_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = DirectoryLock::take(folder.path()).unwrap();
        first.release();
        drop(DirectoryLock::take(folder.path()).unwrap());
        DirectoryLock::take(folder.path()).unwrap();
    }

    #[test]
    fn a_holder_that_left_no_word_is_another_process() {
        let folder = tempfile::tempdir().unwrap();
        let first = DirectoryLock::take(folder.path()).unwrap();
        first.0.set_len(0).unwrap();
        let refusal = DirectoryLock::take(folder.path()).unwrap_err().to_string();
        assert!(refusal.contains("in use by another process"), "{refusal}");
    }

    #[test]
    fn a_directory_that_is_not_there_is_unusable() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = DirectoryLock::take(&folder.path().join("missing")).unwrap_err();
        assert!(matches!(refusal, StoreError::Unusable { .. }), "{refusal}");
    }
}
