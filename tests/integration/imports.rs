//! Files of other programs: looked at, committed and undone.

use serde_json::{Value, json};

use crate::support::{Answer, Server};

const BOOKS: &str = "date,type,symbol,quantity,price,fee,currency,amount,note\n\
    2024-03-01,BUY,NEWCO,5,180.00,1.00,EUR,,first\n\
    2024-03-02,SELL,NEWCO,2,200.00,1.00,EUR,,\n\
    2024-03-03,DIVIDEND,NEWCO,,,,EUR,9.50,\n\
    2024-03-04,LEND,NEWCO,1,1,,EUR,,\n\
    Total,,,8,,2.00,,,\n";

async fn send(server: &Server, portfolio: &str, name: &str, file: impl Into<Vec<u8>>) -> Answer {
    let path = format!("/api/v1/portfolios/{portfolio}/imports?filename={name}");
    server.request("POST", &path).bytes_of("application/octet-stream", &file.into()).send().await
}

/// Has the entries of an import stored, of a long file by a job, and returns how many there are.
async fn stored(server: &Server, import: &str) -> u64 {
    let answer = server.post(&format!("{import}/commit"), &json!({})).await;
    if answer.status() == 202 {
        let job = answer.expect(202);
        let mut stream = server.stream(&format!("jobs/{}", job["job_id"].as_str().unwrap())).await;
        while stream.until("job_progress").await.data["state"] != "done" {}
    } else {
        answer.expect(200);
    }
    server.get(import).await.expect(200)["entries"].as_u64().unwrap()
}

async fn activities(server: &Server, portfolio: &str) -> Vec<Value> {
    let all = server.get(&format!("/api/v1/portfolios/{portfolio}/activities")).await.expect(200);
    all.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_file_is_looked_at_committed_once_and_undone() {
    let server = Server::start().await;
    let portfolio = server.portfolio("EUR").await;
    let sent = send(&server, &portfolio, "books.csv", BOOKS).await;
    let location = sent.header("location").to_owned();
    let looked_at = sent.expect(201);
    let told = ["format", "encoding", "separator", "decimal", "date", "state", "file_name"].map(|field| looked_at[field].clone());
    assert_eq!(told, ["columns", "UTF-8", ",", "point", "ymd", "open", "books.csv"].map(Value::from));
    assert_eq!(looked_at["rows"], json!({"new": 3, "duplicate": 0, "skipped": 1, "error": 1}));
    let instrument = &looked_at["instruments"][0];
    assert_eq!(
        (&instrument["key"], &instrument["ticker"], &instrument["match"]),
        (&json!("NEWCO"), &json!("NEWCO"), &json!("new"))
    );
    assert_eq!(looked_at["result"]["holdings"], json!([{"ticker": "NEWCO", "quantity": "3"}]));
    assert_eq!(looked_at["before"], json!({"holdings": [], "cash": []}));
    assert_eq!(activities(&server, &portfolio).await, [Value::Null; 0], "nothing is stored yet");
    let rows = server.get(&format!("{location}/rows?fate=error")).await.expect(200);
    assert_eq!(
        rows,
        json!({"items": [{"line": 5, "fate": "error", "reason": "It is unknown what “LEND” is.", "activity": null, "entries": 0}], "next": null})
    );
    let first = server.get(&format!("{location}/rows?limit=1")).await.expect(200);
    assert_eq!((&first["items"][0]["activity"]["quantity"], &first["next"]), (&json!("5"), &json!("1")));
    assert_eq!(server.get(&format!("{location}/rows?fate=x")).await.problem(400).as_deref(), Some("fate"));
    assert_eq!(server.get(&format!("{location}/rows?cursor=x")).await.problem(400).as_deref(), Some("cursor"));

    let committed = server.post(&format!("{location}/commit"), &json!({})).await.expect(200);
    assert_eq!((&committed["state"], &committed["entries"]), (&json!("committed"), &json!(3)));
    let stored = activities(&server, &portfolio).await;
    assert_eq!((stored.len(), &stored[2]["note"], &stored[2]["date"]), (3, &json!("first"), &json!("2024-03-01")));
    let valued = server.get(&format!("/api/v1/portfolios/{portfolio}")).await.expect(200);
    assert_eq!(valued["market_value"], "600", "it is worth its last trade");
    assert_eq!(server.post(&format!("{location}/commit"), &json!({})).await.status(), 409);
    assert_eq!(server.get(&format!("{location}/rows")).await.status(), 409);

    let again = send(&server, &portfolio, "books.csv", BOOKS).await.expect(201);
    assert_eq!(again["rows"], json!({"new": 0, "duplicate": 3, "skipped": 1, "error": 1}), "a file again adds nothing");
    let nothing = server.post(&format!("/api/v1/imports/{}/commit", again["import_id"].as_str().unwrap()), &json!({})).await;
    assert_eq!(nothing.status(), 422);

    let id = stored[2]["activity_id"].as_str().unwrap();
    let changed = json!({"kind": "buy", "time": "2024-03-01", "ticker": "NEWCO", "quantity": "6", "price": "180"});
    server.request("PUT", &format!("/api/v1/portfolios/{portfolio}/activities/{id}")).json(&changed).send().await.expect(200);
    assert_eq!(server.get(&location).await.expect(200)["changed_since"], 1);
    let undone = server.post(&format!("{location}/undo"), &json!({})).await.expect(200);
    assert_eq!(undone["state"], "undone");
    assert_eq!(activities(&server, &portfolio).await.len(), 0);
    assert_eq!(server.post(&format!("{location}/undo"), &json!({})).await.status(), 409);
    let listed = server.get("/api/v1/imports").await.expect(200);
    assert_eq!(listed.as_array().unwrap().iter().map(|import| import["state"].clone()).collect::<Vec<_>>(), ["open", "undone"]);
}

#[tokio::test]
async fn an_overlapping_file_adds_what_is_new_and_a_person_may_think_otherwise() {
    let server = Server::start().await;
    let portfolio = server.portfolio("EUR").await;
    let row = |day: u32, units: u32| format!("2024-03-{day:02},BUY,NEWCO,{units},10,EUR\n");
    let head = "date,type,symbol,quantity,price,currency\n";
    let first = send(&server, &portfolio, "a", [head, &row(1, 5), &row(1, 5), &row(2, 1)].concat()).await.expect(201);
    assert_eq!(first["rows"]["new"], 3, "two equal purchases of one file may both be real");
    server.post(&format!("/api/v1/imports/{}/commit", first["import_id"].as_str().unwrap()), &json!({})).await.expect(200);
    let rows = [head, &row(1, 5), &row(1, 5), &row(1, 5), &row(2, 1), &row(3, 1)].concat();
    let second = send(&server, &portfolio, "b", rows).await.expect(201);
    assert_eq!(second["rows"], json!({"new": 2, "duplicate": 3, "skipped": 0, "error": 0}));
    let path = format!("/api/v1/imports/{}", second["import_id"].as_str().unwrap());
    let chosen = server.patch(&path, &json!({"rows": {"4": "skipped", "5": "new"}})).await.expect(200);
    assert_eq!(chosen["rows"], json!({"new": 2, "duplicate": 2, "skipped": 1, "error": 0}));
    assert_eq!(server.patch(&path, &json!({"rows": {"4": "x"}})).await.problem(422).as_deref(), Some("rows.4"));
    assert_eq!(server.delete(&path).await.status(), 204);
    assert_eq!(server.get(&path).await.status(), 404);
}

#[tokio::test]
async fn what_a_program_tells_apart_is_not_taken_for_the_same() {
    let server = Server::start().await;
    let portfolio = server.portfolio("EUR").await;
    let file = |ids: &[&str]| {
        let row = |id: &&str| format!("2024-03-01,BUY,NEWCO,5,10,EUR,{id}\n");
        ["date,type,symbol,quantity,price,currency,id\n".to_owned()].into_iter().chain(ids.iter().map(row)).collect::<String>()
    };
    let rows = async |ids: &[&str]| send(&server, &portfolio, "fills", file(ids)).await.expect(201);
    let first = rows(&["a"]).await;
    server.post(&format!("/api/v1/imports/{}/commit", first["import_id"].as_str().unwrap()), &json!({})).await.expect(200);
    for (ids, new, duplicate) in [(&["b"][..], 1, 0), (&["b", "a"], 1, 1), (&["a", "a", "b"], 1, 2), (&["", "b"], 1, 1)] {
        let counted = rows(ids).await["rows"].clone();
        assert_eq!((&counted["new"], &counted["duplicate"]), (&json!(new), &json!(duplicate)), "{ids:?}");
    }
}

#[tokio::test]
async fn what_is_not_clear_is_chosen_before_it_is_committed() {
    let server = Server::start().await;
    let portfolio = server.portfolio("EUR").await;
    for (ticker, isin) in [("SAME", "US0378331005"), ("OTHER", "US5949181045")] {
        let made = json!({"ticker": ticker, "name": ticker, "currency": "EUR", "class": "share", "isin": isin});
        server.post("/api/v1/instruments", &made).await.expect(201);
    }
    let file =
        "when,what,isin,pieces,each,type\n03/04/2024,SAME,US67066G1040,2,150,buy\n05/06/2024,X,US5949181045,\"1,5\",10,buy\n";
    let refused = send(&server, &portfolio, "x.csv", file).await;
    assert_eq!(refused.status(), 415);
    let file = file.replace("when,what,isin,pieces,each,type", "date,symbol,isin,quantity,each,type");
    let unknown = send(&server, &portfolio, "x.csv", file.clone()).await;
    assert_eq!(unknown.status(), 415, "no column says the price");
    let file = file.replace("each", "price");
    let looked_at = send(&server, &portfolio, "x.csv", file).await.expect(201);
    let path = format!("/api/v1/imports/{}", looked_at["import_id"].as_str().unwrap());
    assert_eq!(
        (&looked_at["date"], &looked_at["decimal"], &looked_at["rows"]["error"]),
        (&Value::Null, &json!("comma"), &json!(2))
    );
    let dated = server.patch(&path, &json!({"date": "mdy"})).await.expect(200);
    assert_eq!((&dated["date"], &dated["rows"]["error"]), (&json!("mdy"), &json!(1)), "an instrument is not chosen yet");
    let open: Vec<_> = dated["instruments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["key"].clone(), one["match"].clone(), one["candidates"].clone()))
        .collect();
    assert_eq!(open, [(json!("SAME"), json!("ambiguous"), json!(["SAME"])), (json!("X"), json!("known"), json!([]))]);
    assert_eq!(server.post(&format!("{path}/commit"), &json!({})).await.problem(422).as_deref(), Some("instruments"));
    let chosen = server.patch(&path, &json!({"instruments": {"SAME": "NVDA"}, "currency": "EUR"})).await.expect(200);
    assert_eq!(chosen["rows"], json!({"new": 2, "duplicate": 0, "skipped": 0, "error": 0}));
    assert_eq!(
        chosen["result"]["holdings"],
        json!([{"ticker": "NVDA", "quantity": "2"}, {"ticker": "OTHER", "quantity": "1.5"}])
    );
    server.post(&format!("{path}/commit"), &json!({})).await.expect(200);
    assert_eq!(server.get("/api/v1/instruments/US67066G1040").await.expect(200)["ticker"], "NVDA");
    let first = &activities(&server, &portfolio).await[1];
    assert_eq!((&first["date"], &first["currency"]), (&json!("2024-03-04"), &json!("EUR")));
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_and_nothing_is_kept() {
    let server = Server::start().await;
    let portfolio = server.portfolio("EUR").await;
    for (file, status) in [
        (Vec::new(), 422),
        (b"\n\n".to_vec(), 422),
        (b"PK\x03\x04 an archive".to_vec(), 415),
        (b"<!doctype html><title>Sign in</title>".to_vec(), 415),
        (b"just words\nand more of them".to_vec(), 415),
        (b"date,type,symbol,quantity,price,currency\n".to_vec(), 422),
        (b"date,type,symbol,quantity,price,currency\n2024-01-01,lend,A,1,1,EUR\n".to_vec(), 422),
        (vec![b'x'; 25_000_001], 413),
    ] {
        assert_eq!(send(&server, &portfolio, "x", file.clone()).await.status(), status, "{:?}", &file[..file.len().min(20)]);
    }
    assert_eq!(send(&server, "none", "x", BOOKS).await.status(), 404);
    assert_eq!(send(&server, &portfolio, "a%0Ab", BOOKS).await.problem(422).as_deref(), Some("filename"));
    assert_eq!(server.get("/api/v1/imports").await.expect(200), json!([]));
    assert_eq!(server.get("/api/v1/imports/none").await.status(), 404);
}

#[tokio::test]
async fn rows_that_a_ledger_cannot_take_are_told_with_their_reasons() {
    let server = Server::start().await;
    let portfolio = server.portfolio("EUR").await;
    let file = "date,type,symbol,quantity,price,currency,amount,note\n\
        2999-01-01,buy,A,1,1,EUR,,\n1899-01-01,buy,A,1,1,EUR,,\n2024-01-01,buy,A,1,1,XAF,,\n\
        2024-01-01,sell,A,7,1,EUR,,\n2024-01-01,buy,A,9999999999999999999999999999,9999999999,EUR,,\n2024-01-01,deposit,,,,EUR,5,=cmd\n";
    let looked_at = send(&server, &portfolio, "x.csv", file).await.expect(201);
    let path = format!("/api/v1/imports/{}", looked_at["import_id"].as_str().unwrap());
    let rows = server.get(&format!("{path}/rows")).await.expect(200);
    let told: Vec<_> = rows["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["line"].as_u64().unwrap(), row["fate"].as_str().unwrap(), row["reason"].as_str()))
        .collect();
    assert_eq!(
        told[..3].iter().map(|(line, fate, reason)| (*line, *fate, reason.is_some())).collect::<Vec<_>>(),
        [(2, "error", true), (3, "error", true), (4, "error", true)]
    );
    assert_eq!(told[3], (5, "new", Some("It sells 7 A more than are held.")));
    assert_eq!((told[4].1, told[5].1), ("error", "new"));
    server.post(&format!("{path}/commit"), &json!({})).await.expect(200);
    assert_eq!(activities(&server, &portfolio).await.len(), 2);
}

/// Posts a form of a page, as a browser without scripts does.
async fn press(server: &Server, path: &str, kind: &str, body: &[u8]) -> Answer {
    server.request("POST", path).bytes_of(kind, body).header("accept", "text/html").send().await
}

#[tokio::test]
async fn the_pages_send_a_file_choose_import_and_undo_without_scripts() {
    let server = Server::start().await;
    let nothing = server.get("/import").await;
    assert!(nothing.status() == 200 && nothing.text().contains("Make a portfolio first"));
    let portfolio = server.portfolio("EUR").await;
    let start = server.get("/import").await.text();
    assert!(start.contains("Nothing is saved before you have seen it.") && start.contains("No imports yet"));
    assert!(!start.contains("hydrate"), "nothing on it needs a script");
    let part = |name: &str, text: &str| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    let file = "date,symbol,isin,quantity,price,type,currency\n03/04/2024,\"<b>&\",US67066G1040,2,150,buy,EUR\n04/04/2024,X,,1,10,lend,EUR\n";
    let named = format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"my <books>.csv\"\r\n\r\n{file}\r\n");
    let form = [&named, &part("portfolio", &portfolio), "--b--\r\n"].concat();
    let sent = press(&server, "/import", "multipart/form-data; boundary=b", form.as_bytes()).await;
    assert_eq!(sent.status(), 303);
    let path = sent.header("location").to_owned();
    let page = server.get(&path).await.text();
    assert!(page.contains("Check the import") && page.contains("my &lt;books&gt;.csv") && page.contains("can't be told apart"));
    let chosen = press(&server, &path, "application/x-www-form-urlencoded", b"action=choose&date=dmy&currency=").await;
    assert_eq!((chosen.status(), chosen.header("location")), (303, path.as_str()));
    let page = server.get(&path).await.text();
    assert!(page.contains("Import 1 row") && page.contains("2024-04-03") && page.contains("will be added"));
    let errors = server.get(&format!("{path}?fate=error")).await.text();
    assert!(errors.contains("It is unknown what “lend” is.") && !errors.contains("2024-04-03"));
    let refused = press(&server, &path, "application/x-www-form-urlencoded", b"action=choose&currency=euros").await;
    assert!(refused.status() == 422 && refused.text().contains("role=\"alert\""));
    let matched =
        press(&server, &path, "application/x-www-form-urlencoded", b"action=match&instrument=%3Cb%3E%26&ticker=nvda").await;
    assert_eq!(matched.status(), 303);
    assert_eq!(press(&server, &path, "application/x-www-form-urlencoded", b"action=commit").await.status(), 303);
    let done = server.get(&path).await.text();
    assert!(done.contains("1 transaction added") && done.contains("Undo this import"));
    assert_eq!(activities(&server, &portfolio).await[0]["ticker"], "NVDA");
    assert_eq!(press(&server, &path, "application/x-www-form-urlencoded", b"action=commit").await.status(), 409);
    assert_eq!(press(&server, &path, "application/x-www-form-urlencoded", b"action=undo").await.status(), 303);
    assert!(server.get("/import").await.text().contains("Undone") && activities(&server, &portfolio).await.is_empty());

    let pasted = [part("text", "hello, all\nof you, there"), part("portfolio", &portfolio), "--b--\r\n".to_owned()].concat();
    let refused = press(&server, "/import", "multipart/form-data; boundary=b", pasted.as_bytes()).await;
    assert!(refused.status() == 415 && refused.text().contains("No format is known"));
    assert_eq!(press(&server, "/import", "multipart/form-data", b"x").await.status(), 400);
    assert_eq!(server.get("/import/none").await.status(), 404);
    let german = server.request("GET", "/import").header("accept-language", "de").send().await.text();
    assert!(german.contains("Nichts wird gespeichert"));
}

/// Returns the entries of a ledger without what is another in each ledger.
async fn told(server: &Server, portfolio: &str) -> Vec<Value> {
    let mut entries = activities(server, portfolio).await;
    for entry in &mut entries {
        for field in ["activity_id", "revision", "account"] {
            entry.as_object_mut().unwrap().remove(field);
        }
    }
    entries
}

#[tokio::test]
async fn the_columns_that_were_chosen_are_those_of_the_next_file_that_has_them() {
    let server = Server::start().await;
    let portfolio = server.portfolio("EUR").await;
    let table = |head: &str, id: u32| format!("{head}\n2024-03-0{id},BUY,NEWCO,2,10,EUR,12\n");
    let head = "date,type,symbol,quantity,price,currency,each";
    let first = send(&server, &portfolio, "a.csv", table(head, 1)).await.expect(201);
    let path = format!("/api/v1/imports/{}", first["import_id"].as_str().unwrap());
    let price = async |import: &Value| {
        let path = format!("/api/v1/imports/{}/rows", import["import_id"].as_str().unwrap());
        server.get(&path).await.expect(200)["items"][0]["activity"]["price"].clone()
    };
    assert_eq!(price(&first).await, "10");
    server.patch(&path, &json!({"columns": {"price": "each"}, "rows": {"2": "skipped"}})).await.expect(200);
    let second = send(&server, &portfolio, "b.csv", table(head, 2)).await.expect(201);
    assert_eq!(
        (&second["fields"]["price"], price(&second).await, &second["rows"]["new"]),
        (&json!("each"), json!("12"), &json!(1))
    );
    let other = send(&server, &portfolio, "c.csv", table("date,type,symbol,quantity,price,currency,note", 3)).await.expect(201);
    assert_eq!((&other["fields"]["price"], price(&other).await), (&json!("price"), json!("10")));
}

#[tokio::test]
async fn what_is_exported_is_imported_as_it_was_in_either_form() {
    let server = Server::start().await;
    let portfolio = server.portfolio("EUR").await;
    server.price("EURUSD=X", "1.10").await;
    server.price("EURGBP=X", "0.85").await;
    let entries = [
        json!({"kind": "buy", "time": "2024-01-02T09:30:00.123Z", "ticker": "NEWCO", "quantity": "1.23456789", "price": "150.5", "fee": "-1", "tax": "2", "currency": "USD", "note": "=1+1 \"a\", b"}),
        json!({"kind": "buy", "time": "2024-01-03", "ticker": "PENNY", "quantity": "100", "price": "70", "currency": "GBX", "exchange_rate": "1.17", "note": "two\nlines"}),
        json!({"kind": "split", "time": "2024-02-01", "ticker": "NEWCO", "quantity": "3"}),
        json!({"kind": "sell", "time": "2024-02-02", "ticker": "NEWCO", "quantity": "9", "price": "60", "currency": "USD", "opens_short": true}),
        json!({"kind": "dividend", "time": "2024-03-01", "ticker": "NEWCO", "amount": "9.60", "tax": "1", "currency": "USD"}),
        json!({"kind": "deposit", "time": "2024-01-01", "amount": "1000"}),
        json!({"kind": "fee", "time": "2024-01-01", "amount": "-3"}),
        json!({"kind": "interest", "time": "2024-01-05T23:59:59Z", "amount": "0.01"}),
        json!({"kind": "opening_balance", "time": "2023-12-31", "amount": "250"}),
        json!({"kind": "opening_balance", "time": "2023-12-31", "ticker": "NEWCO", "quantity": "2", "price": "40", "currency": "USD"}),
        json!({"kind": "transfer_in", "time": "2024-04-01", "ticker": "NEWCO", "quantity": "2", "price": "41", "fee": "1"}),
        json!({"kind": "transfer_out", "time": "2024-04-02", "amount": "20"}),
        json!({"kind": "reinvested_dividend", "time": "2024-04-03", "ticker": "NEWCO", "quantity": "0.5", "price": "42", "tax": "3"}),
        json!({"kind": "spin_off", "time": "2024-04-04", "ticker": "PENNY", "quantity": "7"}),
    ];
    let account = json!({"name": "=Depot, main", "currency": "USD", "kind": "wallet"});
    let account = server.post(&format!("/api/v1/portfolios/{portfolio}/accounts"), &account).await.expect(201);
    for mut entry in entries {
        entry["account"] = account["account_id"].clone();
        entry["tags"] = json!(["long term", "=x"]);
        server.post(&format!("/api/v1/portfolios/{portfolio}/activities"), &entry).await.expect(201);
    }
    let before = told(&server, &portfolio).await;
    for (form, format) in [("csv", "foliostream"), ("json", "foliostream_json")] {
        let file = server.get(&format!("/api/v1/portfolios/{portfolio}/export?format={form}")).await.text();
        let other = server.portfolio("EUR").await;
        let looked_at = send(&server, &other, "export", file.clone()).await.expect(201);
        assert_eq!(
            (&looked_at["format"], &looked_at["rows"]),
            (&json!(format), &json!({"new": 14, "duplicate": 0, "skipped": 0, "error": 0}))
        );
        server
            .post(&format!("/api/v1/imports/{}/commit", looked_at["import_id"].as_str().unwrap()), &json!({}))
            .await
            .expect(200);
        // A rate that was of another day is the same day's now, as far as it is known.
        assert_eq!(told(&server, &other).await, before, "{form}");
        let made = server.get(&format!("/api/v1/portfolios/{other}/accounts")).await.expect(200)[0].clone();
        assert_eq!(made["name"], account["name"], "{form}");
        // A table tells the name of an account alone.
        let kept = if form == "json" { [json!("USD"), json!("wallet")] } else { [Value::Null, json!("other")] };
        assert_eq!(["currency", "kind"].map(|field| made[field].clone()), kept, "{form}");
        let again = send(&server, &other, "export", file).await.expect(201);
        assert_eq!(again["rows"]["duplicate"], 14);
    }
}

/// Returns the files of a folder of the collection of other programs' files, or none, with a message, where it is not there.
fn samples(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/import").join(folder);
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return Vec::new();
    };
    let file =
        |path: std::path::PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
    let mut files: Vec<_> = files.filter_map(Result::ok).map(|entry| file(entry.path())).collect();
    files.sort();
    files
}

#[tokio::test]
async fn files_of_other_programs_are_imported_and_undone_or_refused() {
    let server = Server::start().await;
    let currencies = [
        "USD", "GBP", "CHF", "CAD", "SEK", "DKK", "NOK", "JPY", "TWD", "AUD", "HKD", "PLN", "INR", "BRL", "SGD", "NZD", "ZAR",
        "CZK", "MXN",
    ];
    let rates: Vec<Value> =
        currencies.iter().map(|currency| json!({"ticker": format!("EUR{currency}=X"), "price": "1.25"})).collect();
    server.push_raw(&Value::from(rates)).await.expect(202);
    // Exchanges of currencies alone, and clients of a program without a transaction.
    let without = ["ibkr-flex-28.xml", "ofx-tdameritrade-positions.ofx", "pp-id-references.xml", "pp-relative-references.xml"];
    for (name, file) in samples("ok") {
        let portfolio = server.portfolio("EUR").await;
        let sent = send(&server, &portfolio, &name, file.clone()).await;
        if without.contains(&name.as_str()) {
            assert!([201, 422].contains(&sent.status()), "{name}: {}", sent.status());
            server.delete(&format!("/api/v1/portfolios/{portfolio}")).await;
            continue;
        }
        let looked_at = sent.expect(201);
        let path = format!("/api/v1/imports/{}", looked_at["import_id"].as_str().unwrap());
        // What must be chosen is: each instrument by its own name, and euro.
        let open = looked_at["instruments"].as_array().unwrap().iter().filter(|one| one["match"] == "ambiguous");
        let chosen: serde_json::Map<String, Value> = open
            .enumerate()
            .map(|(number, one)| (one["key"].as_str().unwrap().to_owned(), json!(format!("CHOSEN{number}"))))
            .collect();
        let chosen = server.patch(&path, &json!({"instruments": chosen, "currency": "EUR"})).await.expect(200);
        let new = chosen["rows"]["new"].as_u64().unwrap();
        assert!(new > 0, "{name}: {}", chosen["rows"]);
        assert!(stored(&server, &path).await >= new, "{name}");
        let again = send(&server, &portfolio, &name, file).await.expect(201);
        let again = server
            .patch(&format!("/api/v1/imports/{}", again["import_id"].as_str().unwrap()), &json!({"currency": "EUR"}))
            .await
            .expect(200);
        println!("{name}: {} then {}", chosen["rows"], again["rows"]);
        assert_eq!(again["rows"]["new"], 0, "{name} adds nothing again: {}", again["rows"]);
        server.post(&format!("{path}/undo"), &json!({})).await.expect(200);
        assert!(activities(&server, &portfolio).await.is_empty(), "{name}");
        server.delete(&format!("/api/v1/portfolios/{portfolio}")).await;
    }
    let portfolio = server.portfolio("EUR").await;
    for (name, file) in samples("not-ok") {
        let status = send(&server, &portfolio, &name, file).await.status();
        // Whether there is such a symbol is no matter of reading.
        let expected: &[u16] = if name == "ghostfolio-invalid-symbol-btc-usd.csv" { &[201] } else { &[415, 422] };
        assert!(expected.contains(&status), "{name}: {status}");
    }
}
