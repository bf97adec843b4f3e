//! What becomes of workers when the sentinels that watch over Redis name another master.

use std::cell::Cell;
use std::time::Instant;

use super::fleet::Fleet;
use super::servers::{Redis, free_port};
use super::stream::Stream;

const PRICES: &str = "/api/v1/sse/prices?tickers=T0";

/// Streams of two workers see prices, the master dies, and they see what is pushed after it.
async fn outlive_their_master(what: &str, redis_url: &str, mut master: Redis) {
    let fleet = Fleet::start(2, 0, 0, &["--redis-url".to_owned(), redis_url.to_owned()]).await;
    fleet.push_round(1).await;
    let mut streams = Vec::new();
    for worker in &fleet.workers {
        let mut stream = Stream::open(worker.address, PRICES, None).await;
        stream.until_price("T0", "101").await;
        streams.push(stream);
    }
    let killed = Instant::now();
    master.kill();
    for stream in &mut streams {
        assert_eq!(stream.until("status").await.text("feed"), "stale");
    }
    fleet.push_round(2).await;
    let taken = killed.elapsed().as_secs_f64();
    for stream in &mut streams {
        // Status and state may come in either order, and a quick failover may leave the term as it was.
        let [is_newest, is_live] = [const { Cell::new(false) }; 2];
        let all = stream.until_that(|message| {
            match message.event.as_str() {
                "price_update" => is_newest.set(message.text("price") == "102"),
                "status" => is_live.set(message.text("feed") == "live"),
                _ => {}
            }
            is_newest.get() && is_live.get()
        });
        all.await;
    }
    println!("{what}: {taken:.1} s from the master's death to the first push taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_follow_sentinels_to_the_new_master() {
    let (master, replica) = (Redis::start(free_port()), Redis::start(free_port()));
    replica.follow(&master);
    let sentinel = Redis::start_sentinel(free_port(), &master);
    sentinel.until(&["SENTINEL", "REPLICAS", "mymaster"], &replica.port.to_string());
    outlive_their_master("Sentinel", &format!("redis+sentinel://127.0.0.1:{}/mymaster", sentinel.port), master).await;
    assert!(replica.run(&["ROLE"]).starts_with("master"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_follow_a_cluster_to_the_replica_of_the_master_that_died() {
    let mut nodes: Vec<(Redis, u16)> = (0..4).map(|_| Redis::start_node()).collect();
    for (index, (node, _)) in nodes.iter().enumerate() {
        node.run(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()]);
    }
    for ((node, _), slots) in nodes.iter().zip([["0", "5460"], ["5461", "10922"], ["10923", "16383"]]) {
        node.run(&["CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1]]);
    }
    for (node, bus_port) in &nodes[1..] {
        nodes[0].0.run(&["CLUSTER", "MEET", "127.0.0.1", &node.port.to_string(), &bus_port.to_string()]);
    }
    for (node, _) in &nodes {
        node.until(&["CLUSTER", "INFO"], "cluster_state:ok");
        node.until(&["CLUSTER", "INFO"], "cluster_known_nodes:4");
    }
    let slot: usize = nodes[0].0.run(&["CLUSTER", "KEYSLOT", "{foliostream}:"]).parse().unwrap();
    let (replica, _) = nodes.pop().unwrap();
    let (master, _) = nodes.remove((slot / 5461).min(2));
    let id = master.run(&["CLUSTER", "MYID"]);
    replica.run(&["CLUSTER", "REPLICATE", &id]);
    replica.until(&["INFO", "replication"], "master_link_status:up");
    for (node, _) in &nodes {
        node.until(&["CLUSTER", "NODES"], &format!("slave {id}"));
    }
    let named = nodes.iter().map(|(node, _)| format!("127.0.0.1:{}", node.port)).collect::<Vec<_>>().join(",");
    outlive_their_master("Cluster", &format!("redis+cluster://{named}"), master).await;
    assert!(replica.run(&["ROLE"]).starts_with("master"));
}
