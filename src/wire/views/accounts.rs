//! Accounts of a portfolio, and the history of entries of its ledger.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::account::AccountKind;
use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;

use super::{ActivityView, millis};

/// An account of a portfolio, with what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AccountView {
    /// Its id.
    pub account_id: String,
    /// The person's own name for it.
    pub name: String,
    /// What its entries are in unless told; `null` for the portfolio's.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub currency: Option<Currency>,
    /// Where it is kept.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub kind: AccountKind,
    /// The cash that its entries come to, by currency.
    pub cash: Vec<AccountCash>,
    /// The units that its entries come to.
    pub holdings: Vec<AccountHolding>,
}

/// Cash of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AccountCash {
    /// The currency.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// How much.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub amount: Decimal,
}

/// Units of an instrument in an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AccountHolding {
    /// The instrument.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// How many units.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub quantity: Decimal,
}

/// How an entry of the ledger came to be as it is: one of its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RevisionView {
    /// The revision.
    pub revision: i64,
    /// When; `null` where that was not kept.
    #[serde(with = "millis::option")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, format = DateTime))]
    pub at: Option<Timestamp>,
    /// Who; `null` for what the program did by itself, and where that was not kept.
    pub by: Option<String>,
    /// `created`, `changed`, `rated` (the rate of its day became known), `deleted`, `restored` or `undone`.
    pub change: String,
    /// The entry as it was from then on; of a deletion `null`.
    pub activity: Option<ActivityView>,
}
