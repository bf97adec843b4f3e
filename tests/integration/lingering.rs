//! Streams whose client has left behind a proxy that notices only when it writes: at a limit they are called, and their places taken.

use crate::support::{EventStream, Server};

const PATH: &str = "/api/v1/sse/notifications";
const OF_A_USER: [&str; 2] = ["--max-streams-per-user", "1"];
const OF_AN_ADDRESS: [&str; 4] = ["--max-streams-per-user", "0", "--max-streams-per-address", "1"];

async fn held(server: &Server) -> EventStream {
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    stream
}

fn ask(server: &Server) -> tokio::task::JoinHandle<EventStream> {
    tokio::spawn(server.request("GET", PATH).open())
}

#[tokio::test]
async fn a_place_whose_proxy_notices_with_its_first_write_is_taken_at_once() {
    for limit in [&OF_A_USER[..], &OF_AN_ADDRESS] {
        for path in ["reactor", "portable"] {
            let server = Server::with(&[limit, &["--stream-path", path]].concat()).await;
            let mut lingering = held(&server).await;
            let asked = ask(&server);
            // The clock stands still: nothing but the asking has it written.
            assert_eq!(lingering.next().await.event, "heartbeat", "{limit:?} {path}");
            drop(lingering);
            assert_eq!(asked.await.unwrap().head.status, 200, "{limit:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_place_whose_proxy_notices_with_its_fourth_write_is_taken_within_a_second() {
    let server = Server::with(&OF_A_USER).await;
    let mut lingering = held(&server).await;
    let (asked, from) = (ask(&server), server.clock.elapsed_ms());
    assert_eq!(lingering.next().await.event, "heartbeat");
    for _ in 0..3 {
        server.advance(150);
        assert_eq!(lingering.next().await.event, "heartbeat");
    }
    drop(lingering);
    assert_eq!(asked.await.unwrap().head.status, 200);
    assert_eq!(server.clock.elapsed_ms() - from, 450);
}

#[tokio::test]
async fn where_everybody_is_there_the_refusal_comes_after_a_second() {
    let server = Server::with(&OF_A_USER).await;
    let mut held = held(&server).await;
    let asked = ask(&server);
    assert_eq!(held.next().await.event, "heartbeat");
    for _ in 0..3 {
        server.advance(150);
        assert_eq!(held.next().await.event, "heartbeat");
    }
    server.advance(549);
    assert_eq!(held.until_quiet(&server).await, None, "four are enough");
    assert!(!asked.is_finished());
    server.advance(1);
    let refusal = asked.await.unwrap();
    assert_eq!(refusal.head.status, 429);
    assert!(refusal.head.get("retry-after").is_some_and(|after| after.parse::<u32>().is_ok_and(|seconds| seconds > 0)));
}

#[tokio::test]
async fn a_crowd_that_asks_at_once_has_one_heartbeat_written_and_is_refused() {
    let server = Server::with(&OF_A_USER).await;
    let mut held = held(&server).await;
    let crowd: Vec<_> = (0..100).map(|_| ask(&server)).collect();
    assert_eq!(held.next().await.event, "heartbeat");
    assert_eq!(held.until_quiet(&server).await, None);
    server
        .patiently(async {
            for asked in crowd {
                assert_eq!(asked.await.unwrap().head.status, 429);
            }
        })
        .await;
    assert_eq!(server.request("GET", "/healthz").send().await.status(), 200);
}

#[tokio::test]
async fn of_two_who_ask_one_gets_the_place_that_came_back() {
    let server = Server::with(&OF_A_USER).await;
    let mut lingering = held(&server).await;
    let asked = [ask(&server), ask(&server)];
    assert_eq!(lingering.next().await.event, "heartbeat");
    drop(lingering);
    let mut statuses = Vec::new();
    let mut streams = Vec::new();
    for asked in asked {
        let stream = server.patiently(asked).await.unwrap();
        statuses.push(stream.head.status);
        streams.push(stream);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429]);
}
