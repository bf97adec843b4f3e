//! The faults, one after the other on one fleet, and the table of what they did.

use std::time::{Duration, Instant};

use super::fleet::Fleet;
use super::postgres;
use super::servers::{Redis, Switch, free_port};

/// A fault's row in the table.
struct Row {
    fault: &'static str,
    seconds: f64,
    lost: usize,
    doubled: usize,
    resets: usize,
}

/// The longest time from the end of a fault, or from the takeover that it needs, to the last stream's convergence.
const RECOVERY: Duration = Duration::from_secs(3);

/// The longest time that another worker may take to become the engine.
const TAKEOVER: Duration = Duration::from_secs(5);

struct Trial {
    fleet: Fleet,
    rows: Vec<Row>,
    resets: usize,
}

impl Trial {
    async fn begin(fleet: Fleet) -> Self {
        let mut trial = Self { fleet, rows: Vec::new(), resets: 0 };
        trial.fleet.start_pushing();
        tokio::time::sleep(Duration::from_secs(1)).await;
        trial.settle("no fault", Instant::now()).await;
        trial
    }

    /// Waits for convergence after a fault that ended at `recovered`, and writes its row: until every stream holds prices that
    /// were pushed after the fault, and then, with pushing stopped, exactly what the source holds.
    async fn settle(&mut self, fault: &'static str, recovered: Instant) {
        self.settle_within(RECOVERY, fault, recovered).await;
    }

    async fn settle_within(&mut self, limit: Duration, fault: &'static str, recovered: Instant) {
        self.fleet.caught_up().await;
        let seconds = recovered.elapsed().as_secs_f64();
        self.fleet.stop_pushing().await;
        let outcome = self.fleet.converged().await;
        eprintln!("{fault}: {seconds:.2} s, {outcome:?}");
        assert!(
            outcome.behind.is_empty(),
            "{fault}: {} of the streams are behind: {:?}",
            outcome.behind.len(),
            outcome.behind.first()
        );
        assert_eq!((outcome.lost, outcome.doubled, outcome.refused), (0, 0, 0), "{fault}: {outcome:?}");
        assert!(seconds <= limit.as_secs_f64(), "{fault}: streams took {seconds} s");
        self.rows.push(Row {
            fault,
            seconds,
            lost: outcome.lost,
            doubled: outcome.doubled,
            resets: outcome.resets - self.resets,
        });
        self.resets = outcome.resets;
        self.fleet.start_pushing();
        tokio::time::sleep(Duration::from_millis(700)).await;
    }

    async fn kill_engine(&mut self) {
        let engine = self.fleet.engine().await;
        self.fleet.workers[engine].signal("KILL");
        let killed = Instant::now();
        self.fleet.workers[engine].ended().await;
        self.settle_within(TAKEOVER + RECOVERY, "kill -9 the engine", killed).await;
        self.fleet.restart(engine).await;
    }

    async fn kill_worker(&mut self) {
        let victim = (self.fleet.engine().await + 1) % self.fleet.workers.len();
        self.fleet.workers[victim].signal("KILL");
        let killed = Instant::now();
        self.fleet.workers[victim].ended().await;
        self.settle("kill -9 a worker", killed).await;
        self.fleet.restart(victim).await;
    }

    async fn stop_engine_past_its_lease(&mut self) {
        let engine = self.fleet.engine().await;
        self.fleet.workers[engine].signal("STOP");
        tokio::time::sleep(Duration::from_secs(6)).await;
        self.fleet.workers[engine].signal("CONT");
        self.settle("SIGSTOP the engine for 6 s", Instant::now()).await;
    }

    async fn rolling_restart(&mut self) {
        let began = Instant::now();
        for index in 0..self.fleet.workers.len() {
            self.fleet.workers[index].signal("TERM");
            assert!(self.fleet.workers[index].ended().await, "worker {index} did not end well:\n{}", self.fleet.log(index));
            self.fleet.restart(index).await;
        }
        eprintln!("rolling restart took {:.1} s", began.elapsed().as_secs_f64());
        self.settle("rolling restart of all", Instant::now()).await;
    }

    async fn redis_fault(&mut self, redis: &Redis, fault: &'static str, command: &[&str], wanted: &str) {
        let answer = redis.run(command);
        assert!(
            answer == wanted || (wanted.is_empty() && answer.parse::<u64>().is_ok_and(|count| count > 0)),
            "{fault}: {answer}"
        );
        self.settle(fault, Instant::now()).await;
    }

    fn print(&self) {
        println!("\n| fault | seconds to convergence | lost | doubled | resets told |\n|---|---:|---:|---:|---:|");
        for Row { fault, seconds, lost, doubled, resets } in &self.rows {
            println!("| {fault} | {seconds:.2} | {lost} | {doubled} | {resets} |");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_when_workers_redis_and_postgresql_die() {
    let mut redis = Redis::start(free_port());
    let switch = Switch::start(redis.port).await;
    let server = postgres::server();
    let database = postgres::Database::new(None).await;
    let fleet = Fleet::start(3, 300, switch.port, &["--database-url".to_owned(), database.url()]).await;
    let mut trial = Trial::begin(fleet).await;
    trial.kill_engine().await;
    trial.kill_worker().await;
    trial.redis_fault(&redis, "CLIENT KILL TYPE pubsub", &["CLIENT", "KILL", "TYPE", "pubsub"], "").await;
    trial.redis_fault(&redis, "DEBUG SLEEP 10", &["DEBUG", "SLEEP", "10"], "OK").await;
    trial.redis_fault(&redis, "FLUSHALL", &["FLUSHALL"], "OK").await;
    redis.restart_empty();
    trial.settle("Redis restarted empty", Instant::now()).await;
    switch.stall();
    // Redis answers clients that connect again; what is lost is the lease, and with it the term.
    trial.settle_within(TAKEOVER + RECOVERY, "every connection to Redis falls silent", Instant::now()).await;
    let replica = Redis::start(free_port());
    replica.follow(&redis);
    assert_eq!(replica.run(&["REPLICAOF", "NO", "ONE"]), "OK");
    // The old master takes a second of writes that its replica never sees.
    tokio::time::sleep(Duration::from_secs(1)).await;
    redis.kill();
    switch.turn_to(replica.port);
    trial.settle("failover to a replica that missed writes", Instant::now()).await;
    trial.stop_engine_past_its_lease().await;
    tokio::task::block_in_place(|| server.stop());
    tokio::time::sleep(Duration::from_secs(10)).await;
    tokio::task::block_in_place(|| server.start_again());
    trial.settle("PostgreSQL stopped for 10 s", Instant::now()).await;
    trial.rolling_restart().await;
    trial.print();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_of_one_machine_share_one_sqlite_file() {
    let redis = Redis::start(free_port());
    let fleet = Fleet::start(2, 30, redis.port, &[]).await;
    let mut trial = Trial::begin(fleet).await;
    trial.kill_engine().await;
    trial.kill_worker().await;
    trial.print();
}
