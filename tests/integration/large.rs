//! Large portfolios, up to 100,000 entries in 50,001 instruments: every answer stays of a size a person can use, and making it
//! keeps no one waiting.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Answer, Server};

/// The largest page, in bytes.
const LARGEST: usize = 1_000_000;

/// The most instruments beside AAPL: with as many purchases of each they fill a ledger.
const MOST: i64 = 50_000;

/// The ledger: a purchase of each of so many instruments, and as many of AAPL.
const LEDGER: &str = "WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < $2 - 1) \
    INSERT INTO activities (portfolio_id, kind, time_us, ticker, quantity, price, amount, fee, tax, currency, exchange_rate, converted) \
    SELECT $1, 'buy', 1700000000000000 + i * 2000000 + of_apple * 1000000, CASE of_apple WHEN 1 THEN 'AAPL' ELSE 'T' || i END, \
    '1', '10', '0', '0', '0', 'USD', '1', 0 FROM numbers, (SELECT 0 AS of_apple UNION ALL SELECT 1)";

/// Starts a server with that portfolio, of which 2,000 instruments have a price, and returns its number.
async fn with_instruments(number: i64) -> (Server, String) {
    let server = Server::with(&["--no-demo"]).await;
    let portfolio = server.portfolio("USD").await;
    let database = server.folders.database().await;
    sqlx::query(LEDGER).bind(&portfolio).bind(number).execute(&database).await.unwrap();
    database.close().await;
    let server = server.restart(&["--no-demo"]).await;
    let prices: Vec<Value> = (0..1_999).map(|i| json!({"ticker": format!("T{i}"), "price": "12"})).collect();
    let prices: Vec<Value> = prices.into_iter().chain([json!({"ticker": "AAPL", "price": "150"})]).collect();
    server.push_raw(&Value::from(prices)).await.expect(202);
    server.advance(250);
    (server, portfolio)
}

const INSTRUMENTS: &str = "INSERT INTO instruments (ticker, name, currency, class, price_decimals) \
    SELECT DISTINCT ticker, ticker, 'USD', 'share', 2 FROM activities";

#[track_caller]
fn small(answer: &Answer) -> String {
    assert_eq!(answer.status(), 200);
    let text = answer.text();
    assert!(text.len() < LARGEST, "{} bytes", text.len());
    text
}

#[tokio::test]
async fn a_page_of_a_huge_portfolio_shows_what_a_person_can_see() {
    let (server, _) = with_instruments(MOST).await;
    let overview = small(&server.get("/").await);
    assert!(overview.contains("The 200 largest holdings are shown"), "it says that it is cut");
    assert!(overview.contains("50001"), "it says how many there are");
    let year = small(&server.get("/?range=1y").await);
    assert!(year.contains("too many instruments for a chart of earlier days"), "it says what it has not");
    let instrument = small(&server.get("/i/AAPL").await);
    assert!(instrument.contains("Show all 50,000") && instrument.contains("the oldest 100 shown"));
    for path in ["/activity?all=true", "/alerts", "/inbox", "/settings", "/search?query=T"] {
        small(&server.get(path).await);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_portfolio_of_five_thousand_holdings_that_all_move_is_told_whole_and_others_get_their_prices() {
    let (server, portfolio) = with_instruments(5_000).await;
    let mut large = server.stream(&format!("stream?format=compact&portfolio={portfolio}&tickers=AAPL")).await;
    large.opening().await;
    let mut other = server.stream("prices?tickers=AAPL").await;
    other.opening().await;
    let moved: Vec<Value> = (0..5_000).map(|i| json!({"ticker": format!("T{i}"), "price": "13"})).collect();
    let moved: Vec<Value> = moved.into_iter().chain([json!({"ticker": "AAPL", "price": "151"})]).collect();
    server.push_raw(&Value::from(moved)).await.expect(202);
    server.advance(250);
    assert_eq!(other.expect("price_update").await.text("price"), "151");
    // 5,000 of AAPL at 151, and one each of 5,000 others at 13.
    let is_whole = |frame: &str| frame.split('|').any(|record| record.starts_with("$820000"));
    while !is_whole(large.expect("frame").await.data.as_str().unwrap()) {}
    server.stop().await;
}

#[tokio::test]
async fn the_ledger_is_turned_page_by_page_without_scripts() {
    let (server, _) = with_instruments(2_500).await;
    let first = small(&server.get("/activity").await);
    assert!(first.contains("1 to 100 of 5,000 transactions"));
    assert!(first.contains("/activity?page=2") && !first.contains(">Previous<"));
    let last = small(&server.get("/activity?page=50").await);
    assert!(last.contains("4,901 to 5,000 of 5,000 transactions"));
    assert!(last.contains("/activity?page=49") && !last.contains(">Next<"));
    assert!(small(&server.get("/activity?page=9999999").await).contains("4,901 to 5,000"), "there is nothing after the last");
    for nonsense in ["0", "-5", "x", "9223372036854775808", ""] {
        assert!(small(&server.get(&format!("/activity?page={nonsense}")).await).contains("1 to 100 of"), "{nonsense}");
    }
    let apple = small(&server.get("/activity?of=AAPL&page=2").await);
    assert!(apple.contains("101 to 200 of 2,500 transactions") && apple.contains("/activity?of=AAPL&amp;page=3"));
    server.stop().await;
}

#[tokio::test]
async fn an_entry_on_a_far_page_can_be_changed() {
    let (server, portfolio) = with_instruments(2_500).await;
    let oldest = server.get(&format!("/api/v1/portfolios/{portfolio}/activities?limit=1000")).await.expect(200);
    let far = oldest["items"][999]["activity_id"].as_str().unwrap();
    let page = small(&server.get(&format!("/activity?edit={far}")).await);
    assert!(page.contains("Edit transaction") && page.contains(&format!("value=\"{far}\"")));
    server.stop().await;
}

#[tokio::test]
async fn a_whole_ledger_and_its_pages_tell_every_entry_once() {
    let (server, portfolio) = with_instruments(2_500).await;
    let path = format!("/api/v1/portfolios/{portfolio}/activities");
    let id = |entry: &Value| entry["activity_id"].as_str().unwrap().to_owned();
    let whole: Vec<String> = server.get(&path).await.expect(200).as_array().unwrap().iter().map(id).collect();
    assert_eq!((whole.len(), whole.iter().collect::<BTreeSet<_>>().len()), (5_000, 5_000));
    let mut paged = Vec::new();
    let mut cursor = String::new();
    for _ in 0..3 {
        let page = server.get(&format!("{path}?limit=1000{cursor}")).await.expect(200);
        paged.extend(page["items"].as_array().unwrap().iter().map(id));
        cursor = format!("&cursor={}", page["next"].as_str().unwrap());
    }
    assert_eq!(paged, whole[..3_000]);
    assert_eq!(server.get(&format!("{path}?limit=0")).await.problem(400).as_deref(), Some("limit"));
    assert_eq!(server.get(&format!("{path}?limit=1001")).await.problem(400).as_deref(), Some("limit"));
    assert_eq!(server.get(&format!("{path}?cursor=x")).await.problem(400).as_deref(), Some("cursor"));
    server.stop().await;
}

#[tokio::test]
async fn many_quotes_are_read_in_pages_and_not_at_once() {
    let (server, _) = with_instruments(2_500).await;
    assert_eq!(server.get("/api/v1/quotes").await.problem(400).as_deref(), Some("limit"));
    let ticker = |quote: &Value| quote["ticker"].as_str().unwrap().to_owned();
    let (mut told, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/api/v1/quotes?limit=700{cursor}")).await.expect(200);
        told.extend(page["items"].as_array().unwrap().iter().map(ticker));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(told.len(), 2_000);
    assert!(told.is_sorted() && told.contains(&"AAPL".to_owned()));
    assert_eq!(server.get("/api/v1/quotes?tickers=AAPL&limit=5").await.problem(400).as_deref(), Some("tickers"));
    assert_eq!(server.get("/api/v1/quotes?limit=5&cursor=%25").await.problem(400).as_deref(), Some("cursor"));
    assert_eq!(server.get("/api/v1/quotes?tickers=AAPL").await.expect(200)[0]["price"], "150");
    server.stop().await;
}

#[tokio::test]
async fn a_health_check_does_not_wait_for_the_largest_pages() {
    let (server, portfolio) = with_instruments(MOST).await;
    let whole = format!("/api/v1/portfolios/{portfolio}");
    let paths: Vec<&str> = ["/", &whole, "/activity", "/i/AAPL"].into_iter().cycle().take(24).collect();
    let making: Vec<_> = paths.into_iter().map(|path| tokio::spawn(server.request("GET", path).send())).collect();
    // This test has one thread, the server's too: were pages made on it, few answers would come between them.
    let mut answered = 0;
    while making.iter().any(|making| !making.is_finished()) {
        assert_eq!(server.get("/healthz").await.status(), 200);
        answered += 1;
    }
    assert!(answered >= 30 * making.len(), "only {answered} times while {} pages were made", making.len());
    for made in making {
        assert_eq!(made.await.unwrap().status(), 200);
    }
    server.stop().await;
}

#[tokio::test]
async fn what_a_huge_ledger_was_traded_at_is_worked_out_while_pages_are_answered() {
    let server = Server::with(&["--no-demo"]).await;
    let portfolio = server.portfolio("USD").await;
    let database = server.folders.database().await;
    sqlx::query(LEDGER).bind(&portfolio).bind(MOST).execute(&database).await.unwrap();
    sqlx::query(INSTRUMENTS).execute(&database).await.unwrap();
    database.close().await;
    let server = server.restart(&["--no-demo"]).await;
    // Instruments are looked at in the order of their names.
    let mut last = server.stream("prices?tickers=T9999").await;
    let opening = last.opening().await;
    assert!(opening.iter().all(|message| message.event != "price_update"), "it is answered before the last of them has a price");
    let told = last.until_while("price_update", || server.advance(250)).await;
    assert_eq!(told.text("price"), "10");
    let valued = server.get(&format!("/api/v1/portfolios/{portfolio}")).await.expect(200);
    assert_eq!((&valued["market_value"], &valued["incomplete"]), (&json!("1000000"), &json!([])));
    server.stop().await;
}

#[tokio::test]
async fn a_file_of_many_rows_is_looked_at_and_imported_while_others_are_answered() {
    let server = Server::with(&["--no-demo"]).await;
    let portfolio = server.portfolio("USD").await;
    let row =
        |number: usize| format!("20{:02}-01-{:02},BUY,T{},1,10,USD,{number}\n", 10 + number % 15, 1 + number % 28, number % 500);
    let rows: String = (0..8_000).map(row).collect();
    let file = ["date,type,symbol,quantity,price,currency,id\n", &rows].concat();
    let path = format!("/api/v1/portfolios/{portfolio}/imports?filename=many.csv");
    let sending = server.request("POST", &path).bytes_of("text/csv", file.as_bytes()).send();
    let (looked_at, answered) = answered_meanwhile(&server, sending).await;
    let looked_at = looked_at.expect(201);
    assert_eq!(looked_at["rows"]["new"], 8_000);
    // This test has one thread, the server's too: were the file read on it, few answers would come.
    assert!(answered >= 30, "only {answered} times");
    let path = format!("/api/v1/imports/{}", looked_at["import_id"].as_str().unwrap());
    let committing = server.request("POST", &format!("{path}/commit")).json(&json!({})).send();
    let job = committing.await.expect(202);
    let mut stream = server.stream(&format!("jobs/{}", job["job_id"].as_str().unwrap())).await;
    let storing = tokio::spawn(async move { while stream.until("job_progress").await.data["state"] != "done" {} });
    let mut answered = 0;
    while !storing.is_finished() {
        assert_eq!(server.get("/healthz").await.status(), 200);
        answered += 1;
    }
    storing.await.unwrap();
    assert!(answered >= 30, "only {answered} times");
    small(&server.get("/import").await);
    server.stop().await;
}

/// Returns an answer, and how many health checks were answered before it came.
async fn answered_meanwhile(server: &Server, request: impl Future<Output = Answer> + Send + 'static) -> (Answer, usize) {
    let making = tokio::spawn(request);
    let mut answered = 0;
    while !making.is_finished() {
        assert_eq!(server.get("/healthz").await.status(), 200);
        answered += 1;
    }
    (making.await.unwrap(), answered)
}
