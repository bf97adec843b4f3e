//! What a page or a query is about: one portfolio, or all of them together.

use foliostream::wire::error::ApiError;
use foliostream::wire::views::PortfolioView;
use foliostream::words::Refusals;

use super::Acting;
use crate::store::PortfolioRow;
use crate::together;

/// One portfolio, or all of a user.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// Its name on the board.
    pub key: String,
    /// The portfolios that it is made of.
    pub rows: Vec<PortfolioRow>,
}

impl Acting {
    /// Returns a portfolio of the user, or all of them under the id `all`; 404 where there is none.
    pub(super) async fn shown(&self, portfolio_id: &str) -> Result<Shown, ApiError> {
        let key = self.key_of(portfolio_id).await?;
        let rows =
            if key == portfolio_id { vec![self.portfolio_row(portfolio_id).await?] } else { self.store().portfolios().await? };
        Ok(Shown { key, rows })
    }

    /// Returns the name on the board of a portfolio; of `all` of them, once the board looks at them together.
    pub(super) async fn key_of(&self, portfolio_id: &str) -> Result<String, ApiError> {
        if portfolio_id != PortfolioView::ALL {
            return Ok(portfolio_id.to_owned());
        }
        let together = together::look_together(&self.parts.ground, self.store()).await?;
        together.map(|together| together.key()).ok_or_else(|| ApiError::not_found(Refusals::no_such_portfolio()))
    }
}
