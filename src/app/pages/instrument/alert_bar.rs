//! words().alert_me(): one click for five percent up or down, a small form for anything else, and the instrument's alerts.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::alert_actions::AlertActions;
use crate::app::components::alert_form::{AlertStart, NewAlertForm, Watched};
use crate::app::components::alert_row::AlertRow;
use crate::app::components::field::FormRefusal;
use crate::app::components::geometry::moved_by;
use crate::app::components::list::{Part, list};
use crate::app::components::post_form::{Command, PostForm};
use crate::app::reactive::memo;
use crate::domain::instrument::Ticker;
use crate::live::expect_live;
use crate::wire::views::InstrumentView;
use crate::words::figures;

/// The bar and the list below it.
#[component]
pub(crate) fn AlertBar(
    /// The instrument that a new alert watches.
    instrument: InstrumentView,
    /// The commands for alerts.
    actions: AlertActions,
) -> impl IntoView {
    let refused = actions.create.refused();
    let ticker = instrument.ticker.clone();
    let start = AlertStart { ticker: ticker.to_string(), ..AlertStart::default() };
    view! {
        <section class="card alert-bar" id="alert-me" aria-labelledby="alert-me-title">
            <header><h2 id="alert-me-title">{words().alert_me()}</h2><span class="muted">{words().watched_on_the_server()}</span></header>
            <div class="clicks">
                <OneClick instrument=instrument.clone() percent=5 action=actions.create/>
                <OneClick instrument=instrument.clone() percent=-5 action=actions.create/>
            </div>
            <details class="custom" open=move || refused.with(Option::is_some)>
                <summary class="subtle">{words().another_level()}</summary>
                <NewAlertForm action=actions.create start refused watched=Watched::Fixed/>
            </details>
            <FormRefusal refused=actions.row_refusal()/>
            <Watching ticker actions/>
        </section>
    }
}

/// A form of one button: crosses a level some percent away.
#[component]
fn OneClick(instrument: InstrumentView, percent: i64, action: Command) -> impl IntoView {
    let quote = expect_live().quote(&instrument.ticker);
    let decimals = instrument.price_decimals;
    let level = memo(move || quote.with(|quote| quote.as_ref().and_then(|quote| moved_by(quote.price, percent, decimals))));
    let written = move || level.get().map(|level: Decimal| level.to_string()).unwrap_or_default();
    let shown = move || level.get().map_or_else(|| figures::UNKNOWN.into(), |level| words().price(level, level.scale()));
    let (condition, label, spoken, arrow) = if percent > 0 {
        ("crosses_above", words().plus_five(), words().crosses_above_phrase(), "M4 1 L7.5 7 H0.5Z")
    } else {
        ("crosses_below", words().minus_five(), words().crosses_below_phrase(), "M4 7 L7.5 1 H0.5Z")
    };
    view! {
        <PostForm command=action>
            <input type="hidden" name="ticker" value=instrument.ticker.to_string()/>
            <input type="hidden" name="condition" value=condition/>
            <input type="hidden" name="threshold" value=move || written()/>
            <button class="click" type="submit" disabled=move || level.get().is_none()>
                <svg class="arr" viewBox="0 0 8 8" aria-hidden="true"><path d=arrow></path></svg>
                <b>{label}</b>" "<span><span class="sr">{spoken}" "</span>{move || shown()}</span>
            </button>
        </PostForm>
    }
}

/// All alerts of the instrument in every state, the one that was made last first.
#[component]
fn Watching(ticker: Ticker, actions: AlertActions) -> impl IntoView {
    let alerts = expect_live().alerts();
    let own = memo(move || {
        alerts.with(|alerts| alerts.iter().filter(|alert| alert.ticker == ticker).cloned().rev().collect::<Vec<_>>())
    });
    view! {
        <div class="alert-list">
            {list(move || own.get().into_iter().map(|alert| Part::new(alert.id.clone(), move || view! { <AlertRow alert actions is_bare=true/> }.into_any())).collect())}
        </div>
    }
}
