//! The schema's steps, part of the binary. Read here and not by sqlx' macro, which would compile a database driver a second time
//! for the compiler's own use: a minute of every first build.

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// One step: its number, its name and its text, as its file is called and reads. A step that was released never changes.
pub type Step = (i64, &'static str, &'static str);

/// Returns what brings a schema up to date.
pub fn migrator(steps: &[Step]) -> Migrator {
    let step = |(version, name, text): &Step| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, SqlStr::from_static(text), false)
    };
    Migrator::with_migrations(steps.iter().map(step).collect())
}

#[cfg(test)]
mod tests {
    use super::super::{postgres, sqlite};
    use super::*;

    /// Checks that the steps are the folder's files, all of them and in order.
    fn are_all_of(folder: &str, steps: &[Step]) {
        let path = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<String> =
            std::fs::read_dir(path).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let named: Vec<String> = steps.iter().map(|(version, name, _)| format!("{version:04}_{name}.sql")).collect();
        assert_eq!(named, files);
    }

    #[test]
    fn every_file_of_a_schema_is_a_step() {
        are_all_of("sqlite", &sqlite::STEPS);
        are_all_of("postgres", &postgres::STEPS);
    }
}
