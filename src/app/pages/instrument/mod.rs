//! `/i/{ticker}`: one price owns the screen; below it the chart, the position, the trades and the alerts.

mod alert_bar;
mod dividends;
mod hero;
mod missing;
mod note;
mod position;
mod prices;
mod statistics;
mod trades;

use crate::app::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::api::query::Query;
use crate::app::components::alert_actions::AlertActions;
use crate::app::components::fetched;
use crate::app::components::links::within_portfolio;
use crate::app::components::moment::is_local;
use crate::app::components::range_chart::{ChartSubject, RangeChart};
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::range::Range;
use crate::wire::views::InstrumentPageView;
use alert_bar::AlertBar;
use dividends::Dividends;
use hero::Hero;
use missing::{Missing, Unreachable};
use note::{Note, Notes};
use position::{Lots, Position};
use prices::{PriceForms, Prices};
use statistics::Statistics;
use trades::Trades;

/// The page of one instrument.
#[component]
pub(crate) fn InstrumentPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let live = expect_live();
    let ticker = memo(move || params.read().get("ticker").unwrap_or_default().to_uppercase());
    let range =
        memo(move || query.read().get("range").and_then(|word| Range::read(&Range::OF_PRICES, &word)).unwrap_or_default());
    let portfolio = live.portfolio_id();
    let revision = live.portfolio_changes();
    let notes = Notes::new();
    let forms = PriceForms::new();
    let shown = fetched(
        move || {
            (
                Query::Instrument(ticker.get(), range.get(), portfolio.get()),
                revision.get() + notes.version().get() + forms.version().get(),
            )
        },
        || view! { <Skeleton/> }.into_any(),
        move |answer| match answer.read::<InstrumentPageView>() {
            Ok(page) => view! { <Found page range=range.get_untracked() notes forms/> }.into_any(),
            Err(error) => refusal(ticker.get_untracked(), error.in_words(words())),
        },
    );
    let first = ticker.get_untracked();
    view! {
        // The head is written after the page, whose signals may be gone by then.
        <Title text=move || ticker.try_get().unwrap_or_else(|| first.clone())/>
        {shown}
    }
}

/// Says that there is no such instrument, or what else went wrong.
fn refusal(ticker: String, error: ApiError) -> AnyView {
    match error.code {
        ErrorCode::NotFound | ErrorCode::BadRequest | ErrorCode::Unprocessable => view! { <Missing ticker/> }.into_any(),
        _ => view! { <Unreachable ticker message=error.message/> }.into_any(),
    }
}

/// An instrument that exists.
#[component]
fn Found(page: InstrumentPageView, range: Range, notes: Notes, forms: PriceForms) -> impl IntoView {
    let InstrumentPageView {
        instrument,
        bars,
        lots,
        lots_count,
        activities,
        activities_count,
        average_cost_basis,
        realized_pnl,
        average_realized_pnl,
        statistics,
        income,
        dividends,
        note,
        entered,
    } = page;
    let actions = AlertActions::prepared();
    let subject = ChartSubject {
        ticker: instrument.ticker.clone(),
        decimals: instrument.price_decimals,
        currency: instrument.currency,
        range,
        bars,
        trades: activities.clone(),
    };
    let start = subject.bars.first().map(|bar| bar.open).filter(|_| range != Range::Day);
    let has_history = !activities.is_empty();
    let ticker = instrument.ticker.to_string();
    view! {
        <div class="page instrument-page">
            <section class="card hero instrument-hero" aria-labelledby="instrument-name">
                <Hero instrument=instrument.clone() start range/>
                <RangeChart subject is_local=is_local()><Ranges ticker range/></RangeChart>
                <Statistics instrument=instrument.clone() statistics/>
            </section>
            <div class="side">
                <Position instrument=instrument.clone() average_cost_basis realized_pnl average_realized_pnl income has_history/>
                <AlertBar instrument=instrument.clone() actions/>
                <Dividends dividends/>
                {entered.map(|entered| view! { <Prices instrument=instrument.clone() entered forms/> }.into_any())}
                <Note ticker=instrument.ticker.to_string() note notes/>
            </div>
            <Lots lots count=lots_count instrument=instrument.clone()/>
            <Trades activities count=activities_count ticker=instrument.ticker.clone() decimals=instrument.price_decimals/>
        </div>
    }
}

/// The ranges, as links that work without scripts.
#[component]
fn Ranges(ticker: String, range: Range) -> impl IntoView {
    let links = Range::OF_PRICES.map(|other| {
        let href = within_portfolio(&["/i/", &ticker, "?range=", other.word()].concat());
        let spoken = [" ", other.spoken()].concat();
        view! { <a href=href aria-current=(other == range).then_some("true")>{other.label()}<span class="sr">{spoken}</span></a> }
    });
    view! { <nav class="ranges" aria-label=words().range_navigation()>{links.into_iter().collect_view()}</nav> }
}

/// The page's shape while it loads.
#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <section class="card hero instrument-hero skeleton" aria-busy="true">
            <div class="headline"><h1>{words().loading()}</h1><p class="total">"\u{2007}"</p></div>
            <div class="plot"></div>
        </section>
    }
}
