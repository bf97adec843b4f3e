//! The session's and the year's figures below the chart, the newest price among them.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::reactive::memo;
use crate::domain::money::percent;
use crate::live::expect_live;
use crate::wire::views::{InstrumentView, StatisticsView};
use crate::words::figures::UNKNOWN;

/// Open, high, low, previous close, 52 weeks and volume; a price beyond a range widens it as it comes.
#[component]
pub(crate) fn Statistics(instrument: InstrumentView, statistics: StatisticsView) -> impl IntoView {
    let quote = expect_live().quote(&instrument.ticker);
    let decimals = instrument.price_decimals;
    let StatisticsView { open, high, low, year_high, year_low, volume, average_volume } = statistics;
    let price = memo(move || quote.with(|quote| quote.as_ref().map(|quote| quote.price)));
    let previous = memo(move || quote.with(|quote| quote.as_ref().and_then(|quote| quote.previous_close)));
    let written = move |price: Option<Decimal>| price.map_or_else(|| UNKNOWN.to_owned(), |price| words().quoted(price, decimals));
    let above = move |known: Option<Decimal>| known.map(|known| known.max(price.get().unwrap_or(known)));
    let below = move |known: Option<Decimal>| known.map(|known| known.min(price.get().unwrap_or(known)));
    let place = move || {
        let (low, high) = (below(year_low)?, above(year_high)?);
        percent(price.get()?.checked_sub(low)?, high.checked_sub(low)?)
    };
    let left = move || {
        place().map_or_else(
            || "50%".to_owned(),
            |place| place.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED).round_dp(1).to_string() + "%",
        )
    };
    let units = |volume: Option<Decimal>| volume.map_or_else(|| UNKNOWN.to_owned(), |volume| words().units_in_short(volume));
    let average = average_volume.map(|volume| words().average_of(&words().units_in_short(volume)));
    view! {
        <dl class="statistics">
            <div><dt>{words().open_price()}</dt><dd>{written(open)}</dd></div>
            <div><dt>{words().high()}</dt><dd>{move || written(above(high))}</dd></div>
            <div><dt>{words().low()}</dt><dd>{move || written(below(low))}</dd></div>
            <div><dt>{words().previous_close()}</dt><dd>{move || written(previous.get())}</dd></div>
            <div class="weeks">
                <dt>{words().fifty_two_weeks()}</dt>
                <dd>
                    <span class="span" aria-hidden="true"><i style:inset-inline-start=move || left()></i></span>
                    <span>{move || written(below(year_low))}</span>" "<span>{move || written(above(year_high))}</span>
                </dd>
            </div>
            <div><dt>{words().volume()}</dt><dd>{units(volume)}<small>{average}</small></dd></div>
        </dl>
    }
}
