//! How a replica that is behind comes to where the engine is: by the log where that has everything missed, otherwise from a whole
//! state.

use redis::Script;
use redis::streams::StreamRangeReply;
use tokio::time::Instant;

use crate::board::Snapshot;
use crate::relay::{Keys, Link, scripts};
use foliostream::domain::alert::Alert;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{Envelope, LiveEvent, Owned};
use foliostream::wire::spoken::{self, Unheard};
use foliostream::wire::views::{AlertView, StatusView};

use super::follower::{Broken, Follower};
use super::pace::{Behind, Pace};

/// Entries of the log read at once.
const PAGE: usize = 2_000;

/// What the log has of what was missed: everything after its last hole.
#[derive(Debug, Default)]
struct Missed {
    envelopes: Vec<Envelope>,
    /// The newest number that is not there, or cannot be read.
    hole: Option<u64>,
}

impl Missed {
    fn lacks(&mut self, seq: u64) {
        self.envelopes.clear();
        self.hole = Some(seq);
    }
}

impl Follower {
    /// Brings the board to the newest number in Redis, or leaves that for later where it was read only just now.
    pub(super) async fn catch_up(&self, commands: &mut Link, pace: &mut Pace, behind: Behind) -> Result<(), Broken> {
        if !pace.is_due(Instant::now()) {
            pace.postpone();
            return Ok(());
        }
        let before = self.ground.board.head();
        let outcome = match behind {
            Behind::Gap(seq) if self.fill(commands, before.epoch, before.seq + 1, seq).await? => Ok(()),
            behind => self.catch_up_with_all(commands, behind).await,
        };
        let head = self.ground.board.head();
        let moved = (head.epoch, head.seq) != (before.epoch, before.seq);
        if moved {
            self.inbox.hears_its_own();
        }
        pace.note(Instant::now(), moved);
        outcome
    }

    /// Reads a gap from the log; false where it is not all there.
    async fn fill(&self, commands: &mut Link, epoch: Epoch, first: u64, last: u64) -> Result<bool, Broken> {
        match self.read_log(commands, epoch, first, last).await? {
            Some(Missed { envelopes, hole: None }) => {
                self.follow_on(&envelopes).await;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn follow_on(&self, envelopes: &[Envelope]) {
        self.ledgers.load(&self.ground, envelopes).await;
        self.ground.board.apply(envelopes);
    }

    async fn catch_up_with_all(&self, commands: &mut Link, behind: Behind) -> Result<(), Broken> {
        let Some(state) = self.read_state(commands).await? else { return Ok(()) };
        let head = self.ground.board.head();
        let is_same = state.epoch == head.epoch;
        let is_ahead = if is_same {
            state.seq > head.seq
        } else {
            state.epoch.number() > head.epoch.number() || behind == Behind::Beat(state.epoch)
        };
        if !is_ahead {
            // Redis has forgotten, or there was no engine yet: nothing is taken back, the next term says everything.
            return Ok(());
        }
        let first = if is_same { head.seq + 1 } else { state.oldest };
        let Some(missed) = self.read_log(commands, state.epoch, first, state.seq).await? else { return Ok(()) };
        match missed.hole {
            None if is_same => {
                self.follow_on(&missed.envelopes).await;
                Ok(())
            }
            hole => self.begin(state, hole.unwrap_or(first.saturating_sub(1)), &missed.envelopes).await,
        }
    }

    /// Reads the newest state; nothing where it is in a version that this program does not speak.
    async fn read_state(&self, commands: &mut Link) -> Result<Option<RedisState>, Broken> {
        let (state, texts) = RedisState::read(&self.keys, commands).await?;
        let mut state = RedisState { quotes: Vec::with_capacity(texts.len()), ..state };
        for text in texts {
            match spoken::read::<Envelope>(text.as_bytes()) {
                Err(Unheard::Version(version)) => {
                    self.understood::<Envelope>("quote", Err(Unheard::Version(version)));
                    return Ok(None);
                }
                message => state.take(self.understood("quote", message)),
            }
        }
        Ok(Some(state))
    }

    /// Reads a term's envelopes from the log, both ends included; nothing where they are in a version that this program does not
    /// speak.
    async fn read_log(&self, commands: &mut Link, epoch: Epoch, first: u64, last: u64) -> Result<Option<Missed>, Broken> {
        let number = epoch.number();
        let mut missed = Missed::default();
        let mut next = first;
        while next <= last {
            let mut range = redis::cmd("XRANGE");
            range.arg(self.keys.log()).arg(format!("{number}-{next}")).arg(format!("{number}-{last}")).arg("COUNT").arg(PAGE);
            let page: StreamRangeReply = range.query_async(commands).await?;
            if page.ids.is_empty() {
                missed.lacks(last);
                break;
            }
            for entry in page.ids {
                let seq = number_of(&entry.id).unwrap_or(last);
                if seq > next {
                    missed.lacks(seq - 1);
                }
                let text: String = entry.get("envelope").unwrap_or_default();
                match spoken::read::<Envelope>(text.as_bytes()) {
                    Ok(envelope) if (envelope.epoch, envelope.seq) == (epoch, seq) => missed.envelopes.push(envelope),
                    Ok(_) => missed.lacks(seq),
                    Err(Unheard::Version(version)) => {
                        self.understood::<Envelope>("entry of the log", Err(Unheard::Version(version)));
                        return Ok(None);
                    }
                    unread => {
                        self.understood("entry of the log", unread);
                        missed.lacks(seq);
                    }
                }
                next = seq.saturating_add(1);
            }
        }
        Ok(Some(missed))
    }

    /// Starts from what Redis and the store have: the state at `base`, and the numbers after it from the log.
    async fn begin(&self, state: RedisState, base: u64, newer: &[Envelope]) -> Result<(), Broken> {
        let quotes = state.quotes.into_iter().filter(|envelope| envelope.epoch == state.epoch && envelope.seq <= base);
        let quotes = quotes.filter_map(|envelope| match envelope.event {
            LiveEvent::PriceUpdate(quote) => Some((envelope.seq, quote)),
            _ => None,
        });
        let alerts = self.ground.store.all_alerts().await?;
        let quotes: Vec<_> = quotes.collect();
        let view = |alert: &Alert| AlertView::new(alert, self.ground.board.quote(alert.rule.ticker()).as_ref());
        let alerts = alerts.iter().map(|alert| Owned::of(&alert.owner, view(alert))).collect();
        let is_continued = self.is_continued(state.epoch).await?;
        self.ledgers.load_all(&self.ground, is_continued).await?;
        let portfolios = self.ground.store.all_portfolios().await?;
        let portfolios = portfolios.into_iter().map(|row| (row.portfolio_id, row.revision)).collect();
        let last_n = self.ground.store.last_n_within(state.epoch).await?;
        let status = state.status.unwrap_or_else(|| self.ground.board.status());
        let told = newer.iter().filter_map(|envelope| match &envelope.event {
            LiveEvent::AlertTriggered(notification) => Some(notification.view.n),
            _ => None,
        });
        // Notifications that the log holds are not yet announced at its beginning.
        let last_n = told.min().map_or(last_n, |first| last_n.min(first - 1));
        let jobs = self.ground.store.all_jobs().await?;
        let snapshot = Snapshot { epoch: state.epoch, seq: base, quotes, alerts, portfolios, status, last_n, jobs };
        self.ground.board.begin(snapshot, newer);
        tracing::info!(epoch = %state.epoch, seq = state.seq, "this worker's replica began anew");
        metrics::counter!("foliostream_bus_snapshots_total").increment(1);
        Ok(())
    }

    /// Returns whether what this board knows is of the history that the term goes on with: otherwise the database was put back,
    /// and the same revision may be of another content.
    async fn is_continued(&self, term: Epoch) -> Result<bool, Broken> {
        let known = self.ground.board.epoch();
        // What a process has read at its start is no older than any term it meets.
        Ok(known == term || known == Epoch::default() || self.ground.store.has_had(known).await?)
    }
}

/// The newest state as Redis keeps it.
struct RedisState {
    epoch: Epoch,
    seq: u64,
    /// The oldest number in the log.
    oldest: u64,
    status: Option<StatusView>,
    quotes: Vec<Envelope>,
}

impl RedisState {
    /// Reads the state, and the texts of its envelopes.
    async fn read(keys: &Keys, commands: &mut Link) -> redis::RedisResult<(Self, Vec<String>)> {
        let script = Script::new(scripts::SNAPSHOT);
        let mut call = script.key(keys.head());
        call.key(keys.log()).key(keys.quotes()).key(keys.status());
        let (number, seq, term, oldest, status, mut texts): (u64, u64, String, String, String, Vec<String>) =
            call.invoke_async(commands).await?;
        // A program that draws no marks leaves those of another term where they are.
        let epoch = term.parse().ok().filter(|term: &Epoch| term.number() == number).unwrap_or(Epoch::from(number));
        let oldest = number_of(&oldest).unwrap_or(seq + 1);
        texts.extend(Some(status).filter(|text| !text.is_empty()));
        Ok((Self { epoch, seq, oldest, status: None, quotes: Vec::new() }, texts))
    }

    fn take(&mut self, envelope: Option<Envelope>) {
        match envelope {
            Some(Envelope { epoch, event: LiveEvent::Status(status), .. }) if epoch == self.epoch => self.status = Some(status),
            Some(envelope) => self.quotes.push(envelope),
            None => {}
        }
    }
}

/// Returns an envelope's number from the id of its entry in the log.
fn number_of(id: &str) -> Option<u64> {
    id.split_once('-').and_then(|(_, seq)| seq.parse().ok())
}
