//! The ledger as it is shown and told: in pages, so that a ledger of 100,000 entries costs no more than one of a hundred.

use std::collections::HashSet;

use crate::store::{LedgerOffset, PortfolioRow};
use foliostream::domain::account::AccountId;
use foliostream::domain::activity::{Activity, ActivityId};
use foliostream::domain::flow::Flow;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::ledger::{LedgerAddress, Sorting};
use foliostream::wire::views::{ActivityView, LedgerEntryView, LedgerPageView};
use foliostream::words::Refusals;
use jiff::tz::TimeZone;

use super::Acting;
use super::ledger_list::{Filter, Found};

impl Acting {
    /// Returns a page of a portfolio's transactions, newest first. A page after the last one is the last.
    pub async fn ledger_page(
        &self,
        portfolio_id: &str,
        address: &LedgerAddress,
        zone: &TimeZone,
    ) -> Result<LedgerPageView, ApiError> {
        let currency = self.portfolio_row(portfolio_id).await?.currency;
        self.learn_rates(portfolio_id).await?;
        let total = self.store().activities_count(portfolio_id, None).await?;
        let is_summed = address.is_filtered() || address.sorting() != Sorting::Newest || total <= LedgerPageView::SUMMED;
        let mut page = if is_summed {
            self.summed_page(portfolio_id, address, currency, zone).await?
        } else {
            self.plain_page(portfolio_id, address.page, total, currency).await?
        };
        page.total = total;
        page.incomplete = self.parts.ground.board.ledger(portfolio_id).map_or(0, |ledger| ledger.missing.len());
        Ok(page)
    }

    /// Returns a transaction by its number, where the portfolio has it.
    pub async fn transaction(&self, portfolio_id: &str, id: &str) -> Result<Option<ActivityView>, ApiError> {
        self.portfolio_row(portfolio_id).await?;
        self.learn_rates(portfolio_id).await?;
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = self.store().activity(portfolio_id, ActivityId(id)).await?;
        Ok(found.and_then(|activity| self.activity_views(portfolio_id, &[activity]).pop()))
    }

    /// Returns a page of all transactions, read by an index and without sums.
    async fn plain_page(
        &self,
        portfolio_id: &str,
        asked: i64,
        total: i64,
        currency: Currency,
    ) -> Result<LedgerPageView, ApiError> {
        let mut page = LedgerPageView::empty(currency);
        page.count = total;
        page.page = asked.clamp(1, page.last_page());
        let skip = (page.page - 1) * LedgerPageView::ENTRIES;
        let entries = self.store().activities_page(portfolio_id, None, skip, LedgerPageView::ENTRIES).await?;
        page.entries = self.ledger_entries(portfolio_id, &entries, currency).await?;
        Ok(page)
    }

    /// Returns a page of those that the filters leave, with the sums of all of them. Everything is read, in parts, so that other
    /// requests are served between them.
    async fn summed_page(
        &self,
        portfolio_id: &str,
        address: &LedgerAddress,
        currency: Currency,
        zone: &TimeZone,
    ) -> Result<LedgerPageView, ApiError> {
        let filter = self.filter(portfolio_id, address, zone);
        let mut found = Found::new(address.page, currency, address.sorting());
        let mut page = LedgerPageView::empty(currency);
        let mut place = LedgerOffset::START;
        loop {
            let entries = self.store().activities_after(portfolio_id, place, READ_AT_ONCE).await?;
            let Some(last) = entries.last() else { break };
            place = LedgerOffset::after(last);
            for entry in entries {
                let day = filter.day(&entry);
                page.first_year = Some(day.year());
                if filter.takes(&entry, day) {
                    found.take(entry, day);
                }
            }
        }
        page.count = found.count;
        page.page = found.page();
        page.sums = Some(found.sums());
        let entries = match found.sorted() {
            Some(ids) => self.store().activities_of(portfolio_id, &ids).await?,
            None => found.entries().to_vec(),
        };
        page.entries = self.ledger_entries(portfolio_id, &entries, currency).await?;
        page.months = found.months;
        Ok(page)
    }

    /// Reads an address into what it takes and what it leaves out.
    pub(super) fn filter(&self, portfolio_id: &str, address: &LedgerAddress, zone: &TimeZone) -> Filter {
        let text = address.text.trim().to_lowercase();
        let board = &self.parts.ground.board;
        let named = |text: &str| {
            let known = board.instruments().into_iter().filter(|known| known.name.to_lowercase().contains(text));
            known.map(|known| known.ticker.clone()).collect()
        };
        let missing = || board.ledger(portfolio_id).map(|ledger| ledger.missing.keys().copied().collect()).unwrap_or_default();
        Filter {
            named: if text.is_empty() { HashSet::new() } else { named(&text) },
            text,
            kind: address.kind,
            ticker: address.ticker.trim().to_owned(),
            period: address.period(),
            incomplete: address.incomplete.then(missing),
            account: Some(address.account.trim())
                .filter(|text| !text.is_empty())
                .map(|text| AccountId(text.parse().unwrap_or(-1))),
            tag: address.tag.trim().to_lowercase(),
            days: address.days(),
            today: self.now().to_zoned(zone.clone()).date(),
            zone: zone.clone(),
        }
    }

    /// Draws transactions for their list.
    async fn ledger_entries(
        &self,
        portfolio_id: &str,
        activities: &[Activity],
        currency: Currency,
    ) -> Result<Vec<LedgerEntryView>, ApiError> {
        let accounts = self.account_names(portfolio_id).await?;
        let board = &self.parts.ground.board;
        let views = self.activity_views(portfolio_id, activities).into_iter().zip(activities);
        let drawn = views.map(|(view, activity)| {
            let flow = Flow::of(activity, currency).ok();
            let is_foreign = activity.currency.major() != currency;
            let own = Flow::own(activity).ok().filter(|_| is_foreign);
            let name = activity.ticker.as_ref().and_then(|ticker| board.instrument(ticker)).map(|known| known.name.clone());
            let (net, own_net) = (flow.map(|flow| flow.net), own.map(|own| own.net));
            let account = activity.account.and_then(|account| accounts.get(&account)).cloned();
            LedgerEntryView { activity: view, name, account, net, own_net, charges: flow.map(|flow| flow.charges) }
        });
        Ok(drawn.collect())
    }

    /// Returns the newest entries of one instrument, and how many it has in all.
    pub(super) async fn newest_activities(
        &self,
        rows: &[PortfolioRow],
        ticker: &Ticker,
        most: usize,
    ) -> Result<(Vec<ActivityView>, i64), ApiError> {
        let (mut views, mut count) = (Vec::new(), 0);
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        for PortfolioRow { portfolio_id, .. } in rows {
            let entries = self.store().activities_page(portfolio_id, Some(ticker), 0, limit).await?;
            count += self.store().activities_count(portfolio_id, Some(ticker)).await?;
            views.extend(self.activity_views(portfolio_id, &entries));
        }
        if rows.len() > 1 {
            views.sort_by_key(|view| std::cmp::Reverse(view.time));
            views.truncate(most);
        }
        Ok((views, count))
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

    pub(super) fn activity_views(&self, portfolio_id: &str, activities: &[Activity]) -> Vec<ActivityView> {
        let ledger = self.parts.ground.board.ledger(portfolio_id);
        let missing = |id: ActivityId| ledger.as_ref().and_then(|ledger| ledger.missing.get(&id).copied());
        activities.iter().map(|activity| ActivityView::new(activity, missing(activity.id))).collect()
    }
}

/// How many transactions are read in one go while a list is made.
pub(super) const READ_AT_ONCE: i64 = 1_000;

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
pub(super) fn write_cursor(place: LedgerOffset) -> String {
    format!("{}-{}", place.time_us, place.id.0)
}

pub(super) fn read_cursor(text: &str) -> Result<LedgerOffset, ApiError> {
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
