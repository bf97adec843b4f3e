//! The period and the comparisons, as the address has them.

use crate::app::prelude::*;
use leptos_router::params::ParamsMap;

use crate::app::components::icon::Icon;
use crate::app::components::links::{query_value, within_portfolio};
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::views::PerformanceQuery;
use crate::words::{Label, Words};

/// The words of the ranges, with their names.
const RANGES: [(&str, Label); 9] = [
    ("1d", Words::period_day),
    ("1w", Words::period_week),
    ("1m", Words::period_month),
    ("3m", Words::period_quarter),
    ("ytd", Words::period_ytd),
    ("1y", Words::period_year),
    ("3y", Words::period_three_years),
    ("5y", Words::period_five_years),
    ("all", Words::period_all),
];

/// What the address asks for; empty texts are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub range: String,
    pub from: String,
    pub to: String,
    /// The tickers that are compared with, in their order.
    pub benchmarks: Vec<String>,
    /// The id of the only account that counts.
    pub account: String,
    /// The only instrument that counts.
    pub of: String,
}

impl Asked {
    /// Reads an address; what the form of dates or of a comparison has sent is read as any.
    pub(super) fn read(query: &ParamsMap) -> Self {
        let text = |name: &str| query.get_str(name).unwrap_or_default().trim().to_owned();
        let listed = [text("benchmark"), text("compare")].join(",");
        let mut benchmarks: Vec<String> = Vec::new();
        for ticker in listed.split(',').map(|ticker| ticker.trim().to_uppercase()).filter(|ticker| !ticker.is_empty()) {
            if !benchmarks.contains(&ticker) {
                benchmarks.push(ticker);
            }
        }
        let of = text("of").to_uppercase();
        Self { range: text("range"), from: text("from"), to: text("to"), benchmarks, account: text("account"), of }
    }

    /// Returns what the server is asked.
    pub(super) fn query(&self) -> PerformanceQuery {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        PerformanceQuery {
            range: filled(&self.range),
            from: filled(&self.from),
            to: filled(&self.to),
            benchmark: filled(&self.benchmarks.join(",")),
            cost: None,
            account: filled(&self.account),
            ticker: filled(&self.of),
        }
    }

    /// Returns the address of this page about it.
    pub(super) fn address(&self) -> String {
        let benchmark = self.benchmarks.join(",");
        let mut address = String::from("/performance");
        let period = [("range", &self.range), ("from", &self.from), ("to", &self.to)];
        let rest = [("benchmark", &benchmark), ("account", &self.account), ("of", &self.of)];
        for (name, value) in period.into_iter().chain(rest) {
            if !value.is_empty() {
                address.push(if address.contains('?') { '&' } else { '?' });
                address.extend([name, "=", &query_value(value)]);
            }
        }
        within_portfolio(&address)
    }

    /// Whether only an account or an instrument counts.
    pub(super) fn is_part(&self) -> bool {
        !self.account.is_empty() || !self.of.is_empty()
    }

    /// Returns the same over a range in place of dates.
    fn over(&self, range: &str) -> Self {
        Self { range: range.to_owned(), from: String::new(), to: String::new(), ..self.clone() }
    }

    /// Returns the range that is shown; none where dates are.
    fn shown_range(&self) -> Option<&str> {
        let has_dates = !self.from.is_empty() || !self.to.is_empty();
        if has_dates { None } else { Some(if self.range.is_empty() { "all" } else { &self.range }) }
    }
}

/// The ranges, as links.
#[component]
pub(super) fn Periods(asked: Memo<Asked>) -> impl IntoView {
    let links = move || {
        let link = |(word, name): (&'static str, Label)| {
            let (href, current) = asked.with(|asked| (asked.over(word).address(), asked.shown_range() == Some(word)));
            view! { <a href=href aria-current=current.then_some("true")>{name(words())}</a> }.into_any()
        };
        RANGES.into_iter().map(link).collect_view()
    };
    view! { <nav class="ranges periods" aria-label=words().period_navigation()>{move || links()}</nav> }
}

/// What of a portfolio alone counts, with the way back to all of it.
#[component]
pub(super) fn Scope(asked: Memo<Asked>) -> impl IntoView {
    let chip = move || {
        let whole = Asked { account: String::new(), of: String::new(), ..asked.get() };
        let label = asked.with(|asked| match (asked.of.is_empty(), asked.account.is_empty()) {
            (false, _) => words().only_of(&asked.of),
            (true, false) => words().one_account().to_owned(),
            (true, true) => String::new(),
        });
        (!label.is_empty())
            .then(|| view! { <a class="filter-chip" href=whole.address()><bdi>{label}</bdi><Icon name="close"/></a> }.into_any())
    };
    view! { {chip} }
}

/// Two days of one's own, as a form that works without scripts.
#[component]
pub(super) fn Dates(asked: Memo<Asked>) -> impl IntoView {
    let portfolio = expect_live().portfolio_id();
    let is_dated = memo(move || asked.with(|asked| asked.shown_range().is_none()));
    let (from, to) = (move || asked.with(|asked| asked.from.clone()), move || asked.with(|asked| asked.to.clone()));
    view! {
        <details class="dates" open=move || is_dated.get()>
            <summary class="subtle">{words().choose_dates()}</summary>
            <form method="get" action="/performance">
                <input type="hidden" name="portfolio" value=move || portfolio.get().unwrap_or_default()/>
                <input type="hidden" name="benchmark" value=move || asked.with(|asked| asked.benchmarks.join(","))/>
                <input type="hidden" name="account" value=move || asked.with(|asked| asked.account.clone())/>
                <input type="hidden" name="of" value=move || asked.with(|asked| asked.of.clone())/>
                <label>{words().first_day()}<input type="date" name="from" value=move || from()/></label>
                <label>{words().last_day()}<input type="date" name="to" value=move || to()/></label>
                <button class="ghost" type="submit">{words().show_period()}</button>
            </form>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &str)]) -> Asked {
        Asked::read(&pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
    }

    #[test]
    fn a_comparison_is_added_once_and_in_its_order() {
        let asked = asked(&[("benchmark", "VOO, aapl"), ("compare", "voo")]);
        assert_eq!(asked.benchmarks, ["VOO", "AAPL"]);
        assert_eq!(asked.query().benchmark.as_deref(), Some("VOO,AAPL"));
    }

    #[test]
    fn what_alone_counts_stays_over_other_periods() {
        let asked = asked(&[("account", "7"), ("of", "aapl"), ("range", "1y")]);
        assert!(asked.is_part() && asked.over("3y").is_part());
        assert_eq!((asked.query().account.as_deref(), asked.query().ticker.as_deref()), (Some("7"), Some("AAPL")));
    }

    #[test]
    fn dates_stand_in_place_of_a_range_and_nothing_asked_is_everything() {
        assert_eq!(asked(&[]).shown_range(), Some("all"));
        assert_eq!(asked(&[("range", "1y")]).shown_range(), Some("1y"));
        let dated = asked(&[("range", "1y"), ("from", "2026-01-01")]);
        assert_eq!((dated.shown_range(), dated.over("3y").shown_range()), (None, Some("3y")));
    }
}
