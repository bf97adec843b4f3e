//! What is simulated, each for many seeds.

use super::*;

/// Seeds of each run; `SIMULATED_SEEDS=2000` looks further.
const SEEDS: u64 = 40;

#[expect(clippy::disallowed_methods, reason = "how far a test looks is no part of the server's configuration")]
fn seeds() -> std::ops::Range<u64> {
    0..std::env::var("SIMULATED_SEEDS").map_or(SEEDS, |text| text.parse().unwrap())
}

/// Pushes, and has some worker's network cut or stand still in between.
async fn push_in_trouble(simulation: &mut Simulation, pushes: usize) {
    simulation.workers.iter().for_each(|worker| worker.line.cut_one_of(25));
    for _ in 0..pushes {
        simulation.push().await;
        simulation.push_without_a_key().await;
        simulation.pause(400).await;
        let (worker, stall) = (simulation.any(), simulation.draws.random_range(100..5_000));
        match simulation.draws.random_range(0..8) {
            0 | 1 => simulation.workers[worker].line.cut(),
            2 => simulation.workers[worker].line.stall(Duration::from_millis(stall)),
            3 => simulation.model.empty(),
            _ => {}
        }
    }
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let run = |seed| {
        let simulation = simulate(seed, 3, async |simulation| push_in_trouble(simulation, 6).await);
        let accepted = simulation.model.accepted();
        let first = accepted[0].at;
        let accepted: Vec<_> = accepted.iter().map(|envelope| (envelope.at - first, envelope.term, envelope.seq)).collect();
        (accepted, simulation.terms(), simulation.answered)
    };
    for seed in 0..5 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}

#[test]
fn where_a_workers_connection_stalls_another_takes_over_and_no_two_write_in_one_term() {
    let mut fenced = 0;
    for seed in seeds() {
        let (mut stalled, mut terms) = (0, 0);
        let simulation = simulate(seed, 3, async |simulation| {
            for _ in 0..3 {
                simulation.push().await;
                simulation.pause(1_500).await;
            }
            (stalled, terms) = (simulation.engine(), simulation.terms().len());
            // In the midst of a call: at one hop or another between the worker that is asked and the engine.
            let stall = Duration::from_millis(simulation.draws.random_range(4_000..9_000));
            let (line, hops) = (simulation.workers[stalled].line.clone(), simulation.draws.random_range(0..15_000));
            tokio::spawn(async move {
                sleep(Duration::from_micros(hops)).await;
                line.stall(stall);
            });
            for _ in 0..3 {
                simulation.push().await;
                simulation.push_without_a_key().await;
                simulation.pause(1_500).await;
            }
            sleep(stall).await;
        });
        fenced += simulation.model.fenced();
        let after = simulation.terms();
        assert!(after.len() > terms, "seed {seed}: no other took over: {after:?}");
        assert_ne!(after[terms].1, simulation.workers[stalled].name, "seed {seed}: {after:?}");
    }
    assert!(fenced > 0, "of no seed did the late engine try to publish");
}

#[test]
fn where_connections_are_cut_at_any_moment_every_call_is_carried_out_once_in_one_term() {
    for seed in seeds() {
        let simulation = simulate(seed, 3, async |simulation| {
            simulation.workers.iter().for_each(|worker| worker.line.cut_one_of(25));
            for _ in 0..12 {
                simulation.push().await;
                simulation.push_without_a_key().await;
                simulation.pause(400).await;
                let cut = simulation.any();
                simulation.workers[cut].line.cut();
            }
        });
        assert_eq!(simulation.terms().len(), 1, "seed {seed}: {:?}", simulation.terms());
    }
}

#[test]
fn where_redis_is_emptied_all_goes_on_and_nothing_is_carried_out_twice() {
    for seed in seeds() {
        simulate(seed, 3, async |simulation| {
            for _ in 0..3 {
                simulation.push().await;
                simulation.pause(1_000).await;
                simulation.model.empty();
                simulation.pause(1_000).await;
                simulation.push_without_a_key().await;
            }
        });
    }
}

#[test]
fn where_all_of_it_happens_what_a_push_leads_to_is_stored_once_and_said_once_at_most() {
    for seed in seeds() {
        simulate(seed, 4, async |simulation| push_in_trouble(simulation, 12).await);
    }
}

#[test]
fn a_clock_that_jumps_ends_no_term() {
    for seed in seeds() {
        let simulation = simulate(seed, 3, async |simulation| {
            for _ in 0..4 {
                simulation.push().await;
                let (jumping, hours) = (simulation.any(), simulation.draws.random_range(-72..=72));
                simulation.workers[jumping].clock.set_wall(beginning() + SignedDuration::from_hours(hours));
                simulation.pause(5_000).await;
            }
        });
        assert_eq!(simulation.terms().len(), 1, "seed {seed}: {:?}", simulation.terms());
    }
}
