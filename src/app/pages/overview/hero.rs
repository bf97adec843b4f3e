//! The total, how it moved, and its chart.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::links::within_portfolio;
use crate::app::components::value_chart::{ValueChart, Values};
use crate::app::components::{Arrow, Money, left_out_sentence};
use crate::app::reactive::memo;
use crate::domain::money::{Currency, percent};
use crate::live::expect_live;
use crate::wire::range::Range;
use crate::wire::views::{OverviewView, PortfolioView};
use crate::words::figures::{self, Direction};

/// The portfolio's total value and what led to it.
#[component]
pub(crate) fn Hero(overview: OverviewView) -> impl IntoView {
    let live = expect_live();
    let totals = live.totals();
    let figure =
        move |pick: fn(&PortfolioView) -> Option<Decimal>| memo(move || totals.with(|totals| totals.as_ref().and_then(pick)));
    let currency =
        Signal::from(memo(move || totals.with(|totals| totals.as_ref().map_or(Currency::EUR, |totals| totals.currency))));
    let total = figure(|totals| totals.total_value);
    let left_out = memo(move || totals.with(|totals| totals.as_ref().and_then(left_out_sentence)));
    let newest = memo(move || totals.with(|totals| totals.as_ref().and_then(|totals| Some((totals.time, totals.total_value?)))));
    let is_too_large = overview.is_past_too_large;
    let OverviewView { range, past, net_contributions, line, previous_value, income_this_year, .. } = overview;
    let day = figure(|totals| totals.day_change);
    let gain = figure(|totals| totals.total_gain);
    let before = past.as_ref().map_or(Decimal::ZERO, |past| past.gain_before);
    let at_work = past.as_ref().and_then(|past| past.money_at_work);
    let over = match range {
        Range::Day => day,
        Range::All => gain,
        // Without the earlier values nothing is known of the range.
        _ => memo(move || gain.get().filter(|_| !is_too_large)?.checked_sub(before)),
    };
    let over_percent = match range {
        Range::All => figure(|totals| totals.total_gain_percent),
        _ => memo(move || percent(over.get()?, at_work?)),
    };
    let values = match past {
        _ if range == Range::Day => {
            // Where everything was put in today there is nothing to compare with.
            Values::Today(line, previous_value.filter(|value| !value.is_zero()))
        }
        past => Values::Past(past.map(|past| past.points).unwrap_or_default(), net_contributions),
    };
    let chip = (range != Range::Day).then(|| {
        view! { <Chip amount=over percent=over_percent currency over=range.spoken() about=words().total_gain_about()/> }
            .into_any()
    });
    view! {
        <section class="card hero" aria-labelledby="total-value">
            <div class="headline">
                <h1 id="total-value">{words().total_value()}</h1>
                <p class="total"><Money value=total currency/></p>
                <p class="hint left-out" hidden=move || left_out.with(Option::is_none)>{move || left_out.get()}</p>
                <p class="sum">
                    <Chip amount=day percent=figure(|totals| totals.day_change_percent) currency over=words().today() about=words().day_change_about()/>
                    {chip}
                </p>
                <dl class="facts">
                    <div><dt>{words().net_contributions()}</dt><dd><Money value=net_contributions currency/></dd></div>
                    <div><dt>{words().total_gain_heading()}</dt><dd><Money value=gain currency signed=true/></dd></div>
                    <div><dt>{words().income_this_year()}</dt><dd><Money value=Some(income_this_year) currency/></dd></div>
                </dl>
            </div>
            <ValueChart values range is_too_large change=over newest currency><Ranges range/><a class="subtle to-performance" href=within_portfolio("/performance")>{words().performance()}</a></ValueChart>
        </section>
    }
}

/// The ranges, as links that work without scripts.
#[component]
fn Ranges(range: Range) -> impl IntoView {
    let links = Range::OF_VALUES.map(|other| {
        let href = within_portfolio(&["/?range=", other.word()].concat());
        let spoken = [" ", other.spoken()].concat();
        view! { <a href=href aria-current=(other == range).then_some("true")>{other.label()}<span class="sr">{spoken}</span></a> }
    });
    view! { <nav class="ranges" aria-label=words().range_navigation()>{links.into_iter().collect_view()}</nav> }
}

/// A change: arrow, amount, percent and over what; green, red or neither.
#[component]
fn Chip(
    /// The change as an amount; `None` while it is unknown.
    #[prop(into)]
    amount: Signal<Option<Decimal>>,
    /// The change in percent; `None` while it is unknown.
    #[prop(into)]
    percent: Signal<Option<Decimal>>,
    /// The currency of the amount.
    currency: Signal<Currency>,
    /// The time over which the change is counted, such as `today`.
    over: &'static str,
    /// The sentence that says what the percentage is of.
    about: &'static str,
) -> impl IntoView {
    let direction = memo(move || amount.get().map_or(Direction::Flat, figures::direction));
    view! {
        <span class=move || ["chip ", direction.get().class()].concat() title=about>
            <Arrow direction/>
            <span class="sr">{move || if amount.get().is_some() { words().direction_word(direction.get()) } else { words().not_known_spoken() }}</span>
            <Money value=amount currency signed=true bare=true/>
            <i>{move || percent.get().map(|value| words().bare_percent(value))}</i>
            <em>{over}</em>
        </span>
    }
}
