//! How the real binary ends: exit codes and the one line that says what is wrong (PROTOCOL §4).

use std::net::TcpListener;

use crate::support::{Folders, Process, fail, run};

#[test]
fn a_wrong_option_value_or_environment_is_64_and_named() {
    let folders = Folders::new();
    for (options, environment, named) in [
        (&["--nonsense"][..], &[][..], "--nonsense"),
        (&["--seed", "many"], &[], "--seed"),
        (&["--frame-interval-ms", "5"], &[], "--frame-interval-ms"),
        (&["--listen", "0.0.0.0:0"], &[], "--allow-unauthenticated"),
        (&["--listen", "[::]:0"], &[], "--allow-unauthenticated"),
        (&["--feed", "replay:/nonexistent/ticks.csv"], &[], "/nonexistent/ticks.csv"),
        (&["--feed", "oracle"], &[], "--feed"),
        (&["--ingest-token", ""], &[], "--ingest-token"),
        (&["--ingest-token-file", "/nonexistent/token"], &[], "/nonexistent/token"),
        (&["--site-dir", "/nonexistent/site"], &[], "--site-dir"),
        (&["surprise"], &[], "surprise"),
        (&["--database-url", "mysql://u:s3cret@h/db"], &[], "--database-url"),
        (&[], &[("FOLIOSTREAM_DATABASE_URL", "s3cret")], "--database-url"),
        (&[], &[("FOLIOSTREAM_MAX_AGE_S", "old")], "--max-age-s"),
        (&[], &[("FOLIOSTREAM_LISTEN", "8.8.8.8:1")], "--allow-unauthenticated"),
    ] {
        let (code, line) = fail(&folders, options, environment);
        assert_eq!(code, 64, "{options:?} {line}");
        assert!(line.contains(named), "{options:?}: {line}");
        assert!(!line.contains("s3cret"), "{line}");
    }
}

#[test]
fn a_replay_file_without_a_good_row_is_64_and_named() {
    let folders = Folders::new();
    let cases =
        [("empty.csv", ""), ("header.csv", "time,ticker,price\n"), ("bad.csv", "time,ticker,price\nnow,A,1\n2026-01-01,A,-1\n")];
    for (name, content) in cases {
        let file = folders.path(name);
        std::fs::write(&file, content).unwrap();
        let feed = format!("replay:{}", file.display());
        let (code, line) = fail(&folders, &["--listen", "127.0.0.1:0", "--feed", &feed], &[]);
        assert_eq!(code, 64, "{line}");
        assert!(line.contains(name), "{line}");
    }
}

#[test]
fn a_port_in_use_is_1_and_named() {
    let folders = Folders::new();
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap().to_string();
    let (code, line) = fail(&folders, &["--listen", &address], &[]);
    assert_eq!(code, 1);
    assert!(line.contains(&address), "{line}");
}

#[test]
fn a_data_directory_that_another_process_holds_is_1_and_names_the_holder() {
    let folders = Folders::new();
    let holder = Process::start(&folders, &["--feed", "none"]);
    let (code, line) = fail(&folders, &["--listen", "127.0.0.1:0"], &[]);
    assert_eq!(code, 1);
    assert!(line.contains(&format!("process {}", holder.number())), "{line}");
    assert_eq!(holder.terminate(), Some(0));
    assert_eq!(Process::start(&folders, &["--feed", "none"]).terminate(), Some(0), "the lock is free again");
}

#[test]
fn a_data_directory_below_a_file_is_1_and_named() {
    let folders = Folders::new();
    let file = folders.path("file");
    std::fs::write(&file, "x").unwrap();
    let below = file.join("data");
    let below = below.to_str().unwrap();
    let (code, line) = fail(&folders, &["--listen", "127.0.0.1:0", "--data-dir", below], &[]);
    assert_eq!(code, 1);
    assert!(line.contains(below), "{line}");
}

#[test]
fn a_corrupt_database_is_1_and_left_as_it_is() {
    let folders = Folders::new();
    std::fs::create_dir(folders.path("data")).unwrap();
    let database = folders.path("data/foliostream.db");
    for content in [&b"this is no database at all".repeat(100)[..], b"", b"SQLite format 3\0"] {
        std::fs::write(&database, content).unwrap();
        let (code, line) = fail(&folders, &["--listen", "127.0.0.1:0"], &[]);
        assert_eq!(code, 1);
        assert!(line.contains("foliostream.db"), "{line}");
        assert_eq!(std::fs::read(&database).unwrap(), content);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_1_and_left_as_it_is() {
    use sqlx::Connection;
    let folders = Folders::new();
    assert_eq!(Process::start(&folders, &["--feed", "none"]).terminate(), Some(0));
    let address = format!("sqlite://{}", folders.path("data/foliostream.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&address).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, x'00', 0)";
    sqlx::query(newer).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let (code, line) = fail(&folders, &["--listen", "127.0.0.1:0"], &[]);
    assert_eq!(code, 1);
    assert!(line.contains("9999") && line.contains("newer"), "{line}");
}

#[test]
fn help_is_0_and_names_every_option_with_its_variable_and_default() {
    let folders = Folders::new();
    let output = run(&folders, &["--help"], &[]);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    let help = String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.starts_with("A self-hosted portfolio tracker "), "{help}");
    for (option, default) in [
        ("listen", Some("127.0.0.1:3000")),
        ("data-dir", Some("./data")),
        ("database-url", None),
        ("site-dir", Some("target/site")),
        ("feed", Some("simulated")),
        ("seed", Some("42")),
        ("always-open", Some("true")),
        ("replay-speed", Some("1")),
        ("replay-loop", None),
        ("no-demo", None),
        ("frame-interval-ms", Some("250")),
        ("heartbeat-s", Some("15")),
        ("stale-after-s", Some("60")),
        ("max-streams-per-user", Some("5")),
        ("max-streams-per-address", Some("0")),
        ("max-connections", Some("25000")),
        ("max-connections-per-address", None),
        ("request-timeout-s", Some("60")),
        ("max-age-s", Some("1800")),
        ("drain-notice-s", Some("0")),
        ("drain-s", Some("10")),
        ("ingest-token", None),
        ("ingest-token-file", None),
        ("allowed-host", None),
        ("allow-unauthenticated", None),
        ("log", Some("info")),
    ] {
        assert!(help.contains(&format!("--{option}")), "--{option}");
        let variable = format!("[env: FOLIOSTREAM_{}", option.to_uppercase().replace('-', "_"));
        let about = help.split(" --").find(|about| about.contains(&variable)).unwrap_or_else(|| panic!("{variable} in {help}"));
        assert!(about.starts_with(option), "{about}");
        if let Some(default) = default {
            assert!(about.contains(&format!("[default: {default}")), "{default} in {about}");
        }
    }
    assert_eq!(run(&folders, &["--version"], &[]).status.code(), Some(0));
}

#[test]
fn the_environment_is_read_and_a_flag_may_be_switched_off_in_it() {
    let folders = Folders::new();
    let process = Process::start(&folders, &["--feed", "none", "--log", "info"]);
    assert_eq!(process.terminate(), Some(0));
    let (code, line) = fail(&folders, &["--listen", "0.0.0.0:0"], &[("FOLIOSTREAM_ALLOW_UNAUTHENTICATED", "false")]);
    assert_eq!(code, 64, "{line}");
}
