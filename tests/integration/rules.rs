//! Rules as data: what an alert waits for, by its kind and parameters or in the short form (PROTOCOL §2 and §5, Alerts).

use serde_json::{Value, json};

use crate::support::Server;

async fn priced() -> Server {
    let server = Server::start().await;
    server.push_raw(&json!([{"ticker": "A", "price": "149", "previous_close": "148"}])).await.expect(202);
    server.price("B", "7").await;
    server
}

fn rule(kind: &str, parameter: &str, number: &str) -> Value {
    json!({"kind": kind, "ticker": "A", parameter: number})
}

#[tokio::test]
async fn every_kind_is_made_from_its_rule_and_told_in_both_forms() {
    let server = priced().await;
    for (kind, parameter, number) in [
        ("price_above", "level", "155.00"),
        ("price_below", "level", "0.0001"),
        ("crosses_above", "level", "150"),
        ("crosses_below", "level", "148.50"),
        ("day_change_above_percent", "percent", "5.0"),
        ("day_change_below_percent", "percent", "-2.50"),
    ] {
        let rule = rule(kind, parameter, number);
        let made = server.alert(&json!({"rule": rule, "note": "n", "repeat": "every", "cooldown_s": 60})).await;
        assert_eq!((&made["rule"], &made["ticker"], &made["condition"]), (&rule, &json!("A"), &json!(kind)));
        assert_eq!((&made["threshold"], &made["repeat"], &made["cooldown_s"]), (&json!(number), &json!("every"), &json!(60)));
        let short = server.alert(&json!({"ticker": "A", "condition": kind, "threshold": number})).await;
        assert_eq!((&short["rule"], &short["distance_percent"]), (&rule, &made["distance_percent"]));
        let address = format!("/api/v1/alerts/{}", made["id"].as_str().unwrap());
        assert_eq!(server.get(&address).await.expect(200), made);
    }
}

#[tokio::test]
async fn an_alert_that_was_made_from_its_rule_watches() {
    let server = priced().await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    let alert = server.alert(&json!({"rule": rule("crosses_above", "level", "150.00")})).await;
    assert_eq!(stream.until("alert_changed").await.data["rule"], alert["rule"]);
    server.price("A", "151").await;
    let triggered = stream.until("alert_triggered").await;
    assert_eq!((&triggered.data["alert_id"], triggered.text("threshold").as_str()), (&alert["id"], "150.00"));
}

#[tokio::test]
async fn a_rule_outlives_a_restart_with_its_digits_and_what_it_saw() {
    let server = priced().await;
    let alert = server.alert(&json!({"rule": rule("crosses_above", "level", "150.00")})).await;
    let server = server.restart(&[]).await;
    let address = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    assert_eq!(server.get(&address).await.expect(200)["rule"], alert["rule"]);
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    server.price("A", "151").await;
    let triggered = stream.until("alert_triggered").await;
    assert_eq!((triggered.text("previous_price").as_str(), &triggered.data["gap"]), ("149", &json!(true)));
}

#[tokio::test]
async fn a_patch_takes_another_rule_or_a_part_of_the_short_form() {
    let server = priced().await;
    let alert = server.alert(&json!({"rule": rule("crosses_above", "level", "150.00")})).await;
    let address = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    let other = json!({"kind": "day_change_below_percent", "ticker": "B", "percent": "-3"});
    let changed = server.patch(&address, &json!({"rule": other})).await.expect(200);
    assert_eq!((&changed["rule"], &changed["revision"]), (&other, &json!(2)));
    assert_eq!(server.patch(&address, &json!({"rule": other})).await.expect(200)["revision"], 2, "nothing was changed");
    let changed = server.patch(&address, &json!({"threshold": "-4"})).await.expect(200);
    assert_eq!(changed["rule"], json!({"kind": "day_change_below_percent", "ticker": "B", "percent": "-4"}));
    let changed = server.patch(&address, &json!({"condition": "price_above", "threshold": "9.00"})).await.expect(200);
    assert_eq!(changed["rule"], json!({"kind": "price_above", "ticker": "B", "level": "9.00"}));
    let refusal = server.patch(&address, &json!({"rule": other, "threshold": "1"})).await;
    assert_eq!(refusal.problem(422).as_deref(), Some("rule"));
}

#[tokio::test]
async fn what_is_no_rule_is_refused_with_the_parameter_at_fault_and_makes_nothing() {
    let server = priced().await;
    let long = "x".repeat(40);
    for (draft, field) in [
        (json!({"rule": {"kind": "eclipse", "ticker": "A", "level": "1"}}), "rule.kind"),
        (json!({"rule": {"low": "1", "kind": "band", "ticker": "A", "high": "2", "when": "enters"}}), "rule.kind"),
        (json!({"rule": {"kind": "weight_above", "portfolio": "p", "percent": "5"}}), "rule.kind"),
        (json!({"rule": {"kind": 5, "ticker": "A"}}), "rule.kind"),
        (json!({"rule": {"ticker": "A", "level": "1"}}), "rule.kind"),
        (json!({"rule": {"all": []}}), "rule.kind"),
        (json!({"rule": {"kind": "price_above", "level": "1"}}), "rule.ticker"),
        (json!({"rule": {"kind": "price_above", "ticker": "NOBODY", "level": "1"}}), "rule.ticker"),
        (json!({"rule": {"kind": "price_above", "ticker": "A A", "level": "1"}}), "rule.ticker"),
        (json!({"rule": {"kind": "price_above", "ticker": "A"}}), "rule.level"),
        (json!({"rule": {"kind": "price_above", "ticker": "A", "level": null}}), "rule.level"),
        (json!({"rule": {"kind": "price_above", "ticker": "A", "level": 5}}), "rule.level"),
        (json!({"rule": rule("price_above", "level", "1e3")}), "rule.level"),
        (json!({"rule": rule("price_above", "level", "+1")}), "rule.level"),
        (json!({"rule": rule("crosses_below", "level", "0")}), "rule.level"),
        (json!({"rule": {"kind": "price_above", "ticker": "A", "level": "1", "percent": "1"}}), "rule.percent"),
        (json!({"rule": {"kind": "price_above", "ticker": "A", "level": "1", "colour": {"red": [1]}}}), "rule.colour"),
        (json!({"rule": {"kind": "price_above", "ticker": "A", "level": "1", &long: 1}}), "rule"),
        (json!({"rule": rule("day_change_above_percent", "level", "1")}), "rule.level"),
        (json!({"rule": {"kind": "day_change_above_percent", "ticker": "A"}}), "rule.percent"),
        (json!({"rule": rule("day_change_below_percent", "percent", "-100")}), "rule.percent"),
        (json!({"rule": rule("day_change_above_percent", "percent", "1001")}), "rule.percent"),
        (json!({"rule": null}), "rule"),
        (json!({"rule": []}), "rule"),
        (json!({"rule": rule("price_above", "level", "1"), "ticker": "A"}), "rule"),
        (json!({"rule": rule("price_above", "level", "1"), "condition": "price_above", "threshold": "1"}), "rule"),
        (json!({"condition": "price_above", "threshold": "1"}), "ticker"),
        (json!({"ticker": "A", "threshold": "1"}), "condition"),
        (json!({"ticker": "A", "condition": "price_above"}), "threshold"),
        (json!({"ticker": "A", "condition": "price_above", "threshold": null}), "threshold"),
        (json!({"note": "n"}), "ticker"),
    ] {
        let refusal = server.post("/api/v1/alerts", &draft).await;
        assert_eq!(refusal.problem(422).as_deref(), Some(field), "{draft}");
    }
    assert_eq!(server.get("/api/v1/alerts").await.expect(200), json!([]));
}

#[tokio::test]
async fn a_key_brings_the_same_alert_for_the_same_rule_and_refuses_another() {
    let server = priced().await;
    let post = async |rule: &Value| {
        let request = server.request("POST", "/api/v1/alerts").header("idempotency-key", "k");
        request.json(&json!({ "rule": rule })).send().await
    };
    let first = post(&rule("price_above", "level", "155")).await.expect(201);
    assert_eq!(post(&rule("price_above", "level", "155")).await.expect(201), first);
    assert_eq!(post(&rule("price_above", "level", "156")).await.problem(422).as_deref(), Some("Idempotency-Key"));
}
