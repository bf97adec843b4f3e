//! What is shown before there is anything to show.

use crate::app::prelude::*;

use crate::app::components::post_form::{Command, FormKey, PostForm};

use crate::api::CreatePortfolio;
use crate::app::components::{Card, Empty, FieldError, adding};

/// Currencies offered for a new portfolio.
const CURRENCIES: [&str; 8] = ["EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK"];

/// No portfolio at all: make one.
#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let action = Command::of::<CreatePortfolio>();
    let refused = action.refused();
    let options = CURRENCIES.map(|code| view! { <option value=code>{code}</option> }.into_any());
    view! {
        <Card title=words().your_first_portfolio() class="welcome">
            <div class="welcome-body">
                <p>{words().first_portfolio_hint()}</p>
                <PostForm command=action>
                    <FormKey command=action/>
                    <div class="field">
                        <label for="portfolio-name">{words().name()}</label>
                        <input id="portfolio-name" name="name" type="text" maxlength="100" required=true autocomplete="off" aria-describedby="name-error"/>
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
        <Card title=words().holdings() class="hold">
            <Empty title=words().nothing_held() hint=words().nothing_held_hint()>
                <a class="primary" href=adding()>{words().enter_an_activity()}</a>
                <a class="ghost" href="/search">{words().look_at_the_market()}</a>
            </Empty>
        </Card>
    }
}
