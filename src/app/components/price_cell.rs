use crate::app::prelude::*;
use rust_decimal::Decimal;

use super::time::When;
use crate::app::reactive::memo;
use crate::domain::instrument::Ticker;
use crate::domain::quote::Freshness;
use crate::domain::source::SourceName;
use crate::live::{expect_live, source};
use crate::wire::views::QuoteView;
use crate::words::figures::UNKNOWN;

/// The least time between two washes of one cell, in milliseconds.
const WASH_EVERY_MS: i64 = 1_000;
/// After how long a wash is half as strong, in milliseconds; after twice that it is gone.
const HALF_MS: i64 = 240;
/// After how long a wash is gone where no other price comes, in milliseconds.
const WASH_MS: u32 = 700;

/// Returns what stands before the day of a price that a person entered; nothing of another.
pub(crate) fn entered_lead(source: SourceName) -> Option<&'static str> {
    match source {
        SourceName::BY_HAND => Some(words().by_hand_lead()),
        SourceName::LAST_TRADE => Some(words().last_trade_lead()),
        _ => None,
    }
}

/// A ticker's price as it moves: washed in colour for a moment when it changes, dimmed with its time when it is old.
#[component]
pub(crate) fn PriceCell(
    /// The ticker of the instrument whose price is shown.
    ticker: Ticker,
) -> impl IntoView {
    let live = expect_live();
    let quote = live.quote(&ticker);
    let instrument = live.instrument(&ticker);
    let entered = instrument.as_ref().and_then(|instrument| instrument.source).and_then(entered_lead);
    let decimals = instrument.map(|instrument| instrument.price_decimals);
    let price = memo(move || quote.with(|quote| quote.as_ref().map(|quote| quote.price)));
    let symbol = memo(move || {
        quote.with(|quote| quote.as_ref().map(|quote| (words().symbol(quote.currency), words().symbol_follows(quote.currency))))
    });
    let is_old = memo(move || quote.with(|quote| quote.as_ref().is_some_and(|quote| quote.freshness == Freshness::Stale)));
    let is_following = live.is_following();
    let wash = wash(price);
    let text =
        move || price.get().map_or_else(|| UNKNOWN.to_owned(), |price| words().quoted(price, decimals.unwrap_or(price.scale())));
    let sign = move |follows: bool| symbol.get().filter(|(_, after)| *after == follows).map(|(symbol, _)| symbol);
    let time = memo(move || quote.with(|quote| quote.as_ref().map(|quote| quote.time)));
    let is_entered = memo(move || {
        let is_closed = |quote: &QuoteView| quote.freshness == Freshness::Closed;
        entered.is_some() && quote.with(|quote| quote.as_ref().is_some_and(is_closed))
    });
    let as_of = move || {
        let lead = if is_entered.get() { entered } else { Some(words().at_lead()).filter(|_| is_old.get()) };
        let (lead, time) = lead.zip(time.get())?;
        Some(view! { <small class="as-of">{lead}<When time/></small> }.into_any())
    };
    let why = move || price.get().is_none().then(|| words().no_price_known());
    view! {
        <span class="price" class:old=move || is_old.get() || !is_following.get() title=move || why()>
            <span class=move || ["v ", wash.get()].concat()>
                <span class="cur">{move || sign(false)}</span>
                <span>{move || text()}</span>
                <span class="unit">{move || sign(true)}</span>
            </span>
            {move || as_of()}
        </span>
    }
}

/// Returns the class that washes a cell when its price changes: at most once a second, never in a background tab. The wash fades in two
/// steps, each with the prices that come next; a transition would have the screen drawn sixty times a second.
pub(crate) fn wash(price: Memo<Option<Decimal>>) -> RwSignal<&'static str> {
    let wash = RwSignal::new("");
    let washed_at = StoredValue::new(None::<i64>);
    let moved_at_ms = expect_live().moved_at_ms();
    // The row may be gone by the time that a timer ends.
    let fade = move |to: &'static str| {
        if wash.try_get_untracked().is_some_and(|shown| shown != to) {
            let _ = wash.try_set(to);
        }
    };
    Effect::new(move |before: Option<Option<Decimal>>| {
        let now = price.get();
        if let (Some(Some(before)), Some(now)) = (before, now) {
            let elapsed_ms = source::elapsed_ms();
            let is_due = washed_at.get_value().is_none_or(|at| elapsed_ms - at >= WASH_EVERY_MS);
            if before != now && is_due && !source::is_hidden() {
                washed_at.set_value(Some(elapsed_ms));
                wash.set(if now > before { "wash-up" } else { "wash-down" });
                // No other price may come.
                source::after(WASH_MS, move || fade(""));
            }
        }
        now
    });
    Effect::new(move |_| {
        let shown = wash.get();
        if shown.is_empty() {
            return;
        }
        let age_ms = washed_at.get_value().map_or(0, |at| moved_at_ms.get() - at);
        if age_ms >= HALF_MS * 2 {
            fade("");
        } else if age_ms >= HALF_MS {
            fade(if shown.starts_with("wash-up") { "wash-up fading" } else { "wash-down fading" });
        }
    });
    wash
}
