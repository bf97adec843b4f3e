//! The ledger as it is shown and told: in pages, so that a ledger of 100,000 entries costs no more than one of a hundred.

use crate::store::LedgerOffset;
use foliostream::domain::activity::{Activity, ActivityId};
use foliostream::domain::instrument::Ticker;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::{ActivityView, LedgerPageView};
use foliostream::words::Refusals;

use super::{Acting, read_ticker};

impl Acting {
    /// Returns a page of a ledger, newest first, with the entry that is being changed. A page after the last one is the last.
    pub async fn ledger_page(
        &self,
        portfolio_id: &str,
        page: i64,
        ticker: Option<&str>,
        edited: Option<&str>,
    ) -> Result<LedgerPageView, ApiError> {
        self.portfolio_row(portfolio_id).await?;
        self.learn_rates(portfolio_id).await?;
        let ticker = ticker.map(read_ticker).transpose()?;
        let count = self.store().activities_count(portfolio_id, ticker.as_ref()).await?;
        let mut view = LedgerPageView { entries: Vec::new(), count, page, incomplete: 0, ticker, edited: None };
        view.page = page.clamp(1, view.last_page());
        let skip = (view.page - 1) * LedgerPageView::ENTRIES;
        let store = self.store();
        let entries = store.activities_page(portfolio_id, view.ticker.as_ref(), skip, LedgerPageView::ENTRIES).await?;
        view.entries = self.activity_views(portfolio_id, &entries);
        view.incomplete = self.parts.ground.board.ledger(portfolio_id).map_or(0, |ledger| ledger.missing.len());
        if let Some(id) = edited.and_then(|text| text.parse().ok()) {
            let found = self.store().activity(portfolio_id, ActivityId(id)).await?;
            view.edited = found.and_then(|activity| self.activity_views(portfolio_id, &[activity]).pop());
        }
        Ok(view)
    }

    /// Returns the newest entries of one instrument, and how many it has in all.
    pub(super) async fn newest_activities(
        &self,
        portfolio_id: &str,
        ticker: &Ticker,
        most: usize,
    ) -> Result<(Vec<ActivityView>, i64), ApiError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let entries = self.store().activities_page(portfolio_id, Some(ticker), 0, most).await?;
        let count = self.store().activities_count(portfolio_id, Some(ticker)).await?;
        Ok((self.activity_views(portfolio_id, &entries), count))
    }

    /// Returns at most `limit` entries after a cursor, newest first, and the cursor of what follows, where something does.
    pub async fn activities_after(
        &self,
        portfolio_id: &str,
        cursor: Option<&str>,
        limit: i64,
    ) -> Result<(Vec<ActivityView>, Option<String>), ApiError> {
        self.portfolio_row(portfolio_id).await?;
        self.learn_rates(portfolio_id).await?;
        let place = cursor.map_or(Ok(LedgerOffset::START), read_cursor)?;
        // One more than asked for shows whether anything follows.
        let mut entries = self.store().activities_after(portfolio_id, place, limit.saturating_add(1)).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_cut = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| is_cut).map(|last| write_cursor(LedgerOffset::after(last)));
        Ok((self.activity_views(portfolio_id, &entries), next))
    }

    /// Begins to read a whole ledger in parts.
    pub async fn read_ledger(&self, portfolio_id: &str) -> Result<LedgerReading, ApiError> {
        self.portfolio_row(portfolio_id).await?;
        self.learn_rates(portfolio_id).await?;
        let row = self.portfolio_row(portfolio_id).await?;
        Ok(LedgerReading {
            hub: self.clone(),
            portfolio_id: row.portfolio_id,
            revision: row.revision,
            place: LedgerOffset::START,
        })
    }

    fn activity_views(&self, portfolio_id: &str, activities: &[Activity]) -> Vec<ActivityView> {
        let ledger = self.parts.ground.board.ledger(portfolio_id);
        let missing = |id: ActivityId| ledger.as_ref().and_then(|ledger| ledger.missing.get(&id).copied());
        activities.iter().map(|activity| ActivityView::new(activity, missing(activity.id))).collect()
    }
}

/// A ledger that is being read in parts, newest first.
#[derive(Debug)]
pub struct LedgerReading {
    hub: Acting,
    portfolio_id: String,
    revision: i64,
    place: LedgerOffset,
}

impl LedgerReading {
    /// Returns the next entries, at most `most`; none at the end. A ledger that has changed since the reading began is refused:
    /// its parts would not be of one ledger.
    pub async fn next(&mut self, most: i64) -> Result<Vec<ActivityView>, ApiError> {
        let entries = self.hub.store().activities_after(&self.portfolio_id, self.place, most).await?;
        if self.hub.portfolio_row(&self.portfolio_id).await?.revision != self.revision {
            return Err(ApiError::new(ErrorCode::Conflict, Refusals::ledger_changed_while_read()));
        }
        if let Some(last) = entries.last() {
            self.place = LedgerOffset::after(last);
        }
        Ok(self.hub.activity_views(&self.portfolio_id, &entries))
    }
}

/// Writes where a page of the ledger begins as `<microseconds>-<number>`, the time and id of the entry before it.
fn write_cursor(place: LedgerOffset) -> String {
    format!("{}-{}", place.time_us, place.id.0)
}

fn read_cursor(text: &str) -> Result<LedgerOffset, ApiError> {
    let (time_us, id) = text.rsplit_once('-').unwrap_or_default();
    match (time_us.parse(), id.parse()) {
        (Ok(time_us), Ok(id)) => Ok(LedgerOffset { time_us, id: ActivityId(id) }),
        _ => {
            let refusal = ApiError::new(ErrorCode::BadRequest, Refusals::give_the_cursor_back());
            Err(ApiError { field: Some("cursor".to_owned()), ..refusal })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_also_of_a_time_before_1970() {
        for time_us in [0, -62_135_596_800_000_000, i64::MAX] {
            let place = LedgerOffset { time_us, id: ActivityId(7) };
            assert_eq!(read_cursor(&write_cursor(place)), Ok(place));
        }
        for wrong in ["", "-", "7", "1-2-x", "a-1"] {
            assert_eq!(read_cursor(wrong).unwrap_err().field.as_deref(), Some("cursor"), "{wrong}");
        }
    }
}
