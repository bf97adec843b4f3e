//! The total, how it moved, and today's line.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::chart_line::ValueLine;
use crate::app::components::{Arrow, Money, left_out_sentence};
use crate::app::reactive::memo;
use crate::domain::money::Currency;
use crate::live::expect_live;
use crate::wire::views::{PointView, PortfolioView};
use crate::words::figures::{self, Direction};

/// The portfolio's total value and what led to it.
#[component]
pub(crate) fn Hero(
    /// Today's total values, oldest first.
    line: Vec<PointView>,
    /// The total at the previous closes.
    previous_value: Option<Decimal>,
    /// Dividends and interest since the year began.
    income_this_year: Decimal,
) -> impl IntoView {
    let live = expect_live();
    let totals = live.totals();
    let figure =
        move |pick: fn(&PortfolioView) -> Option<Decimal>| memo(move || totals.with(|totals| totals.as_ref().and_then(pick)));
    let currency =
        Signal::from(memo(move || totals.with(|totals| totals.as_ref().map_or(Currency::EUR, |totals| totals.currency))));
    let total = figure(|totals| totals.total_value);
    let left_out = memo(move || totals.with(|totals| totals.as_ref().and_then(left_out_sentence)));
    let newest = memo(move || totals.with(|totals| totals.as_ref().and_then(|totals| Some((totals.time, totals.total_value?)))));
    // Where everything was put in today there is nothing to compare with.
    let reference = previous_value.filter(|value| !value.is_zero());
    view! {
        <section class="card hero" aria-labelledby="total-value">
            <div class="headline">
                <h1 id="total-value">{words().total_value()}</h1>
                <p class="total"><Money value=total currency/></p>
                <p class="hint left-out" hidden=move || left_out.with(Option::is_none)>{move || left_out.get()}</p>
                <p class="sum">
                    <Chip amount=figure(|totals| totals.day_change) percent=figure(|totals| totals.day_change_percent) currency over=words().today() about=words().day_change_about()/>
                    <Chip amount=figure(|totals| totals.total_gain) percent=figure(|totals| totals.total_gain_percent) currency over=words().all_time() about=words().total_gain_about()/>
                    <span class="plain">{words().income_this_year_lead()} <b><Money value=Some(income_this_year) currency/></b></span>
                </p>
            </div>
            <ValueLine points=line reference change=figure(|totals| totals.day_change) newest currency/>
        </section>
    }
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
