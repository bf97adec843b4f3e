//! The network between one worker and the model: slow, cut or still, as a seed has it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// A worker's network; clones are the same one.
#[derive(Clone)]
pub(crate) struct Line(Arc<State>);

struct State {
    draws: Mutex<StdRng>,
    faults: Mutex<Faults>,
    cuts: watch::Sender<u64>,
}

#[derive(Clone, Copy)]
struct Faults {
    /// Nothing passes before it.
    still_until: Instant,
    /// Of how many commands one is cut off; none where it is 0.
    cut_of: u32,
}

/// What becomes of a command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Answered,
    /// It does not reach the server.
    LostBefore,
    /// It is carried out, and its answer is lost.
    LostAfter,
}

impl Fate {
    pub(super) fn is_lost_before(self) -> bool {
        self == Self::LostBefore
    }

    pub(super) fn is_lost_after(self) -> bool {
        self == Self::LostAfter
    }
}

impl Line {
    /// Makes a network that works, whose delays and cuts follow from a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let faults = Faults { still_until: Instant::now(), cut_of: 0 };
        let draws = Mutex::new(StdRng::seed_from_u64(seed));
        Self(Arc::new(State { draws, faults: Mutex::new(faults), cuts: watch::Sender::new(0) }))
    }

    /// Lets nothing pass for so long. What was sent meanwhile arrives then, also where the sender has given up.
    pub(crate) fn stall(&self, duration: Duration) {
        self.0.faults.lock().unwrap().still_until = Instant::now() + duration;
    }

    /// Cuts every connection now.
    pub(crate) fn cut(&self) {
        self.0.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Cuts off one of so many commands from now on, before the server has it or before its answer comes; none where it is 0.
    pub(crate) fn cut_one_of(&self, commands: u32) {
        self.0.faults.lock().unwrap().cut_of = commands;
    }

    pub(super) fn cuts(&self) -> watch::Receiver<u64> {
        self.0.cuts.subscribe()
    }

    /// Takes as long as a message takes: up to 2 ms, and until nothing stands still.
    pub(super) async fn pass(&self) {
        let delay = self.0.draws.lock().unwrap().random_range(0..2_000);
        sleep(Duration::from_micros(delay)).await;
        loop {
            let until = self.0.faults.lock().unwrap().still_until;
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }

    pub(super) fn fate(&self) -> Fate {
        let cut_of = self.0.faults.lock().unwrap().cut_of;
        let mut draws = self.0.draws.lock().unwrap();
        if cut_of == 0 || draws.random_range(0..cut_of) > 0 {
            Fate::Answered
        } else if draws.random() {
            Fate::LostBefore
        } else {
            Fate::LostAfter
        }
    }
}
