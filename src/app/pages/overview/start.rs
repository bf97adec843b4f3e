//! What is shown before there is anything to show: three steps to the first value.

use crate::app::prelude::*;

use crate::app::components::adding::adding;
use crate::app::components::post_form::{Command, FormKey, PostForm};

use crate::api::CreatePortfolio;
use crate::app::components::{Card, FieldError};

/// Currencies offered for a new portfolio.
const CURRENCIES: [&str; 8] = ["EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK"];

/// The steps, with the one that is due; those before it are done.
#[component]
fn Steps(
    /// The number of the step that is due, from 1.
    due: usize,
) -> impl IntoView {
    let steps = [words().step_portfolio(), words().step_holding(), words().step_alert()];
    let step = |(index, text): (usize, &'static str)| {
        let number = index + 1;
        let (class, current) = match number.cmp(&due) {
            std::cmp::Ordering::Less => ("done", None),
            std::cmp::Ordering::Equal => ("due", Some("step")),
            std::cmp::Ordering::Greater => ("", None),
        };
        let done = (class == "done").then(|| view! { <span class="sr">{words().step_done()}</span> }.into_any());
        let mark = if class == "done" { "✓".to_owned() } else { number.to_string() };
        view! { <li class=class aria-current=current><span class="step-mark" aria-hidden="true">{mark}</span>{text}{done}</li> }
            .into_any()
    };
    view! { <ol class="steps">{steps.into_iter().enumerate().map(step).collect_view()}</ol> }
}

/// No portfolio at all, or another one is wanted: make one.
#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let action = Command::of::<CreatePortfolio>();
    let refused = action.refused();
    let options = CURRENCIES.map(|code| view! { <option value=code>{code}</option> }.into_any());
    view! {
        <Card title=words().your_first_portfolio() class="welcome">
            <div class="welcome-body">
                <Steps due=1/>
                <p>{words().first_portfolio_hint()}</p>
                <PostForm command=action>
                    <FormKey command=action/>
                    <div class="field">
                        <label for="portfolio-name">{words().name()}</label>
                        <input id="portfolio-name" name="name" type="text" maxlength="100" required=true autocomplete="off" placeholder=words().portfolio_example() aria-describedby="name-error"/>
                        <FieldError refused field="name"/>
                    </div>
                    <div class="field">
                        <label for="portfolio-currency">{words().currency()}</label>
                        <select id="portfolio-currency" name="currency" aria-describedby="currency-error">{options.into_iter().collect_view()}</select>
                        <FieldError refused field="currency"/>
                    </div>
                    <FieldError refused field=""/>
                    <p class="submit"><button class="primary" type="submit">{words().make_the_portfolio()}</button></p>
                </PostForm>
            </div>
        </Card>
    }
}

/// A portfolio without holdings: enter the first activity.
#[component]
pub(crate) fn NothingHeld() -> impl IntoView {
    view! {
        <Card title=words().nothing_held() class="hold welcome">
            <div class="welcome-body">
                <Steps due=2/>
                <p>{words().nothing_held_hint()}</p>
                <p class="submit">
                    <a class="primary" href=adding()>{words().enter_an_activity()}</a>
                    <a class="ghost" href="/import" rel="external">{words().import_a_file()}</a>
                    <a class="ghost" href="/search">{words().look_at_the_market()}</a>
                </p>
            </div>
        </Card>
    }
}
