//! What every stream does: PROTOCOL §1, from the headers to the live events.

use serde_json::json;

use crate::support::{Basket, EventStream, Message, Server};

fn names(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.event.as_str()).collect()
}

/// Returns the next two events that are no heartbeats, by name.
async fn two_news(stream: &mut EventStream) -> Vec<Message> {
    let mut news = Vec::new();
    while news.len() < 2 {
        news.push(stream.next().await);
        news.retain(|message: &Message| message.event != "heartbeat");
    }
    news.sort_by(|left, right| left.event.cmp(&right.event));
    news
}

#[tokio::test]
async fn the_headers_are_exactly_those_of_an_unbuffered_stream() {
    let server = Server::start().await;
    server.push(&[("AAPL", "150")]).await;
    let stream = server.stream("prices?tickers=AAPL").await;
    assert_eq!(stream.head.get("content-type"), Some("text/event-stream"));
    assert_eq!(stream.head.get("cache-control"), Some("no-store, no-transform"));
    assert_eq!(stream.head.get("x-accel-buffering"), Some("no"));
    assert_eq!(stream.head.get("transfer-encoding"), Some("chunked"));
    assert_eq!(stream.head.get("connection"), Some("close"), "the connection ends with the stream");
    for absent in ["content-length", "content-encoding", "keep-alive", "access-control-allow-origin"] {
        assert_eq!(stream.head.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn a_stream_is_not_compressed_though_the_client_would_take_it() {
    let server = Server::start().await;
    let request = server.request("GET", "/api/v1/sse/notifications").header("accept-encoding", "gzip, br, deflate");
    let mut stream = request.stream().await;
    assert_eq!(stream.head.get("content-encoding"), None);
    stream.expect("hello").await;
}

#[tokio::test]
async fn a_stream_begins_with_retry_and_hello() {
    let server = Server::with(&["--heartbeat-s", "20"]).await;
    server.price("AAPL", "150").await;
    let mut retries = Vec::new();
    for _ in 0..5 {
        let mut stream = server.stream("prices?tickers=AAPL,GONE").await;
        let hello = stream.expect("hello").await;
        retries.push(stream.retry_ms().expect("retry comes before hello"));
        assert_eq!(hello.data["protocol"], 1);
        assert!(
            hello.text("epoch").len() == 10 && hello.text("epoch").starts_with('1'),
            "a number, and a mark that no other term has: {hello:?}"
        );
        assert_eq!(hello.data["resume"], "snapshot");
        assert_eq!(hello.data["heartbeat_s"], 20);
        assert_eq!(hello.data["server_time"], "2026-11-02T10:00:01.250Z");
        assert!(!hello.text("worker").is_empty());
        assert_eq!(hello.data["unknown_tickers"], json!(["GONE"]));
        let (epoch, filter, n, seq) = hello.cursor();
        assert_eq!((epoch, filter.len(), n, seq), (hello.text("epoch"), 8, 0, 0));
    }
    assert!(retries.iter().all(|retry| (2_400..=3_600).contains(retry)), "{retries:?}");
    assert!(retries.iter().any(|retry| *retry != retries[0]), "differs per connection: {retries:?}");
}

#[tokio::test]
async fn a_list_that_is_named_twice_is_served_whole_and_anything_else_is_refused() {
    let server = Server::start().await;
    for ticker in ["A", "B"] {
        server.price(ticker, "10").await;
    }
    let names = |quotes: &serde_json::Value| {
        let quotes = quotes.as_array().unwrap().iter();
        quotes.map(|quote| quote["ticker"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&server.get("/api/v1/quotes?tickers=A&tickers=B").await.json()), ["A", "B"]);
    let opening = server.stream("prices?tickers=A&tickers=B").await.opening().await;
    assert_eq!(opening.iter().filter(|event| event.event == "price_update").count(), 2);
    let refusal = server.get("/api/v1/sse/prices?tickers=A&max_hz=1&max_hz=2").await;
    assert_eq!(refusal.problem(400).as_deref(), Some("max_hz"));
    assert_eq!(server.get("/api/v1/sse/prices?tickers=..").await.problem(400).as_deref(), Some("tickers"));
}

#[tokio::test]
async fn the_snapshot_comes_in_ascending_order_of_last_change() {
    let server = Server::start().await;
    for ticker in ["A", "B", "C"] {
        server.price(ticker, "10").await;
    }
    server.price("A", "11").await;
    let opening = server.stream("prices?tickers=A,B,C").await.opening().await;
    assert_eq!(names(&opening), ["hello", "price_update", "price_update", "price_update", "synced"]);
    let tickers: Vec<String> = opening[1..4].iter().map(|message| message.text("ticker")).collect();
    assert_eq!(tickers, ["B", "C", "A"]);
    let numbers: Vec<u64> = opening.iter().map(|message| message.cursor().3).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert_eq!(opening[4].text("cursor"), opening[4].id);
    assert_eq!(opening[4].id, opening[3].id);
    assert!(opening[4].data.get("unread_count").is_none());
}

#[tokio::test]
async fn every_event_carries_an_id_of_allowed_characters() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    for message in server.stream("stream?tickers=AAPL&notifications=true").await.opening().await {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        assert!(message.id.len() <= 64 && message.id.bytes().all(allowed), "{message:?}");
        message.cursor();
    }
}

#[tokio::test]
async fn a_price_update_has_every_field_of_the_contract() {
    let server = Server::start().await;
    let quote = json!([{"ticker": "AAPL", "price": "150.00", "bid": "149.99", "ask": "150.01", "previous_close": "145",
        "currency": "USD", "time": "2026-11-02T09:59:59.5Z"}]);
    server.push_raw(&quote).await.expect(202);
    server.advance(250);
    let mut stream = server.stream("prices?tickers=AAPL").await;
    let update = stream.until("price_update").await;
    let mut wanted = json!({"ticker": "AAPL", "price": "150.00", "bid": "149.99", "ask": "150.01", "previous_close": "145",
        "change": "5.00", "change_percent": "3.448276", "currency": "USD", "time": "2026-11-02T09:59:59.500Z", "freshness": "live"});
    assert_eq!(update.data, wanted);
    (wanted["source"], wanted["delay_s"]) = (json!("pushed"), json!(0));
    assert_eq!(server.get("/api/v1/quotes?tickers=AAPL").await.expect(200), json!([wanted]));
}

#[tokio::test]
async fn what_is_not_known_is_null() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let update = server.stream("prices?tickers=AAPL").await.until("price_update").await;
    for field in ["bid", "ask", "previous_close", "change", "change_percent"] {
        assert_eq!(update.data[field], json!(null), "{field}");
    }
}

#[tokio::test]
async fn tickers_are_upper_cased_and_folded() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let opening = server.stream("prices?tickers=aapl,AAPL,,aApL").await.opening().await;
    assert_eq!(names(&opening), ["hello", "price_update", "synced"]);
    assert_eq!(opening[0].data["unknown_tickers"], json!([]));
}

#[tokio::test]
async fn a_pushed_quote_arrives_live() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut stream = server.stream("prices?tickers=AAPL").await;
    stream.opening().await;
    server.price("AAPL", "150.25").await;
    let update = stream.expect("price_update").await;
    assert_eq!(update.text("price"), "150.25");
}

#[tokio::test]
async fn the_first_change_after_a_quiet_interval_leaves_at_once() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut stream = server.stream("prices?tickers=AAPL").await;
    stream.opening().await;
    server.push(&[("AAPL", "151")]).await;
    // The clock stands still: it cannot have waited for a frame.
    assert_eq!(stream.expect("price_update").await.text("price"), "151");
}

#[tokio::test]
async fn many_changes_within_a_frame_are_one_update_with_the_newest() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut stream = server.stream("prices?tickers=AAPL,MSFT").await;
    stream.opening().await;
    server.push(&[("AAPL", "151")]).await;
    stream.expect("price_update").await;
    for price in 152..200 {
        server.push(&[("AAPL", &price.to_string())]).await;
    }
    server.push(&[("AAPL", "149.990")]).await;
    server.advance(250);
    assert_eq!(stream.expect("price_update").await.text("price"), "149.990");
    server.price("MSFT", "400").await;
    assert_eq!(stream.expect("price_update").await.text("ticker"), "MSFT");
    let rest = server.stream("prices?tickers=AAPL").await.until("price_update").await;
    assert_eq!(rest.text("price"), "149.990");
}

#[tokio::test]
async fn max_hz_lowers_the_rate_of_one_connection_and_the_last_value_is_exact() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut slow = server.stream("prices?tickers=AAPL&max_hz=1").await;
    let mut full = server.stream("prices?tickers=AAPL").await;
    slow.opening().await;
    full.opening().await;
    let mut slow_prices = Vec::new();
    for price in 151..=162 {
        server.push(&[("AAPL", &price.to_string())]).await;
        assert_eq!(full.expect("price_update").await.text("price"), price.to_string());
        server.advance(250);
        while let Some(message) = slow.at_hand() {
            slow_prices.push(message.text("price"));
        }
    }
    server.advance(1_000);
    while slow_prices.last().map(String::as_str) != Some("162") {
        slow_prices.push(slow.next_while(|| server.advance(50)).await.unwrap().text("price"));
    }
    assert!((3..=6).contains(&slow_prices.len()), "three seconds at one a second: {slow_prices:?}");
}

#[tokio::test]
async fn after_fifteen_seconds_of_silence_comes_a_heartbeat_as_comment_and_event() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut stream = server.stream("prices?tickers=AAPL").await;
    let synced = stream.opening().await.pop().unwrap();
    server.advance(14_900);
    server.price("MSFT", "1").await;
    server.advance(1_000);
    let heartbeat = stream.expect("heartbeat").await;
    assert_eq!(heartbeat.comments, ["heartbeat"]);
    assert_eq!(heartbeat.id, synced.id, "a control event repeats the cursor");
    assert!(heartbeat.text("time").starts_with("2026-11-02T10:00:1"), "{heartbeat:?}");
    server.advance(16_000);
    stream.expect("heartbeat").await;
}

#[tokio::test]
async fn a_stream_that_speaks_has_no_heartbeat() {
    let server = Server::start().await;
    server.price("AAPL", "1").await;
    let mut stream = server.stream("prices?tickers=AAPL").await;
    stream.opening().await;
    for price in 2..8 {
        server.advance(10_000);
        server.price("AAPL", &price.to_string()).await;
        assert_eq!(stream.expect("price_update").await.text("price"), price.to_string());
    }
}

#[tokio::test]
async fn heartbeats_of_many_streams_are_spread() {
    let server = Server::with(&["--max-streams-per-user", "0"]).await;
    server.price("AAPL", "1").await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = server.stream("prices?tickers=AAPL").await;
        stream.opening().await;
        streams.push(stream);
    }
    server.advance(14_900);
    let mut times = std::collections::BTreeSet::new();
    for stream in &mut streams {
        let heartbeat = stream.next_while(|| server.advance(50)).await.unwrap();
        assert_eq!(heartbeat.event, "heartbeat");
        times.insert(heartbeat.text("time"));
    }
    assert!(times.len() > 3, "{times:?}");
}

#[tokio::test]
async fn the_feed_goes_stale_after_sixty_seconds_and_live_again_with_a_quote() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut stream = server.stream("prices?tickers=AAPL").await;
    let opening = stream.opening().await;
    assert_eq!(names(&opening), ["hello", "price_update", "synced"], "no status while the feed is live");
    for _ in 0..7 {
        server.advance(10_000);
    }
    let mut news = two_news(&mut stream).await;
    let status = news.pop().unwrap();
    assert_eq!((news[0].event.as_str(), news[0].text("freshness").as_str()), ("price_update", "stale"));
    assert_eq!((status.event.as_str(), status.text("feed").as_str()), ("status", "stale"));
    assert!(status.text("since").starts_with("2026-11-02T10:01:"), "{status:?}");
    let late = server.stream("prices?tickers=AAPL").await.opening().await;
    assert_eq!(names(&late), ["hello", "price_update", "status", "synced"]);
    server.price("AAPL", "150").await;
    let news = two_news(&mut stream).await;
    assert_eq!((news[0].event.as_str(), news[0].text("freshness").as_str()), ("price_update", "live"));
    assert_eq!((news[1].event.as_str(), news[1].text("feed").as_str()), ("status", "live"));
}

#[tokio::test]
async fn a_server_without_any_quote_says_that_the_feed_is_stale() {
    let server = Server::start().await;
    let opening = server.stream("notifications").await.opening().await;
    assert_eq!(names(&opening), ["hello", "status", "synced"]);
    assert_eq!(opening[1].text("feed"), "stale");
    assert_eq!(opening[2].data["unread_count"], 0);
    assert_eq!(opening[0].id, opening[1].id, "a control event repeats the cursor");
}

#[tokio::test]
async fn one_connection_carries_prices_a_portfolio_and_notifications() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let portfolio = server.portfolio("USD").await;
    let buy = json!({"kind": "buy", "time": "2026-01-02", "ticker": "AAPL", "quantity": "10", "price": "140"});
    server.activity(&portfolio, &buy).await;
    let mut stream = server.stream(&format!("stream?portfolio={portfolio}&tickers=AAPL&notifications=true")).await;
    let opening = stream.opening().await;
    let mut seen = names(&opening);
    seen.sort_unstable();
    assert_eq!(seen, ["hello", "portfolio_update", "price_update", "synced"]);
    assert_eq!(opening.last().unwrap().data["unread_count"], 0);
    server.alert(&json!({"ticker": "AAPL", "condition": "crosses_above", "threshold": "151"})).await;
    assert_eq!(stream.expect("alert_changed").await.text("state"), "armed");
    server.push(&[("AAPL", "152")]).await;
    let mut seen = Vec::new();
    while seen.len() < 4 {
        seen.push(stream.next().await.event);
    }
    seen.sort_unstable();
    assert_eq!(seen, ["alert_changed", "alert_triggered", "portfolio_update", "price_update"]);
}

#[tokio::test]
async fn a_ticker_that_appears_starts_to_flow() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut stream = server.stream("prices?tickers=AAPL,NEW").await;
    let opening = stream.opening().await;
    assert_eq!(opening[0].data["unknown_tickers"], json!(["NEW"]));
    server.price("NEW", "1").await;
    assert_eq!(stream.expect("price_update").await.text("ticker"), "NEW");
}

#[tokio::test]
async fn a_stream_that_carries_metrics_opens_whatever_is_not_quoted() {
    let server = Server::start().await;
    let opening = server.stream("stream?metrics=true&tickers=NOBODY").await.opening().await;
    assert_eq!(opening[0].data["unknown_tickers"], json!(["NOBODY"]));
}

#[tokio::test]
async fn a_reader_that_stops_delays_nobody_and_catches_up_with_the_newest() {
    let server = Server::start().await;
    let basket = Basket::new();
    server.push_raw(&basket.at(1)).await.expect(202);
    server.advance(250);
    let mut stopped = server.stream(&basket.stream()).await;
    let mut reader = server.stream(&basket.stream()).await;
    reader.opening().await;
    // For 10 s: after 30 it would be closed, by the server's clock and by the kernel's, which this test does not move.
    let last = 40;
    for price in 2..=last {
        server.push_raw(&basket.at(price)).await.expect(202);
        server.advance(250);
        for _ in 0..Basket::SIZE {
            assert_eq!(reader.expect("price_update").await.text("price"), price.to_string());
        }
    }
    let mut newest = std::collections::HashMap::new();
    let mut events = 0;
    while newest.len() < Basket::SIZE || newest.values().any(|price| *price != last.to_string()) {
        let message = stopped.next().await;
        if message.event == "price_update" {
            events += 1;
            newest.insert(message.text("ticker"), message.text("price"));
        }
    }
    assert!(events < Basket::SIZE * last as usize / 2, "most of what it slept through was conflated: {events}");
}
