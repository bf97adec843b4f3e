//! What the page's address says: which transactions are shown, and what the sheet is open for.

use leptos_router::params::ParamsMap;

use crate::app::components::links::{query_value, within_portfolio};
use crate::app::components::sentences::KINDS;
use crate::app::refused_form::typed_value;
use crate::domain::activity::ActivityKind;
use crate::wire::ledger::LedgerAddress;

/// What the sheet is open for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It is closed.
    Nothing,
    /// A new transaction: its kind, its ticker and its day, where they are known.
    New {
        /// The kind's word, such as `sell`; empty for a purchase.
        kind: String,
        /// Empty where it is to be chosen.
        ticker: String,
        /// Empty for today.
        time: String,
    },
    /// A new one with the figures of another.
    Copy(String),
    /// One that is edited.
    Edit(String),
}

impl Opened {
    /// Names what it is open for: what was typed for something else does not belong there.
    pub(crate) fn purpose(&self) -> String {
        match self {
            Self::Nothing | Self::New { .. } => "new".to_owned(),
            Self::Copy(id) => ["copy ", id].concat(),
            Self::Edit(id) => ["edit ", id].concat(),
        }
    }
}

/// Reads which transactions an address shows.
pub(crate) fn read_address(query: &ParamsMap) -> LedgerAddress {
    // `get` would decode once more what is decoded already.
    let text = |name: &str| query.get_str(name).unwrap_or_default().to_owned();
    LedgerAddress {
        page: query.get_str("page").and_then(|text| text.parse().ok()).unwrap_or(1),
        text: text("q"),
        kind: KINDS.into_iter().find(|kind| query.get_str("kind") == Some(kind.word())),
        ticker: text("of"),
        period: text("period"),
        incomplete: query.get_str("problems").is_some(),
        account: text("account"),
        tag: text("tag"),
        from: text("from"),
        to: text("to"),
        sort: text("sort"),
    }
}

/// Reads what the sheet is open for.
pub(crate) fn opened(query: &ParamsMap) -> Opened {
    let text = |name: &str| query.get_str(name).filter(|text| !text.is_empty()).map(str::to_owned);
    match (text("edit"), text("copy"), query.get_str("add").or_else(|| query.get_str("ticker"))) {
        (Some(id), ..) => Opened::Edit(id),
        (_, Some(id), _) => Opened::Copy(id),
        (.., Some(_)) => Opened::New {
            kind: text("add").unwrap_or_default(),
            ticker: text("ticker").unwrap_or_default(),
            time: text("on").unwrap_or_default(),
        },
        _ => Opened::Nothing,
    }
}

/// Returns what the sheet is open for where its form was refused.
pub(crate) fn refused(fields: &str) -> Opened {
    match typed_value(fields, "activity").filter(|id| !id.is_empty()) {
        Some(id) => Opened::Edit(id),
        None => Opened::New { kind: String::new(), ticker: String::new(), time: String::new() },
    }
}

/// Writes the address that shows a part of the list, with the sheet closed.
pub(crate) fn list_address(address: &LedgerAddress) -> String {
    with(address, &[])
}

/// Writes the address that opens the sheet for a new transaction over the list.
pub(crate) fn adding(address: &LedgerAddress) -> String {
    with(address, &[("add", "buy")])
}

/// Writes the address that opens the sheet for one of the list: `edit` or `copy`.
pub(crate) fn opening(address: &LedgerAddress, name: &'static str, activity_id: &str) -> String {
    with(address, &[(name, activity_id)])
}

/// Writes the address of a part of the list, with more behind it.
fn with(address: &LedgerAddress, more: &[(&str, &str)]) -> String {
    let page = if address.page > 1 { address.page.to_string() } else { String::new() };
    let filters = [
        ("q", address.text.trim()),
        ("kind", address.kind.map_or("", ActivityKind::word)),
        ("of", address.ticker.as_str()),
        ("period", address.period.as_str()),
        ("problems", if address.incomplete { "1" } else { "" }),
        ("account", address.account.as_str()),
        ("tag", address.tag.as_str()),
        ("from", address.from.as_str()),
        ("to", address.to.as_str()),
        ("sort", address.sort.as_str()),
        ("page", page.as_str()),
    ];
    let mut written = String::from("/activity");
    for (name, value) in filters.iter().chain(more).filter(|(_, value)| !value.is_empty()) {
        written.push(if written.contains('?') { '&' } else { '?' });
        written.extend([*name, "=", &query_value(value)]);
    }
    within_portfolio(&written)
}
