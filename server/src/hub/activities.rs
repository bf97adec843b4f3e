//! The ledger's commands: an activity is read, entered, replaced or deleted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::store::{EntryChange, LearnedRate, NewActivity, Once, PortfolioRow, StoreError};
use foliostream::domain::activity::{Activity, ActivityId};
use foliostream::domain::money::Currency;
use foliostream::wire::commands::{ActivityDraft, ActivityPatch, Edit};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::times::utc_day;
use foliostream::wire::views::ActivityView;
use foliostream::words::Refusals;

use super::entries::{Kept, unknown_instrument};
use super::ledgers::{LedgerChange, no_such_activity};
use super::{Acting, read_ticker};

/// Tries of a change that is bound to no revision, when others change the entry in between.
const TRIES: usize = 5;

/// Days whose rates are looked up at one reading of a ledger: each asks the store up to six times.
const LOOKED_UP: usize = 100;

impl Acting {
    /// Returns one activity; 404 where the portfolio has none of this id.
    pub async fn activity(&self, portfolio_id: &str, id: &str) -> Result<ActivityView, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let activity = self.stored(&row, read_id(id)?).await?;
        Ok(self.activity_view(portfolio_id, &activity))
    }

    /// Enters an activity, at most once for a key.
    pub async fn add_activity(
        &self,
        portfolio_id: &str,
        draft: ActivityDraft,
        key: Option<&str>,
    ) -> Result<ActivityView, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let once = self.once(key, &format!("activities of {portfolio_id}"), &draft)?;
        self.to_its_end(|hub| async move { hub.enter(row, draft, once).await }).await
    }

    async fn enter(&self, row: PortfolioRow, draft: ActivityDraft, once: Option<Once>) -> Result<ActivityView, ApiError> {
        if let Some(earlier) = self.earlier(once.as_ref()).await? {
            return Ok(earlier);
        }
        let read = self.read_activity(&row, &draft, None).await?;
        self.keep_instrument(read.instrument).await?;
        self.enter_new(&row.portfolio_id, read.activity, once).await
    }

    /// Takes the answer to the question whether an instrument that is not known is added: only where it repeats the ticker.
    /// Unless it was asked, the question is the refusal.
    pub async fn with_asked_instrument(
        &self,
        draft: ActivityDraft,
        answer: Option<&str>,
        currency: Option<String>,
    ) -> Result<ActivityDraft, ApiError> {
        let Some(ticker) = draft.ticker.as_deref().and_then(|text| read_ticker(text).ok()) else { return Ok(draft) };
        if self.instrument(&ticker).await?.is_some() {
            return Ok(draft);
        }
        if answer.and_then(|text| read_ticker(text).ok()).as_ref() != Some(&ticker) {
            return Err(unknown_instrument(&ticker));
        }
        let currency = draft.currency.or(currency);
        if currency.is_none() {
            return Err(ApiError::field("instrument_currency", Refusals::currency_it_is_priced_in(ticker.as_str())));
        }
        Ok(ActivityDraft { currency, ..draft })
    }

    /// Replaces an activity; at a revision that has moved on it is refused with 412. What the
    /// draft leaves as it is stays exactly as it is stored, and a draft that changes nothing leaves the revision alone.
    pub async fn replace_activity(
        &self,
        portfolio_id: &str,
        id: &str,
        draft: ActivityDraft,
        edit: Edit,
    ) -> Result<ActivityView, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let id = read_id(id)?;
        self.to_its_end(move |hub| async move { hub.replace(row, id, draft, edit).await }).await
    }

    async fn replace(
        &self,
        row: PortfolioRow,
        id: ActivityId,
        draft: ActivityDraft,
        Edit { if_match, reads_rate_anew }: Edit,
    ) -> Result<ActivityView, ApiError> {
        for _ in 0..TRIES {
            let stored = self.stored(&row, id).await?;
            if if_match.is_some_and(|revision| revision != stored.revision) {
                return Err(StoreError::Conflict { current: stored.revision }.into());
            }
            let kept = Kept { stored: &stored, rate: !reads_rate_anew };
            let read = self.read_activity(&row, &draft, Some(kept)).await?;
            let changed = Activity { revision: stored.revision, ..read.activity.clone().with_id(id) };
            if is_same(&changed, &stored) {
                return Ok(self.activity_view(&row.portfolio_id, &stored));
            }
            self.keep_instrument(read.instrument).await?;
            match self.write_over(&row, &stored, read.activity).await {
                Err(ApiError { code: ErrorCode::PreconditionFailed, .. }) if if_match.is_none() => {}
                outcome => return outcome,
            }
        }
        Err(ApiError::new(ErrorCode::Conflict, Refusals::others_change_this_entry()))
    }

    async fn write_over(&self, row: &PortfolioRow, stored: &Activity, new: NewActivity) -> Result<ActivityView, ApiError> {
        let written = Activity { revision: stored.revision + 1, ..new.clone().with_id(stored.id) };
        let change = LedgerChange::Replace(stored.id, stored.revision, Box::new(new), EntryChange::Changed);
        self.change_ledger(&row.portfolio_id, change).await?;
        Ok(self.activity_view(&row.portfolio_id, &written))
    }

    /// Deletes an activity, only at the revision given where one is.
    pub async fn delete_activity(&self, portfolio_id: &str, id: &str, if_match: Option<i64>) -> Result<(), ApiError> {
        let (portfolio_id, id) = (portfolio_id.to_owned(), read_id(id)?);
        let change = LedgerChange::Delete(vec![(id, if_match)]);
        let delete = async move |hub: Self| hub.change_ledger(&portfolio_id, change).await.map(drop);
        self.to_its_end(delete).await
    }

    /// Changes an activity: what the patch leaves out stays.
    pub async fn patch_activity(
        &self,
        portfolio_id: &str,
        id: &str,
        patch: ActivityPatch,
        if_match: Option<i64>,
    ) -> Result<ActivityView, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let id = read_id(id)?;
        let reads_rate_anew = matches!(patch.exchange_rate, Some(None));
        for _ in 0..TRIES {
            let stored = self.stored(&row, id).await?;
            let if_match = if_match.or(Some(stored.revision));
            let (row, draft) = (row.clone(), patched(&stored, &patch));
            let edit = Edit { if_match, reads_rate_anew };
            match self.to_its_end(move |hub| async move { hub.replace(row, id, draft, edit).await }).await {
                // Another change came first: what it changed stays.
                Err(ApiError { code: ErrorCode::PreconditionFailed, .. }) if if_match == Some(stored.revision) => {}
                outcome => return outcome,
            }
        }
        Err(ApiError::new(ErrorCode::Conflict, Refusals::others_change_this_entry()))
    }

    /// Gives entries with an estimated rate the rate of their day, where it has become known.
    pub(super) async fn learn_rates(&self, portfolio_id: &str) -> Result<(), ApiError> {
        let estimated = self.store().estimated_activities(portfolio_id).await?;
        if estimated.is_empty() {
            return Ok(());
        }
        let row = self.portfolio_row(portfolio_id).await?;
        let known = self.rates_of_days(row.currency, &estimated).await?;
        let learned = |activity: &Activity| {
            let rate = *known.get(&rated_by(activity))?;
            Some(LearnedRate { id: activity.id, revision: activity.revision, rate })
        };
        let rates: Vec<LearnedRate> = estimated.iter().filter_map(learned).collect();
        if rates.is_empty() {
            return Ok(());
        }
        let rate = async move |hub: Self| hub.change_ledger(&row.portfolio_id, LedgerChange::Rate(rates)).await.map(drop);
        self.to_its_end(rate).await
    }

    /// Returns the rates that are known of the days of entries; of more than [`LOOKED_UP`] days at another time those of others.
    async fn rates_of_days(&self, base: Currency, entries: &[Activity]) -> Result<BTreeMap<(Currency, Date), Decimal>, ApiError> {
        let days: BTreeSet<_> = entries.iter().map(rated_by).collect();
        let begin = usize::try_from(self.now().as_second()).unwrap_or_default() % days.len().max(1);
        let mut known = BTreeMap::new();
        for (from, day) in days.iter().cycle().skip(begin).take(days.len().min(LOOKED_UP)) {
            if let Some(rate) = self.parts.ground.history.rate(*from, base, *day, self.now()).await? {
                known.insert((*from, *day), rate);
            }
        }
        Ok(known)
    }

    pub(super) async fn stored(&self, row: &PortfolioRow, id: ActivityId) -> Result<Activity, ApiError> {
        self.store().activity(&row.portfolio_id, id).await?.ok_or_else(no_such_activity)
    }

    pub(super) fn activity_view(&self, portfolio_id: &str, activity: &Activity) -> ActivityView {
        let missing = self.parts.ground.board.ledger(portfolio_id).and_then(|ledger| ledger.missing.get(&activity.id).copied());
        ActivityView::new(activity, missing)
    }
}

/// Returns what decides an entry's rate: its currency and its day.
fn rated_by(activity: &Activity) -> (Currency, Date) {
    (activity.currency.major(), utc_day(activity.time))
}

/// Returns whether two entries are the same as written: 150.00 is not 150.
fn is_same(left: &Activity, right: &Activity) -> bool {
    let scales = |activity: &Activity| {
        let Activity { quantity, price, amount, fee, tax, exchange_rate, .. } = activity;
        [quantity, price, amount, fee, tax, exchange_rate].map(Decimal::scale)
    };
    left == right && scales(left) == scales(right)
}

/// Writes an entry as a draft, with what a patch changes.
fn patched(stored: &Activity, patch: &ActivityPatch) -> ActivityDraft {
    let figures = stored.figures();
    let kept = |is_of: bool, figure: Decimal| is_of.then(|| figure.to_string());
    let changed = |new: &Option<Option<String>>, old: Option<String>| new.clone().unwrap_or(old);
    ActivityDraft {
        kind: patch.kind.unwrap_or(stored.kind),
        time: patch.time.clone().unwrap_or_else(|| match stored.date() {
            Some(date) => date.to_string(),
            None => stored.time.to_string(),
        }),
        ticker: changed(&patch.ticker, stored.ticker.as_ref().map(ToString::to_string)),
        quantity: changed(&patch.quantity, kept(figures.quantity, stored.quantity)),
        price: changed(&patch.price, kept(figures.price, stored.price)),
        amount: changed(&patch.amount, kept(figures.amount.is_some(), stored.amount)),
        fee: changed(&patch.fee, Some(stored.fee.to_string())),
        tax: changed(&patch.tax, Some(stored.tax.to_string())),
        currency: patch.currency.clone().or_else(|| Some(stored.currency.to_string())),
        exchange_rate: patch.exchange_rate.clone().flatten(),
        opens_short: patch.opens_short,
        account: patch.account.clone().map(Option::unwrap_or_default),
        tags: patch.tags.clone(),
        note: changed(&patch.note, stored.note.clone()),
    }
}

pub(super) fn read_id(id: &str) -> Result<ActivityId, ApiError> {
    id.parse().map(ActivityId).map_err(|_| no_such_activity())
}
