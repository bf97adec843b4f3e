//! All portfolios of a user as one: which currency it is in, and the name that it goes by on the board.

use std::sync::Arc;

use foliostream::domain::activity::ActivityId;
use foliostream::domain::money::{ArithmeticError, Currency};
use foliostream::domain::position::{FoldError, FoldReason, Ledger};
use foliostream::domain::user::UserId;
use foliostream::wire::views::PortfolioView;

/// Whose portfolios are looked at together, and in which currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    /// The user whose portfolios they are.
    pub owner: UserId,
    /// The currency that all sums are in, a major one.
    pub currency: Currency,
}

/// What is said of sums that outgrow an exact decimal, though each portfolio's own do not.
pub(crate) const TOO_LARGE: FoldError =
    FoldError { activity: ActivityId(0), reason: FoldReason::Arithmetic(ArithmeticError::Overflow) };

impl Together {
    /// Returns the name on the board. No portfolio has it: ids are without a slash.
    ///
    /// ```text
    /// all/local/EUR
    /// ```
    pub fn key(&self) -> String {
        [PortfolioView::ALL, "/", self.owner.as_str(), "/", self.currency.as_str()].concat()
    }
}

/// Returns the id by which a client knows what has a name on the board: `all` of `all/local/EUR`, and any other as it is.
pub fn told_id(key: &str) -> &str {
    key.split_once('/').map_or(key, |(told, _)| told)
}

/// Adds ledgers up. Of a portfolio that could not be told in the currency its own stands in the place of its ledger: it is left out,
/// and named by that.
pub(crate) fn added_up(currency: Currency, told: &[Result<Arc<Ledger>, Currency>]) -> Result<Ledger, FoldError> {
    let (mut ledgers, mut left_out) = (Vec::new(), Vec::new());
    for ledger in told {
        match ledger {
            Ok(ledger) => ledgers.push(&**ledger),
            Err(own) => left_out.extend((*own != currency).then_some(*own)),
        }
    }
    let mut whole = Ledger::together(currency, &ledgers).map_err(|_| TOO_LARGE)?;
    whole.left_out.extend(left_out);
    Ok(whole)
}
