//! A year of closes with the level of a new alert on it: a line to drag, offers to press, and what it would have done.

mod fields;
mod handle;
mod level;

use crate::app::prelude::*;
use leptos::task::spawn_local;
use rust_decimal::Decimal;

use crate::api;
use crate::app::components::at_most_every;
use crate::app::components::chart_side::{Side, SideFigures, side_tops};
use crate::app::components::geometry::{HEIGHT, Sample, WIDTH, area_path, index_at, line_path, percent_length, round_prices};
use crate::app::reactive::{effect, memo};
use crate::domain::instrument::Ticker;
use crate::live::{expect_live, source};
use crate::wire::views::{AlertPastView, PointView};
pub(crate) use fields::FormFields;
use handle::Handle;
use level::{Offer, offers, price_of_level};

/// How long typing or dragging rests before the server is asked, in milliseconds.
const REST_MS: u32 = 300;

/// How often the offers follow the price, in milliseconds: they must not change under a hand.
const OFFERS_MS: u32 = 5_000;

/// How many round prices the side shows at most.
const PRICES: u32 = 4;

/// The chart of the instrument that the form names: nothing until one is named that is known.
#[component]
pub(crate) fn LevelChart(fields: FormFields) -> impl IntoView {
    let past = RwSignal::new(None::<(Ticker, AlertPastView)>);
    let firings = RwSignal::new(None::<Vec<PointView>>);
    let ticker = memo(move || fields.ticker.get().trim().to_uppercase().parse::<Ticker>().ok());
    follow_past(ticker, past);
    follow_firings(fields, ticker, firings);
    let drawn = memo(move || past.get().filter(|(of, past)| Some(of) == ticker.get().as_ref() && past.closes.len() > 1));
    let is_named = memo(move || ticker.with(Option::is_some));
    view! {
        <div class="level-chart" class:waits=move || is_named.get()>
            {move || drawn.get().map(|(ticker, past)| view! { <Picture fields ticker past firings/> }.into_any())}
        </div>
    }
}

/// Asks for the past of the instrument once typing rests; an answer that comes late is dropped.
fn follow_past(ticker: Memo<Option<Ticker>>, past: RwSignal<Option<(Ticker, AlertPastView)>>) {
    let live = expect_live();
    effect(move || {
        let Some(asked) = ticker.get() else { return };
        if past.with_untracked(|past| past.as_ref().is_some_and(|(of, _)| *of == asked)) {
            return;
        }
        source::after(REST_MS, move || {
            if ticker.try_get_untracked().flatten().as_ref() != Some(&asked) {
                return;
            }
            spawn_local(async move {
                let answer = api::alert_past(asked.to_string()).await;
                let stands = ticker.try_get_untracked().flatten().as_ref() == Some(&asked);
                if let (Ok(answer), true) = (answer, stands) {
                    if let Some(percent) = answer.typical_day_percent {
                        live.learn_typical_day(&asked, percent);
                    }
                    let _ = past.try_set(Some((asked, answer)));
                }
            });
        });
    });
}

/// Asks when the alert would have fired once typing or dragging rests.
fn follow_firings(fields: FormFields, ticker: Memo<Option<Ticker>>, firings: RwSignal<Option<Vec<PointView>>>) {
    let asked = memo(move || {
        let condition = fields.condition()?;
        let level = fields.level().filter(|level| condition.is_day_change() || *level > Decimal::ZERO)?;
        Some((ticker.get()?, condition, level, fields.cooldown.get()))
    });
    effect(move || {
        let now = asked.get();
        firings.set(None);
        let Some((ticker, _, level, cooldown)) = now.clone() else { return };
        let condition = fields.condition.get_untracked();
        source::after(REST_MS, move || {
            if asked.try_get_untracked() != Some(now.clone()) {
                return;
            }
            spawn_local(async move {
                let answer = api::past_firings(ticker.to_string(), condition, level.to_string(), Some(cooldown)).await;
                if asked.try_get_untracked() == Some(now) {
                    let _ = firings.try_set(answer.ok());
                }
            });
        });
    });
}

/// The line of the year, the level on it, where it would have fired, and the offers below.
#[component]
fn Picture(fields: FormFields, ticker: Ticker, past: AlertPastView, firings: RwSignal<Option<Vec<PointView>>>) -> impl IntoView {
    let quote = expect_live().quote(&ticker);
    let AlertPastView { price_decimals, high, low, closes, .. } = past;
    let samples: Vec<Sample> =
        closes.iter().map(|point| Sample { time_ms: point.time.as_millisecond(), value: point.value }).collect();
    let last = samples.last().map_or(Decimal::ZERO, |sample| sample.value);
    let now = memo(move || quote.with(|quote| quote.as_ref().map_or(last, |quote| quote.price)));
    let previous = memo(move || quote.with(|quote| quote.as_ref().and_then(|quote| quote.previous_close)).unwrap_or(last));
    // The height is that of the year and some air to drag into: it does not move with the level.
    let scale = level::scale(&samples, high, low);
    let level = memo(move || {
        let condition = fields.condition()?;
        price_of_level(condition, fields.level()?, previous.get())
    });
    let axis = round_prices(&samples, PRICES);
    let decimals = axis.iter().map(|price| price.normalize().scale()).max().unwrap_or_default().max(price_decimals);
    let scale_memo = memo(move || scale);
    let side = SideFigures {
        axis: memo(move || axis.clone()),
        now: memo(move || Some(now.get())),
        reference: level,
        reference_name: words().level(),
        levels: Signal::stored(Vec::new()),
        decimals: Signal::stored(decimals),
        is_private: false,
    };
    let line = line_path(&scale, &samples);
    let area = area_path(&line);
    let label = words().year_of(ticker.as_str());
    let rings = move || {
        let placed = |point: &PointView| {
            let left = scale.left(index_at(&samples, point.time.as_millisecond())?);
            let style =
                ["inset-inline-start:", &percent_length(left), ";inset-block-start:", &percent_length(scale.top(point.value))];
            Some(view! { <i style=style.concat()></i> }.into_any())
        };
        firings.with(|firings| firings.iter().flatten().filter_map(placed).collect_view())
    };
    let told = move || {
        firings.with(|firings| match firings.as_ref()?.len() {
            0 => Some(words().did_not_happen().to_owned()),
            1 => Some(words().happened_once().to_owned()),
            count => Some(words().happened_times(&count.to_string())),
        })
    };
    view! {
        <div class="plot">
            <svg viewBox=["0 0 ", &WIDTH.to_string(), " ", &HEIGHT.to_string()].concat() preserveAspectRatio="none" role="img" aria-label=label>
                <path class="area" d=area></path>
                <path class="line" d=line></path>
            </svg>
            <Side scale=scale_memo figures=side tops=side_tops(scale_memo, side)/>
            <div class="firings" aria-hidden="true">{rings}</div>
            <Handle fields scale level previous price_decimals/>
        </div>
        <Offers fields now=at_most_every(OFFERS_MS, now.into()) high low price_decimals/>
        <p class="hint would-fire" aria-live="polite">{move || told().unwrap_or_default()}</p>
    }
}

/// Levels that are chosen often, each at a press.
#[component]
fn Offers(
    fields: FormFields,
    now: Signal<Decimal>,
    high: Option<Decimal>,
    low: Option<Decimal>,
    price_decimals: u32,
) -> impl IntoView {
    let buttons = move || {
        let Some(condition) = fields.condition() else { return Vec::new() };
        let offered = offers(condition, now.get(), high, low, price_decimals);
        offered
            .into_iter()
            .map(|Offer { name, level }| {
                let figure =
                    if condition.is_day_change() { String::new() } else { words().quoted(level, price_decimals) };
                view! {
                    <button class="offer-chip" type="button" on:click=move |_| fields.write(level)><b>{name}</b>" "{figure}</button>
                }
                .into_any()
            })
            .collect()
    };
    view! { <div class="level-offers" role="group" aria-label=words().suggested_levels()>{move || buttons()}</div> }
}
