//! What pages ask for: one question for all of them, so that fetching, waiting and handing over are built once.

use leptos::server_fn::ServerFn;

use super::{Accounts, Instrument, Ledger, Notifications, Operations, Overview, Performance, Presence, Search, Transaction};
use crate::wire::ledger::LedgerAddress;
use crate::wire::range::Range;
use crate::wire::views::PerformanceQuery;

/// What a page asks the server for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// A portfolio's overview with its chart over a range, or over the one that suits it; nothing where there is no portfolio.
    Overview(Option<String>, Option<Range>),
    /// An instrument, its range's word, and whose lots and trades.
    Instrument(String, Range, Option<String>),
    /// A page of a portfolio's transactions; nothing where there is no portfolio.
    Ledger(Option<String>, LedgerAddress),
    /// The accounts of a portfolio.
    Accounts(Option<String>),
    /// A transaction of a portfolio by its number.
    Transaction(Option<String>, String),
    /// The notifications before a number, or the newest; all or only those that were not read.
    Inbox(Option<i64>, bool),
    /// Instruments by ticker or name.
    Search(String),
    /// The tabs that are connected.
    Presence,
    /// The last minute of every worker.
    Operations,
    /// How a portfolio did over a period; nothing where there is no portfolio.
    Performance(Option<String>, PerformanceQuery),
}

impl Query {
    /// Whether there is nothing to ask about: the answer is `null`.
    pub fn is_empty(&self) -> bool {
        matches!(
            self,
            Self::Overview(None, _)
                | Self::Ledger(None, _)
                | Self::Transaction(None, _)
                | Self::Performance(None, _)
                | Self::Accounts(None)
        )
    }

    /// Returns the address of the server function that answers.
    pub fn path(&self) -> &'static str {
        match self {
            Self::Overview(..) => Overview::PATH,
            Self::Instrument(..) => Instrument::PATH,
            Self::Ledger(..) => Ledger::PATH,
            Self::Accounts(_) => Accounts::PATH,
            Self::Transaction(..) => Transaction::PATH,
            Self::Inbox(..) => Notifications::PATH,
            Self::Search(_) => Search::PATH,
            Self::Presence => Presence::PATH,
            Self::Operations => Operations::PATH,
            Self::Performance(..) => Performance::PATH,
        }
    }

    /// Returns the arguments of that function, as the fields of a form.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let portfolio = |portfolio: &Option<String>| portfolio.iter().map(|id| ("portfolio", id.clone())).collect::<Vec<_>>();
        match self {
            Self::Overview(id, range) => {
                let mut fields = portfolio(id);
                fields.extend(range.map(|range| ("range", range.word().to_owned())));
                fields
            }
            Self::Instrument(ticker, range, id) => {
                let mut fields = portfolio(id);
                fields.extend([("ticker", ticker.clone()), ("range", range.word().to_owned())]);
                fields
            }
            Self::Ledger(id, LedgerAddress { page, text, kind, ticker, period, incomplete, account, tag, from, to, sort }) => {
                let mut fields = portfolio(id);
                fields.push(("page", page.to_string()));
                let texts = [("text", text), ("ticker", ticker), ("period", period)];
                let more = [("account", account), ("tag", tag), ("from", from), ("to", to), ("sort", sort)];
                let more = more.into_iter().filter(|(_, text)| !text.is_empty());
                fields.extend(texts.into_iter().chain(more).map(|(name, text)| (name, text.clone())));
                fields.extend(kind.map(|kind| ("kind", kind.word().to_owned())));
                fields.extend(incomplete.then(|| ("incomplete", "true".to_owned())));
                fields
            }
            Self::Accounts(id) => portfolio(id),
            Self::Transaction(id, number) => {
                let mut fields = portfolio(id);
                fields.push(("id", number.clone()));
                fields
            }
            Self::Inbox(before, is_unread_only) => {
                let mut fields: Vec<_> = before.iter().map(|before| ("before", before.to_string())).collect();
                fields.extend(is_unread_only.then(|| ("unread", "true".to_owned())));
                fields
            }
            Self::Performance(id, PerformanceQuery { range, from, to, benchmark, account, ticker, .. }) => {
                let mut fields = portfolio(id);
                let period = [("range", range), ("from", from), ("to", to)];
                let rest = [("benchmark", benchmark), ("account", account), ("ticker", ticker)];
                for (name, text) in period.into_iter().chain(rest) {
                    fields.extend(text.iter().map(|text| (name, text.clone())));
                }
                fields
            }
            Self::Search(text) => vec![("query", text.clone())],
            Self::Presence | Self::Operations => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::ActivityKind;

    #[test]
    fn a_question_names_its_function_and_its_arguments() {
        let address = LedgerAddress { page: 2, kind: Some(ActivityKind::Sell), incomplete: true, ..LedgerAddress::default() };
        let question = Query::Ledger(Some("7".into()), address);
        assert!(question.path().ends_with("ui/ledger"));
        let fields = question.fields();
        for field in [("portfolio", "7"), ("page", "2"), ("kind", "sell"), ("incomplete", "true"), ("text", "")] {
            assert!(fields.iter().any(|(name, value)| (*name, value.as_str()) == field), "{field:?}");
        }
        assert!(Query::Overview(None, Some(Range::Day)).is_empty() && !Query::Presence.is_empty());
    }
}
