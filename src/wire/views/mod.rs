//! What a screen or an outside client gets. Nouns; money, prices, quantities and rates are strings with exact decimals,
//! percents are percent (`"1.24"` is 1.24 %), unknown is `null`.

mod accounts;
mod alert;
mod imports;
mod jobs;
mod metrics;
mod page;
mod performance;
mod portfolio;
mod presence;
mod quote;
mod unreadable;

pub use accounts::{AccountCash, AccountHolding, AccountView, RevisionView};
pub use alert::{AlertDeletedView, AlertView, NotificationReadView, NotificationView};
pub use imports::{
    ImportCash, ImportCounts, ImportFate, ImportHolding, ImportHoldings, ImportInstrument, ImportMatch, ImportPreview,
    ImportRowView, ImportView,
};
pub use jobs::{JobState, JobView};
pub use metrics::{EngineView, OperationsView, ServerMetricsView, WorkerView};
pub use page::{
    AlertPastView, DividendYearView, DividendsView, FlowsView, InstrumentPageView, LedgerEntryView, LedgerMonthView,
    LedgerPageView, OverviewView, PageView, PastPointView, PastView, StatisticsView,
};
pub use performance::{
    BenchmarkPointView, BenchmarkView, BreakdownView, DrawdownView, HoldingGainView, MonthReturnView, PerformancePointView,
    PerformanceQuery, PerformanceView,
};
pub use portfolio::{ActivityView, CashAccountView, HoldingView, LotView, PortfolioChangedView, PortfolioSummary, PortfolioView};
pub use presence::{PresenceChangedView, PresenceView};
pub use quote::{
    AcceptedView, BarView, DatedPriceView, DescribedInstrumentView, EnteredView, InstrumentView, PointView, QuoteView,
    SourcedQuoteView, StatusView,
};
pub use unreadable::{UnreadableView, fold_refusal};

/// Writes a time as RFC 3339 UTC with milliseconds.
///
/// ```
/// use foliostream::wire::views::millis;
/// let time = "2026-11-02T09:30:00Z".parse().expect("a time");
/// assert_eq!(millis::to_text(&time), "2026-11-02T09:30:00.000Z");
/// ```
pub mod millis {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::wire::rfc3339::read_time;

    /// Writes a time with milliseconds, in UTC.
    pub fn to_text(time: &Timestamp) -> String {
        format!("{time:.3}")
    }

    /// Serializes with exactly three decimals.
    pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&to_text(time))
    }

    /// Deserializes any RFC 3339 time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Time::deserialize(deserializer).map(|time| time.0)
    }

    /// A time that is refused in few words: jiff's reasons are a tenth of what a browser would download.
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Time(Timestamp);

    impl TryFrom<String> for Time {
        type Error = &'static str;

        fn try_from(text: String) -> Result<Self, Self::Error> {
            read_time(&text).map(Self).ok_or("not an RFC 3339 time")
        }
    }

    /// The same for a time that may be unknown.
    pub mod option {
        use super::{Deserialize, Deserializer, Serializer, Time, Timestamp};

        /// Serializes `null` or the text.
        pub fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Deserializes `null` or any RFC 3339 time.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
            Option::<Time>::deserialize(deserializer).map(|time| time.map(|time| time.0))
        }
    }
}

/// Reads and writes a date that may be unknown as RFC 3339: `2026-11-02`.
mod date {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::wire::rfc3339::read_date;

    pub(super) fn serialize<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        date.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        Option::<Day>::deserialize(deserializer).map(|day| day.map(|day| day.0))
    }

    /// A date that is refused in few words, as times are.
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Day(Date);

    impl TryFrom<String> for Day {
        type Error = &'static str;

        fn try_from(text: String) -> Result<Self, Self::Error> {
            read_date(&text).map(Self).ok_or("not an RFC 3339 date")
        }
    }
}
