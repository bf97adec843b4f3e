//! Commands for portfolios: they are made, imported with a ledger, changed and deleted.

use std::collections::BTreeSet;

use crate::engine_task::News;
use crate::error::internal;
use crate::store::{Answering, NewPortfolio, PortfolioRow};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::position::fold;
use foliostream::wire::commands::{ActivityDraft, PortfolioDraft, PortfolioPatch};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::live::PortfolioDeleted;
use foliostream::wire::views::{PortfolioChangedView, PortfolioSummary, PortfolioView, UnreadableView};
use foliostream::words::Refusals;

use super::ledgers::refuse_unfoldable;
use super::once::{or_earlier, written};
use super::{Acting, read_name};

impl Acting {
    /// Lists portfolios, oldest first.
    pub async fn portfolios(&self) -> Result<Vec<PortfolioSummary>, ApiError> {
        Ok(self.store().portfolios().await?.into_iter().map(|row| self.summary(row)).collect())
    }

    /// Returns a portfolio at its newest prices, or `all` of them together, with all holdings.
    pub async fn portfolio(&self, portfolio_id: &str) -> Result<PortfolioView, ApiError> {
        let key = self.key_of(portfolio_id).await?;
        if !self.parts.ground.board.comes_to_know(&key, self.store()).await {
            return Err(no_such_portfolio());
        }
        let (valuation, time) = self.parts.ground.board.valuation(&key).ok_or_else(|| self.without_value(&key))?;
        Ok(PortfolioView::new(portfolio_id, &valuation, time))
    }

    /// Makes an empty portfolio, at most once for a key.
    pub async fn create_portfolio(&self, draft: PortfolioDraft, key: Option<&str>) -> Result<PortfolioSummary, ApiError> {
        let once = self.once(key, "portfolios", &draft)?;
        if let Some(earlier) = self.earlier(once.as_ref()).await? {
            return Ok(earlier);
        }
        let (name, currency) = read_portfolio(&draft)?;
        let track_cash = draft.track_cash;
        let empty = fold(currency, &[]).map_err(|error| internal(&error))?.with_cash(track_cash);
        let create = move |hub: Self| async move {
            let portfolio_id = uuid::Uuid::now_v7().simple().to_string();
            let answer = |row: &PortfolioRow| written(&summary(row.clone()));
            let answering = once.as_ref().map(|once| Answering { once, answer: &answer });
            let new = NewPortfolio { portfolio_id, name, currency, created_at: hub.now(), track_cash };
            let row = match hub.store().create_portfolio(&new, answering).await {
                Ok(row) => row,
                Err(error) => return or_earlier(error, once.as_ref()),
            };
            hub.parts.ground.board.set_ledger(&row, empty);
            hub.announce_portfolio(&row.portfolio_id, row.revision).await?;
            Ok(summary(row))
        };
        self.to_its_end(create).await
    }

    /// Makes a portfolio with a whole ledger: all of it is read and folded, then stored in one transaction.
    pub async fn import(&self, draft: PortfolioDraft, drafts: Vec<ActivityDraft>) -> Result<PortfolioSummary, ApiError> {
        let (name, currency) = read_portfolio(&draft)?;
        let portfolio_id = uuid::Uuid::now_v7().simple().to_string();
        let new = NewPortfolio { portfolio_id, name, currency, created_at: self.now(), track_cash: draft.track_cash };
        let row = new.clone().owned_by(&self.actor.user);
        let mut activities = Vec::with_capacity(drafts.len());
        for draft in drafts {
            activities.push(self.read_activity(&row, &draft, None).await?.activity);
        }
        refuse_unfoldable(currency, &activities)?;
        let import = move |hub: Self| async move {
            let row = hub.store().import_portfolio(&new, &activities).await?;
            hub.settle(&row, row.revision).await?;
            let tickers: BTreeSet<&Ticker> = activities.iter().filter_map(|activity| activity.ticker.as_ref()).collect();
            hub.show_entered_of(tickers).await;
            Ok(hub.summary(row))
        };
        self.to_its_end(import).await
    }

    /// Changes a portfolio; a patch that changes nothing leaves its revision alone.
    pub async fn change_portfolio(&self, portfolio_id: &str, patch: PortfolioPatch) -> Result<PortfolioSummary, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let name = patch.name.as_deref().map(read_name).transpose()?.filter(|name| *name != row.name);
        let track_cash = patch.track_cash.filter(|track_cash| Some(*track_cash) != row.track_cash);
        if name.is_none() && track_cash.is_none() {
            return Ok(self.summary(row));
        }
        let change = move |hub: Self| async move {
            let row = hub.store().change_portfolio(&row.portfolio_id, name.as_deref(), track_cash).await?;
            hub.settle(&row, row.revision).await?;
            Ok(hub.summary(row))
        };
        self.to_its_end(change).await
    }

    /// Deletes a portfolio with its ledger.
    pub async fn delete_portfolio(&self, portfolio_id: &str) -> Result<(), ApiError> {
        let portfolio_id = portfolio_id.to_owned();
        let delete = |hub: Self| async move {
            let ledger = hub.parts.ground.board.ledger(&portfolio_id);
            hub.store().delete_portfolio(&portfolio_id).await?;
            hub.parts.ground.board.forget_portfolio(&portfolio_id);
            let deleted = hub.owned(PortfolioDeleted { portfolio_id });
            hub.parts.engine.send(News::PortfolioDeleted(deleted)).await?;
            // Its trades may have been the last ones.
            let traded: Vec<Ticker> = ledger.map(|ledger| ledger.positions.keys().cloned().collect()).unwrap_or_default();
            hub.show_entered_of(&traded).await;
            Ok(())
        };
        self.to_its_end(delete).await
    }

    /// Says why a portfolio has no value.
    pub(super) fn without_value(&self, portfolio_id: &str) -> ApiError {
        let words = match self.parts.ground.board.unreadable(portfolio_id) {
            Some(error) => {
                format!("its activities cannot be added up: {error}; change or delete that one, or delete the portfolio")
            }
            None => "its amounts are too large to be valued exactly".to_owned(),
        };
        ApiError::new(ErrorCode::Unprocessable, words)
    }

    pub(super) fn summary(&self, row: PortfolioRow) -> PortfolioSummary {
        let unreadable = self.parts.ground.board.unreadable(&row.portfolio_id).map(UnreadableView::from);
        PortfolioSummary { unreadable, ..summary(row) }
    }

    pub(super) async fn announce_portfolio(&self, portfolio_id: &str, revision: i64) -> Result<(), ApiError> {
        let changed = PortfolioChangedView { portfolio_id: portfolio_id.to_owned(), revision };
        Ok(self.parts.engine.send(News::PortfolioChanged(self.owned(changed))).await?)
    }

    pub(super) async fn portfolio_row(&self, portfolio_id: &str) -> Result<PortfolioRow, ApiError> {
        self.store().portfolio(portfolio_id).await?.ok_or_else(no_such_portfolio)
    }
}

fn no_such_portfolio() -> ApiError {
    ApiError::not_found(Refusals::no_such_portfolio())
}

fn summary(row: PortfolioRow) -> PortfolioSummary {
    PortfolioSummary {
        portfolio_id: row.portfolio_id,
        name: row.name,
        currency: row.currency,
        revision: row.revision,
        track_cash: row.track_cash,
        unreadable: None,
    }
}

/// Reads a new portfolio's name and currency.
fn read_portfolio(draft: &PortfolioDraft) -> Result<(String, Currency), ApiError> {
    let name = read_name(&draft.name)?;
    let read = draft.currency.trim().parse::<Currency>();
    let currency = read.map_err(|_| ApiError::field("currency", Refusals::not_a_currency()))?;
    if currency.major() != currency {
        return Err(ApiError::field("currency", Refusals::value_it_in(currency.major().as_str())));
    }
    Ok((name, currency))
}
