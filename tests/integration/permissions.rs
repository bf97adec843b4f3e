//! What a worker may do in Redis: all it needs is in `examples/redis.acl`, and nothing of it reaches another program's keys.

use std::sync::Arc;

use crate::support::{Folders, Redis, Worker};

/// The user's rules, with the password of this test.
fn rules() -> Vec<String> {
    let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/redis.acl")).unwrap();
    file.replace("CHANGE-THIS-PASSWORD", "s3cret").split_whitespace().skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn two_workers_need_no_more_in_redis_than_the_sample_allows() {
    let redis = Redis::start();
    let rules = rules();
    let rules: Vec<&str> = ["ACL", "SETUSER"].into_iter().chain(rules.iter().map(String::as_str)).collect();
    assert_eq!(redis.run(&rules), "OK");
    assert_eq!(redis.run(&["ACL", "LOG", "RESET"]), "OK");
    let folders = Arc::new(Folders::new());
    let url = redis.url().replace("redis://", "redis://foliostream:s3cret@");
    let first = Worker::launch(&folders, &url, "all", &["--ingest-token", "t0ken"]);
    first.until_ready().await;
    let second = Worker::launch(&folders, &url, "all", &["--ingest-token", "t0ken"]);
    second.until_ready().await;
    first.push("AAPL", "150").await.expect(202);
    let client = "0192f0c0-0000-7000-8000-000000000001";
    let mut stream = second.stream(&format!("stream?tickers=AAPL&notifications=true&metrics=true&client={client}")).await;
    stream.until("synced").await;
    first.push("AAPL", "151").await.expect(202);
    while stream.until("price_update").await.text("price") != "151" {}
    redis.run(&["XADD", "{foliostream}:feed:quotes", "*", "ticker", "AAPL", "price", "152"]);
    while stream.until("price_update").await.text("price") != "152" {}
    // The engine dies, and the other worker takes over by the same rules.
    first.kill();
    while stream.until("server_metrics").await.data["engine"]["epoch"] != 2 {}
    second.push("AAPL", "153").await.expect(202);
    while stream.until("price_update").await.text("price") != "153" {}
    assert_eq!(redis.run(&["ACL", "LOG"]), "", "something was refused");
    let stranger = ["--user", "foliostream", "--pass", "s3cret", "--no-auth-warning", "GET", "another:key"];
    assert!(redis.run(&stranger).contains("NOPERM"), "it reaches other programs' keys");
}
