//! What a stream carries, and the hash by which a cursor knows its stream again.

use std::sync::Arc;

use foliostream::domain::instrument::Ticker;
use foliostream::domain::user::UserId;

/// The most tickers one stream may follow.
pub const MAX_TICKERS: usize = 200;

/// The endpoint that a stream was opened at, which decides the events it may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Prices of the tickers asked for: `/sse/prices`.
    Prices,
    /// Totals and holdings of one portfolio: `/sse/portfolio/{id}`.
    Portfolio,
    /// Alerts and their notifications: `/sse/notifications`.
    Notifications,
    /// Any of these in one stream, as the query says: `/sse/stream`.
    Stream,
    /// How each worker is doing: `/sse/metrics`.
    Metrics,
    /// How far one job came: `/sse/jobs/{id}`.
    Job,
}

/// Whose jobs a stream carries, and whether one of them alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JobsOf {
    /// The user.
    pub owner: UserId,
    /// The id of the only one.
    pub job: Option<Arc<str>>,
}

impl JobsOf {
    /// Whether a job is among them.
    pub fn has(&self, owner: &UserId, job_id: &str) -> bool {
        self.owner == *owner && self.job.as_deref().is_none_or(|only| only == job_id)
    }
}

/// How a stream tells prices and portfolio figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// As JSON, each price in an event of its own.
    #[default]
    Full,
    /// As a `frame` event of what changed: `format=compact`.
    Compact,
}

/// What a stream carries. Two streams of the same filter share every frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// The endpoint that the stream was opened at.
    pub endpoint: Endpoint,
    /// The portfolio whose totals and holdings it carries, if any.
    pub portfolio: Option<Arc<str>>,
    /// The instruments whose prices it carries: sorted, without doubles.
    pub tickers: Arc<[Ticker]>,
    /// The user whose alerts and notifications it carries, if any.
    pub notifications: Option<UserId>,
    /// Whether it carries how the workers are doing.
    pub metrics: bool,
    /// The jobs that it carries, if any.
    pub jobs: Option<JobsOf>,
    /// How it tells prices and portfolio figures.
    pub form: Form,
}

impl Filter {
    /// Makes a filter; the order and doubling of tickers do not matter.
    pub fn new(endpoint: Endpoint, portfolio: Option<&str>, mut tickers: Vec<Ticker>, notifications: Option<UserId>) -> Self {
        tickers.sort_unstable();
        tickers.dedup();
        Self {
            endpoint,
            portfolio: portfolio.map(Into::into),
            tickers: tickers.into(),
            notifications,
            metrics: false,
            jobs: None,
            form: Form::Full,
        }
    }

    /// Makes it carry how the workers are doing, or not.
    pub fn with_metrics(self, metrics: bool) -> Self {
        Self { metrics, ..self }
    }

    /// Makes it carry how far jobs came, or not.
    pub fn with_jobs(self, jobs: Option<JobsOf>) -> Self {
        Self { jobs, ..self }
    }

    /// Makes it tell prices and portfolio figures in a form.
    pub fn in_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Returns the hash that stands in cursors: FNV-1a of 32 bits, the same in every process and version.
    pub fn hash(&self) -> u32 {
        let mut hash = Fnv::default();
        hash.write(&[self.endpoint as u8, u8::from(self.notifications.is_some())]);
        hash.write(self.portfolio.as_deref().unwrap_or_default().as_bytes());
        for ticker in self.tickers.iter() {
            hash.write(b"\0");
            hash.write(ticker.as_str().as_bytes());
        }
        if let Some(user) = self.notifications.as_ref().filter(|user| **user != UserId::local()) {
            // Streams of the one user of an installation without sign-in keep the hash they always had.
            hash.write(b"\nuser ");
            hash.write(user.as_str().as_bytes());
        }
        if self.metrics {
            // No ticker has a line break: streams without metrics keep the hash they always had.
            hash.write(b"\nmetrics");
        }
        if let Some(JobsOf { owner, job }) = &self.jobs {
            hash.write(b"\njobs ");
            hash.write(owner.as_str().as_bytes());
            hash.write(b"\n");
            hash.write(job.as_deref().unwrap_or_default().as_bytes());
        }
        if self.form == Form::Compact {
            // What a client of one form knows is not what the other builds upon.
            hash.write(b"\ncompact");
        }
        hash.0
    }

    /// Returns whether the stream carries a ticker's prices.
    pub fn follows(&self, ticker: &Ticker) -> bool {
        self.tickers.binary_search(ticker).is_ok()
    }
}

struct Fnv(u32);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices(tickers: &[&str]) -> Filter {
        Filter::new(Endpoint::Prices, None, tickers.iter().map(|ticker| ticker.parse().unwrap()).collect(), None)
    }

    #[test]
    fn order_case_and_doubles_do_not_make_another_stream() {
        assert_eq!(prices(&["MSFT", "AAPL"]).hash(), prices(&["aapl", "MSFT", "AAPL"]).hash());
    }

    #[test]
    fn other_tickers_portfolios_and_endpoints_are_other_streams() {
        let all = Filter::new(Endpoint::Stream, Some("demo"), vec![], Some(UserId::local()));
        let hashes = [
            prices(&["AAPL"]).hash(),
            prices(&["MSFT"]).hash(),
            prices(&["AAPL", "MSFT"]).hash(),
            all.hash(),
            Filter { notifications: None, ..all.clone() }.hash(),
            Filter { notifications: Some("anna".parse().unwrap()), ..all.clone() }.hash(),
            Filter { portfolio: None, ..all.clone() }.hash(),
            Filter { endpoint: Endpoint::Portfolio, ..all.clone() }.hash(),
            all.clone().in_form(Form::Compact).hash(),
            all.with_metrics(true).hash(),
        ];
        let distinct: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), hashes.len());
    }

    #[test]
    fn the_hash_is_the_same_in_every_version() {
        assert_eq!(format!("{:08x}", prices(&["AAPL", "MSFT"]).hash()), "2c5d631d");
    }
}
