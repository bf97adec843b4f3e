//! What is asked for of a ledger and its accounts.

use serde::{Deserialize, Serialize};

use super::present::present;
use crate::domain::account::AccountKind;
use crate::domain::activity::ActivityKind;

/// A new or replaced entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ActivityDraft {
    /// The kind of the activity, such as `buy` or `dividend`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub kind: ActivityKind,
    /// When it happened: RFC 3339 with its offset, or a date alone, such as `2026-11-21`.
    pub time: String,
    /// The ticker of the instrument, for kinds that are about one; an opening balance and a transfer are of money without it.
    #[serde(default)]
    pub ticker: Option<String>,
    /// The units that came or went; of a split, the units after it for one before: 3 for a split 3:1.
    #[serde(default)]
    pub quantity: Option<String>,
    /// The price of one of the units, in `currency`; of a spin-off 0 unless told.
    #[serde(default)]
    pub price: Option<String>,
    /// The amount of what counts no units, in `currency`.
    #[serde(default)]
    pub amount: Option<String>,
    /// The fees that came with it, in `currency`; 0 if absent.
    #[serde(default)]
    pub fee: Option<String>,
    /// The taxes that came with it, in `currency`; 0 if absent.
    #[serde(default)]
    pub tax: Option<String>,
    /// The currency of price, amount, fee and tax; if absent, that of the instrument or else of the portfolio.
    #[serde(default)]
    pub currency: Option<String>,
    /// The broker's rate, in units of the portfolio's currency per major unit of `currency`: the money then moved in the
    /// portfolio's currency. Unless told, the day's rate is used and the money moved in `currency`.
    #[serde(default)]
    pub exchange_rate: Option<String>,
    /// Whether a sale may sell more than is held, and so open a short position; no unless told, and of a sale that is replaced as
    /// it was.
    #[serde(default)]
    pub opens_short: Option<bool>,
    /// The `account_id` of one of the portfolio's accounts, or an empty text for none; absent it stays as it was.
    #[serde(default)]
    pub account: Option<String>,
    /// At most 20 words to find it by, each of 1 to 40 characters without a comma; absent they stay as they were.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// Free text, at most 1,000 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// A change of an entry of the ledger: absent fields stay, and `null` takes away what was there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ActivityPatch {
    /// Another kind; what the new kind has no use for must be taken away with it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub kind: Option<ActivityKind>,
    /// Another time or date.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Another instrument.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub ticker: Option<Option<String>>,
    /// Other units.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub quantity: Option<Option<String>>,
    /// Another price.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub price: Option<Option<String>>,
    /// Another amount.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub amount: Option<Option<String>>,
    /// Another fee.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub fee: Option<Option<String>>,
    /// Another tax.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub tax: Option<Option<String>>,
    /// Another currency.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The broker's rate; `null` reads the day's.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub exchange_rate: Option<Option<String>>,
    /// Whether a sale may open a short position.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub opens_short: Option<bool>,
    /// Another account of the portfolio.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub account: Option<Option<String>>,
    /// Other tags.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Another note.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub note: Option<Option<String>>,
}

/// An account of a portfolio that is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AccountDraft {
    /// 1 to 100 characters; no two accounts of a portfolio have the same, also in other capitals.
    pub name: String,
    /// The currency of what is entered in it without one; that of the portfolio unless told.
    #[serde(default)]
    pub currency: Option<String>,
    /// `broker`, `bank`, `wallet` or `other`, which it is unless told.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub kind: Option<AccountKind>,
}

/// A change of an account: absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AccountPatch {
    /// Another name.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another currency; `null` for that of the portfolio.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub currency: Option<Option<String>>,
    /// Another kind.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub kind: Option<AccountKind>,
}

/// What an edit of an activity is bound to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// The only revision that may be changed, where one is given.
    pub if_match: Option<i64>,
    /// Whether the day's rate is read again where none is written; otherwise the activity keeps the rate it has.
    pub reads_rate_anew: bool,
}
