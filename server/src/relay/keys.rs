//! The names of keys and channels. All begin with the prefix, whose braces put them on one slot of a Cluster.

use foliostream::domain::user::UserId;
use foliostream::wire::live::LiveEvent;

/// Names everything this installation has in Redis; another prefix is another installation.
#[derive(Clone, Debug)]
pub struct Keys {
    prefix: String,
}

impl Keys {
    /// Takes the prefix as it is written before each name.
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    fn key(&self, name: &str) -> String {
        [&self.prefix, ":", name].concat()
    }

    /// A hash: the term and the number of the newest envelope.
    pub fn head(&self) -> String {
        self.key("head")
    }

    /// The capped Stream of envelopes, whose ids are `<epoch>-<seq>`.
    pub fn log(&self) -> String {
        self.key("log")
    }

    /// A hash: the newest envelope of each ticker.
    pub fn quotes(&self) -> String {
        self.key("quotes")
    }

    /// The newest envelope that told the feed's health.
    pub fn status(&self) -> String {
        self.key("status")
    }

    /// The lease: who is the engine, with an expiry.
    pub fn lease(&self) -> String {
        self.key("lease:engine")
    }

    /// A Stream: what workers ask of the engine.
    pub fn orders(&self) -> String {
        self.key("orders")
    }

    /// A Stream: quotes of other programs.
    pub fn feed_quotes(&self) -> String {
        self.key("feed:quotes")
    }

    /// A hash: how far each Stream above was followed.
    pub fn done(&self) -> String {
        self.key("done")
    }

    /// A hash: a user's streams, by stream.
    pub fn presence(&self, user: &UserId) -> String {
        self.key(&format!("presence:{user}"))
    }

    /// Every key, and the kind that Redis' `TYPE` should say of it.
    pub fn kinds(&self) -> [(String, &'static str); 9] {
        [
            (self.lease(), "string"),
            (self.head(), "hash"),
            (self.log(), "stream"),
            (self.quotes(), "hash"),
            (self.status(), "string"),
            (self.orders(), "stream"),
            (self.feed_quotes(), "stream"),
            (self.done(), "hash"),
            (self.presence(&UserId::local()), "hash"),
        ]
    }

    /// The channel on which the engine says every second that it lives.
    pub fn beat(&self) -> String {
        self.key("beat")
    }

    /// The channel on which each worker says how it is.
    pub fn metrics(&self) -> String {
        self.key("sse:metrics")
    }

    /// The channel of changes of a user's streams.
    pub fn presence_changed(&self) -> String {
        self.key("presence:changed")
    }

    /// The channel on which workers have each other's streams of a user called.
    pub fn presence_called(&self) -> String {
        self.key("presence:called")
    }

    /// A worker's own channel: answers to its orders, its probes, and tabs that went elsewhere.
    pub fn worker(&self, worker: &str) -> String {
        self.key(&format!("worker:{worker}"))
    }

    /// The channel of prices.
    pub fn prices(&self) -> String {
        self.key("sse:prices")
    }

    /// The channels of portfolios and users, as patterns. The prefix is escaped: it may hold what patterns give a meaning.
    pub fn patterns(&self) -> [String; 2] {
        let escaped: String = self
            .prefix
            .chars()
            .flat_map(|character| "*?[]\\^-".contains(character).then_some('\\').into_iter().chain([character]))
            .collect();
        [escaped.clone() + ":sse:portfolio:*", escaped + ":sse:user:*"]
    }

    /// The channel an event travels on.
    pub fn channel(&self, event: &LiveEvent) -> String {
        match event {
            // What is not known is never said.
            LiveEvent::PriceUpdate(_) | LiveEvent::InstrumentChanged(_) | LiveEvent::Status(_) | LiveEvent::Unknown => {
                self.prices()
            }
            LiveEvent::PortfolioChanged(changed) => self.portfolio(&changed.view.portfolio_id),
            LiveEvent::PortfolioDeleted(deleted) => self.portfolio(&deleted.view.portfolio_id),
            LiveEvent::AlertTriggered(triggered) => self.user(&triggered.owner),
            LiveEvent::AlertChanged(changed) => self.user(&changed.owner),
            LiveEvent::AlertDeleted(deleted) => self.user(&deleted.owner),
            LiveEvent::NotificationRead(read) => self.user(&read.owner),
            LiveEvent::JobProgress(job) => self.user(&job.owner),
        }
    }

    fn portfolio(&self, portfolio_id: &str) -> String {
        self.key(&format!("sse:portfolio:{portfolio_id}"))
    }

    fn user(&self, user: &UserId) -> String {
        self.key(&format!("sse:user:{user}"))
    }
}
