//! What is held, one live row each.

use crate::app::prelude::*;
use leptos_router::hooks::use_query_map;
use rust_decimal::Decimal;

use super::cash::cash_rows;
use super::sorting::{Column, Sorting, use_sorting};
use crate::app::components::adding::adding;
use crate::app::components::list::{Part, list};
use crate::app::components::{Card, Delta, Money, PriceCell, Sparkline, at_most_every};
use crate::app::reactive::memo;
use crate::domain::instrument::Ticker;
use crate::domain::money::{Currency, percent};
use crate::live::expect_live;
use crate::wire::views::{HoldingView, PortfolioView};
use crate::words::figures::{self, UNKNOWN};

/// How often rows may change places, in milliseconds: a table that jumps cannot be read.
const REORDER_MS: u32 = 10_000;
/// How often a sparkline follows its price, in milliseconds.
const SPARK_MS: u32 = 2_000;

/// Today's prices of each holding, oldest first.
type Sparklines = StoredValue<Vec<(Ticker, Vec<Decimal>)>>;

/// The holdings as a table that sorts, and as two-line rows on a phone.
#[component]
pub(crate) fn Holdings(sparklines: Sparklines) -> impl IntoView {
    let live = expect_live();
    let held = live.holdings();
    let totals = live.totals();
    let sorting = use_sorting();
    let currency =
        Signal::from(memo(move || totals.with(|totals| totals.as_ref().map_or(Currency::EUR, |totals| totals.currency))));
    let beat = at_most_every(REORDER_MS, totals);
    let order = memo(move || {
        beat.track();
        sorting.get().order(live, held.get())
    });
    let largest = memo(move || {
        beat.track();
        let weight =
            |ticker: &Ticker| live.holding(ticker).with_untracked(|holding| holding.as_ref().and_then(|holding| holding.weight));
        held.with(|held| held.iter().filter_map(weight).max()).unwrap_or_default()
    });
    let unshown = live.unshown();
    let count = move || held.with(Vec::len) + unshown.get();
    let sorted = move || match sorting.get().column {
        Column::Name => words().sorted_name(),
        Column::Day => words().sorted_day(),
        Column::Value => words().sorted_value(),
        Column::Gain => words().sorted_gain(),
        Column::Weight => words().sorted_weight(),
    };
    let actions = view! {
        <span class="muted">{move || words().sorted_by(&count().to_string(), sorted())}</span>
        <a class="ghost end" href=adding()>{words().more_activity()}</a>
    };
    view! {
        <Card title=words().holdings() class="hold" actions=actions.into_any()>
            <div class="scroll">
                <table class="holdings">
                    <thead><Head sorting currency/></thead>
                    <tbody>
                        {list(move || order.get().into_iter().map(|ticker| Part::new(ticker.to_string(), move || view! { <Row ticker sparklines currency largest/> }.into_any())).collect())}
                        {cash_rows(currency)}
                    </tbody>
                    <tfoot><Total currency/></tfoot>
                </table>
            </div>
            <p class="hint day-hint">{move || words().day_in_both(&figures::symbol(currency.get()))}</p>
            {move || (unshown.get() > 0).then(|| view! { <p class="submit more-entries"><span class="muted">{cut(held.with(Vec::len))}</span><a class="subtle" href="/search">{words().search()}</a></p> }.into_any())}
        </Card>
    }
}

/// Says that not all holdings have a row.
fn cut(shown: usize) -> String {
    words().largest_shown(&shown.to_string())
}

/// The columns' heads: links that sort.
#[component]
fn Head(sorting: Memo<Sorting>, currency: Signal<Currency>) -> impl IntoView {
    let symbol = move || figures::symbol(currency.get());
    view! {
        <tr>
            <SortHead sorting column=Column::Name name=words().name()/>
            <th scope="col" class="wide">{words().today_column()}</th>
            <th scope="col" class="num">{words().price_and_change()}</th>
            <SortHead sorting column=Column::Day name=words().day() class="num" unit=Signal::derive(symbol) title=words().day_column_about()/>
            <th scope="col" class="num wide">{words().quantity_label()}</th>
            <SortHead sorting column=Column::Value name=words().value() class="num" unit=Signal::derive(symbol)/>
            <SortHead sorting column=Column::Gain name=words().gain() class="num"/>
            <SortHead sorting column=Column::Weight name=words().weight() class="num wide"/>
        </tr>
    }
}

/// The head of a column: a link that sorts by it, and an arrow where the table is sorted by it.
#[component]
fn SortHead(
    sorting: Memo<Sorting>,
    column: Column,
    name: &'static str,
    #[prop(optional)] class: &'static str,
    #[prop(optional, into)] unit: Signal<String>,
    #[prop(optional)] title: Option<&'static str>,
) -> impl IntoView {
    let query = use_query_map();
    let href =
        move || sorting.get().clicked(column).href(query.with(|query| query.get_str("portfolio").map(str::to_owned)).as_deref());
    let arrow = move || match sorting.get().aria(column) {
        Some("descending") => " ↓",
        Some(_) => " ↑",
        None => "",
    };
    view! {
        <th scope="col" class=class title=title aria-sort=move || sorting.get().aria(column)>
            <a href=move || href() data-noscroll="true">{name}" "<span class="cur">{unit}</span><span aria-hidden="true">{move || arrow()}</span></a>
        </th>
    }
}

/// One holding, following its price and its value.
#[component]
fn Row(ticker: Ticker, sparklines: Sparklines, currency: Signal<Currency>, largest: Memo<Decimal>) -> impl IntoView {
    let live = expect_live();
    let holding = live.holding(&ticker);
    let figure =
        move |pick: fn(&HoldingView) -> Option<Decimal>| memo(move || holding.with(|holding| holding.as_ref().and_then(pick)));
    let quantity = memo(move || {
        holding.with(|holding| holding.as_ref().map_or_else(String::new, |holding| words().quantity(holding.quantity)))
    });
    let gain_percent = figure(|holding| holding.unrealized_pnl_percent);
    let weight = figure(|holding| holding.weight);
    let gain_text = move || gain_percent.get().map(|value| words().signed_percent(value));
    let day = figure(|holding| holding.day_change);
    let day_percent = figure(|holding| holding.day_change_percent);
    let day_text = move || day_percent.get().map(|value| words().signed_percent(value));
    let quote = live.quote(&ticker);
    let change = memo(move || quote.with(|quote| quote.as_ref().and_then(|quote| quote.change_percent)));
    let (name, path) = (live.instrument(&ticker).map(|instrument| instrument.name), ["/i/", ticker.as_str()].concat());
    view! {
        <tr>
            <th scope="row">
                <a href=path>
                    <span class="mono" aria-hidden="true">{figures::monogram(ticker.as_str())}</span>
                    <span class="who"><b>{ticker.to_string()}</b><i>{name}</i></span>
                </a>
            </th>
            <td class="wide"><Today ticker=ticker.clone() sparklines/></td>
            <td class="num at-price"><PriceCell ticker/><small><Delta value=change/></small></td>
            <td class="num at-day"><Money value=day currency signed=true bare=true/><small>{move || day_text()}</small></td>
            <td class="num wide"><span class="priv">{move || quantity.get()}</span></td>
            <td class="num at-value strong"><Money value=figure(|holding| holding.market_value) currency bare=true/></td>
            <td class="num at-gain"><Money value=figure(|holding| holding.unrealized_pnl) currency signed=true bare=true/><small>{move || gain_text()}</small></td>
            <td class="num wide wt"><Weight weight largest/></td>
        </tr>
    }
}

/// The sums of all rows.
#[component]
fn Total(currency: Signal<Currency>) -> impl IntoView {
    let totals = expect_live().totals();
    let figure =
        move |pick: fn(&PortfolioView) -> Option<Decimal>| memo(move || totals.with(|totals| totals.as_ref().and_then(pick)));
    let percent = figure(|totals| totals.day_change_percent);
    let percent = move || percent.get().map(|value| words().signed_percent(value));
    view! {
        <tr>
            <th scope="row">{words().total_row()}</th>
            <td class="wide"></td>
            <td class="num at-price"></td>
            <td class="num at-day"><Money value=figure(|totals| totals.day_change) currency signed=true bare=true/><small>{move || percent()}</small></td>
            <td class="num wide"></td>
            <td class="num at-value strong"><Money value=figure(|totals| totals.total_value) currency bare=true/></td>
            <td class="num at-gain"><Money value=figure(|totals| totals.unrealized_pnl) currency signed=true bare=true/></td>
            <td class="num wide wt"></td>
        </tr>
    }
}

/// A holding's share of the portfolio, as a bar beside the largest one's and in figures.
#[component]
fn Weight(weight: Memo<Option<Decimal>>, largest: Memo<Decimal>) -> impl IntoView {
    let width = move || {
        let share = weight.get().and_then(|weight| percent(weight, largest.get())).unwrap_or_default();
        share.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED).round_dp(1).to_string() + "%"
    };
    let text = move || weight.get().map_or_else(|| UNKNOWN.to_owned(), |weight| words().percent_to(weight, 1));
    view! { <span class="bar" aria-hidden="true"><span style:inline-size=move || width()></span></span>{move || text()} }
}

/// Today's prices of a holding, the newest one moving.
#[component]
fn Today(ticker: Ticker, sparklines: Sparklines) -> impl IntoView {
    let quote = expect_live().quote(&ticker);
    let drawn =
        sparklines.with_value(|lines| lines.iter().find(|line| line.0 == ticker).map(|line| line.1.clone())).unwrap_or_default();
    let price = memo(move || quote.with(|quote| quote.as_ref().map(|quote| quote.price)));
    let price = at_most_every::<Option<Decimal>>(SPARK_MS, price.into());
    let reference = memo(move || quote.with(|quote| quote.as_ref().and_then(|quote| quote.previous_close)));
    let points = memo(move || drawn.iter().copied().chain(price.get()).collect::<Vec<_>>());
    view! { <Sparkline points reference/> }
}
