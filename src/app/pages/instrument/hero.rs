//! The price, large, with its day, its bid and ask, and how old it is when it is not live.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::{When, WhenStyle, entered_lead};
use crate::app::reactive::memo;
use crate::domain::money::percent;
use crate::domain::quote::Freshness;
use crate::domain::source::SourceName;
use crate::live::expect_live;
use crate::wire::range::Range;
use crate::wire::views::{InstrumentView, QuoteView};
use crate::words::figures;

/// Name, price, day change, bid and ask, freshness.
#[component]
pub(crate) fn Hero(
    /// The instrument whose page this is.
    instrument: InstrumentView,
    /// The price at the beginning of the range; `None` for today, which is measured from the previous close.
    start: Option<Decimal>,
    /// The range of the chart.
    range: Range,
) -> impl IntoView {
    let quote = expect_live().quote(&instrument.ticker);
    let (decimals, currency) = (instrument.price_decimals, instrument.currency);
    let ticker = instrument.ticker.to_string();
    let ticker_of = ticker.clone();
    let class = words().class_name(instrument.class);
    let (before, after) = if words().symbol_follows(currency) {
        (String::new(), words().symbol(currency))
    } else {
        (words().symbol(currency), String::new())
    };
    let price = memo(move || quote.with(|quote| quote.as_ref().map(|quote| words().quoted(quote.price, decimals))));
    let is_old = memo(move || quote.with(|quote| quote.as_ref().is_none_or(|quote| is_dim(quote.freshness))));
    view! {
        <div class="headline">
            <h1 id="instrument-name"><b>{ticker}</b>" "<span>{instrument.name}</span>" "<span class="tag">{class}</span></h1>
            <p class="total" class:old=move || is_old.get()>
                <span class="cur">{before}</span>
                {move || price.get().unwrap_or_else(|| figures::UNKNOWN.into())}
                <span class="cur after">{after}</span>
            </p>
            <div class="sum">
                {match start {
                    Some(start) => view! { <RangeChange quote decimals start range/><Today quote decimals/> }.into_any(),
                    None => view! { <DayChange quote decimals/> }.into_any(),
                }}
                <Spread quote decimals/>
                <Age quote ticker=ticker_of source=instrument.source/>
            </div>
        </div>
    }
}

/// Whether a price is dimmed: it may not be the market's now.
fn is_dim(freshness: Freshness) -> bool {
    matches!(freshness, Freshness::Stale | Freshness::Closed)
}

/// An amount and its percentage.
type Moved = Option<(Decimal, Decimal)>;

/// Returns the change since the previous close.
fn day_change(quote: &QuoteView) -> Moved {
    Some((quote.change?, quote.change_percent?))
}

/// The change since the previous close.
#[component]
fn DayChange(quote: Signal<Option<QuoteView>>, decimals: u32) -> impl IntoView {
    let change = memo(move || quote.with(|quote| quote.as_ref().and_then(day_change)));
    view! { <ChangeChip change quote decimals over=words().today() unknown=words().no_previous_close()/> }
}

/// The change since the beginning of the chosen range.
#[component]
fn RangeChange(quote: Signal<Option<QuoteView>>, decimals: u32, start: Decimal, range: Range) -> impl IntoView {
    let change = memo(move || {
        let price = quote.with(|quote| quote.as_ref().map(|quote| quote.price))?;
        let amount = price.checked_sub(start)?;
        Some((amount, percent(amount, start)?))
    });
    view! { <ChangeChip change quote decimals over=range.spoken() unknown=""/> }
}

/// Today's change beside that of the range, quiet.
#[component]
fn Today(quote: Signal<Option<QuoteView>>, decimals: u32) -> impl IntoView {
    let text = move || {
        let (amount, percent) = quote.with(|quote| quote.as_ref().and_then(day_change))?;
        Some([words().signed_price(amount, decimals), " (".into(), words().bare_percent(percent), ")".into()].concat())
    };
    view! { <span class="plain">{words().today_heading()}" "<b>{move || text()}</b></span> }
}

/// A change: arrow, amount, percent, and over what.
#[component]
fn ChangeChip(
    change: Memo<Moved>,
    quote: Signal<Option<QuoteView>>,
    decimals: u32,
    over: &'static str,
    unknown: &'static str,
) -> impl IntoView {
    let decimals = move || quote.with(|quote| quote.as_ref().map_or(decimals, |quote| figures::precision(quote.price, decimals)));
    let class = move || {
        change.get().map_or("chip flat", |(amount, _)| match figures::direction(amount) {
            figures::Direction::Up => "chip up",
            figures::Direction::Down => "chip down",
            figures::Direction::Flat => "chip flat",
        })
    };
    let arrow = move || {
        change.get().map_or("", |(amount, _)| match figures::direction(amount) {
            figures::Direction::Up => "M4 1 L7.5 7 H0.5Z",
            figures::Direction::Down => "M4 7 L7.5 1 H0.5Z",
            figures::Direction::Flat => "M0.5 3 H7.5 V5 H0.5Z",
        })
    };
    let word = move || change.get().map_or("", |(amount, _)| words().direction_word(figures::direction(amount)));
    let amount =
        move || change.get().map_or_else(|| figures::UNKNOWN.into(), |(amount, _)| words().signed_price(amount, decimals()));
    let percent = move || change.get().map(|(_, percent)| words().bare_percent(percent)).unwrap_or_default();
    view! {
        <span class=move || class() title=move || if change.get().is_none() { unknown } else { "" }>
            <svg class="arr" viewBox="0 0 8 8" aria-hidden="true"><path d=move || arrow()></path></svg>
            <span class="sr">{move || word()}</span>{move || amount()}" "<i>{move || percent()}</i>" "<em>{over}</em>
        </span>
    }
}

/// Bid and ask, where the feed gives them.
#[component]
fn Spread(quote: Signal<Option<QuoteView>>, decimals: u32) -> impl IntoView {
    let sides = memo(move || {
        quote.with(|quote| {
            let quote = quote.as_ref()?;
            Some((words().quoted(quote.bid?, decimals), words().quoted(quote.ask?, decimals)))
        })
    });
    let bid = move || sides.get().map(|sides| sides.0).unwrap_or_default();
    let ask = move || sides.get().map(|sides| sides.1).unwrap_or_default();
    view! {
        <span class="plain" hidden=move || sides.get().is_none()>
            {words().bid_lead()}<b>{move || bid()}</b>{words().ask_lead()}<b>{move || ask()}</b>
        </span>
    }
}

/// A pill with the price's own time, when it is not live.
#[component]
fn Age(quote: Signal<Option<QuoteView>>, ticker: String, source: Option<SourceName>) -> impl IntoView {
    let no_price = words().no_price_yet(&ticker);
    let entered = source.and_then(entered_lead);
    let freshness = memo(move || quote.with(|quote| quote.as_ref().map(|quote| quote.freshness)));
    // Only a price that stands still shows its time, so this changes rarely.
    let time = memo(move || {
        quote.with(|quote| quote.as_ref().filter(|quote| quote.freshness != Freshness::Live).map(|quote| quote.time))
    });
    let text = move || match freshness.get() {
        None => no_price.clone(),
        Some(Freshness::Live) => String::new(),
        Some(Freshness::Delayed) => words().delayed_from_lead().into(),
        Some(Freshness::Stale) => words().stale_since_lead().into(),
        Some(Freshness::Closed) if entered.is_some() => entered.unwrap_or_default().into(),
        Some(Freshness::Closed) => words().market_closed_last_price_lead().into(),
    };
    let class = move || match freshness.get() {
        Some(Freshness::Stale | Freshness::Delayed) => "pill warn",
        _ => "pill rest",
    };
    view! {
        <span class=move || class() hidden=move || freshness.get() == Some(Freshness::Live)>
            {move || text()}{move || time.get().map(|time| view! { <When time style=WhenStyle::Recent/> }.into_any())}
        </span>
    }
}
