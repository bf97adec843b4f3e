//! Accounts of portfolios, further kinds of entries, histories, and finding entries.

use serde_json::{Value, json};

use crate::support::Server;

struct Books<'a> {
    server: &'a Server,
    path: String,
}

impl<'a> Books<'a> {
    async fn new(server: &'a Server) -> Self {
        Self { server, path: format!("/api/v1/portfolios/{}", server.portfolio("EUR").await) }
    }

    async fn account(&self, draft: Value) -> String {
        let made = self.server.post(&format!("{}/accounts", self.path), &draft).await.expect(201);
        made["account_id"].as_str().unwrap().to_owned()
    }

    async fn enter(&self, draft: Value) -> Value {
        self.server.post(&format!("{}/activities", self.path), &draft).await.expect(201)
    }

    async fn found(&self, query: &str) -> Vec<String> {
        let page = self.server.get(&format!("{}/activities?{query}", self.path)).await.expect(200);
        page["items"].as_array().unwrap().iter().map(|entry| entry["note"].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn at(&self, rest: &str) -> String {
        format!("{}{rest}", self.path)
    }
}

fn entry(kind: &str, time: &str, more: Value) -> Value {
    let mut draft = json!({"kind": kind, "time": time});
    draft.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    draft
}

#[tokio::test]
async fn an_account_is_made_filled_changed_and_deleted_once_it_is_empty() {
    let server = Server::start().await;
    let books = Books::new(&server).await;
    let answer = server.post(&books.at("/accounts"), &json!({"name": " Depot ", "currency": "USD", "kind": "broker"})).await;
    let location = answer.header("location").to_owned();
    let made = answer.expect(201);
    assert_eq!(location, format!("{}/accounts/{}", books.path, made["account_id"].as_str().unwrap()));
    let expected = json!({"account_id": made["account_id"], "name": "Depot", "currency": "USD", "kind": "broker", "cash": [], "holdings": []});
    assert_eq!(made, expected);
    server.price("EURUSD=X", "1.25").await;
    let id = made["account_id"].clone();
    // Without a currency it is the account's.
    let deposit = books.enter(entry("deposit", "2026-01-02", json!({"amount": "1000", "account": id}))).await;
    assert_eq!((&deposit["currency"], &deposit["account"], &deposit["tags"]), (&json!("USD"), &id, &json!([])));
    books
        .enter(entry(
            "buy",
            "2026-01-03",
            json!({"ticker": "NEWCO", "quantity": "3", "price": "100", "currency": "USD", "account": id}),
        ))
        .await;
    books.enter(entry("deposit", "2026-01-02", json!({"amount": "7"}))).await;
    let told = server.get(&books.at("/accounts")).await.expect(200);
    assert_eq!(
        (&told[0]["cash"], &told[0]["holdings"]),
        (&json!([{"currency": "USD", "amount": "700"}]), &json!([{"ticker": "NEWCO", "quantity": "3"}]))
    );
    let path = location.as_str();
    let changed = server.patch(path, &json!({"name": "Bank", "currency": null, "kind": "bank"})).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["currency"], &changed["kind"], &changed["cash"]),
        (&json!("Bank"), &Value::Null, &json!("bank"), &told[0]["cash"])
    );
    server.delete(path).await.problem(409);
    let entries = server.get(&books.at("/activities")).await.expect(200);
    for entry in entries.as_array().unwrap().iter().filter(|entry| entry["account"] == id) {
        let one = books.at(&format!("/activities/{}", entry["activity_id"].as_str().unwrap()));
        assert_eq!(server.patch(&one, &json!({"account": null})).await.expect(200)["account"], Value::Null);
    }
    assert_eq!(server.delete(path).await.status(), 204);
    server.delete(path).await.problem(404);
    assert_eq!(server.get(&books.at("/accounts")).await.expect(200), json!([]));
}

#[tokio::test]
async fn what_no_account_can_be_is_refused_by_its_field() {
    let server = Server::start().await;
    let books = Books::new(&server).await;
    books.account(json!({"name": "Depot"})).await;
    let other = books.account(json!({"name": "Other"})).await;
    for (draft, status, field) in [
        (json!({"name": " "}), 422, Some("name")),
        (json!({"name": "a\u{202e}b"}), 422, Some("name")),
        (json!({"name": "x".repeat(101)}), 422, Some("name")),
        (json!({"name": "depot"}), 409, Some("name")),
        (json!({"name": "New", "currency": "EURO"}), 422, Some("currency")),
        (json!({"name": "New", "kind": "vault"}), 422, Some("kind")),
        (json!({"name": "New", "cash": "1"}), 422, Some("cash")),
        (json!({"currency": "EUR"}), 422, Some("name")),
    ] {
        let refusal = server.post(&books.at("/accounts"), &draft).await;
        assert_eq!(refusal.problem(status).as_deref(), field, "{draft}");
    }
    let taken = server.patch(&books.at(&format!("/accounts/{other}")), &json!({"name": "DEPOT"})).await;
    assert_eq!(taken.problem(409).as_deref(), Some("name"));
    let strange = Books::new(&server).await;
    let theirs = strange.account(json!({"name": "Depot"})).await;
    for account in [theirs.as_str(), "99999", "x", "-1"] {
        let draft = entry("deposit", "2026-01-02", json!({"amount": "1", "account": account}));
        assert_eq!(server.post(&books.at("/activities"), &draft).await.problem(422).as_deref(), Some("account"), "{account}");
        let path = books.at(&format!("/accounts/{account}"));
        server.patch(&path, &json!({"name": "x"})).await.problem(404);
        server.delete(&path).await.problem(404);
    }
    for tags in [json!([""]), json!(["a,b"]), json!(["x".repeat(41)]), json!((0..21).map(|n| n.to_string()).collect::<Vec<_>>())]
    {
        let draft = entry("deposit", "2026-01-02", json!({"amount": "1", "tags": tags}));
        assert_eq!(server.post(&books.at("/activities"), &draft).await.problem(422).as_deref(), Some("tags"), "{tags}");
    }
    let third = async || {
        let request = server.request("POST", &books.at("/accounts")).header("idempotency-key", "once");
        request.json(&json!({"name": "Third"})).send().await.expect(201)
    };
    let (made, again) = (third().await, third().await);
    assert_eq!(made, again);
}

#[tokio::test]
async fn what_was_moved_between_own_accounts_keeps_its_lots_and_moves_no_money() {
    let server = Server::start().await;
    let books = Books::new(&server).await;
    let [from, to] = [books.account(json!({"name": "Old"})).await, books.account(json!({"name": "New"})).await];
    books.enter(entry("deposit", "2026-01-01", json!({"amount": "1000", "account": from}))).await;
    books
        .enter(entry(
            "buy",
            "2026-01-02",
            json!({"ticker": "NEWCO", "quantity": "10", "price": "40", "currency": "EUR", "account": from}),
        ))
        .await;
    let before = server.get(&books.path).await.expect(200);
    books
        .enter(entry("transfer_out", "2026-03-01", json!({"ticker": "NEWCO", "quantity": "4", "price": "90", "account": from})))
        .await;
    books
        .enter(entry("transfer_in", "2026-03-03", json!({"ticker": "NEWCO", "quantity": "4", "price": "90", "account": to})))
        .await;
    // A split is of the instrument, in every account.
    let split = books.enter(entry("split", "2026-03-05", json!({"ticker": "NEWCO", "quantity": "2"}))).await;
    let halves = server.get(&books.at("/accounts")).await.expect(200);
    let units = |place: usize| halves[place]["holdings"][0]["quantity"].clone();
    assert_eq!((units(0), units(1)), (json!("12"), json!("8")));
    server.delete(&books.at(&format!("/activities/{}", split["activity_id"].as_str().unwrap()))).await;
    books.enter(entry("transfer_out", "2026-03-01", json!({"amount": "100", "account": from}))).await;
    books.enter(entry("transfer_in", "2026-03-01", json!({"amount": "100", "account": to}))).await;
    let after = server.get(&books.path).await.expect(200);
    for field in ["cost_basis", "cash", "income", "realized_pnl"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    let accounts = server.get(&books.at("/accounts")).await.expect(200);
    let told = |place: usize| (accounts[place]["cash"].clone(), accounts[place]["holdings"].clone());
    assert_eq!(told(0), (json!([{"currency": "EUR", "amount": "500"}]), json!([{"ticker": "NEWCO", "quantity": "6"}])));
    assert_eq!(told(1), (json!([{"currency": "EUR", "amount": "100"}]), json!([{"ticker": "NEWCO", "quantity": "4"}])));
}

#[tokio::test]
async fn a_kind_needs_what_it_is_made_of_as_units_or_as_money() {
    let server = Server::start().await;
    let books = Books::new(&server).await;
    let units = json!({"ticker": "NEWCO", "quantity": "10", "price": "40", "currency": "EUR"});
    let opened = books.enter(entry("opening_balance", "2026-01-01", units.clone())).await;
    assert_eq!((&opened["quantity"], &opened["price"], &opened["amount"]), (&json!("10"), &json!("40"), &Value::Null));
    let cash = books.enter(entry("opening_balance", "2026-01-01", json!({"amount": "250"}))).await;
    assert_eq!((&cash["quantity"], &cash["price"], &cash["amount"]), (&Value::Null, &Value::Null, &json!("250")));
    books.enter(entry("spin_off", "2026-01-05", json!({"ticker": "NEWCO", "quantity": "5"}))).await;
    books.enter(entry("reinvested_dividend", "2026-01-06", json!({"ticker": "NEWCO", "quantity": "1", "price": "20"}))).await;
    let told = server.get(&books.path).await.expect(200);
    let holding = &told["holdings"][0];
    assert_eq!((&holding["quantity"], &holding["cost_basis"]), (&json!("16"), &json!("420")));
    assert_eq!(told["income"], json!("20"));
    let without = |field: &str| {
        let mut draft = units.clone();
        draft.as_object_mut().unwrap().remove(field);
        draft
    };
    for (kind, more, field) in [
        ("opening_balance", without("price"), "price"),
        ("transfer_in", without("quantity"), "quantity"),
        ("transfer_out", json!({}), "amount"),
        ("transfer_in", json!({"amount": "0"}), "amount"),
        ("transfer_in", json!({"amount": "1", "quantity": "1"}), "quantity"),
        ("opening_balance", json!({"ticker": "NEWCO", "quantity": "1", "price": "1", "amount": "1"}), "amount"),
        ("reinvested_dividend", json!({"amount": "5"}), "ticker"),
        ("spin_off", json!({"ticker": "NEWCO"}), "quantity"),
    ] {
        let refusal = server.post(&books.at("/activities"), &entry(kind, "2026-01-02", more.clone())).await;
        assert_eq!(refusal.problem(422).as_deref(), Some(field), "{kind} {more}");
    }
    let too_much =
        books.enter(entry("transfer_out", "2026-02-01", json!({"ticker": "NEWCO", "quantity": "20", "price": "50"}))).await;
    assert_eq!(too_much["missing"], json!("4"));
}

#[tokio::test]
async fn every_change_is_in_the_history_and_the_newest_is_taken_back() {
    let server = Server::start().await;
    let books = Books::new(&server).await;
    let made = books.enter(entry("deposit", "2026-01-02", json!({"amount": "100", "note": "first", "tags": ["a"]}))).await;
    let one = books.at(&format!("/activities/{}", made["activity_id"].as_str().unwrap()));
    let (history, undo) = (format!("{one}/history"), format!("{one}/undo"));
    let told = async || {
        let versions = server.get(&history).await.expect(200);
        let told = |version: &Value| {
            (
                version["revision"].as_i64().unwrap(),
                version["change"].as_str().unwrap().to_owned(),
                version["activity"]["amount"].clone(),
            )
        };
        versions.as_array().unwrap().iter().map(told).collect::<Vec<_>>()
    };
    let version = |revision, change: &str, amount: &str| (revision, change.to_owned(), json!(amount));
    assert_eq!(told().await, [version(1, "created", "100")]);
    server.post(&undo, &json!({})).await.problem(409);
    let changed = server.patch(&one, &json!({"amount": "90", "note": null})).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!((&changed["amount"], &changed["note"], &changed["tags"]), (&json!("90"), &Value::Null, &json!(["a"])));
    server.request("PATCH", &one).header("if-match", "\"1\"").json(&json!({"amount": "80"})).send().await.problem(412);
    server.request("POST", &undo).header("if-match", "\"1\"").json(&json!({})).send().await.problem(412);
    let undone = server.request("POST", &undo).header("if-match", "\"2\"").json(&json!({})).send().await;
    assert_eq!(undone.header("etag"), "\"3\"");
    assert_eq!(undone.expect(200)["note"], json!("first"));
    assert_eq!(server.post(&undo, &json!({})).await.expect(200)["amount"], json!("90"));
    assert_eq!(server.delete(&one).await.status(), 204);
    server.get(&one).await.problem(404);
    let deleted = (5, "deleted".to_owned(), Value::Null);
    let before =
        [version(4, "undone", "90"), version(3, "undone", "100"), version(2, "changed", "90"), version(1, "created", "100")];
    assert_eq!(told().await, [&[deleted.clone()][..], &before].concat());
    let restored = server.request("POST", &undo).header("if-match", "\"5\"").json(&json!({})).send().await.expect(200);
    assert_eq!(
        (&restored["activity_id"], &restored["revision"], &restored["amount"]),
        (&made["activity_id"], &json!(6), &json!("90"))
    );
    assert_eq!(told().await, [&[version(6, "restored", "90"), deleted][..], &before].concat());
    server.post(&undo, &json!({})).await.problem(409);
    let versions = server.get(&history).await.expect(200);
    assert_eq!(versions[0]["by"], json!("local"));
    assert!(versions.as_array().unwrap().iter().all(|version| version["at"].is_string()), "{versions}");
    for path in ["/activities/999999/history", "/activities/x/history"] {
        server.get(&books.at(path)).await.problem(404);
    }
    server.post(&books.at("/activities/999999/undo"), &json!({})).await.problem(404);
}

#[tokio::test]
async fn entries_are_found_by_what_is_asked_and_sorted_page_by_page() {
    let server = Server::start().await;
    let books = Books::new(&server).await;
    let account = books.account(json!({"name": "Depot"})).await;
    let noted = |kind: &str, time: &str, note: &str, more: Value| {
        let mut draft = entry(kind, time, more);
        draft["note"] = json!(note);
        draft
    };
    books.enter(noted("deposit", "2026-01-01", "pay", json!({"amount": "1000", "account": account}))).await;
    books
        .enter(noted(
            "buy",
            "2026-01-02",
            "one",
            json!({"ticker": "NEWCO", "quantity": "1", "price": "40", "currency": "EUR", "tags": ["Long"]}),
        ))
        .await;
    books.enter(noted("sell", "2026-01-03", "short", json!({"ticker": "NEWCO", "quantity": "3", "price": "50"}))).await;
    books.enter(noted("fee", "2026-02-01", "depot", json!({"amount": "5", "account": account, "tags": ["cost", "long"]}))).await;
    for (query, found) in [
        ("kind=sell", vec!["short"]),
        ("tag=long", vec!["depot", "one"]),
        ("q=LONG", vec!["depot", "one"]),
        ("q=newco", vec!["short", "one"]),
        ("ticker=newco&kind=buy", vec!["one"]),
        ("from=2026-01-02&to=2026-01-31", vec!["short", "one"]),
        ("problem=true", vec!["short"]),
        ("problem=false&kind=fee", vec!["depot"]),
        ("tag=none", vec![]),
        ("sort=time", vec!["pay", "one", "short", "depot"]),
        ("sort=-amount", vec!["pay", "short", "depot", "one"]),
        ("sort=amount&kind=buy", vec!["one"]),
        ("sort=ticker", vec!["short", "one", "depot", "pay"]),
    ] {
        assert_eq!(books.found(query).await, found, "{query}");
    }
    assert_eq!(books.found(&format!("account={account}")).await, ["depot", "pay"]);
    for (query, field) in [
        ("kind=lend", "kind"),
        ("sort=best", "sort"),
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("problem=maybe", "problem"),
        ("q=x&limit=0", "limit"),
        ("sort=time&cursor=x", "cursor"),
        ("kind=buy&cursor=x", "cursor"),
    ] {
        let refusal = server.get(&books.at(&format!("/activities?{query}"))).await;
        assert_eq!(refusal.problem(400).as_deref(), Some(field), "{query}");
    }
    for sort in ["-time", "time"] {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = server.get(&books.at(&format!("/activities?sort={sort}&limit=3{cursor}"))).await.expect(200);
            found.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["note"].clone()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found.len(), 4, "{sort}: {found:?}");
    }
    let page = server.get(&books.at("/activities?sort=time&limit=1")).await.expect(200);
    books.enter(noted("deposit", "2025-01-01", "before", json!({"amount": "1"}))).await;
    let stale = server.get(&books.at(&format!("/activities?sort=time&limit=1&cursor={}", page["next"].as_str().unwrap()))).await;
    stale.problem(409);
}
