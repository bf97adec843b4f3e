use crate::app::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use super::adding::adding;
use super::icon::Icon;
use super::pill::Pill;
use super::portfolio_menu::PortfolioMenu;
use crate::app::preferences::{Theme, expect_preferences};
use crate::app::shortcuts::Dialogs;
use crate::live::expect_live;
use crate::words::{Label, Words};

/// The pages that the navigation lists: path and name.
const PLACES: [(&str, Label); 5] = [
    ("/", Words::overview),
    ("/performance", Words::performance),
    ("/activity", Words::activity),
    ("/alerts", Words::alerts),
    ("/inbox", Words::inbox),
];

/// The bar on top: brand, navigation, search, the pill, and what the reader may switch.
#[component]
pub(crate) fn Header() -> impl IntoView {
    view! {
        <a class="skip" href="#main">{words().skip_to_the_page()}</a>
        <header class="top">
            <a class="brand" href=place("/")>
                <svg viewBox="0 0 28 20" aria-hidden="true"><path d="M1 14 C5 14 6 4 10 4 S15 16 19 16 S24 6 27 6"></path></svg>
                <span>"Foliostream"</span>
            </a>
            <PortfolioMenu/>
            <nav aria-label=words().main_navigation()>{places(false)}</nav>
            <SearchButton/>
            <a class="button add" href=adding() title=words().add_transaction() aria-keyshortcuts="n"><Icon name="plus"/><span>{words().add_short()}</span></a>
            <Pill/>
            <PrivacyButton/>
            <ThemeButton/>
            <a class="icon" href="/settings" aria-label=words().settings() title=words().settings()><Icon name="settings"/></a>
        </header>
    }
}

/// The navigation at the bottom of a phone, with the way to add a transaction in its middle.
#[component]
pub(crate) fn Tabs() -> impl IntoView {
    let mut tabs = places(true);
    let add =
        view! { <a class="add-tab" href=adding() aria-label=words().add_transaction()><span><Icon name="plus"/></span></a> };
    tabs.insert(tabs.len() / 2, add.into_any());
    view! { <nav class="tabs" aria-label=words().main_navigation_below()>{tabs}</nav> }
}

/// Draws the links to the places.
fn places(with_icons: bool) -> Vec<AnyView> {
    let path = use_location().pathname;
    let draw = |(target, name): (&'static str, Label)| {
        let current = move || path.with(|path| is_within(path, target)).then_some("page");
        let icon = match target {
            "/" => "overview",
            "/activity" => "activity",
            "/alerts" => "alerts",
            _ => "inbox",
        };
        let icon = with_icons.then(|| view! { <Icon name=icon/> }.into_any());
        let badge = (target == "/inbox").then(|| view! { <Badge/> }.into_any());
        view! { <a href=place(target) aria-current=move || current()>{icon}{name(words())}{badge}</a> }.into_any()
    };
    // A phone has room for four: its overview leads to the performance.
    PLACES.into_iter().filter(|(target, _)| !with_icons || *target != "/performance").map(draw).collect()
}

/// Whether a path belongs to a page of the navigation: `/i/AAPL` belongs to the overview, as every instrument does.
fn is_within(path: &str, target: &str) -> bool {
    match target {
        "/" => path == "/" || path.is_empty() || path.starts_with("/i/"),
        _ => path == target || path.strip_prefix(target).is_some_and(|rest| rest.starts_with('/')),
    }
}

/// Returns a link that keeps the chosen portfolio.
fn place(path: &'static str) -> Signal<String> {
    let query = use_query_map();
    Signal::derive(move || match query.with(|query| query.get("portfolio")) {
        Some(portfolio) => [path, "?portfolio=", &escaped(&portfolio)].concat(),
        None => path.to_owned(),
    })
}

/// Keeps what may stand in a query as it is and drops the rest: identifiers have nothing else.
fn escaped(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')).collect()
}

/// The number of unread notifications, beside the link to the inbox.
#[component]
fn Badge() -> impl IntoView {
    let unread = expect_live().unread();
    move || {
        let count = unread.get();
        let text = if count > 99 { "99+".to_owned() } else { count.to_string() };
        (count > 0)
            .then(|| view! { <span class="badge">{text}<span class="sr">{words().badge_unread()}</span></span> }.into_any())
    }
}

/// A link to the search page, which opens a dialog once the page is alive.
#[component]
fn SearchButton() -> impl IntoView {
    let dialogs = expect_context::<Dialogs>();
    view! {
        <a class="search" href="/search" aria-label=words().search_instruments() aria-keyshortcuts="/ Meta+K Control+K"
            on:click=move |event| {
                event.prevent_default();
                dialogs.open_search();
            }>
            <Icon name="search"/>
            <span>{words().search()}</span>
            <kbd class="needs-script">"/"</kbd>
        </a>
    }
}

/// Hides and shows amounts.
#[component]
fn PrivacyButton() -> impl IntoView {
    let preferences = expect_preferences();
    let is_private = preferences.is_private();
    let pressed = move || if is_private.get() { "true" } else { "false" };
    view! {
        <button class="icon eye needs-script" type="button" aria-label=words().hide_amounts() title=words().hide_amounts() aria-pressed=move || pressed()
            on:click=move |_| preferences.set_private(!is_private.get_untracked())>
            {move || if is_private.get() { view! { <Icon name="eye-off"/> } } else { view! { <Icon name="eye"/> } }}
        </button>
    }
}

/// Switches between the dark and the light theme.
#[component]
fn ThemeButton() -> impl IntoView {
    let preferences = expect_preferences();
    let switch = move |_| {
        let is_dark = untrack(|| preferences.is_dark());
        preferences.set_theme(if is_dark { Theme::Light } else { Theme::Dark });
    };
    view! {
        <button class="icon theme needs-script" type="button" aria-label=words().switch_theme() title=words().dark_or_light() on:click=switch>
            <Icon name="moon"/>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instrument_belongs_to_the_overview_and_a_prefix_is_not_a_place() {
        assert!(is_within("/i/AAPL", "/") && is_within("/", "/"));
        assert!(is_within("/alerts", "/alerts") && !is_within("/alertsx", "/alerts") && !is_within("/inbox", "/"));
    }

    #[test]
    fn a_portfolio_in_the_address_cannot_smuggle_anything_into_a_link() {
        assert_eq!(escaped("7&x=\"<"), "7x");
    }
}
