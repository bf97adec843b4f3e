//! What the pill says, from what is known: the stream's state, its silence, and how market data is doing.

use jiff::Timestamp;

use crate::domain::quote::Freshness;
use crate::wire::views::StatusView;

/// How long a broken stream stays unmentioned, in milliseconds: most cuts heal before.
pub const QUIET_MS: u64 = 5_000;

/// The state of the page's stream, as the pill shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Not yet open: the figures are the page's own.
    Connecting,
    /// Events arrive; the last one came this long ago.
    Live {
        /// Milliseconds since the last event, by a clock that only goes forward.
        age_ms: u64,
    },
    /// Cut for longer than [`QUIET_MS`], or the server does not answer; the stream is being taken up again.
    Reconnecting,
    /// The stream is open, but market data is old.
    Stale {
        /// The time at which it became so.
        since: Timestamp,
    },
    /// The stream is open, and the market is closed.
    Closed,
    /// The device has no network.
    Offline,
    /// The server refuses the stream: other tabs have as many as one reader may.
    Full,
}

impl Connection {
    /// Whether the figures on the screen may be trusted to follow the market.
    pub fn is_following(self) -> bool {
        !matches!(self, Self::Reconnecting | Self::Stale { .. } | Self::Offline | Self::Full)
    }
}

/// What is known about the stream at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Whether the EventSource is open.
    pub is_open: bool,
    /// Whether the device says it has a network.
    pub is_online: bool,
    /// Whether the server had no answer when it was asked whether it is there.
    pub is_unanswered: bool,
    /// Whether the server refused the last try because other tabs have streams enough.
    pub is_full: bool,
    /// Whether any event has ever come.
    pub has_heard: bool,
    /// Milliseconds since the last event, or since the page was made.
    pub silence_ms: u64,
    /// The longest silence a healthy stream keeps, in milliseconds.
    pub heartbeat_ms: u64,
    /// The state of market data.
    pub market: StatusView,
}

impl Observation {
    /// Says how the stream is doing. A cut is mentioned only after five seconds of silence.
    pub fn connection(self) -> Connection {
        let overdue = self.silence_ms > self.heartbeat_ms.saturating_add(QUIET_MS);
        let is_quiet_for_long = self.silence_ms > QUIET_MS;
        let is_cut = overdue || (is_quiet_for_long && (!self.is_open || self.is_unanswered));
        match (is_cut, self.market.feed) {
            (true, _) if self.is_full => Connection::Full,
            (true, _) if !self.is_online => Connection::Offline,
            (true, _) => Connection::Reconnecting,
            (false, _) if !self.has_heard => Connection::Connecting,
            (false, Freshness::Stale) => Connection::Stale { since: self.market.since },
            (false, Freshness::Closed) => Connection::Closed,
            (false, Freshness::Live | Freshness::Delayed) => Connection::Live { age_ms: self.silence_ms },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed() -> Observation {
        Observation {
            is_open: true,
            is_online: true,
            is_unanswered: false,
            is_full: false,
            has_heard: true,
            silence_ms: 200,
            heartbeat_ms: 15_000,
            market: StatusView { feed: Freshness::Live, since: Timestamp::UNIX_EPOCH },
        }
    }

    #[test]
    fn an_open_stream_is_live_with_its_age_through_a_quiet_market() {
        assert_eq!(observed().connection(), Connection::Live { age_ms: 200 });
        let quiet = Observation { silence_ms: 14_900, ..observed() };
        assert_eq!(quiet.connection(), Connection::Live { age_ms: 14_900 });
    }

    #[test]
    fn a_cut_is_mentioned_only_after_five_seconds_of_silence() {
        let cut = Observation { is_open: false, silence_ms: 4_900, ..observed() };
        assert_eq!(cut.connection(), Connection::Live { age_ms: 4_900 });
        assert_eq!(Observation { silence_ms: 5_100, ..cut }.connection(), Connection::Reconnecting);
        assert_eq!(Observation { silence_ms: 5_100, is_online: false, ..cut }.connection(), Connection::Offline);
    }

    #[test]
    fn an_open_stream_that_misses_its_heartbeat_is_cut() {
        assert_eq!(Observation { silence_ms: 20_100, ..observed() }.connection(), Connection::Reconnecting);
    }

    #[test]
    fn silence_is_a_quiet_market_where_the_server_answers_and_a_cut_where_it_does_not() {
        let quiet = Observation { silence_ms: 5_100, ..observed() };
        assert_eq!(quiet.connection(), Connection::Live { age_ms: 5_100 });
        assert_eq!(Observation { is_unanswered: true, ..quiet }.connection(), Connection::Reconnecting);
        let short = Observation { is_unanswered: true, silence_ms: 4_900, ..observed() };
        assert_eq!(short.connection(), Connection::Live { age_ms: 4_900 });
    }

    #[test]
    fn a_tab_that_is_one_too_many_says_so() {
        let refused = Observation { is_open: false, is_full: true, silence_ms: 5_100, ..observed() };
        assert_eq!(refused.connection(), Connection::Full);
        assert_eq!(Observation { has_heard: false, ..refused }.connection(), Connection::Full);
    }

    #[test]
    fn a_stale_or_closed_market_is_told_while_the_stream_is_open() {
        let market = |feed| Observation { market: StatusView { feed, since: Timestamp::UNIX_EPOCH }, ..observed() };
        assert_eq!(market(Freshness::Stale).connection(), Connection::Stale { since: Timestamp::UNIX_EPOCH });
        assert_eq!(market(Freshness::Closed).connection(), Connection::Closed);
    }

    #[test]
    fn before_the_first_event_it_is_connecting() {
        assert_eq!(Observation { has_heard: false, is_open: false, ..observed() }.connection(), Connection::Connecting);
    }
}
