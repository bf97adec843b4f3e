//! The filters over the list: a plain form, which asks by itself as soon as something is chosen or typed.

use crate::app::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::address::list_address;
use crate::app::components::icon::Icon;
use crate::app::components::sentences::{KINDS, kind_label, read_kind};
use crate::app::reactive::effect;
use crate::app::refused_form::typed_value;
use crate::domain::activity::ActivityKind;
use crate::live::{expect_live, source};
use crate::wire::ledger::LedgerAddress;

/// How long typing must rest before the list is asked for, in milliseconds.
const REST_MS: u32 = 200;
/// How many years back the years are offered one by one.
const YEARS: i16 = 8;

/// Text, type and period. The instrument and the problems come from links, and are taken back by theirs.
#[component]
pub(crate) fn Filters(
    /// What the page's address says.
    address: Memo<LedgerAddress>,
) -> impl IntoView {
    let navigate = StoredValue::new(use_navigate());
    let typing = StoredValue::new(0_u64);
    let portfolio = expect_live().portfolio_id();
    let ask = move |event: leptos::ev::Event, rest: u32| {
        let fields = source::fields_around(&event);
        typing.update_value(|typing| *typing += 1);
        let asked = typing.get_value();
        source::after(rest, move || {
            if typing.try_get_value() == Some(asked) {
                let path = list_address(&chosen(&fields, &address.get_untracked()));
                let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
                navigate.with_value(|navigate| navigate(&path, options));
            }
        });
    };
    let first = address.get_untracked();
    effect(move || source::show_text("filter-text", &address.with(|address| address.text.clone())));
    let kinds = KINDS.into_iter().map(|kind| (kind.word().to_owned(), kind_label(kind).to_owned()));
    let kinds = std::iter::once((String::new(), words().all_types().to_owned())).chain(kinds);
    let kind = Signal::derive(move || address.with(|address| address.kind));
    let kind = Signal::derive(move || kind.get().map_or("", ActivityKind::word).to_owned());
    let period = Signal::derive(move || address.with(|address| address.period.clone()));
    let of = move || address.with(|address| address.ticker.clone());
    let is_filtered = move || address.with(LedgerAddress::is_filtered);
    let without_ticker =
        move || address.with(|address| list_address(&LedgerAddress { ticker: String::new(), page: 1, ..address.clone() }));
    view! {
        <form class="filters" method="get" action="/activity" role="search" aria-label=words().filter_transactions()
            on:submit=move |event| { event.prevent_default(); ask(event.into(), 0); }>
            <input type="hidden" name="portfolio" value=move || portfolio.get().unwrap_or_default()/>
            <input type="hidden" name="of" value=move || of()/>
            <label class="search-text">
                <Icon name="search"/>
                <span class="sr">{words().search_transactions()}</span>
                <input id="filter-text" type="search" name="q" value=first.text.clone() placeholder=words().search_transactions() autocomplete="off" spellcheck="false"
                    maxlength="100" on:input=move |event| ask(event, REST_MS)/>
            </label>
            <Choice label=words().type_label() name="kind" options=kinds.collect() chosen=kind ask=Callback::new(move |event| ask(event, 0))/>
            <Choice label=words().period_label() name="period" options=periods(&first.period) chosen=period ask=Callback::new(move |event| ask(event, 0))/>
            <button class="subtle without-script" type="submit">{words().apply_filters()}</button>
            <Show when=move || !of().is_empty()>
                <a class="filter-chip" href=move || without_ticker()>{move || words().only_of(&of())}<Icon name="close"/></a>
            </Show>
            <Narrowed address/>
            <Show when=is_filtered><a class="subtle" href=move || list_address(&LedgerAddress::default())>{words().clear_filters()}</a></Show>
        </form>
    }
}

/// What of an address only links choose: the account, the tag and the days. Each is taken back by its own.
#[component]
fn Narrowed(address: Memo<LedgerAddress>) -> impl IntoView {
    let chips = move || {
        let address = address.get();
        let LedgerAddress { account, tag, from, to, .. } = address.clone();
        let first = LedgerAddress { page: 1, ..address };
        let days = [from.as_str(), to.as_str()].into_iter().filter(|day| !day.is_empty()).collect::<Vec<_>>().join(" \u{2013} ");
        let account_label = if account.is_empty() { String::new() } else { words().one_account().to_owned() };
        let chips = [
            (account_label, LedgerAddress { account: String::new(), ..first.clone() }),
            (tag, LedgerAddress { tag: String::new(), ..first.clone() }),
            (days, LedgerAddress { from: String::new(), to: String::new(), ..first }),
        ];
        let chips = chips.into_iter().filter(|(label, _)| !label.is_empty()).map(|(label, without)| {
            view! { <a class="filter-chip" href=list_address(&without)><bdi>{label}</bdi><Icon name="close"/></a> }.into_any()
        });
        chips.collect_view()
    };
    view! { {chips} }
}

/// Reads the form's fields; what it has no field for stays as the address said.
fn chosen(fields: &str, before: &LedgerAddress) -> LedgerAddress {
    let text = |name| typed_value(fields, name).unwrap_or_default();
    let kind = text("kind");
    LedgerAddress {
        page: 1,
        text: text("q"),
        kind: (!kind.is_empty()).then(|| read_kind(&kind)),
        period: text("period"),
        ..before.clone()
    }
}

/// The periods to choose from: any, the last months, and the last years by name.
fn periods(chosen: &str) -> Vec<(String, String)> {
    let said = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let mut periods =
        vec![said("", words().any_time()), said("3m", words().last_three_months()), said("12m", words().last_twelve_months())];
    let now = expect_live().followed().with_untracked(|followed| followed.as_ref().map(|followed| followed.server_time));
    if let Some(now) = now {
        let year = crate::words::dates::civil_utc(now).year;
        periods.extend((0..YEARS).map(|back| (year - back).to_string()).map(|year| (year.clone(), year)));
    }
    if periods.iter().all(|(value, _)| value != chosen) {
        periods.push((chosen.to_owned(), chosen.to_owned()));
    }
    periods
}

/// A choice that looks like a pill, marked where something is chosen.
#[component]
fn Choice(
    label: &'static str,
    name: &'static str,
    options: Vec<(String, String)>,
    chosen: Signal<String>,
    ask: Callback<leptos::ev::Event>,
) -> impl IntoView {
    let first = chosen.get_untracked();
    let drawn = options.into_iter().map(|(value, text)| {
        let selected = value == first;
        view! { <option value=value selected=selected>{text}</option> }.into_any()
    });
    view! {
        <span class="filter-choice" class:chosen=move || !chosen.with(String::is_empty)>
            <select id=["filter-", name].concat() name=name aria-label=label prop:value=move || chosen.get() on:change=move |event| ask.run(event)>{drawn.collect_view()}</select>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_filter_begins_at_the_first_page_and_keeps_the_instrument() {
        let before = LedgerAddress { page: 7, ticker: "AAPL".into(), text: "old".into(), ..LedgerAddress::default() };
        let after = chosen("q=new+words&kind=sell&period=3m", &before);
        assert_eq!((after.page, after.text.as_str(), after.period.as_str()), (1, "new words", "3m"));
        assert_eq!((after.ticker.as_str(), after.kind), ("AAPL", Some(crate::domain::activity::ActivityKind::Sell)));
        assert_eq!(chosen("q=&kind=&period=", &before).kind, None);
    }
}
