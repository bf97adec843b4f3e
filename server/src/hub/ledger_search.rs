//! Some of a ledger for programs: those entries that a query takes, in its order, in pages.

use foliostream::domain::activity::{Activity, ActivityId, ActivityKind};
use foliostream::domain::flow::Flow;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::ledger::{LedgerAddress, Sorting};
use foliostream::wire::rfc3339::read_date;
use foliostream::wire::views::ActivityView;
use foliostream::words::{Answers, Refusals};
use jiff::tz::TimeZone;

use crate::store::LedgerOffset;

use super::Acting;
use super::ledger_list::{Filter, Key, sort};
use super::ledger_pages::{READ_AT_ONCE, read_cursor, write_cursor};

/// Which entries a program asks for, as it wrote it.
#[derive(Clone, Debug, Default)]
pub struct LedgerQuery {
    /// What stands in the ticker, the instrument's name, the note or a tag.
    pub q: Option<String>,
    /// The word of a kind.
    pub kind: Option<String>,
    /// The id of an account.
    pub account: Option<String>,
    /// A ticker.
    pub ticker: Option<String>,
    /// A tag.
    pub tag: Option<String>,
    /// The first day.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// `true` for those alone that sold what was not held.
    pub problem: Option<String>,
    /// The order.
    pub sort: Option<String>,
}

impl LedgerQuery {
    /// Whether anything is asked for.
    pub fn is_empty(&self) -> bool {
        let Self { q, kind, account, ticker, tag, from, to, problem, sort } = self;
        [q, kind, account, ticker, tag, from, to, problem, sort].into_iter().all(Option::is_none)
    }

    /// Reads it; what cannot be read is refused by its name.
    fn read(&self) -> Result<LedgerAddress, ApiError> {
        let refuse =
            |field: &str, sentence| ApiError { field: Some(field.to_owned()), ..ApiError::new(ErrorCode::BadRequest, sentence) };
        let one_of = |field: &'static str, text: &Option<String>, known: &[&str]| match text {
            Some(text) if !known.contains(&text.as_str()) => {
                Err(refuse(field, Refusals::unknown_word(text.as_str(), known.join(", "))))
            }
            text => Ok(text.clone().unwrap_or_default()),
        };
        let day = |field: &'static str, text: &Option<String>| match text {
            Some(text) if read_date(text).is_none() => Err(refuse(field, Answers::not_a_date())),
            text => Ok(text.clone().unwrap_or_default()),
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let kind = one_of("kind", &self.kind, &ActivityKind::ALL.map(ActivityKind::word))?;
        Ok(LedgerAddress {
            page: 1,
            text: text(&self.q),
            kind: ActivityKind::ALL.into_iter().find(|known| known.word() == kind),
            ticker: text(&self.ticker),
            period: String::new(),
            incomplete: one_of("problem", &self.problem, &["true", "false"])? == "true",
            account: text(&self.account),
            tag: text(&self.tag),
            from: day("from", &self.from)?,
            to: day("to", &self.to)?,
            sort: one_of("sort", &self.sort, &Sorting::ALL.map(Sorting::word))?,
        })
    }
}

impl Acting {
    /// Returns at most `limit` of the entries that a query takes, after a cursor, and the cursor of what follows, where something does.
    /// Days are those of UTC. In another order than the newest first, a ledger that changed since the page before is refused with 409.
    pub async fn search_activities(
        &self,
        portfolio_id: &str,
        query: &LedgerQuery,
        cursor: Option<&str>,
        limit: i64,
    ) -> Result<(Vec<ActivityView>, Option<String>), ApiError> {
        let address = query.read()?;
        self.portfolio_row(portfolio_id).await?;
        self.learn_rates(portfolio_id).await?;
        let filter = self.filter(portfolio_id, &address, &TimeZone::UTC);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        match address.sorting() {
            Sorting::Newest => self.newest_of(portfolio_id, &filter, cursor, limit).await,
            sorting => self.sorted_of(portfolio_id, &filter, sorting, cursor, limit).await,
        }
    }

    async fn newest_of(
        &self,
        portfolio_id: &str,
        filter: &Filter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<ActivityView>, Option<String>), ApiError> {
        let mut place = cursor.map_or(Ok(LedgerOffset::START), read_cursor)?;
        let mut found: Vec<Activity> = Vec::new();
        while found.len() <= limit {
            let entries = self.store().activities_after(portfolio_id, place, READ_AT_ONCE).await?;
            let Some(last) = entries.last() else { break };
            place = LedgerOffset::after(last);
            found.extend(entries.into_iter().filter(|entry| filter.takes(entry, filter.day(entry))));
        }
        let is_cut = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| is_cut).map(|last| write_cursor(LedgerOffset::after(last)));
        Ok((self.activity_views(portfolio_id, &found), next))
    }

    async fn sorted_of(
        &self,
        portfolio_id: &str,
        filter: &Filter,
        sorting: Sorting,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<ActivityView>, Option<String>), ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let skipped = match cursor.map(read_place).transpose()? {
            Some((_, revision)) if revision != row.revision => {
                return Err(ApiError::new(ErrorCode::Conflict, Refusals::ledger_changed_while_read()));
            }
            place => place.map_or(0, |(skipped, _)| skipped),
        };
        let mut keys = Vec::new();
        let mut place = LedgerOffset::START;
        loop {
            let entries = self.store().activities_after(portfolio_id, place, READ_AT_ONCE).await?;
            let Some(last) = entries.last() else { break };
            place = LedgerOffset::after(last);
            let taken = entries.iter().filter(|entry| filter.takes(entry, filter.day(entry)));
            keys.extend(taken.map(|entry| Key::of(entry, Flow::of(entry, row.currency).ok())));
        }
        sort(&mut keys, sorting);
        let ids: Vec<ActivityId> = keys.iter().skip(skipped).take(limit).map(|key| key.id).collect();
        let reached = skipped.saturating_add(ids.len());
        let next = (reached < keys.len() && !ids.is_empty()).then(|| format!("{reached}@{}", row.revision));
        let entries = self.store().activities_of(portfolio_id, &ids).await?;
        Ok((self.activity_views(portfolio_id, &entries), next))
    }
}

/// Reads where a page of a sorted list begins: how many stand before it, and the revision of the ledger.
fn read_place(text: &str) -> Result<(usize, i64), ApiError> {
    let (skipped, revision) = text.split_once('@').unwrap_or_default();
    match (skipped.parse(), revision.parse()) {
        (Ok(skipped), Ok(revision)) => Ok((skipped, revision)),
        _ => {
            let refusal = ApiError::new(ErrorCode::BadRequest, Refusals::give_the_cursor_back());
            Err(ApiError { field: Some("cursor".to_owned()), ..refusal })
        }
    }
}
