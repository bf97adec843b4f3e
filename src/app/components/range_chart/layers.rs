//! What lies on the line: times below, the person's trades, and the alerts' levels.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use super::drawing::Drawing;
use super::series::Level;
use crate::app::components::calendar::civil_of;
use crate::app::components::geometry::{Place, Tops, index_at, label_places, percent_length};
use crate::app::components::icon::Icon;
use crate::app::components::moment::moment;
use crate::app::components::sentences::kind_label;
use crate::app::reactive::memo;
use crate::domain::activity::ActivityKind;
use crate::wire::views::ActivityView;
use crate::words::figures;

/// How many times the axis shows.
const TIMES: usize = 5;

/// Times below the line.
#[component]
pub(crate) fn TimeAxis(drawing: Drawing) -> impl IntoView {
    let labels = memo(move || {
        let is_local = drawing.is_local.get();
        drawing.series.with(|series| {
            let places = label_places(series.samples.len(), TIMES);
            let moments = places.into_iter().filter_map(|place| series.at(place));
            moments.map(|(time, _)| drawing.range.axis_label(moment(time, is_local))).collect::<Vec<_>>()
        })
    });
    let spans = move || labels.get().into_iter().map(|label| view! { <span>{label}</span> }.into_any()).collect_view();
    view! { <div class="axis" aria-hidden="true">{move || spans()}</div> }
}

/// The levels of the alerts that watch or are paused: dashed lines, each with its price in the gutter; one outside of the picture has an
/// arrow beside its price.
#[component]
pub(crate) fn Levels(
    drawing: Drawing,
    levels: Memo<Vec<Level>>,
    /// Where the labels of the gutter stand: those of the levels come behind that of the previous close.
    tops: Memo<Tops>,
    /// The previous close, where the picture shows it.
    previous: Memo<Option<Decimal>>,
) -> impl IntoView {
    let lines = move || {
        let line = |(index, level)| {
            let chip = memo(move || {
                let place = index + usize::from(previous.get().is_some());
                tops.with(|tops| tops.others.get(place).copied().unwrap_or_default())
            });
            view! { <LevelLine drawing level chip/> }
        };
        levels.get().into_iter().enumerate().map(line).collect_view()
    };
    view! { <div class="levels">{move || lines()}</div> }
}

/// The line of one alert's level, and its price in the gutter.
#[component]
fn LevelLine(drawing: Drawing, level: Level, chip: Memo<f64>) -> impl IntoView {
    let Level { price, phrase, is_paused } = level;
    let place = memo(move || drawing.scale.get().place(price));
    let top = move || match place.get() {
        Place::Inside(top) => percent_length(top),
        Place::Above => "0%".into(),
        Place::Below => "100%".into(),
    };
    let class = if is_paused { "level paused" } else { "level" };
    let beyond = move || match place.get() {
        Place::Inside(_) => "",
        Place::Above => " ↑",
        Place::Below => " ↓",
    };
    let text = words().entered(price, drawing.decimals);
    let spoken = words().alert_level_spoken(phrase);
    view! {
        <span class=class style:inset-block-start=move || top() hidden=move || !matches!(place.get(), Place::Inside(_))></span>
        <span class=["at-side chip-", class].concat() style:inset-block-start=move || percent_length(chip.get())>
            <Icon name=if is_paused { "pause" } else { "alerts" }/><span class="sr">{spoken}</span>{text}{move || beyond()}
        </span>
    }
}

/// How near two trades may be, in percent of the width, before their labels become one.
const LABEL_WIDTH: f64 = 12.0;

/// The person's buys and sells in the range: a ring where she bought and a square where she sold, on the line, and below the plot what
/// that was. Labels that would cover each other are one: `3 trades`.
#[component]
pub(crate) fn TradeMarks(drawing: Drawing, trades: Vec<ActivityView>) -> impl IntoView {
    let trades: Vec<ActivityView> = trades
        .into_iter()
        .filter(|trade| matches!(trade.kind, ActivityKind::Buy | ActivityKind::Sell))
        .filter(|trade| drawing.series.with_untracked(|series| index_at(&series.samples, trade.time.as_millisecond()).is_some()))
        .collect();
    let marks = trades.iter().map(|trade| view! { <TradeMark drawing trade=trade.clone()/> }.into_any()).collect_view();
    view! { <div class="marks">{marks}</div><Lane drawing trades/> }
}

/// Labels of trades below the plot, oldest first.
#[component]
fn Lane(drawing: Drawing, trades: Vec<ActivityView>) -> impl IntoView {
    let groups = memo(move || {
        let left = |trade: &ActivityView| {
            let index = drawing.series.with(|series| index_at(&series.samples, trade.time.as_millisecond()))?;
            Some(drawing.scale.get().left(index))
        };
        let mut groups: Vec<(f64, f64, Vec<ActivityView>)> = Vec::new();
        for (left, trade) in trades.iter().rev().filter_map(|trade| Some((left(trade)?, trade))) {
            match groups.last_mut() {
                Some((_, end, group)) if left - *end < LABEL_WIDTH => {
                    *end = left;
                    group.push(trade.clone());
                }
                _ => groups.push((left, left, vec![trade.clone()])),
            }
        }
        groups
    });
    let label = |(first, last, group): (f64, f64, Vec<ActivityView>)| {
        // Half a label stays within the plot on both sides.
        let middle = f64::midpoint(first, last).clamp(LABEL_WIDTH / 2.0, 100.0 - LABEL_WIDTH / 2.0);
        let (class, text) = match group.as_slice() {
            [trade] => {
                let quantity = trade.quantity.map(|value| words().quantity(value)).unwrap_or_default();
                if trade.kind == ActivityKind::Buy {
                    ("trade-label buy", words().bought_units(&quantity))
                } else {
                    ("trade-label sell", words().sold_units(&quantity))
                }
            }
            several => ("trade-label", words().several_trades(&several.len().to_string())),
        };
        view! { <span class=class style:inset-inline-start=percent_length(middle)><span class="priv">{text}</span></span> }
            .into_any()
    };
    view! { <div class="lane" aria-hidden="true" hidden=move || groups.with(Vec::is_empty)>{move || groups.get().into_iter().map(label).collect_view()}</div> }
}

/// One trade, on the line at its time.
#[component]
fn TradeMark(drawing: Drawing, trade: ActivityView) -> impl IntoView {
    let time_ms = trade.time.as_millisecond();
    let spot = memo(move || {
        drawing.series.with(|series| {
            let index = index_at(&series.samples, time_ms)?;
            let (_, value) = series.at(index.round() as usize)?;
            Some((index, value))
        })
    });
    let left = move || spot.get().map_or_else(String::new, |(index, _)| percent_length(drawing.scale.get().left(index)));
    let top = move || spot.get().map_or_else(String::new, |(_, value)| percent_length(drawing.scale.get().top(value)));
    let is_buy = trade.kind == ActivityKind::Buy;
    let text = memo(move || trade_text(&trade, drawing));
    let class = if is_buy { "mark buy" } else { "mark sell" };
    view! {
        <span class=class style:inset-inline-start=move || left() style:inset-block-start=move || top() title=move || text.get()><span class="sr">{move || text.get()}</span></span>
    }
}

/// Returns `Buy 10 at 221.30, 3 Nov 2026`, with the currency where it is not the one of the axis.
fn trade_text(trade: &ActivityView, drawing: Drawing) -> String {
    let quantity = trade.quantity.map(|value| words().quantity(value)).unwrap_or_default();
    let price = trade.price.map(|price| words().entered(price, drawing.decimals)).unwrap_or_default();
    let unit = figures::foreign_unit(trade.currency, drawing.currency);
    let day = words().date(trade.date.map_or_else(|| moment(trade.time, drawing.is_local.get()), civil_of));
    words().trade_at(kind_label(trade.kind), &quantity, &[price.as_str(), &unit].concat(), &day)
}
