//! What a full state has named so far, while it arrives.

use std::collections::BTreeSet;

use crate::domain::instrument::Ticker;

/// A full state on its way in: what it has named so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refresh {
    /// Tickers whose quotes it named.
    pub quotes: BTreeSet<Ticker>,
    /// Ids of the alerts that it named.
    pub alerts: BTreeSet<String>,
    /// Whether the portfolio came.
    pub has_holdings: bool,
    /// Whether continuity was lost: then what is known may be of another history (a database that was put back), where numbers
    /// and revisions are higher, and whatever the state names replaces it.
    pub is_anew: bool,
}
