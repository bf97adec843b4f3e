//! The compact form of a stream, against the running server: docs/PROTOCOL.md, The compact form.

use std::collections::BTreeMap;

use foliostream::wire::compact::Reader;
use foliostream::wire::views::{PortfolioView, QuoteView};
use serde_json::{Value, json};

use crate::support::{EventStream, Message, Server};

fn names(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.event.as_str()).collect()
}

/// What a client knows that reads frames.
#[derive(Default)]
struct Client {
    reader: Reader,
    quotes: BTreeMap<String, QuoteView>,
    portfolio: Option<PortfolioView>,
    id: String,
}

impl Client {
    fn hear(&mut self, message: &Message) {
        self.id.clone_from(&message.id);
        match message.event.as_str() {
            "hello" => {
                assert_eq!(message.data["format"], "compact");
                self.reader.forget_names();
                if message.data["resume"] == "snapshot" {
                    self.reader.forget();
                }
            }
            "frame" => {
                let frame = message.data.as_str().unwrap();
                let changes = self.reader.read(frame).unwrap_or_else(|_| panic!("not readable: {frame}"));
                self.quotes.extend(changes.quotes.into_iter().map(|quote| (quote.ticker.to_string(), quote)));
                if let Some(changed) = changes.portfolio {
                    let mut holdings: BTreeMap<_, _> = self
                        .portfolio
                        .take()
                        .into_iter()
                        .flat_map(|known| known.holdings)
                        .map(|holding| (holding.ticker.clone(), holding))
                        .collect();
                    holdings.extend(changed.holdings.iter().map(|holding| (holding.ticker.clone(), holding.clone())));
                    holdings.retain(|_, holding| !holding.quantity.is_zero());
                    self.portfolio = Some(PortfolioView { holdings: holdings.into_values().collect(), ..changed });
                }
            }
            _ => {}
        }
    }

    async fn open(&mut self, server: &Server, path: &str) -> EventStream {
        let mut stream = if self.id.is_empty() { server.stream(path).await } else { server.resume(path, &self.id).await };
        stream.opening().await.iter().for_each(|message| self.hear(message));
        stream
    }

    /// Checks what is known against what the server answers.
    async fn knows_what_is_true(&self, server: &Server, id: &str) {
        let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
        let known = serde_json::to_value(self.portfolio.as_ref().unwrap()).unwrap();
        for field in
            ["market_value", "cost_basis", "unrealized_pnl", "day_change", "total_gain", "cash", "total_value", "currency"]
        {
            assert_eq!(number(&known[field]), number(&view[field]), "{field}");
        }
        let by_ticker = |view: &Value| -> BTreeMap<String, Value> {
            let holdings = view["holdings"].as_array().unwrap().iter();
            holdings.map(|holding| (holding["ticker"].as_str().unwrap().to_owned(), holding.clone())).collect()
        };
        let (known, holdings) = (by_ticker(&known), by_ticker(&view));
        assert_eq!(known.keys().collect::<Vec<_>>(), holdings.keys().collect::<Vec<_>>());
        for (ticker, holding) in &holdings {
            for field in ["quantity", "price", "market_value", "cost_basis", "unrealized_pnl", "day_change", "weight"] {
                assert_eq!(number(&known[ticker][field]), number(&holding[field]), "{ticker} {field}");
            }
        }
    }
}

/// Returns a figure as it is shown, with two decimals.
fn number(value: &Value) -> String {
    value.as_str().map_or_else(String::new, |text| {
        text.parse::<rust_decimal::Decimal>()
            .map_or_else(|_| text.to_owned(), |number| number.round_dp(2).normalize().to_string())
    })
}

fn buy(ticker: &str, quantity: &str, price: &str) -> Value {
    json!({"kind": "buy", "time": "2026-01-05T10:00:00Z", "ticker": ticker, "quantity": quantity, "price": price})
}

#[tokio::test]
async fn a_reader_of_frames_knows_what_is_true_through_prices_rates_trades_and_a_cut() {
    let server = Server::start().await;
    let quotes = json!([
        {"ticker": "AAPL", "price": "150", "previous_close": "145", "currency": "USD"},
        {"ticker": "SAP.DE", "price": "240", "previous_close": "242", "currency": "EUR"},
        {"ticker": "EURUSD=X", "price": "1.16", "previous_close": "1.15"},
    ]);
    server.push_raw(&quotes).await.expect(202);
    server.advance(250);
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("AAPL", "10", "140")).await;
    server.activity(&id, &buy("SAP.DE", "3", "200")).await;
    let path = format!("stream?format=compact&portfolio={id}&tickers=AAPL,SAP.DE");
    let mut client = Client::default();
    let mut stream = client.open(&server, &path).await;
    client.knows_what_is_true(&server, &id).await;
    server.price("AAPL", "151.27").await;
    client.hear(&stream.expect("frame").await);
    client.knows_what_is_true(&server, &id).await;
    // A rate that the stream does not follow moves a holding.
    server.price("EURUSD=X", "1.1713").await;
    client.hear(&stream.expect("frame").await);
    client.knows_what_is_true(&server, &id).await;
    drop(stream);
    server.price("SAP.DE", "239.1").await;
    server
        .activity(
            &id,
            &json!({"kind": "sell", "time": "2026-02-05T10:00:00Z", "ticker": "AAPL", "quantity": "10", "price": "160"}),
        )
        .await;
    let _stream = client.open(&server, &path).await;
    client.knows_what_is_true(&server, &id).await;
    assert_eq!(client.portfolio.as_ref().unwrap().holdings.len(), 1, "what was sold is gone");
    assert_eq!(client.quotes["AAPL"].price, "151.27".parse().unwrap());
}

#[tokio::test]
async fn a_frame_is_a_tenth_of_the_events_of_the_full_form() {
    let server = Server::start().await;
    let tickers: Vec<String> = (0..16).map(|number| format!("T{number}")).collect();
    let prices = |price: u32| -> Vec<Value> {
        let quote = |(number, ticker): (u32, &String)| json!({"ticker": ticker, "price": format!("{}.{number:02}", price + number), "previous_close": "100", "currency": "USD"});
        (0..).zip(&tickers).map(quote).collect()
    };
    server.push_raw(&Value::from(prices(100))).await.expect(202);
    server.advance(250);
    let id = server.portfolio("USD").await;
    for ticker in &tickers {
        server.activity(&id, &buy(ticker, "10", "90")).await;
    }
    let query = format!("portfolio={id}&tickers={}", tickers.join(","));
    let mut full = server.stream(&format!("stream?{query}")).await;
    let mut compact = server.stream(&format!("stream?format=compact&{query}")).await;
    full.opening().await;
    compact.opening().await;
    server.push_raw(&Value::from(prices(110))).await.expect(202);
    server.advance(250);
    let frame = compact.expect("frame").await.data.as_str().unwrap().len();
    let mut whole = 0;
    for _ in 0..17 {
        let message = full.next().await;
        assert!(["price_update", "portfolio_update"].contains(&message.event.as_str()), "{message:?}");
        whole += message.data.to_string().len();
    }
    assert!(frame * 10 < whole, "{frame} bytes beside {whole}");
}

#[tokio::test]
async fn an_alert_comes_behind_the_frame_of_the_price_that_led_to_it() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut stream = server.stream("stream?format=compact&tickers=AAPL&notifications=true&max_hz=0.01").await;
    assert_eq!(names(&stream.opening().await), ["hello", "frame", "synced"]);
    server.alert(&json!({"ticker": "AAPL", "condition": "crosses_above", "threshold": "151"})).await;
    stream.expect("alert_changed").await;
    server.push(&[("AAPL", "152")]).await;
    let seen = [stream.next().await, stream.next().await, stream.next().await];
    assert_eq!(names(&seen), ["frame", "alert_changed", "alert_triggered"]);
    let numbers: Vec<u64> = seen.iter().map(|message| message.cursor().3).collect();
    assert!(numbers.is_sorted() && numbers[0] < numbers[2], "a cut behind the frame loses no alert: {numbers:?}");
}

#[tokio::test]
async fn a_cursor_of_one_form_is_no_cursor_of_the_other() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let (full, compact) = ("stream?tickers=AAPL", "stream?format=compact&tickers=AAPL");
    for (from, to) in [(full, compact), (compact, full)] {
        let synced = server.stream(from).await.opening().await.pop().unwrap();
        let opening = server.resume(to, &synced.id).await.opening().await;
        assert_eq!((names(&opening)[1], opening[1].text("reason")), ("reset", "filter".to_owned()));
    }
}

#[tokio::test]
async fn a_restart_and_a_lost_place_are_answered_with_a_full_state() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let path = "stream?format=compact&tickers=AAPL";
    let mut client = Client::default();
    drop(client.open(&server, path).await);
    let server = server.restart(&[]).await;
    let mut stream = server.resume(path, &client.id).await;
    let opening = stream.opening().await;
    assert_eq!(names(&opening)[..3], ["hello", "reset", "frame"]);
    // A reader that finds itself without what a frame builds upon asks with the number 0: all of it, without a reset.
    let (epoch, filter, n, _) = opening.last().unwrap().cursor();
    let opening = server.resume(path, &format!("{epoch}-{filter}-{n}-0")).await.opening().await;
    assert_eq!(names(&opening)[..2], ["hello", "frame"]);
    let mut fresh = Reader::default();
    assert_eq!(fresh.read(opening[1].data.as_str().unwrap()).unwrap().quotes.len(), 1);
}
