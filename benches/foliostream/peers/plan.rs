//! How much is done: the full form within twelve minutes, the quick one within two.

use std::time::Duration;

use super::clients::Pace;
use super::contender::{Kind, Setting};
use crate::{Failure, machine};

/// Files a process needs beside its streams.
const OTHER_FILES: usize = 200;

/// Milliseconds between two prices of a ticker that our server leaves by default.
const FRAME_INTERVAL_MS: u64 = 250;

/// The least it can leave.
const BRISK_FRAME_INTERVAL_MS: u64 = 10;

/// Streams of sse-starlette: with more, its latencies would only say that it is overloaded.
const STARLETTE_STREAMS: usize = 5_000;

/// Messages of sse-starlette in the full form, two seconds apart: 2,500 frames a second.
const STARLETTE_PACE: Pace = Pace { messages: 5, interval: Duration::from_secs(2) };

/// How much is done.
pub(crate) struct Plan {
    /// Turns of each contender in the first table; the idle processor time, which takes longest, is measured in the first.
    pub rounds: usize,
    /// Streams of the first table.
    pub streams: usize,
    /// How long streams rest before their memory is read.
    pub settle: Duration,
    /// How long everything rests between two other steps.
    pub pause: Duration,
    /// Seconds between heartbeats.
    pub heartbeat_s: u64,
    /// Messages to the streams of the first table.
    pub pace: Pace,
    /// Streams that get one message after the other.
    pub brisk_streams: usize,
    /// And how quickly.
    pub brisk: Pace,
    /// Numbers of streams in the third table.
    pub levels: Vec<usize>,
    /// How long each of them gets messages.
    pub level_window: Duration,
    /// Streams of the second table, those that stall among them.
    pub stalled_streams: usize,
    /// Rounds with and without stalled clients.
    pub stalled_rounds: usize,
    /// Messages of each half of a round.
    pub stalled_pace: Pace,
}

impl Plan {
    /// Ten thousand streams, or as many as files may be opened.
    pub(crate) fn full() -> Result<Self, Failure> {
        Self {
            rounds: 2,
            streams: 10_000,
            settle: Duration::from_secs(3),
            pause: Duration::from_secs(1),
            heartbeat_s: 15,
            pace: Pace { messages: 20, interval: Duration::from_millis(500) },
            brisk_streams: 1_000,
            brisk: Pace { messages: 400, interval: Duration::from_millis(20) },
            levels: vec![100, 250, 1_000, 4_000, 10_000, 19_000],
            level_window: Duration::from_secs(5),
            // 400 times what the kernel holds for each is within what it allows all of TCP on a machine of this size.
            stalled_streams: 4_000,
            stalled_rounds: 5,
            stalled_pace: Pace { messages: 20, interval: Duration::from_millis(200) },
        }
        .within_limits()
    }

    /// A thousand streams and short windows.
    pub(crate) fn quick() -> Result<Self, Failure> {
        Self {
            rounds: 2,
            streams: 1_000,
            settle: Duration::from_millis(500),
            pause: Duration::from_millis(300),
            heartbeat_s: 2,
            pace: Pace { messages: 3, interval: Duration::from_millis(500) },
            brisk_streams: 500,
            brisk: Pace { messages: 40, interval: Duration::from_millis(20) },
            levels: vec![250, 1_000],
            level_window: Duration::from_millis(1_500),
            stalled_streams: 1_000,
            stalled_rounds: 2,
            stalled_pace: Pace { messages: 4, interval: Duration::from_millis(250) },
        }
        .within_limits()
    }

    /// Returns how many frames are delivered a second to so many streams: what is usual for few, and what shows the cost of a frame
    /// for many. More to few would be more messages than a frame interval lets through.
    pub(crate) fn frames_per_s(streams: usize) -> usize {
        if streams <= 1_000 { 2_000 } else { 20_000 }
    }

    /// Fits the streams into the files that this process, and so its children, may open.
    fn within_limits(mut self) -> Result<Self, Failure> {
        let possible = machine::open_files_limit()?.saturating_sub(OTHER_FILES);
        let streams = [&mut self.streams, &mut self.brisk_streams, &mut self.stalled_streams];
        for streams in streams.into_iter().chain(&mut self.levels) {
            if possible < *streams {
                eprintln!("bench: {possible} streams instead of {streams}, for want of open files (ulimit -n)");
                *streams = possible;
            }
        }
        self.levels.dedup();
        Ok(self)
    }

    /// What a contender is started with for the first table.
    pub(crate) fn setting(&self) -> Setting {
        Setting { heartbeat_s: self.heartbeat_s, frame_interval_ms: FRAME_INTERVAL_MS }
    }

    /// The same where messages come quickly.
    pub(crate) fn brisk_setting(&self) -> Setting {
        Setting { frame_interval_ms: BRISK_FRAME_INTERVAL_MS, ..self.setting() }
    }

    /// How many streams a contender gets in the first table, and how many messages.
    pub(crate) fn load_of(&self, kind: Kind) -> (usize, Pace) {
        if kind == Kind::Starlette && self.streams > STARLETTE_STREAMS {
            (STARLETTE_STREAMS, STARLETTE_PACE)
        } else {
            (self.streams, self.pace)
        }
    }
}
