//! What a check is, and how it can end.

use std::fmt;

use super::target::Target;

/// A numbered expectation of a server. Its number is its position in the list.
pub(crate) struct Check {
    /// Names it; unique.
    pub name: &'static str,
    /// What is expected.
    pub expectation: &'static str,
    /// Why: the rule it comes from, or what breaks in the field.
    pub reason: &'static str,
    /// What it cannot do without.
    pub needs: &'static [Need],
    /// The most streams it holds at once.
    pub streams: usize,
    /// When it may run.
    pub turn: Turn,
    /// Looks.
    pub run: fn(&Target) -> Outcome,
}

impl Check {
    /// What most checks are: beside others, with one stream, of any server.
    pub(crate) const USUAL: Self =
        Self { name: "", expectation: "", reason: "", needs: &[], streams: 1, turn: Turn::Together, run: |_| Ok(()) };
}

/// What belongs together.
pub(crate) struct Group {
    /// What it is about.
    pub title: &'static str,
    /// Its checks.
    pub checks: &'static [Check],
}

/// What not every server can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The right to push quotes and to make alerts and portfolios.
    Token,
    /// Heartbeats that can be waited for.
    ShortHeartbeat,
    /// The right to stop the process.
    Process,
    /// Streams that are asked to come back soon.
    ShortLife,
}

/// When a check may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Turn {
    /// Beside others.
    Together,
    /// While no other check holds a stream.
    Alone,
    /// After all others, since it ends the server.
    Last,
}

/// How a check ended.
pub(crate) type Outcome<T = ()> = Result<T, Trouble>;

/// Why a check did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// What was seen instead of the expectation.
    Failed(String),
    /// What it would have needed.
    Skipped(String),
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(format!("the connection failed: {error}"))
    }
}

/// Ends a check because of what was seen.
pub(crate) fn failed<T>(seen: impl fmt::Display) -> Outcome<T> {
    Err(Trouble::Failed(seen.to_string()))
}

/// Goes on where the expectation holds.
pub(crate) fn ensure(holds: bool, seen: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { failed(seen()) }
}

/// Goes on where both are the same.
pub(crate) fn same<T: fmt::Debug + PartialEq>(what: &str, seen: &T, expected: &T) -> Outcome {
    ensure(seen == expected, || format!("{what} is {seen:?} instead of {expected:?}"))
}
