//! The instrument's chart: drawn on the server as SVG, brought to life after hydration.

mod crosshair;
mod drawing;
mod layers;
mod series;

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::chart_side::{Side, SideFigures, side_tops};
use crate::app::components::geometry::{HEIGHT, Scale, WIDTH, area_path, length, line_path, percent_length, round_prices};
use crate::app::reactive::memo;
use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;
use crate::live::expect_live;
use crate::wire::range::Range;
use crate::wire::views::{ActivityView, BarView};
use crate::words::figures::precision;
use crosshair::{Crosshair, FigureTable};
use drawing::Drawing;
use layers::{Levels, TimeAxis, TradeMarks};
use series::{drawn_levels, live_series};

/// How many round prices the side shows at most.
const PRICES: u32 = 5;

/// What the chart draws beside the live price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartSubject {
    /// The ticker of the instrument that is drawn.
    pub ticker: Ticker,
    /// How many decimals its price is shown with.
    pub decimals: u32,
    /// The currency of its price.
    pub currency: Currency,
    /// The time that the chart covers, up to now.
    pub range: Range,
    /// The bars, oldest first.
    pub bars: Vec<BarView>,
    /// The person's own trades.
    pub trades: Vec<ActivityView>,
}

/// Line, area, dotted previous close, trades, alert levels, a dot for now, a crosshair, and the same figures as a table.
#[component]
pub fn RangeChart(
    /// The instrument, its bars and the person's trades.
    subject: ChartSubject,
    /// Whether times are written in the reader's zone.
    is_local: Signal<bool>,
    /// What stands beside the table's toggle: the ranges.
    children: Children,
) -> impl IntoView {
    let ChartSubject { ticker, decimals, currency, range, bars, trades } = subject;
    if bars.is_empty() {
        return view! {
            <p class="no-chart">{words().no_history_yet()}</p>
            <div class="under">{children()}</div>
        }
        .into_any();
    }
    let live = expect_live();
    let quote = live.quote(&ticker);
    let series = live_series(&bars, range, quote);
    let previous =
        memo(move || quote.with(|quote| quote.as_ref().and_then(|quote| quote.previous_close)).filter(|_| range == Range::Day));
    let levels = drawn_levels(live.alerts(), ticker.clone());
    let scale = memo(move || {
        let near: Vec<_> = levels.with(|levels| levels.iter().map(|level| level.price).chain(previous.get()).collect());
        series.with(|series| Scale::around(&series.samples, &near))
    });
    let drawing = Drawing { series, scale, range, decimals, currency, is_local };
    let axis = memo(move || series.with(|series| round_prices(&series.samples, PRICES)));
    let now = memo(move || series.with(|series| series.samples.last().map(|sample| sample.value)));
    let side = SideFigures {
        axis,
        now,
        reference: previous,
        reference_name: words().previous_close(),
        levels: memo(move || levels.with(|levels| levels.iter().map(|level| level.price).collect::<Vec<_>>())).into(),
        decimals: Signal::derive(move || {
            axis_decimals(&axis.get(), decimals).max(now.get().map_or(0, |now| precision(now, decimals)))
        }),
        is_private: false,
    };
    let tops = side_tops(scale, side);
    let picture = view! { <Picture drawing previous/> };
    view! {
        <figure class="range-chart" class:down=move || series.with(|series| series.is_falling(previous.get()))>
            <div class="plot">
                {picture}
                <Side scale figures=side tops/>
                <span class="sr">{move || previous.get().map(|price| words().previous_close_at(&words().quoted(price, decimals)))}</span>
                <Levels drawing levels tops previous/>
                <TradeMarks drawing trades/>
                <Now drawing/>
                <Crosshair drawing ticker=ticker.clone()/>
            </div>
            <TimeAxis drawing/>
            <div class="under">{children()}<FigureTable bars range decimals is_local/></div>
        </figure>
    }
    .into_any()
}

/// The line and its area.
#[component]
fn Picture(drawing: Drawing, previous: Memo<Option<Decimal>>) -> impl IntoView {
    let Drawing { series, scale, range, decimals, .. } = drawing;
    let line = memo(move || series.with(|series| line_path(&scale.get(), &series.samples)));
    let area = move || line.with(|line| area_path(line));
    let label = series.with_untracked(|series| series.spoken(range, decimals));
    // Without a previous close the dotted line waits outside the picture.
    let previous_y = move || previous.get().map_or_else(|| "-9".into(), |price| length(scale.get().y(price)));
    view! {
        <svg viewBox=format_view_box() preserveAspectRatio="none" role="img" aria-label=label>
            <defs>
                <linearGradient id="range-fill" x1="0" x2="0" y1="0" y2="1">
                    <stop offset="0" stop-color="currentColor" stop-opacity=".22"></stop>
                    <stop offset="1" stop-color="currentColor" stop-opacity="0"></stop>
                </linearGradient>
            </defs>
            <path class="area" d=move || area() fill="url(#range-fill)"></path>
            <line class="previous" x1="0" x2=WIDTH.to_string() y1=move || previous_y() y2=move || previous_y()></line>
            <path class="line" d=move || line.get()></path>
        </svg>
    }
}

/// Returns the drawing's box.
fn format_view_box() -> String {
    ["0 0 ", &WIDTH.to_string(), " ", &HEIGHT.to_string()].concat()
}

/// Returns the decimals that all prices of an axis share: as many as the finest of them has.
fn axis_decimals(prices: &[Decimal], least: u32) -> u32 {
    prices.iter().map(|price| price.normalize().scale()).max().unwrap_or_default().max(least)
}

/// The dot at the line's end.
#[component]
fn Now(drawing: Drawing) -> impl IntoView {
    let top = move || {
        let last = drawing.series.with(|series| series.samples.last().map(|sample| sample.value));
        last.map_or_else(String::new, |price| percent_length(drawing.scale.get().top(price)))
    };
    view! { <span class="now" aria-hidden="true" style:inset-block-start=move || top()></span> }
}
