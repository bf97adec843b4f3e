//! Who may have a data directory: operating-system locks that die with their holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use jiff::Timestamp;

use super::keep_private;
use crate::server::store::error::StoreError;
use crate::server::store::{Result, Sharing};

/// The file that is locked; it is never removed, as removing it would let two processes lock two files of one name.
pub const LOCK_NAME: &str = "foliostream.lock";

/// The file that is locked while one of several processes creates the database or brings its schema up to date.
const OPENING_NAME: &str = "foliostream.opening.lock";

/// The longest description of a holder that is repeated, in bytes.
const MAX_HOLDER: u64 = 200;

/// Holds the data directory until it is released or dropped.
#[derive(Debug)]
pub struct DirectoryLock(File);

impl DirectoryLock {
    /// Takes the lock of a directory, and writes into its file who has it: process number and start. Several may share it.
    ///
    /// Fails with `Locked` and the holder's own words, or `Unusable`.
    pub fn take(directory: &Path, sharing: Sharing) -> Result<Self> {
        let path = directory.join(LOCK_NAME);
        let unusable = |error: std::io::Error| StoreError::Unusable { path: path.clone(), reason: error.to_string() };
        let mut file = lock_file(&path).map_err(unusable)?;
        let taken = match sharing {
            Sharing::Alone => file.try_lock(),
            Sharing::Shared => file.try_lock_shared(),
        };
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { path: directory.to_owned(), holder: holder(&file) });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        // Of several that share it, the last to come is named.
        sign(&mut file).map_err(unusable)?;
        Ok(Self(file))
    }

    /// Lets others in.
    pub fn release(&self) {
        // Fails only where the lock is already gone.
        let _ = self.0.unlock();
    }
}

/// Held while a database is created or its schema brought up to date, where several processes may try at once.
#[derive(Debug)]
pub struct OpeningLock {
    _file: File,
}

impl OpeningLock {
    /// Waits for the lock of a directory.
    ///
    /// Fails with `Unusable`.
    pub async fn take(directory: &Path) -> Result<Self> {
        let path = directory.join(OPENING_NAME);
        let wait = {
            let path = path.clone();
            move || -> std::io::Result<File> {
                let file = lock_file(&path)?;
                file.lock()?;
                Ok(file)
            }
        };
        let unusable = |reason: String| StoreError::Unusable { path, reason };
        match tokio::task::spawn_blocking(wait).await {
            Ok(Ok(file)) => Ok(Self { _file: file }),
            Ok(Err(error)) => Err(unusable(error.to_string())),
            Err(error) => Err(unusable(error.to_string())),
        }
    }
}

fn lock_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    keep_private(&mut options);
    options.open(path)
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
        let _first = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap();
        let refusal = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap_err().to_string();
        let process = format!("in use by process {}, running since 2", std::process::id());
        assert!(refusal.contains(&process), "{refusal}");
        assert!(!refusal.contains('\n'), "{refusal}");
    }

    #[test]
    fn a_released_or_dropped_lock_can_be_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap();
        first.release();
        drop(DirectoryLock::take(folder.path(), Sharing::Alone).unwrap());
        DirectoryLock::take(folder.path(), Sharing::Alone).unwrap();
    }

    #[test]
    fn a_holder_that_left_no_word_is_another_process() {
        let folder = tempfile::tempdir().unwrap();
        let first = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap();
        first.0.set_len(0).unwrap();
        let refusal = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap_err().to_string();
        assert!(refusal.contains("in use by another process"), "{refusal}");
    }

    #[test]
    fn a_directory_that_is_not_there_is_unusable() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = DirectoryLock::take(&folder.path().join("missing"), Sharing::Alone).unwrap_err();
        assert!(matches!(refusal, StoreError::Unusable { .. }), "{refusal}");
    }

    #[test]
    fn sharers_let_each_other_in_and_nobody_who_wants_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = DirectoryLock::take(folder.path(), Sharing::Shared).unwrap();
        let second = DirectoryLock::take(folder.path(), Sharing::Shared).unwrap();
        drop(first);
        let refusal = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap_err().to_string();
        assert!(refusal.contains("in use by process"), "{refusal}");
        drop(second);
        let _alone = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap();
        let refusal = DirectoryLock::take(folder.path(), Sharing::Shared).unwrap_err();
        assert!(matches!(refusal, StoreError::Locked { .. }), "{refusal}");
    }
}
