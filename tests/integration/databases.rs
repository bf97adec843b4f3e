//! A server on PostgreSQL, and `foliostream db`, which makes, checks and moves databases.

use std::sync::Arc;

use foliostream_server::clock::Clock;
use serde_json::{Value, json};

use crate::support::postgres::{Database, GUARDED, server};
use crate::support::{Folders, MORNING, Process, Server, TOKEN, fail, run};

const OPTIONS: [&str; 4] = ["--feed", "none", "--ingest-token", TOKEN];

/// Runs `foliostream db …`, which must end well, and returns what it printed.
fn database_command(options: &[&str]) -> String {
    let folders = Folders::new();
    let all: Vec<&str> = [&["db"], options].concat();
    let output = run(&folders, &all, &[]);
    assert_eq!(output.status.code(), Some(0), "{options:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `foliostream db …`, which must fail, and returns exit code and line.
fn refused_command(options: &[&str]) -> (i32, String) {
    fail(&Folders::new(), &[&["db"], options].concat(), &[])
}

/// The lines of tables: name, rows, sums.
fn tables(printed: &str) -> Vec<Vec<String>> {
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    printed.lines().map(words).skip_while(|words| words.first().is_none_or(|word| word != "table")).skip(1).collect()
}

async fn fill(process: &Process) -> (Value, Value) {
    let quote = |price: &str| json!([{"ticker": "A", "price": price}]);
    let push = |price: &str| {
        process.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}")).json(&quote(price)).send()
    };
    push("149").await.expect(202);
    let portfolio = json!({"name": "Größe 🧮", "currency": "USD"});
    let portfolio = process.request("POST", "/api/v1/portfolios").json(&portfolio).send().await.expect(201);
    let ledger = format!("/api/v1/portfolios/{}/activities", portfolio["portfolio_id"].as_str().unwrap());
    let buy = json!({"kind": "buy", "time": "2026-01-02", "ticker": "A", "quantity": "3.50", "price": "100"});
    process.request("POST", &ledger).json(&buy).send().await.expect(201);
    let alert = json!({"ticker": "A", "condition": "price_above", "threshold": "150.00"});
    process.request("POST", "/api/v1/alerts").json(&alert).send().await.expect(201);
    push("151").await.expect(202);
    seen(process).await
}

/// What a client sees: inbox and ledger.
async fn seen(process: &Process) -> (Value, Value) {
    let get = async |path: &str| process.request("GET", path).send().await.expect(200);
    let portfolios = get("/api/v1/portfolios").await;
    let ledger = format!("/api/v1/portfolios/{}/activities", portfolios[0]["portfolio_id"].as_str().unwrap());
    (get("/api/v1/notifications").await, get(&ledger).await)
}

#[tokio::test]
async fn a_server_on_postgresql_loses_nothing_to_a_kill_and_makes_no_data_dir() {
    let (folders, database) = (Folders::new(), Database::new(None).await);
    let url = database.url();
    let options = [&OPTIONS[..], &["--database-url", &url]].concat();
    let process = Process::start(&folders, &options);
    let before = fill(&process).await;
    assert_eq!(before.0.as_array().unwrap().len(), 1);
    process.kill();
    let process = Process::start(&folders, &options);
    assert_eq!(seen(&process).await, before);
    assert_eq!(process.terminate(), Some(0));
    assert!(!folders.path("data").exists());
}

#[tokio::test]
async fn an_installation_moves_to_postgresql_and_back_with_rows_and_checksums_printed() {
    let (folders, database) = (Folders::new(), Database::new(None).await);
    let process = Process::start(&folders, &OPTIONS);
    let before = fill(&process).await;
    assert_eq!(process.terminate(), Some(0));
    let source = format!("sqlite:{}", folders.path("data").display());
    let target = database.url();
    let copied = tables(&database_command(&["copy", "--from", &source, "--to", &target]));
    let names: Vec<&str> = copied.iter().map(|words| words[0].as_str()).collect();
    assert!(
        ["portfolios", "activities", "alerts", "notifications", "quotes"].iter().all(|name| names.contains(name)),
        "{names:?}"
    );
    assert!(copied.iter().all(|words| words.len() == 4 && words[2] == words[3]), "{copied:?}");
    let checked = [&source, &target].map(|url| tables(&database_command(&["check", "--database-url", url])));
    assert_eq!(checked[0], checked[1]);

    let options = [&OPTIONS[..], &["--database-url", &target]].concat();
    let process = Process::start(&Folders::new(), &options);
    assert_eq!(seen(&process).await, before);
    assert_eq!(process.terminate(), Some(0));

    let back = format!("sqlite:{}", folders.path("back/foliostream.db").display());
    database_command(&["copy", "--from", &target, "--to", &back]);
    let process = Process::start(&folders, &[&OPTIONS[..], &["--database-url", &back]].concat());
    assert_eq!(seen(&process).await, before);
    let (code, line) = refused_command(&["copy", "--from", &source, "--to", &target]);
    assert_eq!(code, 1);
    assert!(line.contains("not empty"), "{line}");
    let (code, line) = refused_command(&["copy", "--from", &back, "--to", &target]);
    assert_eq!(code, 1);
    assert!(line.contains(&format!("process {}", process.number())), "a server runs on it: {line}");
}

#[tokio::test]
async fn a_copy_there_and_back_knows_its_terms_and_tells_reset_to_a_cursor_of_what_it_never_saw() {
    let (folders, database) = (Folders::new(), Database::new(None).await);
    let at = |name: &str| format!("sqlite:{}", folders.path(name).join("foliostream.db").display());
    let start = |url: &str| Process::start(&folders, &[&OPTIONS[..], &["--database-url", url]].concat());
    let push = async |process: &Process, prices: &[&str]| {
        let quotes: Vec<Value> = prices.iter().map(|price| json!({"ticker": "A", "price": price})).collect();
        let request = process.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}"));
        request.json(&Value::from(quotes)).send().await.expect(202);
    };
    let resume = async |process: &Process, cursor: &str| {
        process.request("GET", "/api/v1/sse/notifications").header("last-event-id", cursor).stream().await.opening().await
    };
    let process = start(&at("data"));
    push(&process, &["149"]).await;
    let alert = json!({"ticker": "A", "condition": "crosses_above", "threshold": "150", "repeat": "every"});
    process.request("POST", "/api/v1/alerts").json(&alert).send().await.expect(201);
    push(&process, &["151", "149"]).await;
    let common = resume(&process, "").await.pop().unwrap().id;
    assert_eq!(process.terminate(), Some(0));
    database_command(&["copy", "--from", &at("data"), "--to", &database.url()]);
    database_command(&["copy", "--from", &database.url(), "--to", &at("back")]);

    // The source goes on: its second term sends notifications 2 and 3.
    let process = start(&at("data"));
    push(&process, &["151", "149", "151", "149"]).await;
    let stray = resume(&process, "").await.pop().unwrap();
    assert_eq!((stray.event.as_str(), stray.cursor().2), ("synced", 3));
    assert_eq!(process.terminate(), Some(0));

    // So does each copy, in a second term of its own, with others of these numbers.
    for url in [database.url(), at("back")] {
        let process = start(&url);
        push(&process, &["152", "149", "152", "149", "152", "149"]).await;
        for (cursor, told) in [(&stray.id, vec![2, 3, 4]), (&common, vec![2, 3, 4])] {
            let opening = resume(&process, cursor).await;
            let number = |term: String| term.split_at(term.len() - 9).0.to_owned();
            assert_eq!(number(opening[0].text("epoch")), "2");
            assert_eq!((opening[1].event.as_str(), opening[1].text("reason").as_str()), ("reset", "epoch"), "{cursor}");
            let fired = opening.iter().filter(|message| message.event == "alert_triggered");
            assert_eq!(fired.map(|message| message.data["n"].as_i64().unwrap()).collect::<Vec<_>>(), told, "{url} {cursor}");
        }
        assert_eq!(process.terminate(), Some(0));
    }
}

#[tokio::test]
async fn migrate_makes_the_schema_and_check_says_when_it_is_missing() {
    let database = Database::new(None).await;
    let url = database.url();
    let (code, line) = refused_command(&["check", "--database-url", &url]);
    assert_eq!(code, 1);
    assert!(line.contains("foliostream db migrate"), "{line}");
    for _ in 0..2 {
        assert!(database_command(&["migrate", "--database-url", &url]).contains("has schema "));
    }
    assert!(database_command(&["check", "--database-url", &url]).contains("is whole"));
    let folders = Folders::new();
    let folder = folders.path("new");
    let folder = folder.to_str().unwrap();
    let (code, line) = refused_command(&["check", "--data-dir", folder]);
    assert_eq!(code, 1, "{line}");
    database_command(&["migrate", "--data-dir", folder]);
    database_command(&["check", "--data-dir", folder]);
}

#[tokio::test]
async fn a_database_is_checked_while_a_server_has_it_open() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    fill(&process).await;
    let url = format!("sqlite:{}", folders.path("data").display());
    let checked = tables(&database_command(&["check", "--database-url", &url]));
    let rows = |name: &str| checked.iter().find(|words| words[0] == name).unwrap()[1].clone();
    assert_eq!((rows("notifications"), rows("activities"), rows("portfolios")), ("1".into(), "1".into(), "1".into()));
}

#[tokio::test]
async fn a_server_that_cannot_be_used_is_64_and_one_line_without_the_password() {
    let folders = Folders::new();
    let database = Database::new(None).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let wrong = server().url_of(&format!("{}:wrong-s3cret", GUARDED.0), database.name());
    let nowhere = server().url("nowhere");
    for (url, named) in [
        (wrong.as_str(), "password authentication failed"),
        (nowhere.as_str(), "does not exist"),
        (&format!("postgres://u:s3cret@{closed}/db"), "refused"),
        ("postgres://u:s3cret@h/db?nonsense=1", "parameter"),
    ] {
        for options in [&["--listen", "127.0.0.1:0"][..], &["db", "migrate"], &["db", "check"]] {
            let (code, line) = fail(&folders, &[options, &["--database-url", url]].concat(), &[]);
            assert_eq!(code, 64, "{line}");
            assert!(line.contains("--database-url") && line.contains(named), "{line}");
            assert!(!line.contains("s3cret"), "{line}");
        }
        let (code, line) = refused_command(&["copy", "--from", url, "--to", "sqlite:unused"]);
        assert_eq!(code, 64, "{line}");
        assert!(line.contains("--from") && !line.contains("s3cret"), "{line}");
    }
}

#[test]
fn help_names_the_commands_about_databases() {
    let folders = Folders::new();
    for (options, named) in [
        (&["--help"][..], "db"),
        (&["db", "--help"], "migrate"),
        (&["db", "copy", "--help"], "FOLIOSTREAM_COPY_FROM"),
        (&["db", "check", "--help"], "FOLIOSTREAM_DATABASE_URL"),
    ] {
        let output = run(&folders, options, &[("FOLIOSTREAM_DATABASE_URL", "postgres://u:s3cret@h/db")]);
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && help.contains(named) && !help.contains("s3cret"), "{help}");
    }
}

#[tokio::test]
async fn what_no_database_but_one_could_hold_is_refused_by_every_server() {
    let database = Database::new(None).await;
    let url = database.url();
    for options in [&[][..], &["--database-url", &url]] {
        let clock = Clock::manual(MORNING.parse().unwrap());
        let all = [&OPTIONS[..], options].concat();
        let server = Server::start_in(Arc::new(Folders::new()), clock, &all).await;
        let named = server.post("/api/v1/portfolios", &json!({"name": "a\u{0}b", "currency": "USD"})).await;
        assert_eq!(named.problem(422).as_deref(), Some("name"));
        let alert = json!({"ticker": "A", "condition": "price_above", "threshold": "1", "note": "a\u{0}b"});
        server.price("A", "2").await;
        assert_eq!(server.post("/api/v1/alerts", &alert).await.problem(422).as_deref(), Some("note"));
        server.get("/api/v1/portfolios/a%00b").await.problem(404);
        server.get("/api/v1/portfolios/a%00b/activities").await.problem(404);
        server.delete("/api/v1/portfolios/a%00b").await.problem(404);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_beside_a_running_server_is_restored_in_a_new_place() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    let before = fill(&process).await;
    let place = tempfile::tempdir().unwrap();
    let named = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (file, data) = (named("backup.db"), folders.path("data").to_str().unwrap().to_owned());
    let command = |options: &[&str]| {
        let output = run(&Folders::new(), options, &[]);
        assert_eq!(output.status.code(), Some(0), "{options:?}: {}", String::from_utf8_lossy(&output.stderr));
        tables(&String::from_utf8(output.stdout).unwrap())
    };
    let saved = command(&["backup", &file, "--data-dir", &data]);
    let (code, line) = fail(&Folders::new(), &["backup", &file, "--data-dir", &data], &[]);
    assert_eq!((code, line.contains("there is such a file already")), (1, true), "{line}");
    let buy = json!({"kind": "deposit", "time": "2026-01-02", "amount": "1"});
    let portfolio = process.request("GET", "/api/v1/portfolios").send().await.expect(200)[0]["portfolio_id"].clone();
    let ledger = format!("/api/v1/portfolios/{}/activities", portfolio.as_str().unwrap());
    process.request("POST", &ledger).json(&buy).send().await.expect(201);
    process.kill();

    let restored = Folders::new();
    let target = restored.path("data").to_str().unwrap().to_owned();
    assert_eq!(command(&["restore", &file, "--data-dir", &target]), saved);
    let (code, line) = fail(&Folders::new(), &["restore", &file, "--data-dir", &data], &[]);
    assert_eq!((code, line.contains("not empty")), (1, true), "{line}");
    let (code, line) = fail(&Folders::new(), &["restore", &named("none"), "--data-dir", &target], &[]);
    assert_eq!((code, line.contains("none")), (1, true), "{line}");
    let process = Process::start(&restored, &OPTIONS);
    assert_eq!(seen(&process).await, before, "as it was at that moment");
    process.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_makes_its_backups_by_itself_as_jobs() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("backups");
    let server =
        Server::with(&["--no-demo", "--backup-folder", folder.to_str().unwrap(), "--backup-every-h", "1", "--backup-keep", "1"])
            .await;
    // An hour is longer than a stream lasts: each wait opens its own.
    let ended = async |known: &Value| {
        let mut stream = server.stream("stream?jobs=true").await;
        loop {
            let told = stream.until("job_progress").await.data;
            if !told["finished_at"].is_null() && told["about"] != *known {
                break told;
            }
        }
    };
    let job = ended(&Value::Null).await;
    assert_eq!((&job["kind"], &job["state"], &job["result"]["file"]), (&json!("backup"), &json!("done"), &job["about"]));
    let files =
        || std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    assert_eq!(files(), [job["about"].as_str().unwrap()]);
    server.advance(61 * 60 * 1_000);
    let next = ended(&job["about"]).await;
    assert_eq!((&next["state"], files()), (&json!("done"), vec![next["about"].as_str().unwrap().to_owned()]));
    assert_ne!(next["about"], job["about"]);
    server.stop().await;
}
