//! Asks once whether a portfolio's cash counts.

use crate::app::prelude::*;

use crate::api::TrackCash;
use crate::app::components::field::FormRefusal;
use crate::app::components::post_form::{Command, PostForm};
use crate::app::reactive::memo;
use crate::live::expect_live;

/// The question, while it is open: money was moved in a portfolio with trades, and its owner never said whether cash counts.
#[component]
pub(crate) fn CashQuestion() -> impl IntoView {
    let totals = expect_live().totals();
    let command = Command::of::<TrackCash>();
    let asked = memo(move || {
        let open = |totals: &crate::wire::views::PortfolioView| totals.asks_about_cash.then(|| totals.portfolio_id.clone());
        totals.with(|totals| totals.as_ref().and_then(open))
    });
    move || asked.get().map(|portfolio| view! { <Question portfolio command/> }.into_any())
}

/// Both answers, one click each.
#[component]
fn Question(portfolio: String, command: Command) -> impl IntoView {
    view! {
        <section class="card cash-question" aria-labelledby="cash-question">
            <h2 id="cash-question">{words().track_cash_question()}</h2>
            <p class="hint">{words().track_cash_hint()}</p>
            <FormRefusal refused=command.refused()/>
            <div class="controls">
                <TrackCashButton portfolio=portfolio.clone() command tracked=true class="primary" label=words().track_cash()/>
                <TrackCashButton portfolio command tracked=false class="subtle" label=words().do_not_track_cash()/>
            </div>
        </section>
    }
}

/// A button that sets whether a portfolio's cash counts.
#[component]
pub(crate) fn TrackCashButton(
    /// The id of the portfolio whose setting is changed.
    portfolio: String,
    /// The server function that the button posts to.
    command: Command,
    /// Whether cash counts once the button was pressed.
    tracked: bool,
    /// The CSS class of the button, such as `primary` or `subtle`.
    class: &'static str,
    /// The label of the button.
    label: &'static str,
    /// What a screen reader adds, where there are several.
    #[prop(optional, into)]
    spoken: String,
) -> impl IntoView {
    view! {
        <PostForm command>
            <input type="hidden" name="portfolio" value=portfolio/>
            <input type="hidden" name="tracked" value=tracked.to_string()/>
            <button class=class type="submit">{label}<span class="sr">{spoken}</span></button>
        </PostForm>
    }
}
