//! Backups: everything of an installation in one file, from either database, also while a server has it open.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::check::{check, look};
use super::copy::{Copied, copy, copy_from};
use super::error::StoreError;
use super::sums::TableSum;
use super::{Address, DATABASE_NAME, Result, Sharing, Store};

/// Writes everything of a database into a new file, as it is at one moment, and checks the file before it has its name.
///
/// Fails where the database cannot be read or is of another version, where there is such a file already, and where what was written
/// reads otherwise.
pub(crate) async fn back_up(from: &Address, file: &Path) -> Result<Vec<TableSum>> {
    let unusable = |error: std::io::Error| StoreError::Unusable { path: file.to_owned(), reason: error.to_string() };
    if file.try_exists().map_err(unusable)? {
        return Err(StoreError::Unusable { path: file.to_owned(), reason: "there is such a file already".to_owned() });
    }
    let (mut reading, version, known) = look(from).await?;
    if version != known {
        let reason =
            format!("its schema is {version}, and this program's {known}: use the program that serves it, or migrate it");
        return Err(StoreError::Refused { option: "--data-dir", reason });
    }
    let folder = Aside::beside(file).map_err(unusable)?;
    let address = Address::Folder(folder.0.clone());
    let target = Store::at(&address, Sharing::Alone).await?;
    let copied = copy_from(&mut reading, &target).await;
    target.close().await;
    let copied = copied?;
    let checked = check(&address).await?;
    let sums: Vec<TableSum> = copied.into_iter().map(|Copied { source, .. }| source).collect();
    if !checked.problems.is_empty() || checked.tables != sums {
        return Err(StoreError::Unusable { path: file.to_owned(), reason: "what was written reads otherwise".to_owned() });
    }
    let written = folder.0.join(DATABASE_NAME);
    let sync = fs::File::open(&written).and_then(|written| written.sync_all());
    // A link, unlike a new name, never takes the place of a file that came meanwhile.
    sync.and_then(|()| fs::hard_link(&written, file)).map_err(unusable)?;
    if let Some(parent) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::File::open(parent).and_then(|parent| parent.sync_all()).map_err(unusable)?;
    }
    Ok(sums)
}

/// Writes everything of a backup into an empty database, and compares. The file stays as it is, also one of an earlier version.
///
/// Fails where the file is no backup, and as copying does.
pub(crate) async fn restore(file: &Path, to: &Address) -> Result<Vec<TableSum>> {
    let unusable = |error: std::io::Error| StoreError::Unusable { path: file.to_owned(), reason: error.to_string() };
    let head = read_head(file).map_err(unusable)?;
    if head != *SQLITE_HEAD {
        return Err(StoreError::Unusable { path: file.to_owned(), reason: "it is no backup of Foliostream".to_owned() });
    }
    // The file may lie where nothing can be written.
    let folder = Aside::beside(&std::env::temp_dir().join("restored")).map_err(unusable)?;
    fs::copy(file, folder.0.join(DATABASE_NAME)).map_err(unusable)?;
    let copied = copy(&Address::Folder(folder.0.clone()), to).await?;
    Ok(copied.into_iter().map(|Copied { source, .. }| source).collect())
}

/// What a file of SQLite begins with.
const SQLITE_HEAD: &[u8; 16] = b"SQLite format 3\0";

fn read_head(file: &Path) -> std::io::Result<[u8; 16]> {
    use std::io::Read;
    let mut head = [0; 16];
    match fs::File::open(file)?.read_exact(&mut head) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok([0; 16]),
        outcome => outcome.map(|()| head),
    }
}

/// A folder for what is not whole yet, beside the file that it becomes. It goes when it is dropped.
struct Aside(PathBuf);

impl Aside {
    fn beside(file: &Path) -> std::io::Result<Self> {
        let absolute = std::path::absolute(file)?;
        let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = absolute.with_file_name(format!(".{name}.{}.part", uuid::Uuid::now_v7().simple()));
        let mut builder = fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // What cannot be removed is left behind, under a name that says what it is.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Kind, Place, at, buy, contract, new_portfolio};
    use super::*;
    use foliostream::domain::money::Currency;
    use std::os::unix::fs::PermissionsExt;

    async fn installation(kind: Kind) -> (Place, Store) {
        let (place, store) = kind.store().await;
        store.own().create_portfolio(&new_portfolio("main", "A", Currency::EUR, None, at(0)), None).await.unwrap();
        store.own().add_activities("main", 1, &vec![buy("1", "2", 1); 250]).await.unwrap();
        (place, store)
    }

    async fn a_backup_is_made_while_a_server_has_the_database_open_and_restored_in_either(kind: Kind) {
        let (place, store) = installation(kind).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.db");
        let sums = back_up(&place.address(), &file).await.unwrap();
        assert_eq!(sums, check(&place.address()).await.unwrap().tables);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "its owner's alone");
        // What comes afterwards is not in it.
        store.own().add_activities("main", 2, &[buy("7", "7", 7)]).await.unwrap();
        for other in [Kind::Sqlite, Kind::Postgres] {
            let target = other.place().await;
            assert_eq!(restore(&file, &target.address()).await.unwrap(), sums);
            let restored = target.open().await;
            assert_eq!(restored.own().activities("main").await.unwrap().len(), 250);
            restored.close().await;
            let again = restore(&file, &target.address()).await;
            assert!(matches!(again, Err(StoreError::NotEmpty { .. })), "{again:?}");
        }
    }

    async fn a_file_is_never_written_over(kind: Kind) {
        let (place, _store) = installation(kind).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.db");
        fs::write(&file, "mine").unwrap();
        assert!(matches!(back_up(&place.address(), &file).await, Err(StoreError::Unusable { .. })));
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
        let nowhere = folder.path().join("none/backup.db");
        assert!(matches!(back_up(&place.address(), &nowhere).await, Err(StoreError::Unusable { .. })));
    }

    contract! {
        a_backup_is_made_while_a_server_has_the_database_open_and_restored_in_either,
        a_file_is_never_written_over,
    }

    #[tokio::test]
    async fn what_is_no_backup_is_refused_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("data");
        for (name, bytes) in
            [("empty", &b""[..]), ("text", b"kind,time,ticker\n"), ("torn", b"SQLite format 3\0 and then nothing of it")]
        {
            let file = folder.path().join(name);
            fs::write(&file, bytes).unwrap();
            assert!(restore(&file, &Address::Folder(target.clone())).await.is_err(), "{name}");
        }
        assert!(restore(&folder.path().join("none"), &Address::Folder(target.clone())).await.is_err());
        assert!(!target.exists() || fs::read_dir(&target).unwrap().all(|file| file.unwrap().file_name() != DATABASE_NAME));
    }
}
