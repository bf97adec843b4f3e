//! What is shown before there is anything to show.

use crate::app::prelude::*;

use crate::app::components::post_form::{Command, FormKey, PostForm};

use crate::api::CreatePortfolio;
use crate::app::components::{Card, Empty, FieldError, place};

/// Currencies offered for a new portfolio.
const CURRENCIES: [&str; 8] = ["EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK"];

/// No portfolio at all: make one.
#[component]
pub fn Welcome() -> impl IntoView {
    let action = Command::of::<CreatePortfolio>();
    let refused = action.refused();
    let options = CURRENCIES.map(|code| view! { <option value=code>{code}</option> }.into_any());
    view! {
        <Card title="Your first portfolio" class="welcome">
            <div class="welcome-body">
                <p>"A portfolio holds what you bought and sold. Give it a name and the currency you think in; instruments may be in any."</p>
                <PostForm command=action>
                    <FormKey command=action/>
                    <div class="field">
                        <label for="portfolio-name">"Name"</label>
                        <input id="portfolio-name" name="name" type="text" maxlength="100" required=true autocomplete="off" aria-describedby="name-error"/>
                        <FieldError refused field="name"/>
                    </div>
                    <div class="field">
                        <label for="portfolio-currency">"Currency"</label>
                        <select id="portfolio-currency" name="currency" aria-describedby="currency-error">{options.into_iter().collect_view()}</select>
                        <FieldError refused field="currency"/>
                    </div>
                    <FieldError refused field=""/>
                    <p class="submit"><button class="primary" type="submit">"Make the portfolio"</button></p>
                </PostForm>
            </div>
        </Card>
    }
}

/// A portfolio without holdings: enter the first activity.
#[component]
pub fn NothingHeld() -> impl IntoView {
    view! {
        <Card title="Holdings" class="hold">
            <Empty title="Nothing is held yet" hint="Enter what you bought, and its price and gain move here from then on.">
                <a class="primary" href=place("/activity")>"Enter an activity"</a>
                <a class="ghost" href="/search">"Look at the market"</a>
            </Empty>
        </Card>
    }
}
