//! Where a store is: a folder, or a database of a PostgreSQL server.

use std::borrow::Cow;
use std::fs::File;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::sqlite::DATABASE_NAME;

/// Parameters of an address that are understood; others would be ignored, and told to the log with their values.
const KNOWN: [&str; 14] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "ssl-mode",
    "ssl-root-cert",
    "ssl-cert",
    "ssl-key",
];

/// Where a store is. Neither its `Debug` nor its `Display` shows a password.
#[derive(Clone)]
pub enum Address {
    /// The folder of a `foliostream.db`.
    Folder(PathBuf),
    /// A PostgreSQL database, with how it is reached.
    Postgres(Box<PgConnectOptions>),
}

/// Those of them that name a file.
const FILES: [&str; 6] = ["sslrootcert", "sslcert", "sslkey", "ssl-root-cert", "ssl-cert", "ssl-key"];

/// What is wrong with an address, without the address: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAddress(Cow<'static, str>);

const FORMS: NoAddress = wrong("write postgres://USER:PASSWORD@HOST:PORT/DATABASE, or sqlite:FOLDER");

const fn wrong(reason: &'static str) -> NoAddress {
    NoAddress(Cow::Borrowed(reason))
}

impl FromStr for Address {
    type Err = NoAddress;

    /// Reads `postgres://…`, `postgresql://…`, or `sqlite:` and the path of the data directory or of the `foliostream.db` in it.
    fn from_str(text: &str) -> Result<Self, NoAddress> {
        match text.trim().split_once(':') {
            Some(("sqlite", path)) => folder(path),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => server(text.trim()),
            _ => Err(FORMS),
        }
    }
}

fn folder(path: &str) -> Result<Address, NoAddress> {
    let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
    if path.as_os_str().is_empty() {
        return Err(wrong("write the data directory behind sqlite:"));
    }
    if path.file_name().is_some_and(|name| name == DATABASE_NAME) {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        return Ok(Address::Folder(parent.map_or_else(|| PathBuf::from("."), PathBuf::from)));
    }
    Ok(Address::Folder(path))
}

fn server(text: &str) -> Result<Address, NoAddress> {
    if let Some((_, parameters)) = text.split_once('?') {
        parameters.split('&').try_for_each(check_parameter)?;
    }
    let options: PgConnectOptions = text.parse().map_err(|_| FORMS)?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(wrong("name the database: postgres://USER:PASSWORD@HOST:PORT/DATABASE"));
    }
    Ok(Address::Postgres(Box::new(options)))
}

/// Refuses a parameter that is not known, and a file that cannot be read: connecting would not say which.
fn check_parameter(parameter: &str) -> Result<(), NoAddress> {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    if !KNOWN.contains(&name) {
        return Err(wrong("it has a parameter that is not known; sslmode, sslrootcert, sslcert, sslkey and host are"));
    }
    // Written with escapes, or the certificate itself: what is wrong with those is told when they are used.
    let is_path = FILES.contains(&name) && !value.contains('%') && !value.starts_with('-');
    match is_path.then(|| File::open(value)) {
        Some(Err(error)) => Err(NoAddress(format!("{name} {value}: {error}").into())),
        _ => Ok(()),
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(formatter, "sqlite:{}", folder.display()),
            Self::Postgres(options) => write!(
                formatter,
                "postgres://{}@{}:{}/{}",
                options.get_username(),
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            ),
        }
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Address, NoAddress> {
        text.parse()
    }

    #[test]
    fn a_folder_may_be_named_by_itself_or_by_its_database() {
        for (text, folder) in [
            ("sqlite:./data", "sqlite:./data"),
            ("sqlite:/var/lib/f", "sqlite:/var/lib/f"),
            ("sqlite:///var/lib/f", "sqlite:/var/lib/f"),
            ("sqlite:data/foliostream.db", "sqlite:data"),
            ("sqlite:foliostream.db", "sqlite:."),
        ] {
            assert_eq!(read(text).unwrap().to_string(), folder);
        }
    }

    #[test]
    fn a_server_is_shown_without_its_password() {
        for scheme in ["postgres", "postgresql"] {
            let address = read(&format!("{scheme}://ada:s3cret@db.example:5433/folio?sslmode=require")).unwrap();
            assert_eq!(address.to_string(), "postgres://ada@db.example:5433/folio");
            assert_eq!(format!("{address:?}"), address.to_string());
        }
    }

    #[test]
    fn anything_else_is_refused_without_repeating_it() {
        for text in [
            "",
            "s3cret",
            "mysql://ada:s3cret@h/db",
            "postgres:s3cret",
            "postgres://ada:s3cret@h:port/db",
            "sqlite:",
            "/var/s3cret",
        ] {
            let refusal = read(text).unwrap_err().to_string();
            assert!(!refusal.contains("s3cret") && !refusal.contains('\n'), "{refusal}");
        }
        assert!(read("postgres://ada:s3cret@h/db?pasword=s3cret").unwrap_err().to_string().contains("parameter"));
        let file =
            read("postgres://ada:s3cret@h/db?sslmode=verify-full&sslrootcert=/nonexistent/ca.pem").unwrap_err().to_string();
        assert!(file.contains("sslrootcert /nonexistent/ca.pem: "), "{file}");
        assert!(read("postgres://ada:s3cret@h").unwrap_err().to_string().contains("database"));
    }
}
