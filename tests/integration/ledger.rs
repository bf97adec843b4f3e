//! What becomes of an entry of the ledger when it is written, repeated, read back and changed, over the wire.

use serde_json::{Value, json};

use crate::support::{Answer, Server};

fn deposit(time: &str) -> Value {
    json!({"kind": "deposit", "time": time, "amount": "100"})
}

fn ledger(portfolio: &str) -> String {
    format!("/api/v1/portfolios/{portfolio}/activities")
}

fn own(portfolio: &str, activity: &Value) -> String {
    format!("{}/{}", ledger(portfolio), activity["activity_id"].as_str().unwrap())
}

async fn put(server: &Server, path: &str, if_match: Option<&str>, draft: &Value) -> Answer {
    let request = server.request("PUT", path).json(draft);
    if_match.map_or(request.clone(), |tag| request.header("if-match", tag)).send().await
}

async fn post_with(server: &Server, path: &str, key: &str, body: &Value) -> Answer {
    server.request("POST", path).header("idempotency-key", key).json(body).send().await
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

/// A portfolio in dollars with 100 euros deposited on a day without a known rate, entered while the euro was at 1.10.
async fn estimated(server: &Server) -> (String, Value) {
    server.price("EURUSD=X", "1.10").await;
    let id = server.portfolio("USD").await;
    let draft = json!({"kind": "deposit", "time": "2026-01-05", "amount": "100", "currency": "EUR"});
    let entry = server.activity(&id, &draft).await;
    (id, entry)
}

#[tokio::test]
async fn a_time_in_any_other_form_is_refused_at_every_door() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("USD").await;
    let forms = [
        "2026-11-02T15:30:00",
        "2026-11-02 15:30",
        "2026-11-02 15:30:00Z",
        "20261102",
        "2026-11-02T15:30:00 z",
        "2026-11-02T15:30Z",
        "2026-11-02T15:30:00+0100",
        "2026-11-02T15:30:00+01:00[Europe/Paris]",
        " 2026-11-02",
        "2026-W45-1",
        "02.11.2026",
        "1793577600",
    ];
    for form in forms {
        assert_eq!(server.post(&ledger(&id), &deposit(form)).await.problem(422).as_deref(), Some("time"), "{form}");
        let alert =
            json!({"ticker": "A", "condition": "price_above", "threshold": "20", "expires_at": form.replace("2026", "2027")});
        assert_eq!(server.post("/api/v1/alerts", &alert).await.problem(422).as_deref(), Some("expires_at"), "{form}");
        let quote = json!([{"ticker": "A", "price": "11", "time": form}]);
        assert_eq!(server.push_raw(&quote).await.problem(422).as_deref(), Some("[0].time"), "{form}");
        let query = form.replace(' ', "%20").replace('+', "%2B");
        let history = server.get(&format!("/api/v1/instruments/A/history?from={query}")).await;
        assert_eq!(history.problem(400).as_deref(), Some("from"), "{form}");
    }
    assert_eq!(server.get(&ledger(&id)).await.expect(200), json!([]));
}

#[tokio::test]
async fn a_date_stays_a_date_and_a_time_an_instant() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    let date = server.activity(&id, &deposit("2026-11-02")).await;
    assert_eq!((text(&date, "date"), text(&date, "time")), ("2026-11-02", "2026-11-02T00:00:00.000Z"));
    let time = server.activity(&id, &deposit("2026-11-02T00:00:00Z")).await;
    assert_eq!((&time["date"], text(&time, "time")), (&Value::Null, "2026-11-02T00:00:00.000Z"));
    let read_back = put(&server, &own(&id, &date), None, &deposit("2026-11-02T00:00:00.000Z")).await.expect(200);
    assert_eq!((text(&read_back, "date"), &read_back["revision"]), ("2026-11-02", &json!(1)), "as it was shown is as it was");
}

#[tokio::test]
async fn an_edit_leaves_the_rate_and_the_microseconds_alone_that_it_does_not_name() {
    let server = Server::start().await;
    let (id, _) = estimated(&server).await;
    let draft = json!({"kind": "deposit", "time": "2026-11-02T09:30:00.123456Z", "amount": "100", "currency": "EUR"});
    let entry = server.activity(&id, &draft).await;
    assert_eq!(text(&entry, "exchange_rate"), "1.10");
    server.advance(1_000);
    server.price("EURUSD=X", "2").await;
    let note = json!({"kind": "deposit", "time": entry["time"], "amount": "100", "currency": "EUR", "note": "first"});
    let edited = put(&server, &own(&id, &entry), None, &note).await.expect(200);
    assert_eq!((text(&edited, "exchange_rate"), text(&edited, "note")), ("1.10", "first"));
    let pool = server.folders.database().await;
    let micros: i64 = sqlx::query_scalar("SELECT time_us FROM activities WHERE note = 'first'").fetch_one(&pool).await.unwrap();
    assert_eq!(micros % 1_000_000, 123_456);
    let other_day = json!({"kind": "deposit", "time": "2026-11-03", "amount": "100", "currency": "EUR", "note": "first"});
    let moved = put(&server, &own(&id, &entry), None, &other_day).await.expect(200);
    assert_eq!(text(&moved, "exchange_rate"), "2", "another day has its own rate");
}

#[tokio::test]
async fn a_brokers_rate_stays_with_an_edit_that_leaves_it_out_and_a_new_one_is_taken() {
    let server = Server::start().await;
    let (id, _) = estimated(&server).await;
    let draft = |rate: Option<&str>, note: &str| json!({"kind": "deposit", "time": "2026-01-05", "amount": "100", "currency": "EUR", "exchange_rate": rate, "note": note});
    let entry = server.activity(&id, &draft(Some("1.23"), "")).await;
    assert_eq!((text(&entry, "exchange_rate"), &entry["converted"]), ("1.23", &json!(true)));
    let edited = put(&server, &own(&id, &entry), None, &draft(None, "first")).await.expect(200);
    assert_eq!((text(&edited, "exchange_rate"), &edited["converted"]), ("1.23", &json!(true)));
    let rated = put(&server, &own(&id, &entry), None, &draft(Some("1.3"), "first")).await.expect(200);
    assert_eq!((text(&rated, "exchange_rate"), &rated["converted"]), ("1.3", &json!(true)));
}

#[tokio::test]
async fn a_rate_of_another_day_is_marked_until_the_days_own_is_known() {
    let server = Server::start().await;
    let (id, entry) = estimated(&server).await;
    assert_eq!((text(&entry, "exchange_rate"), &entry["exchange_rate_estimated"]), ("1.10", &json!(true)));
    let listed = server.get(&ledger(&id)).await.expect(200);
    assert_eq!(listed[0]["exchange_rate_estimated"], true);
    let pool = server.folders.database().await;
    let bar = "INSERT INTO bars VALUES ('EURUSD=X', '2026-01-05', '1.2', '1.2', '1.2', '1.2', NULL)";
    sqlx::query(bar).execute(&pool).await.unwrap();
    let listed = server.get(&ledger(&id)).await.expect(200);
    assert_eq!((text(&listed[0], "exchange_rate"), &listed[0]["exchange_rate_estimated"]), ("1.2", &json!(false)));
    assert_eq!(listed[0]["revision"], 2);
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    assert_eq!(text(&view, "cash"), "110", "and cash is what it is today");
}

#[tokio::test]
async fn a_rate_that_is_written_takes_the_place_of_an_estimated_one() {
    let server = Server::start().await;
    let (id, entry) = estimated(&server).await;
    let draft = json!({"kind": "deposit", "time": "2026-01-05", "amount": "100", "currency": "EUR", "exchange_rate": "1.10"});
    let written = put(&server, &own(&id, &entry), None, &draft).await.expect(200);
    assert_eq!((&written["exchange_rate_estimated"], &written["converted"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn todays_rate_is_the_rate_of_today_and_no_rate_at_all_is_refused() {
    let server = Server::start().await;
    let (id, _) = estimated(&server).await;
    let today = json!({"kind": "deposit", "time": "2026-11-02", "amount": "100", "currency": "EUR"});
    assert_eq!(server.activity(&id, &today).await["exchange_rate_estimated"], false);
    let unknown = json!({"kind": "deposit", "time": "2026-11-02", "amount": "100", "currency": "PLN"});
    assert_eq!(server.post(&ledger(&id), &unknown).await.problem(422).as_deref(), Some("exchange_rate"));
}

#[tokio::test]
async fn an_activity_is_changed_only_at_the_revision_its_reader_saw() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    let entry = server.activity(&id, &deposit("2026-11-02")).await;
    let path = own(&id, &entry);
    assert_eq!(server.get(&path).await.header("etag"), "\"1\"");
    let noted = |note: &str| json!({"kind": "deposit", "time": "2026-11-02", "amount": "100", "note": note});
    let first = put(&server, &path, Some("\"1\""), &noted("first")).await;
    assert_eq!((first.header("etag"), &first.expect(200)["revision"]), ("\"2\"", &json!(2)));
    put(&server, &path, Some("\"1\""), &noted("second")).await.problem(412);
    put(&server, &path, Some("1"), &noted("second")).await.problem(400);
    let stale = server.request("DELETE", &path).header("if-match", "\"1\"").send().await;
    stale.problem(412);
    assert_eq!(text(&server.get(&path).await.expect(200), "note"), "first");
    let unchanged = put(&server, &path, Some("\"2\""), &noted("first")).await;
    assert_eq!(unchanged.header("etag"), "\"2\"", "what changes nothing leaves the revision alone");
    assert_eq!(server.request("DELETE", &path).header("if-match", "\"2\"").send().await.status(), 204);
    server.get(&path).await.problem(404);
}

#[tokio::test]
async fn a_request_that_is_repeated_with_its_key_creates_once() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("EUR").await;
    let alert = json!({"ticker": "A", "condition": "price_above", "threshold": "20"});
    let doors = [
        (ledger(&id), deposit("2026-11-02"), deposit("2026-11-03")),
        ("/api/v1/portfolios".to_owned(), json!({"name": "B", "currency": "EUR"}), json!({"name": "C", "currency": "EUR"})),
        ("/api/v1/alerts".to_owned(), alert, json!({"ticker": "A", "condition": "price_above", "threshold": "30"})),
    ];
    for (number, (path, body, other)) in doors.into_iter().enumerate() {
        let key = format!("key-{number}");
        let before = server.get(&path).await.expect(200).as_array().unwrap().len();
        let (first, again) = (post_with(&server, &path, &key, &body).await, post_with(&server, &path, &key, &body).await);
        assert_eq!((first.status(), again.status()), (201, 201), "{}", again.text());
        assert_eq!((first.header("location"), first.text()), (again.header("location"), again.text()));
        assert_eq!(server.get(&path).await.expect(200).as_array().unwrap().len(), before + 1, "{path}");
        let refused = post_with(&server, &path, &key, &other).await;
        refused.problem(422);
        assert!(refused.text().contains("Idempotency-Key"), "{}", refused.text());
        let long = "k".repeat(65);
        for bad in [long.as_str(), "two words", "schlüssel"] {
            post_with(&server, &path, bad, &body).await.problem(400);
        }
        assert_eq!(server.get(&path).await.expect(200).as_array().unwrap().len(), before + 1, "{path}");
    }
}

#[tokio::test]
async fn of_two_posts_with_one_key_at_once_one_creates_and_both_get_its_answer() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    let (path, body) = (ledger(&id), deposit("2026-11-02"));
    let (left, right) = tokio::join!(post_with(&server, &path, "k", &body), post_with(&server, &path, "k", &body));
    assert_eq!(left.expect(201), right.expect(201));
    assert_eq!(server.get(&path).await.expect(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_outlives_a_restart_and_is_free_again_after_a_day() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    let (path, body) = (ledger(&id), deposit("2026-11-02"));
    let first = post_with(&server, &path, "k", &body).await.expect(201);
    let server = server.restart(&[]).await;
    assert_eq!(post_with(&server, &path, "k", &body).await.expect(201), first);
    server.advance(24 * 60 * 60 * 1_000);
    let later = post_with(&server, &path, "k", &body).await.expect(201);
    assert_ne!(later["activity_id"], first["activity_id"]);
}

#[tokio::test]
async fn an_unknown_instrument_is_added_with_the_currency_it_is_named_in_and_refused_without() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    let buy = |currency: Option<&str>| json!({"kind": "buy", "time": "2026-11-02", "ticker": "IWDA.AS", "quantity": "2", "price": "90", "currency": currency});
    let refused = server.post(&ledger(&id), &buy(None)).await;
    assert_eq!(refused.problem(422).as_deref(), Some("ticker"));
    assert!(refused.text().contains("No instrument IWDA.AS yet."), "{}", refused.text());
    assert_eq!(server.get("/api/v1/instruments?query=iwda").await.expect(200), json!([]));
    server.post(&ledger(&id), &buy(Some("EUR"))).await.expect(201);
    let found = server.get("/api/v1/instruments?query=iwda").await.expect(200);
    assert_eq!((text(&found[0], "ticker"), text(&found[0], "currency")), ("IWDA.AS", "EUR"));
    server.activity(&id, &buy(None)).await;
    let page = server.get("/i/IWDA.AS").await;
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("Last trade, "), "{}", page.text());
    let server = server.restart(&[]).await;
    assert_eq!(server.get("/i/IWDA.AS").await.status(), 200);
}

/// Posts a form as a browser without scripts does, from the page of a portfolio's ledger.
async fn submit(server: &Server, portfolio: &str, fields: &str) -> Answer {
    let page = format!("http://{}/activity?portfolio={portfolio}", server.address);
    let form = format!("portfolio={portfolio}&{fields}");
    let request = server.request("POST", "/api/ui/save_activity").header("referer", &page).header("accept", "text/html");
    request.text("application/x-www-form-urlencoded", &form).send().await
}

#[tokio::test]
async fn a_form_that_is_sent_twice_enters_one() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    let page = server.get(&format!("/activity?portfolio={id}&add=buy")).await.text();
    let key = page.split("name=\"key\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let form = format!("key={key}&kind=deposit&time=2026-11-02&amount=5");
    for _ in 0..2 {
        let answer = submit(&server, &id, &form).await;
        assert!([302, 303].contains(&answer.status()), "{}", answer.text());
    }
    assert_eq!(server.get(&ledger(&id)).await.expect(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_form_says_all_that_is_wrong_at_once_and_keeps_what_was_typed() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("EUR").await;
    let form = "kind=buy&time=2031-01-01&ticker=A&quantity=1.2.3&price=&fee=x&language=de&note=kept";
    let refused = submit(&server, &id, form).await;
    assert_eq!(refused.status(), 422);
    let page = refused.text();
    for shown in [
        "Not saved yet: 4 fields need a change.",
        "The date is in the future",
        "Enter a price",
        "value=\"2031-01-01\"",
        "value=\"1.2.3\"",
        "value=\"x\"",
        "value=\"kept\"",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 4, "{page}");
    let told = {
        let body = format!("portfolio={id}&{form}");
        let request = server.request("POST", "/api/ui/save_activity").header("accept", "application/json");
        request.text("application/x-www-form-urlencoded", &body).send().await.json()
    };
    let others: Vec<&str> = told["also"].as_array().unwrap().iter().map(|fault| fault["field"].as_str().unwrap()).collect();
    assert_eq!((told["field"].as_str(), others), (Some("time"), vec!["quantity", "price", "fee"]));
    assert_eq!(server.get(&ledger(&id)).await.expect(200), json!([]));
}

#[tokio::test]
async fn a_form_leads_back_to_its_list_and_to_nothing_else() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    let save = async |list: &str| {
        let answer = submit(&server, &id, &format!("kind=deposit&time=2026-11-02&amount=5&list={list}")).await;
        assert!([302, 303].contains(&answer.status()), "{list}: {}", answer.status());
        answer.header("location").to_owned()
    };
    assert!(save("/activity?kind%3Ddeposit").await.starts_with("/activity?kind=deposit&saved="));
    for elsewhere in
        ["//evil.example/activity?", "https://evil.example", "/activity?x%0d%0aset-cookie:+a", "/activity?%C3%A4", ""]
    {
        let location = save(elsewhere).await;
        assert!(location.starts_with(&format!("/activity?portfolio={id}&saved=")), "{elsewhere}: {location}");
    }
}

#[tokio::test]
async fn the_list_is_filtered_and_summed_and_opens_its_sheet_without_scripts() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("EUR").await;
    for draft in [
        json!({"kind": "deposit", "time": "2025-12-30", "amount": "1000", "note": "From Volksbank"}),
        json!({"kind": "buy", "time": "2026-01-05", "ticker": "A", "quantity": "2", "price": "10", "fee": "1", "currency": "EUR"}),
        json!({"kind": "dividend", "time": "2026-01-20", "ticker": "A", "amount": "5", "tax": "1", "currency": "EUR"}),
        json!({"kind": "sell", "time": "2026-02-03", "ticker": "A", "quantity": "3", "price": "12", "currency": "EUR"}),
    ] {
        server.activity(&id, &draft).await;
    }
    let list = async |query: &str| server.get(&format!("/activity?portfolio={id}{query}")).await.text();
    let whole = list("").await;
    for shown in ["4 transactions", "1,000.00", "+1,019.00", "Jan 2026", "1 problem<", "+4.00"] {
        assert!(whole.contains(shown), "{shown}: {whole}");
    }
    let bought = list("&kind=buy").await;
    assert!(bought.contains("1 transaction<") && bought.contains("−21.00") && !bought.contains("Volksbank"), "{bought}");
    assert!(list("&q=volksbank").await.contains("1 transaction<"));
    assert!(list("&period=2025").await.contains("From Volksbank"));
    let of = list("&of=a&period=2026").await;
    assert!(of.contains("3 transactions") && of.contains("Only a"), "{of}");
    assert!(list("&problems=1").await.contains("1 transaction<"));
    assert!(list("&q=nobody").await.contains("No transaction matches"));
    assert!(list("&kind=gift&period=soon&page=-1").await.contains("4 transactions"));
    let sheet = list("&add=sell&ticker=A").await;
    assert!(sheet.contains("<dialog") && sheet.contains("value=\"sell\" checked") && sheet.contains("value=\"A\""), "{sheet}");
    assert!(list("&edit=99999").await.contains("This transaction is gone"));
}

#[tokio::test]
async fn a_form_asks_before_it_adds_an_instrument_and_adds_it_when_told() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    let form = "kind=buy&time=2026-11-02&ticker=iwda.as&quantity=2&price=90&currency=EUR";
    let asked = submit(&server, &id, form).await;
    assert_eq!(asked.status(), 422);
    for shown in
        ["name=\"add_instrument\" value=\"IWDA.AS\"", "name=\"instrument_currency\"", "value=\"iwda.as\"", "value=\"90\""]
    {
        assert!(asked.text().contains(shown), "{shown}: {}", asked.text());
    }
    submit(&server, &id, &format!("{form}&add_instrument=OTHER&instrument_currency=EUR")).await;
    assert_eq!(server.get(&ledger(&id)).await.expect(200), json!([]), "the currency alone is no answer");
    submit(&server, &id, &format!("{form}&add_instrument=IWDA.AS&instrument_currency=EUR")).await;
    assert_eq!(text(&server.get(&ledger(&id)).await.expect(200)[0], "ticker"), "IWDA.AS");
}

#[tokio::test]
async fn a_rate_that_a_form_no_longer_has_gives_way_to_the_days() {
    let server = Server::start().await;
    let (id, _) = estimated(&server).await;
    let draft = json!({"kind": "deposit", "time": "2026-11-02", "amount": "100", "currency": "EUR", "exchange_rate": "1.3"});
    let entry = server.activity(&id, &draft).await;
    let form = |rate: &str, note: &str| {
        let number = text(&entry, "activity_id");
        format!(
            "activity={number}&rate_before=1.3&kind=deposit&time=2026-11-02&amount=100&currency=EUR&exchange_rate={rate}&note={note}"
        )
    };
    submit(&server, &id, &form("1.3", "kept")).await;
    let kept = server.get(&own(&id, &entry)).await.expect(200);
    assert_eq!((text(&kept, "exchange_rate"), text(&kept, "note"), &kept["converted"]), ("1.3", "kept", &json!(true)));
    submit(&server, &id, &form("", "cleared")).await;
    let cleared = server.get(&own(&id, &entry)).await.expect(200);
    assert_eq!((text(&cleared, "exchange_rate"), &cleared["converted"]), ("1.10", &json!(false)));
}

#[tokio::test]
async fn a_form_made_from_an_older_revision_changes_nothing() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    let entry = server.activity(&id, &deposit("2026-11-02")).await;
    let number = text(&entry, "activity_id");
    let form = |revision: i64, note: &str| {
        format!("activity={number}&revision={revision}&kind=deposit&time=2026-11-02&amount=100&currency=EUR&note={note}")
    };
    submit(&server, &id, &form(1, "first")).await;
    let refused = submit(&server, &format!("{id}&edit={number}"), &form(1, "second")).await;
    assert_eq!(refused.status(), 412);
    for shown in [
        "This transaction changed meanwhile.",
        ">first</span></td>",
        ">second</span></td>",
        "value=\"second\"",
        "name=\"revision\" value=\"2\"",
    ] {
        assert!(refused.text().contains(shown), "{shown}: {}", refused.text());
    }
    assert_eq!(text(&server.get(&own(&id, &entry)).await.expect(200), "note"), "first");
    submit(&server, &id, &form(2, "second")).await;
    assert_eq!(text(&server.get(&own(&id, &entry)).await.expect(200), "note"), "second");
}

#[tokio::test]
async fn a_date_reads_the_same_in_every_zone_and_a_time_in_the_readers() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("EUR").await;
    let buy = |time: &str| json!({"kind": "buy", "time": time, "ticker": "A", "quantity": "1", "price": "10", "currency": "EUR"});
    server.activity(&id, &buy("2026-01-01")).await;
    server.activity(&id, &buy("2026-03-01T03:00:00Z")).await;
    let read = async |path: &str, zone: &str| {
        server.request("GET", path).header("cookie", &format!("foliostream_zone={zone}")).send().await.text()
    };
    for (zone, day, listed, month) in [
        ("America/Los_Angeles", "28 Feb 2026", "\"2026-02-28\">Sat 28<", "Feb 2026"),
        ("Pacific/Kiritimati", "1 Mar 2026", "\"2026-03-01\">Sun 1<", "Mar 2026"),
        ("Nowhere/Land", "1 Mar 2026", "\"2026-03-01\">Sun 1<", "Mar 2026"),
    ] {
        let instrument = read(&format!("/i/A?portfolio={id}"), zone).await;
        assert!(instrument.contains(">1 Jan 2026<") && instrument.contains(&format!(">{day}<")), "{zone}");
        let list = read(&format!("/activity?portfolio={id}"), zone).await;
        assert!(list.contains("\"2026-01-01\">Thu 1<") && list.contains(listed) && list.contains(month), "{zone}");
        assert!(!list.contains("2025-12") && !instrument.contains("31 Dec 2025"), "{zone}");
    }
}

#[tokio::test]
async fn the_form_proposes_the_readers_own_day() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    // It is ten in the morning of 2 November in UTC.
    for (zone, day) in [("Etc/GMT+12", 1), ("Pacific/Kiritimati", 3), ("UTC", 2)] {
        let path = format!("/activity?portfolio={id}&add=buy");
        let page = server.request("GET", &path).header("cookie", &format!("foliostream_zone={zone}")).send().await.text();
        let input = page.split("id=\"entry-time\"").nth(1).and_then(|rest| rest.split('>').next()).unwrap();
        assert!(input.contains(&format!("value=\"2026-11-0{day}\"")), "{zone}: {input}");
        assert!(page.contains(&format!("data-zone=\"{zone}\"")));
    }
}

#[tokio::test]
async fn a_year_begins_in_the_readers_zone() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    for (time, amount) in
        [("2026-01-01", "100"), ("2026-01-01T02:00:00Z", "20"), ("2025-12-31T22:00:00Z", "3"), ("2025-12-31", "4")]
    {
        server.activity(&id, &json!({"kind": "interest", "time": time, "amount": amount})).await;
    }
    for (zone, income) in [("America/New_York", "100"), ("UTC", "120"), ("Asia/Tokyo", "123")] {
        let request = server.request("POST", "/api/ui/overview").header("cookie", &format!("foliostream_zone={zone}"));
        let overview = request.text("application/x-www-form-urlencoded", &format!("portfolio={id}")).send().await.expect(200);
        assert_eq!(text(&overview, "income_this_year"), income, "{zone}");
    }
}

#[tokio::test]
async fn an_alert_that_is_saved_as_it_was_shown_keeps_its_exact_expiry_and_its_lines() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let draft = json!({"ticker": "A", "condition": "price_above", "threshold": "20.00", "expires_at": "2026-11-02T12:00:00.123456Z",
        "note": "two\nlines"});
    let alert = server.alert(&draft).await;
    let number = text(&alert, "id");
    let expiry = text(&alert, "expires_at");
    let form =
        format!("id={number}&revision=1&condition=price_above&threshold=20.00&repeat=once&note=twolines&expires_at={expiry}");
    let request = server.request("POST", "/api/ui/update_alert");
    request.text("application/x-www-form-urlencoded", &form).send().await.expect(200);
    let saved = server.get(&format!("/api/v1/alerts/{number}")).await.expect(200);
    assert_eq!((text(&saved, "note"), &saved["revision"]), ("two\nlines", &json!(1)), "nothing changed");
}
