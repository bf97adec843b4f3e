//! All portfolios of a user as one: which currency that is in, and ledgers for the board in that currency.
//!
//! A portfolio in another currency is folded again, each of its activities at the rate of its day, so that what was bought goes on
//! costing what it cost. For example: a portfolio in dollars beside one in euro bought for 1,000 dollars when a dollar was 0.90 euro.
//! Together they say that this cost 900 euro, and what the dollar does since is part of the gain.

use jiff::Timestamp;

use foliostream::domain::activity::Activity;
use foliostream::domain::money::Currency;
use foliostream::domain::position::{Ledger, Reporting, fold_in};
use foliostream::domain::rates::Rates;

use super::board::Together;
use super::ground::Ground;
use super::history::utc_date;
use super::store::{Personal, PortfolioRow, StoreError};

/// Gives the board a portfolio's ledger of a revision, also in each currency in which its owner looks at all portfolios together.
pub(crate) async fn fold_ledger(
    ground: &Ground,
    row: &PortfolioRow,
    revision: i64,
    activities: &[Activity],
) -> Result<(), StoreError> {
    let mut told_in = Vec::new();
    for currency in ground.board.currencies_together(&row.owner).into_iter().filter(|currency| *currency != row.currency) {
        told_in.extend(folded_in(ground, row, activities, currency).await?);
    }
    ground.board.fold_ledger(row, revision, activities, told_in);
    Ok(())
}

/// Has the board look at all portfolios of a user as one, and returns what it goes by there: in the currency of the portfolio that
/// the user wants to see first, or of the oldest. Nothing without any portfolio.
pub(crate) async fn look_together(ground: &Ground, store: Personal<'_>) -> Result<Option<Together>, StoreError> {
    let rows = store.portfolios().await?;
    let default = store.default_portfolio().await?;
    let first = rows.iter().find(|row| Some(&row.portfolio_id) == default.as_ref()).or(rows.first());
    let Some(currency) = first.map(|row| row.currency) else { return Ok(None) };
    let together = Together { owner: store.owner().clone(), currency };
    for (portfolio_id, revision) in ground.board.look_together(&together) {
        let Some(row) = rows.iter().find(|row| row.portfolio_id == portfolio_id) else { continue };
        let activities = store.activities(&portfolio_id).await?;
        if let Some(ledger) = folded_in(ground, row, &activities, currency).await? {
            ground.board.tell_in(&portfolio_id, revision, ledger);
        }
    }
    Ok(Some(together))
}

/// Returns what a portfolio's currency was worth in another one from a moment on; where no day is known, what it is worth now.
pub(crate) async fn reporting(
    ground: &Ground,
    own: Currency,
    currency: Currency,
    since: Timestamp,
) -> Result<Option<Reporting>, StoreError> {
    let recorded = ground.history.rates(own, currency, utc_date(since), ground.clock.now()).await?;
    let now = || Rates::from_quotes(ground.board.quotes().iter()).rate(own, currency);
    let rates = if recorded.is_empty() { now().map(|rate| (since, rate)).into_iter().collect() } else { recorded };
    Ok(Reporting::new(currency, rates))
}

/// Folds activities in another currency than their portfolio's; nothing without any rate, or where they cannot be folded, which the
/// portfolio itself says.
async fn folded_in(
    ground: &Ground,
    row: &PortfolioRow,
    activities: &[Activity],
    currency: Currency,
) -> Result<Option<Ledger>, StoreError> {
    let since = activities.iter().map(|activity| activity.time).min().unwrap_or_else(|| ground.clock.now());
    let Some(reporting) = reporting(ground, row.currency, currency, since).await? else { return Ok(None) };
    Ok(fold_in(reporting, row.currency, activities).ok().map(|ledger| ledger.with_cash(row.track_cash)))
}
