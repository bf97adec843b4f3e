//! Jobs: long files are stored by one, whose progress is told, which can be ended, and which leaves nothing half done.

use serde_json::{Value, json};

use crate::support::{Answer, Folders, Process, Server};

/// A file of so many purchases of 50 instruments.
fn file(rows: usize) -> Vec<u8> {
    let row =
        |number: usize| format!("20{:02}-01-{:02},BUY,T{},1,10,USD,{number}\n", 10 + number % 15, 1 + number % 28, number % 50);
    let rows: String = (0..rows).map(row).collect();
    ["date,type,symbol,quantity,price,currency,id\n", &rows].concat().into_bytes()
}

/// Sends a file that is long enough for a job, and returns the path of its import.
async fn sent(server: &Server, portfolio: &str, rows: usize) -> String {
    let path = format!("/api/v1/portfolios/{portfolio}/imports?filename=many.csv");
    let looked_at = server.request("POST", &path).bytes_of("text/csv", &file(rows)).send().await.expect(201);
    format!("/api/v1/imports/{}", looked_at["import_id"].as_str().unwrap())
}

/// Asks for the entries to be stored, and returns the job that does it.
async fn committed(server: &Server, import: &str) -> Value {
    let answer: Answer = server.post(&format!("{import}/commit"), &json!({})).await;
    let location = answer.header("location").to_owned();
    let job = answer.expect(202);
    assert_eq!(location, format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap()));
    job
}

async fn entries(server: &Server, portfolio: &str) -> usize {
    let ledger = server.get(&format!("/api/v1/portfolios/{portfolio}/activities")).await.expect(200);
    ledger.as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_file_is_stored_by_a_job_whose_progress_and_end_are_told() {
    let server = Server::with(&["--no-demo"]).await;
    let portfolio = server.portfolio("USD").await;
    let import = sent(&server, &portfolio, 5_000).await;
    let mut all = server.stream("stream?jobs=true").await;
    all.opening().await;
    let job = committed(&server, &import).await;
    let id = job["job_id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&job["kind"], &job["state"], &job["done"], &job["finished_at"]),
        (&json!("import"), &json!("queued"), &json!(0), &Value::Null)
    );
    let mut one = server.stream(&format!("jobs/{id}")).await;
    one.expect("hello").await;
    let mut last = 0;
    let ended = loop {
        let told = one.until("job_progress").await.data;
        assert_eq!(told["job_id"], json!(id));
        let done = told["done"].as_u64().unwrap();
        assert!(done >= last, "{done} after {last}");
        last = done;
        match told["state"].as_str().unwrap() {
            "queued" | "running" => assert_eq!(told["finished_at"], Value::Null),
            "done" => break told,
            other => panic!("{other}: {told}"),
        }
    };
    let import_id = import.rsplit('/').next().unwrap();
    assert_eq!(
        (&ended["done"], &ended["total"], &ended["result"]),
        (&json!(5_000), &json!(5_000), &json!({"import_id": import_id, "entries": 5_000}))
    );
    while all.until("job_progress").await.data["state"] != "done" {}
    assert_eq!(server.get(&format!("/api/v1/jobs/{id}")).await.expect(200), ended);
    assert_eq!(server.get("/api/v1/jobs").await.expect(200), json!([ended]));
    assert_eq!(entries(&server, &portfolio).await, 5_000);
    assert_eq!(server.get(&import).await.expect(200)["state"], "committed");
    server.delete(&format!("/api/v1/jobs/{id}")).await.problem(409);
    server.post(&format!("{import}/commit"), &json!({})).await.problem(409);
    // A stream that comes after the end is told it, also after a restart.
    let server = server.restart(&["--no-demo"]).await;
    let mut late = server.stream(&format!("jobs/{id}")).await;
    assert_eq!(late.until("job_progress").await.data, ended);
    for path in ["/api/v1/jobs/none", "/api/v1/sse/jobs/none"] {
        server.get(path).await.problem(404);
    }
    server.delete("/api/v1/jobs/none").await.problem(404);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_ended_changes_nothing_and_its_file_can_be_stored_again() {
    let server = Server::with(&["--no-demo"]).await;
    let portfolio = server.portfolio("USD").await;
    let import = sent(&server, &portfolio, 6_000).await;
    let job = committed(&server, &import).await;
    let again = committed(&server, &import).await;
    assert_eq!(again["job_id"], job["job_id"], "one job stores a file");
    let path = format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap());
    let mut stream = server.stream(&format!("jobs/{}", job["job_id"].as_str().unwrap())).await;
    server.delete(&path).await.expect(202);
    let ended = loop {
        let told = stream.until("job_progress").await.data;
        if !told["finished_at"].is_null() {
            break told;
        }
    };
    assert_eq!((&ended["state"], &ended["message"]), (&json!("cancelled"), &json!("It was cancelled. Nothing was changed.")));
    assert_eq!((server.get(&path).await.expect(200), entries(&server, &portfolio).await), (ended, 0));
    assert_eq!(server.get(&import).await.expect(200)["rows"]["new"], 6_000);
    let once_more = committed(&server, &import).await;
    let mut stream = server.stream(&format!("jobs/{}", once_more["job_id"].as_str().unwrap())).await;
    while stream.until("job_progress").await.data["state"] != "done" {}
    assert_eq!(entries(&server, &portfolio).await, 6_000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_cannot_be_done_says_why() {
    let server = Server::with(&["--no-demo"]).await;
    let portfolio = server.portfolio("USD").await;
    let import = sent(&server, &portfolio, 5_000).await;
    let other = sent(&server, &portfolio, 5_000).await;
    let first = committed(&server, &import).await;
    // The same rows: by the time it is its turn all of them are there.
    let second = committed(&server, &other).await;
    for (job, state) in [(first, "done"), (second, "failed")] {
        let mut stream = server.stream(&format!("jobs/{}", job["job_id"].as_str().unwrap())).await;
        let ended = loop {
            let told = stream.until("job_progress").await.data;
            if !told["finished_at"].is_null() {
                break told;
            }
        };
        assert_eq!((&ended["state"], ended["message"].is_string()), (&json!(state), state == "failed"), "{ended}");
    }
    assert_eq!(entries(&server, &portfolio).await, 5_000);
    let page = server.get(&format!("/import/{}", other.rsplit('/').next().unwrap())).await.text();
    assert!(page.contains("5,000"), "the file is still there");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_of_a_process_that_is_killed_ends_as_failed_with_nothing_half_done() {
    let folders = Folders::new();
    let options = ["--feed", "none", "--no-demo"];
    let process = Process::start(&folders, &options);
    let get = async |process: &Process, path: &str| process.request("GET", path).send().await.expect(200);
    let draft = json!({"name": "Mine", "currency": "USD"});
    let made = process.request("POST", "/api/v1/portfolios").json(&draft).send().await.expect(201);
    let portfolio = made["portfolio_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/portfolios/{portfolio}/imports?filename=many.csv");
    let looked_at = process.request("POST", &path).bytes_of("text/csv", &file(6_000)).send().await.expect(201);
    let commit = format!("/api/v1/imports/{}/commit", looked_at["import_id"].as_str().unwrap());
    let job = process.request("POST", &commit).json(&json!({})).send().await.expect(202);
    let path = format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap());
    let mut stream = process.request("GET", &path.replace("/jobs/", "/sse/jobs/")).stream().await;
    while stream.until("job_progress").await.data["state"] == "queued" {}
    process.kill();

    let process = Process::start(&folders, &options);
    let mut stream = process.request("GET", &path.replace("/jobs/", "/sse/jobs/")).stream().await;
    let ended = loop {
        let told = stream.until("job_progress").await.data;
        if !told["finished_at"].is_null() {
            break told;
        }
    };
    let ledger = get(&process, &format!("/api/v1/portfolios/{portfolio}/activities")).await;
    let stored = ledger.as_array().unwrap().len();
    // It may have been done in the moment before.
    let (state, entries) = if stored == 0 { ("failed", 0) } else { ("done", 6_000) };
    assert_eq!((&ended["state"], stored), (&json!(state), entries), "{ended}");
    assert_eq!(get(&process, &path).await, ended);
    process.kill();
}
