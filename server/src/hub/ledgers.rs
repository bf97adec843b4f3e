//! Changing a ledger: it is folded as it will be before anything is written, and written only where it is still what was folded.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use crate::store::{Answering, EntryChange, LearnedRate, NewActivity, Once, Personal, PortfolioRow, StoreError};
use crate::together;
use foliostream::domain::activity::{Activity, ActivityId};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::position::{FoldError, FoldReason, Ledger, fold};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::{ActivityView, fold_refusal};
use foliostream::words::Refusals;

use super::Acting;
use super::once::{or_earlier, written};

/// Tries of a change that another worker's came before: each lost one means that another worker's was stored, so that this many
/// in a row take a crowd. Within one worker they follow each other.
const TRIES: usize = 10;

/// A change of one ledger.
#[derive(Clone, Debug)]
pub(super) enum LedgerChange {
    /// Replaces an activity that is at a revision; a change that is undone is told apart in its history.
    Replace(ActivityId, i64, Box<NewActivity>, EntryChange),
    /// Takes some away, all or none; each only at a revision where one is given.
    Delete(Vec<(ActivityId, Option<i64>)>),
    /// Puts one back that was deleted.
    Restore(ActivityId, Box<NewActivity>),
    /// Gives entries with an estimated rate their days' rates.
    Rate(Vec<LearnedRate>),
}

impl LedgerChange {
    /// Makes the entries as they will be.
    ///
    /// Fails where the entry it changes is not there, or at another revision.
    fn apply(&self, activities: &mut Vec<Activity>) -> Result<(), ApiError> {
        match self {
            Self::Replace(id, revision, new, _) => {
                take(activities, *id, Some(*revision))?;
                activities.push(new.as_ref().clone().with_id(*id));
            }
            Self::Delete(entries) => {
                for (id, revision) in entries {
                    take(activities, *id, *revision)?;
                }
            }
            Self::Restore(id, new) => activities.push(new.as_ref().clone().with_id(*id)),
            Self::Rate(rates) => {
                let rates: HashMap<_, _> = rates.iter().map(|learned| ((learned.id, learned.revision), learned.rate)).collect();
                for activity in activities.iter_mut().filter(|activity| activity.exchange_rate_estimated) {
                    activity.exchange_rate =
                        rates.get(&(activity.id, activity.revision)).copied().unwrap_or(activity.exchange_rate);
                }
            }
        }
        Ok(())
    }

    /// Returns the numbers of the entries that it puts in.
    fn touched(&self) -> Vec<ActivityId> {
        match self {
            Self::Replace(id, ..) | Self::Restore(id, _) => vec![*id],
            Self::Delete(_) | Self::Rate(_) => Vec::new(),
        }
    }

    /// Writes it to a portfolio at `revision`; returns the numbers of what it touched and the new revision.
    async fn write(
        &self,
        store: Personal<'_>,
        portfolio_id: &str,
        revision: i64,
        now: Timestamp,
    ) -> Result<(Vec<ActivityId>, i64), StoreError> {
        match self {
            Self::Replace(id, _, new, how) => {
                Ok((vec![*id], store.replace_activity(portfolio_id, revision, *id, new, (*how, now)).await?))
            }
            Self::Delete(entries) => {
                let ids: Vec<ActivityId> = entries.iter().map(|(id, _)| *id).collect();
                let revision = store.delete_activities(portfolio_id, revision, &ids, now).await?;
                Ok((ids, revision))
            }
            Self::Restore(id, new) => Ok((vec![*id], store.restore_activity(portfolio_id, revision, *id, new, now).await?)),
            Self::Rate(rates) => Ok((Vec::new(), store.rate_activities(portfolio_id, revision, rates, now).await?)),
        }
    }
}

/// Returns numbers above all that were ever given, in order.
fn numbers_to_come(count: usize) -> impl Iterator<Item = ActivityId> {
    (i64::MAX - i64::try_from(count).unwrap_or(0)..).map(ActivityId)
}

/// Takes an entry out, only at a revision where one is given.
fn take(activities: &mut Vec<Activity>, id: ActivityId, revision: Option<i64>) -> Result<(), ApiError> {
    let place = activities.iter().position(|activity| activity.id == id).ok_or_else(no_such_activity)?;
    let current = activities[place].revision;
    if revision.is_some_and(|revision| revision != current) {
        return Err(StoreError::Conflict { current }.into());
    }
    activities.remove(place);
    Ok(())
}

impl Acting {
    /// Changes a ledger, gives the board the new one and announces it; returns the numbers of what was touched.
    pub(super) async fn change_ledger(&self, portfolio_id: &str, change: LedgerChange) -> Result<Vec<ActivityId>, ApiError> {
        let _one_at_a_time = self.parts.ledgers.lock().await;
        for _ in 0..TRIES {
            // The revision first: entries that came after it was read are found when it is compared.
            let row = self.portfolio_row(portfolio_id).await?;
            let mut activities = self.store().activities(portfolio_id).await?;
            let before = activities.clone();
            change.apply(&mut activities)?;
            let named = tickers_of(&before, &activities);
            let touched = change.touched();
            refuse_worse(row.currency, &before, &activities, |id| touched.contains(&id))?;
            match change.write(self.store(), portfolio_id, row.revision, self.now()).await {
                Ok((ids, revision)) => {
                    // The change may have begun to count cash.
                    let row = self.portfolio_row(portfolio_id).await?;
                    self.settle(&row, revision).await?;
                    self.show_entered_of(&named).await;
                    return Ok(ids);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }

    /// Enters one new activity, at most once for a key: the answer is kept with it.
    pub(super) async fn enter_new(
        &self,
        portfolio_id: &str,
        new: NewActivity,
        once: Option<Once>,
    ) -> Result<ActivityView, ApiError> {
        let _one_at_a_time = self.parts.ledgers.lock().await;
        for _ in 0..TRIES {
            let row = self.portfolio_row(portfolio_id).await?;
            let mut activities = self.store().activities(portfolio_id).await?;
            let id = ActivityId(i64::MAX);
            let before = activities.clone();
            activities.push(new.clone().with_id(id));
            let ledger = refuse_worse(row.currency, &before, &activities, |other| other == id)?;
            let missing = ledger.and_then(|ledger| ledger.missing.get(&id).copied());
            let view = |id| ActivityView::new(&new.clone().with_id(id), missing);
            let answer = |ids: &[ActivityId]| ids.first().map(|id| written(&view(*id))).unwrap_or_default();
            let answering = once.as_ref().map(|once| Answering { once, answer: &answer });
            let entered = self
                .store()
                .add_activities_once(portfolio_id, row.revision, std::slice::from_ref(&new), self.now(), answering)
                .await;
            match entered {
                Ok((ids, revision)) => {
                    // The entry may have begun to count cash.
                    let row = self.portfolio_row(portfolio_id).await?;
                    self.settle(&row, revision).await?;
                    self.show_entered_of(&new.ticker).await;
                    return ids.first().map(|id| view(*id)).ok_or_else(no_such_activity);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return or_earlier(error, once.as_ref()),
            }
        }
        Err(too_many_changes())
    }

    /// Gives the board the ledger as it now is, and announces it.
    pub(super) async fn settle(&self, row: &PortfolioRow, revision: i64) -> Result<(), ApiError> {
        let activities = self.store().activities(&row.portfolio_id).await?;
        together::fold_ledger(&self.parts.ground, row, revision, &activities).await?;
        self.announce_portfolio(&row.portfolio_id, revision).await
    }
}

/// Refuses new activities that cannot be folded together.
pub(super) fn refuse_unfoldable(base: Currency, new: &[NewActivity]) -> Result<(), ApiError> {
    let activities: Vec<_> = new.iter().zip(numbers_to_come(new.len())).map(|(new, id)| new.clone().with_id(id)).collect();
    fold(base, &activities).map(drop).map_err(refuse)
}

/// Folds a ledger as it will be. One that cannot be folded is refused, unless it could not be before: then it may be mended entry
/// by entry, as long as those that are touched can be folded by themselves.
fn refuse_worse(
    base: Currency,
    before: &[Activity],
    after: &[Activity],
    is_touched: impl Fn(ActivityId) -> bool,
) -> Result<Option<Ledger>, ApiError> {
    let error = match fold(base, after) {
        Ok(ledger) => return Ok(Some(ledger)),
        Err(error) => error,
    };
    if is_touched(error.activity) || fold(base, before).is_ok() {
        return Err(refuse(error));
    }
    for touched in after.iter().filter(|activity| is_touched(activity.id)) {
        fold(base, std::slice::from_ref(touched)).map_err(refuse)?;
    }
    Ok(None)
}

/// Returns the instruments of the entries that a change takes away, puts in or replaces.
fn tickers_of(before: &[Activity], after: &[Activity]) -> BTreeSet<Ticker> {
    let known: HashMap<ActivityId, &Activity> = before.iter().map(|activity| (activity.id, activity)).collect();
    let stays: HashSet<ActivityId> =
        after.iter().filter(|activity| known.get(&activity.id) == Some(activity)).map(|activity| activity.id).collect();
    let is_touched = |activity: &&Activity| !stays.contains(&activity.id);
    before.iter().chain(after).filter(is_touched).filter_map(|activity| activity.ticker.clone()).collect()
}

fn too_many_changes() -> ApiError {
    ApiError::new(ErrorCode::Conflict, Refusals::others_change_this_ledger())
}

fn refuse(error: FoldError) -> ApiError {
    ApiError::field(field_of(error.reason), fold_refusal(error.reason).1)
}

/// Returns the field to look at; where a figure outgrew a decimal it is the units, which every other figure is a product of.
fn field_of(reason: FoldReason) -> &'static str {
    match reason {
        FoldReason::Arithmetic(_) | FoldReason::QuantityNotPositive => "quantity",
        FoldReason::TickerMissing => "ticker",
        FoldReason::PriceNegative => "price",
        FoldReason::RateNotPositive => "exchange_rate",
        FoldReason::AmountNegative => "amount",
    }
}

/// The refusal of an activity that is not there.
pub(super) fn no_such_activity() -> ApiError {
    ApiError::not_found(Refusals::no_such_activity())
}
