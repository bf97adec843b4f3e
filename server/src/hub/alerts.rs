//! Commands for alerts: they are made, changed, paused, acknowledged and deleted.

use jiff::Timestamp;

use crate::engine_task::News;
use crate::store::{Answering, NewAlert, Once, StoreError};
use foliostream::domain::alert::{Alert, AlertId, AlertState, Memory, Rule};
use foliostream::wire::commands::{AlertDraft, AlertPatch, parse_note};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::times::parse_time;
use foliostream::wire::views::AlertView;
use foliostream::words::Refusals;

use super::entries::kept_note;
use super::once::{or_earlier, written};
use super::{Acting, at};

/// The longest cooldown: a year of seconds.
const LONGEST_COOLDOWN_S: u32 = 31_536_000;

/// Tries of a change that is not bound to a revision, when the engine fires or re-arms in between.
const TRIES: usize = 5;

impl Acting {
    /// Returns every alert, newest first.
    pub async fn alerts(&self) -> Result<Vec<AlertView>, ApiError> {
        let mut alerts = self.store().alerts().await?;
        alerts.sort_by(|left, right| right.created_at.cmp(&left.created_at).then_with(|| right.id.cmp(&left.id)));
        Ok(alerts.iter().map(|alert| self.view(alert)).collect())
    }

    /// Returns one alert; 404 where the actor has none of this id.
    pub async fn alert(&self, id: &str) -> Result<AlertView, ApiError> {
        let alert = self.store().alert(read_id(id)?).await?.ok_or_else(no_such_alert)?;
        Ok(self.view(&alert))
    }

    /// Makes an alert, at most once for a key; it watches from its answer on.
    pub async fn create_alert(&self, draft: AlertDraft, key: Option<&str>) -> Result<AlertView, ApiError> {
        let once = self.once(key, "alerts", &draft)?;
        self.to_its_end(|hub| async move { hub.make_alert(draft, once).await }).await
    }

    async fn make_alert(&self, draft: AlertDraft, once: Option<Once>) -> Result<AlertView, ApiError> {
        if let Some(earlier) = self.earlier(once.as_ref()).await? {
            return Ok(earlier);
        }
        let now = self.now();
        let rule = self.drafted_rule(&draft)?;
        let state = if draft.paused { AlertState::Paused } else { AlertState::Armed };
        let new = NewAlert {
            memory: self.first_memory(&rule, state),
            rule,
            repeat: draft.repeat,
            cooldown_s: read_cooldown(draft.cooldown_s)?,
            expires_at: draft.expires_at.as_deref().map(|text| read_expiry(text, now)).transpose()?,
            note: parse_note(draft.note.as_deref()).map_err(at("note"))?,
            state,
        };
        let answer = |alert: &Alert| written(&self.view(alert));
        let answering = once.as_ref().map(|once| Answering { once, answer: &answer });
        match self.store().create_alert_once(&new, now, answering).await {
            Ok(alert) => self.announce(alert).await,
            Err(error) => or_earlier(error, once.as_ref()),
        }
    }

    /// Changes an alert; `if_match` binds the change to a revision (412 when it has moved on).
    pub async fn update_alert(&self, id: &str, patch: AlertPatch, if_match: Option<i64>) -> Result<AlertView, ApiError> {
        let id = read_id(id)?;
        self.to_its_end(move |hub| async move { hub.change_alert(id, patch, if_match).await }).await
    }

    async fn change_alert(&self, id: AlertId, patch: AlertPatch, if_match: Option<i64>) -> Result<AlertView, ApiError> {
        for _ in 0..TRIES {
            let alert = self.store().alert(id).await?.ok_or_else(no_such_alert)?;
            if if_match.is_some_and(|revision| revision != alert.revision) {
                return Err(StoreError::Conflict { current: alert.revision }.into());
            }
            let (changed, starts_anew) = self.patched(alert.clone(), &patch)?;
            // A threshold is told as it was written: 150.00 is not 150.0.
            if changed == alert && changed.rule.is_written_as(&alert.rule) {
                return Ok(self.view(&alert));
            }
            match self.store().update_alert(&changed, starts_anew).await {
                Ok(alert) => return self.announce(alert).await,
                Err(StoreError::Conflict { .. }) if if_match.is_none() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::new(ErrorCode::Conflict, Refusals::alert_keeps_firing()))
    }

    /// Deletes an alert; its notifications stay.
    pub async fn delete_alert(&self, id: &str, if_match: Option<i64>) -> Result<(), ApiError> {
        let id = read_id(id)?;
        let delete = move |hub: Self| async move {
            hub.store().delete_alert(id, if_match).await?;
            Ok(hub.parts.engine.send(News::AlertDeleted(hub.owned(id))).await?)
        };
        self.to_its_end(delete).await
    }

    async fn announce(&self, alert: Alert) -> Result<AlertView, ApiError> {
        let view = self.view(&alert);
        self.parts.engine.send(News::AlertChanged(alert)).await?;
        Ok(view)
    }

    fn view(&self, alert: &Alert) -> AlertView {
        AlertView::new(alert, self.parts.ground.board.quote(alert.rule.ticker()).as_ref())
    }

    /// Returns what an alert begins with: of a crossing the price of now. It is stored with the alert: from its answer on, no
    /// crash may lose what happens.
    fn first_memory(&self, rule: &Rule, state: AlertState) -> Memory {
        if state != AlertState::Armed {
            return Memory::default();
        }
        rule.begin(|ticker| self.parts.ground.board.quote(ticker).map(|quote| quote.price))
    }

    /// Applies a patch, and returns whether the alert starts to watch from the beginning: with a changed rule it does, anything
    /// else leaves the state alone.
    fn patched(&self, mut alert: Alert, patch: &AlertPatch) -> Result<(Alert, bool), ApiError> {
        let now = self.now();
        let rule = self.patched_rule(&alert.rule, patch)?;
        let rule_before = std::mem::replace(&mut alert.rule, rule);
        alert.repeat = patch.repeat.unwrap_or(alert.repeat);
        alert.cooldown_s = read_cooldown(patch.cooldown_s.unwrap_or(alert.cooldown_s))?;
        if let Some(note) = &patch.note {
            let stored = alert.note.take();
            alert.note = kept_note(parse_note(note.as_deref()).map_err(at("note"))?, stored);
        }
        if let Some(expiry) = &patch.expires_at {
            alert.expires_at = self.patched_expiry(&alert, expiry.as_deref(), now)?;
        }
        alert.acknowledged = patch.acknowledged.unwrap_or(alert.acknowledged);
        let rule_changed = rule_before != alert.rule;
        let starts_anew = settle_state(&mut alert, patch, rule_changed, now)?;
        if starts_anew {
            alert.memory = self.first_memory(&alert.rule, alert.state);
        }
        Ok((alert, starts_anew))
    }

    /// Takes an expiry that did not change as it is, though it may be past by now.
    fn patched_expiry(&self, alert: &Alert, text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        match text {
            None => Ok(None),
            Some(text) if parse_time(text).ok().is_some_and(|time| is_as_shown(time, alert.expires_at)) => Ok(alert.expires_at),
            Some(text) => read_expiry(text, now).map(Some),
        }
    }
}

/// Sets the state that follows from a patch, and returns whether the alert starts to watch from the beginning.
fn settle_state(alert: &mut Alert, patch: &AlertPatch, rule_changed: bool, now: Timestamp) -> Result<bool, ApiError> {
    let expired = alert.expires_at.is_some_and(|expiry| expiry <= now);
    let lives_again = alert.state == AlertState::Expired && patch.expires_at.is_some() && !expired;
    let wanted = match patch.paused {
        Some(true) => AlertState::Paused,
        Some(false) => AlertState::Armed,
        None if alert.state == AlertState::Paused => AlertState::Paused,
        None if rule_changed || lives_again => AlertState::Armed,
        None => alert.state,
    };
    if wanted == AlertState::Armed && expired {
        return Err(ApiError::field("expires_at", Refusals::time_is_over()));
    }
    let is_armed_again = wanted == AlertState::Armed && alert.state != AlertState::Armed;
    alert.state = wanted;
    Ok(is_armed_again || rule_changed)
}

fn read_id(id: &str) -> Result<AlertId, ApiError> {
    id.parse().map(AlertId).map_err(|_| no_such_alert())
}

fn no_such_alert() -> ApiError {
    ApiError::not_found(Refusals::no_such_alert())
}

pub(super) fn read_cooldown(seconds: u32) -> Result<u32, ApiError> {
    if seconds <= LONGEST_COOLDOWN_S {
        Ok(seconds)
    } else {
        Err(ApiError::field("cooldown_s", Refusals::cooldown_at_most_a_year()))
    }
}

/// Returns whether a time is a stored one as it is shown, or in full.
fn is_as_shown(time: Timestamp, stored: Option<Timestamp>) -> bool {
    let shown = stored.map(|stored| stored.as_millisecond());
    stored == Some(time) || (shown == Some(time.as_millisecond()) && time.as_nanosecond() % 1_000_000 == 0)
}

fn read_expiry(text: &str, now: Timestamp) -> Result<Timestamp, ApiError> {
    let expiry = parse_time(text).map_err(at("expires_at"))?;
    if expiry > now { Ok(expiry) } else { Err(ApiError::field("expires_at", Refusals::expiry_in_the_future())) }
}
