//! Folding a whole ledger, at once or with stops on the way.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::vec::IntoIter;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::activity::{Activity, ActivityId, Sign};
use super::super::instrument::Ticker;
use super::super::money::{Currency, times};
use super::fold::Conversion;
use super::reporting::Reporting;
use super::simple::own_transfers;
use super::turn::Turn;
use super::{FoldError, FoldReason, Ledger};

/// Folds activities in the order of `Turn`, whatever order they come in. Whether cash counts is set on the ledger afterwards.
///
/// ```
/// use foliostream::domain::money::Currency;
/// use foliostream::domain::position::fold;
/// let ledger = fold(Currency::EUR, &[]).expect("nothing to refuse");
/// assert!(ledger.positions.is_empty() && !ledger.cash_tracked());
/// ```
pub fn fold(base: Currency, activities: &[Activity]) -> Result<Ledger, FoldError> {
    let mut folding = Folding::new(base, activities);
    folding.until(Timestamp::MAX)?;
    Ok(folding.ledger)
}

/// Folds a portfolio's activities into a ledger in another currency than the portfolio's own, `home`.
///
/// What the portfolio's currency was worth at the time of an activity converts all of it; what was written in the other currency
/// already is taken as it was written. For example: a portfolio in dollars bought for 100 dollars when a dollar was 0.90 euro: told
/// in euro it cost 90, and it goes on costing 90.
pub fn fold_in(reporting: Reporting, home: Currency, activities: &[Activity]) -> Result<Ledger, FoldError> {
    let mut folding = Folding::new(home, activities).reported_in(reporting);
    folding.until(Timestamp::MAX)?;
    Ok(folding.ledger)
}

/// A fold that stops at moments on its way, for what a portfolio was at each of them.
///
/// ```
/// use foliostream::domain::money::Currency;
/// use foliostream::domain::position::Folding;
/// let mut folding = Folding::new(Currency::EUR, &[]);
/// assert!(folding.until(jiff::Timestamp::UNIX_EPOCH).expect("nothing to refuse").positions.is_empty());
/// ```
#[derive(Debug)]
pub struct Folding<'a> {
    ledger: Ledger,
    /// The portfolio's own currency, which conversions settle in.
    home: Currency,
    /// What that was worth in the ledger's currency, where the two differ.
    reporting: Option<Reporting>,
    /// What is not folded yet, in the order of `Turn`.
    rest: Peekable<IntoIter<&'a Activity>>,
    /// The legs of transfers between accounts of the portfolio.
    own_transfers: BTreeSet<ActivityId>,
    /// The instruments of what was folded since that was last asked, some more than once.
    changed: Vec<&'a Ticker>,
}

impl<'a> Folding<'a> {
    /// Begins with nothing folded.
    pub fn new(home: Currency, activities: &'a [Activity]) -> Self {
        Self::among(home, activities.iter().collect())
    }

    /// Begins with nothing folded of some of a portfolio's activities, such as those of one account.
    pub fn among(home: Currency, mut activities: Vec<&'a Activity>) -> Self {
        activities.sort_by_key(|activity| Turn::of(activity));
        Self {
            ledger: Ledger::empty(home),
            home,
            reporting: None,
            own_transfers: own_transfers(activities.iter().copied()),
            rest: activities.into_iter().peekable(),
            changed: Vec::new(),
        }
    }

    /// Folds into a ledger in another currency.
    #[must_use]
    pub fn reported_in(self, reporting: Reporting) -> Self {
        let ledger = Ledger { base: reporting.base(), ..self.ledger };
        Self { ledger, reporting: Some(reporting).filter(|reporting| reporting.base() != self.home), ..self }
    }

    /// Returns the currency of the ledger that comes of it.
    pub fn base(&self) -> Currency {
        self.ledger.base
    }

    /// Sets whether cash counts, as it does at every moment or at none.
    #[must_use]
    pub fn with_cash(self, track_cash: Option<bool>) -> Self {
        Self { ledger: self.ledger.with_cash(track_cash), ..self }
    }

    /// Folds what happened up to a moment, itself included, and returns the ledger as it was then. Moments ascend.
    ///
    /// A sale of the 2nd that has no time waits for the timed purchases of that day, so at noon it may not have happened.
    pub fn until(&mut self, moment: Timestamp) -> Result<&Ledger, FoldError> {
        while let Some(activity) = self.rest.next_if(|activity| activity.time <= moment) {
            let is_own = self.own_transfers.contains(&activity.id);
            let applied = self.conversion(activity).and_then(|conversion| self.ledger.apply(activity, &conversion, is_own));
            applied.map_err(|reason| FoldError { activity: activity.id, reason })?;
            self.changed.extend(&activity.ticker);
        }
        Ok(&self.ledger)
    }

    /// Returns the ledger as it is now.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns the instruments whose activities were folded since this was last asked, some more than once.
    pub fn take_changed(&mut self) -> Vec<&'a Ticker> {
        std::mem::take(&mut self.changed)
    }
}

impl Folding<'_> {
    /// Returns how an activity's figures become sums; fails where one of them is missing or cannot be.
    fn conversion(&self, activity: &Activity) -> Result<Conversion, FoldReason> {
        check(activity, self.home)?;
        let currency = activity.currency.major();
        let home_rate = if currency == self.home { Decimal::ONE } else { activity.exchange_rate };
        let rate = match &self.reporting {
            Some(reporting) if currency == reporting.base() => Decimal::ONE,
            Some(reporting) => times(home_rate, reporting.at(activity.time))?,
            None => home_rate,
        };
        Ok(Conversion { currency: activity.currency, rate, home: self.home, home_rate })
    }
}

fn check(activity: &Activity, home: Currency) -> Result<(), FoldReason> {
    let figures = activity.figures();
    if figures.ticker && activity.ticker.is_none() {
        return Err(FoldReason::TickerMissing);
    }
    if figures.quantity && activity.quantity <= Decimal::ZERO {
        return Err(FoldReason::QuantityNotPositive);
    }
    if figures.price && activity.price < Decimal::ZERO {
        return Err(FoldReason::PriceNegative);
    }
    if figures.amount == Some(Sign::Positive) && activity.amount < Decimal::ZERO {
        return Err(FoldReason::AmountNegative);
    }
    if activity.currency.major() != home && activity.exchange_rate <= Decimal::ZERO {
        return Err(FoldReason::RateNotPositive);
    }
    Ok(())
}
