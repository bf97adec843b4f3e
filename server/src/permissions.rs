//! Says at the start where the system lets others read or change what should be this user's alone.

use std::path::Path;

use super::config::Config;
use super::store::{Address, DATABASE_NAME};

/// The permissions that a file should not give: any to others, and writing to the group.
const TOO_WIDE: u32 = 0o027;

/// Warns of each file and folder of a configuration that others may read or change, in a line that names it and its mode. The
/// server starts all the same: who may do what here is the administrator's to decide.
pub(crate) fn complain(config: &Config) {
    for line in complaints(config) {
        tracing::warn!("{line}");
    }
}

fn complaints(config: &Config) -> Vec<String> {
    let mut private = Vec::new();
    if let Address::Folder(folder) = config.database() {
        private.push(("the data directory", folder.clone()));
        private.push(("the database", folder.join(DATABASE_NAME)));
    }
    private.extend(config.ingest_token_file().map(|file| ("the ingest token's file", file.to_owned())));
    private.extend(config.tls_key.clone().map(|file| ("the TLS key", file)));
    private.iter().filter_map(|(what, path)| complaint(what, path)).collect()
}

/// Returns what to say of a path; nothing where it is not there yet, as what is made new is private.
fn complaint(what: &str, path: &Path) -> Option<String> {
    let mode = mode_of(path)?;
    if mode & TOO_WIDE == 0 {
        return None;
    }
    let right = if path.is_dir() { "700" } else { "600" };
    Some(format!("{what} {} has mode {mode:04o}, so that others may read or change it; chmod {right} it", path.display()))
}

#[cfg(unix)]
fn mode_of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode_of(_path: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_others_can_read_or_change_is_named_with_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let [data, token] = ["data", "token"].map(|name| folder.path().join(name));
        fs::create_dir(&data).unwrap();
        fs::write(data.join(DATABASE_NAME), "").unwrap();
        fs::write(&token, "s3cret").unwrap();
        let (data_dir, token_file) = (data.to_str().unwrap(), token.to_str().unwrap());
        let config = Config::read(["foliostream", "--data-dir", data_dir, "--ingest-token-file", token_file]).unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        for (path, private, wide) in [(&data, 0o700, 0o755), (&data.join(DATABASE_NAME), 0o600, 0o620), (&token, 0o440, 0o604)] {
            set(&data, 0o700);
            set(&data.join(DATABASE_NAME), 0o600);
            set(&token, 0o600);
            set(path, wide);
            let lines = complaints(&config);
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].contains(path.to_str().unwrap()) && lines[0].contains(&format!("{wide:04o}")), "{lines:?}");
            set(path, private);
            assert_eq!(complaints(&config), Vec::<String>::new());
        }
    }

    #[test]
    fn what_is_not_there_yet_is_no_complaint() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new");
        let config = Config::read(["foliostream", "--data-dir", data.to_str().unwrap()]).unwrap();
        assert_eq!(complaints(&config), Vec::<String>::new());
    }
}
