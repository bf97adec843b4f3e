//! What most transactions do not need: charges, another currency, where it is filed, a note.

use crate::app::prelude::*;

use crate::api::query::Query;
use crate::app::components::activity_start::ActivityStart;
use crate::app::components::entry_suggestions::Typing;
use crate::app::components::fetched;
use crate::app::components::field::{Field, Refused, TextField};
use crate::live::expect_live;
use crate::wire::views::AccountView;

/// The fields that are folded away until one of them holds something.
const FOLDED: [&str; 7] = ["fee", "tax", "currency", "exchange_rate", "account", "tags", "note"];

/// What the folded fields hold at first.
pub(super) struct Filed {
    fee: String,
    tax: String,
    currency: String,
    rate: String,
    account: String,
    tags: String,
    note: String,
}

impl Filed {
    /// Takes them from what the form begins with.
    pub(super) fn of(start: &ActivityStart) -> Self {
        let ActivityStart { fee, tax, currency, exchange_rate: rate, account, tags, note, .. } = start.clone();
        Self { fee, tax, currency, rate, account, tags, note }
    }
}

/// What most transactions do not need: folded, until one of the fields holds something or was refused.
#[component]
pub(super) fn Folded(typing: Typing, start: Filed, refused: Refused) -> impl IntoView {
    let Filed { fee, tax, currency, rate, account, tags, note } = start;
    let is_filled = [&fee, &tax, &rate, &account, &tags, &note].into_iter().any(|text| !text.is_empty());
    let is_wrong = move || {
        refused.with(|refused| {
            refused.as_ref().and_then(|error| error.field.as_deref()).is_some_and(|field| FOLDED.contains(&field))
        })
    };
    view! {
        <details class="more entry-more" open=move || is_filled || is_wrong()>
            <summary>{words().fees_tax_rate_note()}</summary>
            <div class="pair for-charges">
                <TextField id="entry-fee" label=words().fee() name="fee" refused value=fee typed=typing.fee inputmode="decimal"
                    pattern=words().number_pattern() placeholder="0"/>
                <TextField id="entry-tax" label=words().tax() name="tax" refused value=tax typed=typing.tax inputmode="decimal"
                    pattern=words().number_pattern() placeholder="0"/>
            </div>
            <div class="pair for-currency">
                <TextField id="entry-currency" label=words().currency() name="currency" refused value=currency typed=typing.currency maxlength=3
                    pattern="[A-Z]{3}|GBp|ZAc" placeholder=words().as_quoted() hint=words().entry_currency_hint()/>
                <TextField id="entry-rate" label=words().brokers_rate() name="exchange_rate" refused value=rate
                    inputmode="decimal" pattern=words().number_pattern() placeholder=words().the_days_rate() hint=words().brokers_rate_hint()/>
            </div>
            <div class="pair">
                <AccountField account refused/>
                <TextField id="entry-tags" label=words().tags() name="tags" refused value=tags maxlength=900 hint=words().tags_hint()/>
            </div>
            <TextField id="entry-note" label=words().note() name="note" refused value=note maxlength=1000/>
        </details>
    }
}

/// The account, where the portfolio has any. Over a page of all portfolios together there is none to choose: which one it belongs to is
/// chosen in the same form.
#[component]
fn AccountField(account: String, refused: Refused) -> impl IntoView {
    let live = expect_live();
    if account.is_empty() && untrack(|| live.is_together()) {
        return ().into_any();
    }
    fetched(
        move || (Query::Accounts(live.entry_portfolio()), 0),
        || ().into_any(),
        move |answer| {
            let accounts = answer.read::<Option<Vec<AccountView>>>().ok().flatten().unwrap_or_default();
            if accounts.is_empty() {
                return ().into_any();
            }
            let chosen = account.clone();
            let options = accounts.into_iter().map(move |other| {
                let selected = other.account_id == chosen;
                view! { <option value=other.account_id selected=selected>{other.name}</option> }.into_any()
            });
            view! {
                <Field id="entry-account" label=words().account() name="account" refused>
                    <select id="entry-account" name="account"><option value="">{words().no_account()}</option>{options.collect_view()}</select>
                </Field>
            }
            .into_any()
        },
    )
}
