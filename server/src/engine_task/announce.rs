//! What the engine says: numbered here, and nowhere else.

use super::handle::News;
use super::{EngineTask, price_update};
use crate::store::Recorded;
use foliostream::domain::alert::Alert;
use foliostream::domain::engine::Input;
use foliostream::domain::moment::Moment;
use foliostream::wire::live::{AlertDeleted, Envelope, LiveEvent, Owned};
use foliostream::wire::views::AlertView;

impl EngineTask {
    /// Says what the store has confirmed, after the prices that led to it: all at once, for the bus takes few batches at a time.
    pub(super) fn announce(&mut self, recorded: Vec<Recorded>, now: Moment) {
        if recorded.iter().any(|outcome| matches!(outcome, Recorded::Fired(_))) {
            self.frame(now);
        }
        let mut events = Vec::with_capacity(recorded.len());
        let mut refused = Vec::new();
        for outcome in recorded {
            match outcome {
                Recorded::Fired(fired) => {
                    events.push(self.changed(&fired.alert));
                    events.push(LiveEvent::AlertTriggered(Owned::of(&fired.alert.owner, fired.notification.into())));
                    metrics::counter!("foliostream_alerts_fired_total").increment(1);
                }
                Recorded::Changed(alert) => events.push(self.changed(&alert)),
                Recorded::Refused { id, current } => refused.push((id, current)),
            }
        }
        self.publish(events, now);
        for (id, current) in refused {
            self.unsaved.take_back(id);
            self.step(current.map_or(Input::AlertDeleted(id), |alert| Input::AlertReplaced(*alert)), now);
        }
    }

    /// Learns what was changed in the store, and announces it.
    pub(super) fn take_news(&mut self, news: News, now: Moment) {
        let event = match news {
            News::AlertChanged(alert) => {
                let id = alert.id;
                self.step(Input::AlertChanged(alert.clone()), now);
                // What it saw before stands in the journal under its revision of before, which counts no more.
                self.unsaved.hurry();
                self.changed(&self.engine.alert(id).filter(|known| known.revision <= alert.revision).unwrap_or(alert))
            }
            News::AlertDeleted(Owned { owner, view: id }) => {
                self.step(Input::AlertDeleted(id), now);
                LiveEvent::AlertDeleted(Owned { owner, view: AlertDeleted { id: id.0.to_string() } })
            }
            News::PortfolioChanged(changed) => {
                self.learn_splits(now);
                LiveEvent::PortfolioChanged(changed)
            }
            News::PortfolioDeleted(deleted) => LiveEvent::PortfolioDeleted(deleted),
            News::InstrumentChanged(instrument) => LiveEvent::InstrumentChanged(instrument),
            News::NotificationRead(read) => LiveEvent::NotificationRead(read),
            News::JobProgress(job) => LiveEvent::JobProgress(job),
        };
        self.publish(vec![event], now);
    }

    /// Publishes the newest quote of every ticker that changed.
    pub(super) fn frame(&mut self, now: Moment) {
        if self.engine.has_changed() {
            let quotes = self.engine.take_changed();
            let conflated = std::mem::take(&mut self.unpublished).saturating_sub(quotes.len() as u64);
            self.parts.ground.tally.conflated(conflated);
            quotes.iter().for_each(|quote| self.unsaved.changed(&quote.ticker));
            self.publish(quotes.into_iter().map(price_update).collect(), now);
            self.last_frame = now.elapsed;
        }
    }

    /// Numbers events and hands them to the bus, in order.
    pub(super) fn publish(&mut self, events: Vec<LiveEvent>, now: Moment) {
        if events.is_empty() {
            return;
        }
        let epoch = self.parts.epoch;
        let envelopes: Vec<Envelope> = events
            .into_iter()
            .map(|event| {
                self.seq += 1;
                Envelope { epoch, seq: self.seq, at: now.wall, event }
            })
            .collect();
        self.parts.bus.publish(envelopes);
    }

    /// Says how an alert stands.
    pub(super) fn changed(&self, alert: &Alert) -> LiveEvent {
        LiveEvent::AlertChanged(Owned::of(&alert.owner, AlertView::new(alert, self.engine.quote(alert.rule.ticker()))))
    }
}
