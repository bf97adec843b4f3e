//! Backups on a schedule: a new file in a folder every so often, of which the newest are kept.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use crate::store::{self, Address, StoreError, TableSum};

/// What the names of backups begin with, and end with.
const NAME: (&str, &str) = ("foliostream-", ".db");

/// How a backup's time stands in its name: `foliostream-20261127T153000Z.db`.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// Where backups go, and how many are kept.
#[derive(Clone, Debug)]
pub(crate) struct Backups {
    /// The database.
    pub address: Address,
    /// The folder.
    pub folder: PathBuf,
    /// How long after one the next is made.
    pub every: SignedDuration,
    /// How many are kept.
    pub keep: usize,
}

impl Backups {
    /// Returns the name of the file that is due, and nothing as long as the newest is young enough. One with a time to come counts as
    /// none: a clock was put back.
    pub(crate) fn due(&self, now: Timestamp) -> Option<String> {
        let newest = self.kept().into_iter().map(|(time, _)| time).filter(|time| *time <= now).max();
        let is_due = newest.is_none_or(|newest| now.duration_since(newest) >= self.every);
        is_due.then(|| format!("{}{}{}", NAME.0, now.strftime(TIME), NAME.1))
    }

    /// Makes a backup under a name, and removes the oldest of more than are kept. Other files of the folder are left alone.
    pub(crate) async fn make(&self, name: &str) -> Result<Vec<TableSum>, StoreError> {
        let unusable = |error: std::io::Error| StoreError::Unusable { path: self.folder.clone(), reason: error.to_string() };
        fs::create_dir_all(&self.folder).map_err(unusable)?;
        let sums = store::back_up(&self.address, &self.folder.join(name)).await?;
        let mut kept = self.kept();
        kept.sort();
        let surplus = kept.len().saturating_sub(self.keep.max(1));
        for (_, path) in kept.into_iter().take(surplus) {
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!("the backup {} cannot be removed: {error}", path.display());
            }
        }
        Ok(sums)
    }

    /// Returns the backups of the folder with their times, in no order.
    fn kept(&self) -> Vec<(Timestamp, PathBuf)> {
        let Ok(files) = fs::read_dir(&self.folder) else { return Vec::new() };
        let paths = files.filter_map(Result::ok).map(|file| file.path());
        paths.filter_map(|path| Some((time_of(&path)?, path))).collect()
    }
}

/// Returns the time in a backup's name; nothing where it is another file.
fn time_of(path: &Path) -> Option<Timestamp> {
    let time = path.file_name()?.to_str()?.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?;
    let read = jiff::civil::DateTime::strptime(TIME, time).ok()?;
    read.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Sharing, Store};

    fn hours(number: i64) -> SignedDuration {
        SignedDuration::from_hours(number)
    }

    #[tokio::test]
    async fn the_next_is_due_when_the_newest_is_old_enough_and_only_the_newest_are_kept() {
        let [data, folder] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        Store::open(data.path(), Sharing::Alone).await.unwrap().close().await;
        let address = Address::Folder(data.path().to_owned());
        let backups = Backups { address, folder: folder.path().join("new/backups"), every: hours(24), keep: 2 };
        let start: Timestamp = "2026-11-27T15:30:00Z".parse().unwrap();
        assert_eq!(backups.due(start).as_deref(), Some("foliostream-20261127T153000Z.db"));
        for day in 0..4 {
            let now = start + hours(24 * day);
            assert!(!backups.make(&backups.due(now).unwrap()).await.unwrap().is_empty());
            assert_eq!((backups.due(now), backups.due(now + hours(23))), (None, None));
            fs::write(backups.folder.join("mine.db"), "other files stay").unwrap();
        }
        let mut names: Vec<_> =
            fs::read_dir(&backups.folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["foliostream-20261129T153000Z.db", "foliostream-20261130T153000Z.db", "mine.db"]);
        // Of a clock that was put back.
        assert!(backups.due(start).is_some());
    }
}
