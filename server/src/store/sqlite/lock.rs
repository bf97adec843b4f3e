//! Which processes may use a data directory: locks of the operating system, which end with the process that holds them.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use jiff::Timestamp;

use crate::store::error::{Result, StoreError};

/// The file that is locked; it is never removed, as removing it would let two processes lock two files of one name.
pub(crate) const LOCK_NAME: &str = "foliostream.lock";

/// The file that is locked while one of several processes creates the database or brings its schema up to date.
const OPENING_NAME: &str = "foliostream.opening.lock";

/// The longest description of a holder that is repeated, in bytes.
const MAX_HOLDER: u64 = 200;

/// Whether other processes may have the same data directory open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// No other process may.
    Alone,
    /// Those that share it too may: their changes follow each other through SQLite's own lock.
    Shared,
}

/// Holds the data directory until it is released or dropped.
#[derive(Debug)]
pub(crate) struct DirectoryLock(File);

impl DirectoryLock {
    /// Takes the lock of a directory, and writes into its file who has it: process number and start. Several may share it.
    ///
    /// Fails with `Locked` and the holder's own words, or `Unusable`.
    pub(crate) fn take(directory: &Path, sharing: Sharing) -> Result<Self> {
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

    /// Releases the lock, so that other processes may take it.
    pub(crate) fn release(&self) {
        unlock(&self.0);
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        unlock(&self.0);
    }
}

/// Ends a lock. Closing the file is not enough: a program that is being started by another thread has a copy of it for a moment, with
/// which the lock would go on.
fn unlock(file: &File) {
    // Fails only where the lock is already gone.
    let _ = file.unlock();
}

/// Held while a database is created or its schema brought up to date, where several processes may try at once.
#[derive(Debug)]
pub(crate) struct OpeningLock(File);

impl Drop for OpeningLock {
    fn drop(&mut self) {
        unlock(&self.0);
    }
}

impl OpeningLock {
    /// Waits for the lock of a directory.
    ///
    /// Fails with `Unusable`.
    pub(crate) async fn take(directory: &Path) -> Result<Self> {
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
            Ok(Ok(file)) => Ok(Self(file)),
            Ok(Err(error)) => Err(unusable(error.to_string())),
            Err(error) => Err(unusable(error.to_string())),
        }
    }
}

/// Opens the file, and makes it where it is missing. A link of that name is refused, because the file that it points at would be
/// written over.
fn lock_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    keep_private(&mut options);
    follow_no_link(&mut options);
    let file = options.open(path).map_err(|error| if is_link(path) { refused(A_LINK) } else { error })?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(refused("it is not a file; remove it"));
    }
    if has_other_names(&found) {
        return Err(refused("another file of this disk has the same contents under another name; remove it"));
    }
    Ok(file)
}

/// Why a link of that name is refused.
const A_LINK: &str = "it is a link, and what it points at would be written over; remove it";

fn refused(reason: &'static str) -> std::io::Error {
    std::io::Error::other(reason)
}

fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Lets opening fail at a link, and return at once where there is a pipe.
#[cfg(unix)]
fn follow_no_link(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
}

#[cfg(not(unix))]
fn follow_no_link(_options: &mut OpenOptions) {}

/// Returns whether a file can be reached by another name too: then it is not this directory's alone.
#[cfg(unix)]
fn has_other_names(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(found) > 1
}

#[cfg(not(unix))]
fn has_other_names(_found: &std::fs::Metadata) -> bool {
    false
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

/// Makes new files readable by their owner alone.
#[cfg(unix)]
pub(crate) fn keep_private(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

/// Makes new files as the system makes them.
#[cfg(not(unix))]
pub fn keep_private(_options: &mut OpenOptions) {}

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
    fn a_link_in_the_place_of_the_lock_is_refused_and_what_it_points_at_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (precious, lock) = (folder.path().join("precious"), folder.path().join(LOCK_NAME));
        std::fs::write(&precious, "mine").unwrap();
        std::os::unix::fs::symlink(&precious, &lock).unwrap();
        let refusal = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap_err().to_string();
        assert!(refusal.contains(LOCK_NAME) && refusal.contains("it is a link"), "{refusal}");
        std::fs::remove_file(&lock).unwrap();
        // A link to nothing would make a file elsewhere.
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &lock).unwrap();
        DirectoryLock::take(folder.path(), Sharing::Shared).unwrap_err();
        assert!(!folder.path().join("elsewhere").exists());
        std::fs::remove_file(&lock).unwrap();
        std::fs::hard_link(&precious, &lock).unwrap();
        let refusal = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap_err().to_string();
        assert!(refusal.contains("under another name"), "{refusal}");
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "mine");
    }

    #[test]
    fn a_directory_or_a_pipe_in_the_place_of_the_lock_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join(LOCK_NAME);
        std::fs::create_dir(&lock).unwrap();
        DirectoryLock::take(folder.path(), Sharing::Alone).unwrap_err();
        std::fs::remove_dir(&lock).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&lock).status().unwrap().success());
        let refusal = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap_err().to_string();
        assert!(refusal.contains("it is not a file"), "{refusal}");
    }

    #[test]
    fn a_directory_that_is_not_there_is_unusable() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = DirectoryLock::take(&folder.path().join("missing"), Sharing::Alone).unwrap_err();
        assert!(matches!(refusal, StoreError::Unusable { .. }), "{refusal}");
    }

    #[tokio::test]
    async fn a_lock_ends_when_it_is_dropped_also_while_a_copy_of_its_file_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let held = DirectoryLock::take(folder.path(), Sharing::Alone).unwrap();
        let _copy = held.0.try_clone().unwrap();
        drop(held);
        DirectoryLock::take(folder.path(), Sharing::Alone).unwrap();
        let opening = OpeningLock::take(folder.path()).await.unwrap();
        let _copy = opening.0.try_clone().unwrap();
        drop(opening);
        OpeningLock::take(folder.path()).await.unwrap();
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
