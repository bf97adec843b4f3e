//! Which part of a portfolio a performance is of: all of it, an account, or a holding.

use foliostream::domain::account::AccountId;
use foliostream::domain::instrument::Ticker;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::{PerformanceQuery, PortfolioView};
use foliostream::words::Refusals;

use super::books::Book;
use super::{Acting, read_ticker};

/// Which part of a portfolio counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    account: Option<AccountId>,
    ticker: Option<Ticker>,
}

impl Scope {
    /// Whether all of it does.
    pub(super) fn is_all(&self) -> bool {
        self.account.is_none() && self.ticker.is_none()
    }

    /// Leaves of a book only what counts. What is paid for one instrument comes from outside: its cash does not count.
    pub(super) fn narrow(&self, book: &mut Book) {
        if let Some(account) = self.account {
            book.activities.retain(|activity| activity.counts_in(account));
        }
        if let Some(ticker) = &self.ticker {
            book.activities.retain(|activity| activity.ticker.as_ref() == Some(ticker));
            book.track_cash = Some(false);
        }
    }
}

impl Acting {
    /// Reads which part of a portfolio counts. All portfolios together are not parted.
    pub(super) async fn read_scope(&self, portfolio_id: &str, query: &PerformanceQuery) -> Result<Scope, ApiError> {
        let filled = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let refuse =
            |field: &str, sentence| ApiError { field: Some(field.to_owned()), ..ApiError::new(ErrorCode::BadRequest, sentence) };
        let (account, ticker) = (filled(&query.account), filled(&query.ticker));
        let is_parted = account.is_some() || ticker.is_some();
        if is_parted && portfolio_id == PortfolioView::ALL {
            let field = if account.is_some() { "account" } else { "ticker" };
            return Err(refuse(field, Refusals::all_are_not_parted()));
        }
        let account = match account {
            Some(id) => {
                let names = self.account_names(portfolio_id).await?;
                let known = id.parse().ok().map(AccountId).filter(|id| names.contains_key(id));
                Some(known.ok_or_else(|| refuse("account", Refusals::account_is_unknown()))?)
            }
            None => None,
        };
        let ticker = ticker.map(|text| read_ticker(&text)).transpose();
        let ticker = ticker.map_err(|error| ApiError { code: ErrorCode::BadRequest, ..error })?;
        Ok(Scope { account, ticker })
    }
}
