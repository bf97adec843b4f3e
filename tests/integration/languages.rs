//! The language of a reader: how it is found, what it changes, and what it leaves alone.

use crate::support::{Answer, Server};
use serde_json::json;

const FORM: &str = "application/x-www-form-urlencoded";

async fn page(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(server.request("GET", path), |request, (name, value)| request.header(name, value));
    request.send().await
}

/// A server with a holding that has a price.
async fn holding() -> (Server, String) {
    let server = Server::start().await;
    server.push(&[("AAPL", "1150.00")]).await;
    let portfolio = server.portfolio("EUR").await;
    let bought =
        json!({"kind": "buy", "time": "2026-01-05", "ticker": "AAPL", "quantity": "10", "price": "1000", "exchange_rate": "0.9"});
    server.activity(&portfolio, &bought).await;
    (server, portfolio)
}

#[tokio::test]
async fn pages_are_written_in_the_language_that_the_browser_asks_for() {
    let (server, _) = holding().await;
    for path in ["/", "/activity", "/alerts", "/inbox", "/settings", "/operations", "/search", "/i/AAPL", "/nothing-here"] {
        let german = page(&server, path, &[("accept-language", "de-AT,de;q=0.9,en;q=0.5")]).await;
        assert_eq!(
            (german.header("content-language"), german.header("vary").contains("accept-language")),
            ("de", true),
            "{path}"
        );
        let text = german.text();
        assert!(
            text.contains("<html lang=\"de\"") && text.contains("Übersicht") && text.contains("Einstellungen"),
            "{path}: {text}"
        );
        assert!(!text.contains("Overview<") && !text.contains("Settings<"), "{path}: {text}");
        let english = page(&server, path, &[("accept-language", "fr")]).await;
        assert_eq!(english.header("content-language"), "en", "{path}");
        assert!(english.text().contains("<html lang=\"en\"") && english.text().contains("Overview<"), "{path}");
    }
}

#[tokio::test]
async fn figures_and_dates_follow_the_language() {
    let (server, _) = holding().await;
    let ledger = page(&server, "/activity", &[("accept-language", "de")]).await.text();
    assert!(ledger.contains("1.000,00") && ledger.contains("−10.000,00") && ledger.contains(">Mo 5.<"), "{ledger}");
    let ledger = page(&server, "/activity", &[]).await.text();
    assert!(ledger.contains("1,000.00") && ledger.contains("−10,000.00") && ledger.contains(">Mon 5<"), "{ledger}");
}

#[tokio::test]
async fn a_chosen_language_is_kept_and_comes_before_the_browsers() {
    let (server, _) = holding().await;
    let referer = format!("http://{}/settings", server.address);
    let choose = |language: &'static str| {
        let request = server.request("POST", "/api/ui/choose_language").header("accept", "text/html").header("referer", &referer);
        request.text(FORM, &format!("language={language}")).send()
    };
    let chosen = choose("de").await;
    assert_eq!((chosen.status(), chosen.header("location")), (303, "/settings"));
    let cookie = chosen.header("set-cookie").to_owned();
    assert!(cookie.starts_with("foliostream_language=de; Path=/; Max-Age=31536000; SameSite=Lax"), "{cookie}");
    let kept = cookie.split(';').next().unwrap();
    let settings = page(&server, "/settings", &[("cookie", kept), ("accept-language", "en")]).await;
    assert_eq!(settings.header("content-language"), "de");
    assert!(settings.text().contains("Diese Sprache verwenden"));
    let refused = choose("xx").await;
    assert_eq!((refused.status(), refused.header("set-cookie")), (422, ""));
}

#[tokio::test]
async fn the_texts_of_a_language_are_a_file_that_may_be_kept_for_ever() {
    let (server, _) = holding().await;
    for (language, text) in [("en", "Total value"), ("de", "Gesamtwert")] {
        let document = page(&server, "/", &[("accept-language", language)]).await.text();
        let address =
            document.split("\"/words/").nth(1).and_then(|rest| rest.split('"').next()).expect("the document names the file");
        let file = server.get(&format!("/words/{address}")).await;
        assert_eq!((file.status(), file.header("cache-control")), (200, "public, max-age=31536000, immutable"));
        assert!(
            file.text().starts_with(&format!("{language} ")) && file.text().lines().any(|line| line == text),
            "{}",
            file.text()
        );
    }
    assert_eq!(server.get("/words/de.0000000000000000.txt").await.status(), 404, "texts of another version are not there");
}

#[tokio::test]
async fn a_form_is_read_in_the_language_it_was_written_in() {
    let (server, portfolio) = holding().await;
    let post = |path: &str, body: &str| server.request("POST", path).header("accept", "application/json").text(FORM, body).send();
    let made = post("/api/ui/create_alert", "ticker=AAPL&condition=price_above&threshold=1.234%2C50&language=de").await.json();
    assert_eq!(made["threshold"], "1234.50");
    let made = post("/api/ui/create_alert", "ticker=AAPL&condition=price_above&threshold=1.234&language=de").await.json();
    assert_eq!(made["threshold"], "1234", "a point separates thousands in German");
    let made = post("/api/ui/create_alert", "ticker=AAPL&condition=price_above&threshold=1.234").await.json();
    assert_eq!(made["threshold"], "1.234", "a form that names no language is read as programs write");
    for (threshold, says) in [("1.234.5", "drei Ziffern"), ("viel", "150,25")] {
        let refused =
            post("/api/ui/create_alert", &format!("ticker=AAPL&condition=price_above&threshold={threshold}&language=de")).await;
        assert_eq!((refused.status(), refused.json()["field"].as_str()), (422, Some("threshold")));
        assert!(refused.json()["message"].as_str().unwrap().contains(says), "{}", refused.text());
    }
    let bought = format!(
        "portfolio={portfolio}&kind=buy&time=2026-02-03&ticker=AAPL&quantity=2%2C5&price=1.000%2C25&fee=1%2C90&exchange_rate=0%2C9&language=de"
    );
    let entry = post("/api/ui/save_activity", &bought).await.json();
    let figures = ["quantity", "price", "fee", "exchange_rate"].map(|name| entry[name].as_str().unwrap_or_default().to_owned());
    assert_eq!(figures, ["2.5", "1000.25", "1.90", "0.9"]);
    let edit = format!("/activity?portfolio={portfolio}&edit={}", entry["activity_id"].as_str().unwrap());
    let form = page(&server, &edit, &[("accept-language", "de")]).await.text();
    assert!(form.contains("value=\"2,5\"") && form.contains("value=\"1000,25\"") && form.contains("value=\"1,90\""), "{form}");
    assert!(form.contains("name=\"language\" value=\"point\""), "{form}");
}

#[tokio::test]
async fn a_refusal_is_said_in_the_language_that_is_asked_for_and_keeps_its_code_and_field() {
    let (server, _) = holding().await;
    let body = json!({"ticker": "AAPL", "condition": "price_above", "threshold": "viel"});
    let post = |language: &str| server.request("POST", "/api/v1/alerts").header("accept-language", language).json(&body).send();
    let english = server.post("/api/v1/alerts", &body).await;
    let plain = english.json();
    assert_eq!((english.status(), plain["title"].as_str()), (422, Some("Unprocessable Entity")));
    assert_eq!(plain["detail"], "Enter a number, such as 150.25.");
    let german = post("de").await;
    assert_eq!((german.status(), german.header("content-language")), (422, "de"));
    assert!(german.header("vary").contains("accept-language"), "{}", german.header("vary"));
    let told = german.json();
    assert_eq!(
        (told["detail"].as_str(), told["title"].as_str()),
        (Some("Gib eine Zahl ein, etwa 150,25."), Some("Nicht verarbeitbar"))
    );
    assert_eq!((&told["status"], &told["field"], &told["type"]), (&plain["status"], &plain["field"], &plain["type"]));
    assert_eq!(post("fr").await.json(), plain, "a language that there is not");
    for (path, says) in
        [("/api/v1/nothing", "openapi.json zählt"), ("/api/v1/alerts/999", "Diesen Alarm"), ("/api/v1/quotes", "")]
    {
        let answer = page(&server, path, &[("accept-language", "de")]).await;
        assert!(answer.status() == 200 || answer.json()["detail"].as_str().unwrap().contains(says), "{path}: {}", answer.text());
    }
    let cursor = page(&server, "/api/v1/alerts", &[("accept-language", "de"), ("host", "evil.example")]).await;
    assert_eq!(cursor.status(), 421);
    assert!(cursor.text().contains("--allowed-host"), "{}", cursor.text());
}

#[tokio::test]
async fn a_refused_form_is_answered_in_the_language_of_its_reader() {
    let (server, portfolio) = holding().await;
    let post = |accept: &str| {
        let body = format!("portfolio={portfolio}&kind=deposit&time=2026-02-03");
        let request = server.request("POST", "/api/ui/save_activity").header("accept", accept).header("accept-language", "de");
        request.text(FORM, &body).send()
    };
    let told = "Gib einen Betrag für eine Einzahlung ein.";
    let answer = post("application/json").await;
    assert_eq!((answer.status(), answer.json()["message"].as_str()), (422, Some(told)));
    let page = post("text/html").await;
    assert!(page.status() == 422 && page.text().contains(told), "{}", page.text());
}

#[tokio::test]
async fn a_firing_is_told_in_the_readers_language_and_in_english_on_the_stream() {
    let server = Server::start().await;
    server.push(&[("AAPL", "149.80")]).await;
    let draft = json!({"ticker": "AAPL", "condition": "crosses_above", "threshold": "150", "note": "die Hälfte"});
    server.post("/api/v1/alerts", &draft).await.expect(201);
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    server.push(&[("AAPL", "151.20")]).await;
    let told = stream.until("alert_triggered").await;
    assert_eq!(told.text("message"), "AAPL rose above 150.00 USD: 151.20, was 149.80 (die Hälfte)");
    assert_eq!([told.text("note"), told.text("currency")], ["die Hälfte", "USD"]);
    let german = "AAPL ist über 150,00 USD gestiegen: 151,20, zuvor 149,80 (die Hälfte)";
    let list = page(&server, "/api/v1/notifications", &[("accept-language", "de")]).await;
    assert_eq!((list.header("content-language"), list.json()[0]["message"].as_str()), ("de", Some(german)));
    let inbox = page(&server, "/inbox", &[("accept-language", "de")]).await.text();
    assert!(inbox.contains(german) && !inbox.contains("steigt über 150"), "in the past tense: {inbox}");
    assert_eq!(server.get("/api/v1/notifications").await.json()[0]["message"], told.data["message"]);
}
