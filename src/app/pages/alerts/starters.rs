//! An empty list offers three useful alerts to make with one click.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::geometry::moved_by;
use crate::app::components::icon::Icon;
use crate::app::components::post_form::{Command, PostForm};
use crate::domain::alert::Condition;
use crate::domain::instrument::Ticker;
use crate::live::{Live, expect_live};

/// An alert worth having.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    ticker: Ticker,
    condition: Condition,
    word: &'static str,
    threshold: Decimal,
    why: &'static str,
}

/// Returns the person's largest holding, or a followed instrument where nothing is held.
fn largest(live: Live) -> Option<Ticker> {
    let value = |ticker: &Ticker| live.holding(ticker).with(|holding| holding.as_ref().and_then(|holding| holding.market_value));
    live.holdings().get().into_iter().max_by_key(value)
}

/// Returns the offers; none without a holding or a price.
fn offers(live: Live) -> Option<[Offer; 3]> {
    let ticker = largest(live)?;
    let price = live.quote(&ticker).with(|quote| quote.as_ref().map(|quote| quote.price))?;
    let decimals = live.instrument(&ticker).map_or(2, |instrument| instrument.price_decimals);
    let offer = |condition, word, threshold, why| Offer { ticker: ticker.clone(), condition, word, threshold, why };
    Some([
        offer(Condition::CrossesBelow, "crosses_below", moved_by(price, -5, decimals)?, words().offer_falls()),
        offer(Condition::CrossesAbove, "crosses_above", moved_by(price, 5, decimals)?, words().offer_rises()),
        offer(Condition::DayChangeBelowPercent, "day_change_below_percent", Decimal::from(-3), words().offer_loses()),
    ])
}

/// The empty state of the list, which fills its column.
#[component]
pub(crate) fn Starters(
    /// The server function that makes the chosen alert.
    action: Command,
) -> impl IntoView {
    let live = expect_live();
    let offered = untrack(move || offers(live));
    let cards = match offered {
        Some(offers) => {
            let cards = offers.into_iter().map(|offer| view! { <OfferCard action offer/> }.into_any()).collect_view();
            view! { <div class="offers">{cards}</div> }.into_any()
        }
        None => view! { <p class="submit"><a class="primary" href="/search">{words().browse_instruments()}</a></p> }.into_any(),
    };
    view! {
        <section class="card starters" aria-labelledby="starters">
            <span class="starters-icon" aria-hidden="true"><Icon name="alerts"/></span>
            <h1 id="starters">{words().no_alerts_yet()}</h1>
            <p>{words().no_alerts_yet_hint()}</p>
            {cards}
        </section>
    }
}

/// One offer: a form of one button.
#[component]
fn OfferCard(action: Command, offer: Offer) -> impl IntoView {
    let sentence = words().rule(offer.condition, offer.threshold);
    view! {
        <PostForm command=action>
            <input type="hidden" name="ticker" value=offer.ticker.to_string()/>
            <input type="hidden" name="condition" value=offer.word/>
            <input type="hidden" name="threshold" value=offer.threshold.to_string()/>
            <button class="offer" type="submit">
                <span><b>{offer.why}</b><i>{offer.ticker.to_string()}" "{sentence}</i></span>
                <em>{words().set_it()}</em>
            </button>
        </PostForm>
    }
}
