//! What the ledger's form says beside its fields: that the entry changed meanwhile, and that an instrument is not known yet.

use crate::app::prelude::*;

use crate::app::components::activity_start::ActivityStart;
use crate::app::components::field::{Refused, TextField};
use crate::app::components::links::within_portfolio;
use crate::app::components::post_form::Command;
use crate::live::expect_live;
use crate::wire::error::ErrorCode;

/// Both versions of an entry that changed while it was edited: the stored one here, the person's own in the form.
#[component]
pub fn ChangedMeanwhile(
    /// The entry as it is stored now.
    stored: ActivityStart,
    /// As it stands in the form.
    own: ActivityStart,
) -> impl IntoView {
    let away = within_portfolio(&["/activity?edit=", &stored.activity, "#entry"].concat());
    let shown = |text: String| if text.is_empty() { words().empty_value().to_owned() } else { text };
    let row = |(label, stored, own): (&'static str, String, String)| {
        view! { <tr><th scope="row">{label}</th><td><span class="priv">{shown(stored)}</span></td><td><span class="priv">{shown(own)}</span></td></tr> }.into_any()
    };
    let rows = differences(&stored, &own).into_iter().map(row).collect_view();
    view! {
        <section class="changed-meanwhile" role="alert">
            <p class="refusal">{words().changed_meanwhile()}</p>
            <table class="plain-table">
                <thead><tr><td></td><th scope="col">{words().stored()}</th><th scope="col">{words().yours()}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="submit"><a class="subtle" href=away rel="external">{words().discard_my_changes()}</a></p>
        </section>
    }
}

/// Picks a field of an entry.
type Pick = fn(&ActivityStart) -> &String;

/// Returns the fields in which two versions differ: label, stored, own.
fn differences(stored: &ActivityStart, own: &ActivityStart) -> Vec<(&'static str, String, String)> {
    let fields: [(&str, Pick); 11] = [
        (words().type_label(), |start| &start.kind),
        (words().date_label(), |start| &start.time),
        (words().instrument(), |start| &start.ticker),
        (words().quantity_label(), |start| &start.quantity),
        (words().price_label(), |start| &start.price),
        (words().amount_label(), |start| &start.amount),
        (words().fee(), |start| &start.fee),
        (words().tax(), |start| &start.tax),
        (words().currency(), |start| &start.currency),
        (words().exchange_rate(), |start| &start.exchange_rate),
        (words().note(), |start| &start.note),
    ];
    let differs = fields.into_iter().filter(|(_, pick)| pick(stored) != pick(own));
    differs.map(|(label, pick)| (label, pick(stored).clone(), pick(own).clone())).collect()
}

/// Asks whether an instrument that is not known yet is to be added, and in which currency it is priced.
#[component]
pub fn AddInstrument(
    /// What the form does, which knows what was sent.
    action: Command,
    /// The last refusal of the form, shown beside its field.
    refused: Refused,
    /// The currency that is proposed; empty for the portfolio's.
    currency: String,
) -> impl IntoView {
    let is_asked =
        move || refused.with(|refused| refused.as_ref().is_some_and(|error| error.code == ErrorCode::UnknownInstrument));
    let asked = move || is_asked().then(|| action.typed("ticker")).flatten().map(|ticker| ticker.trim().to_uppercase());
    let totals = expect_live().totals();
    let own = totals.with_untracked(|totals| totals.as_ref().map(|totals| totals.currency.to_string())).unwrap_or_default();
    let proposed = if currency.is_empty() { own } else { currency };
    let question = move |ticker: String| {
        view! {
            <section class="add-instrument" role="alert">
                <p>{words().no_instrument_lead()}<b>{ticker.clone()}</b>{words().yet_add_it_in(&proposed)}</p>
                <input type="hidden" name="add_instrument" value=ticker.clone()/>
                <TextField id="entry-instrument-currency" label=words().its_currency() name="instrument_currency" refused
                    value=proposed.clone() maxlength=3 pattern="[A-Z]{3}|GBp|ZAc"/>
                <p class="submit"><button class="primary" type="submit">{words().add_ticker(&ticker)}</button></p>
            </section>
        }
        .into_any()
    };
    view! { {move || asked().map(&question)} }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_fields_that_differ_are_shown() {
        let stored = ActivityStart { note: "theirs".into(), price: "5".into(), ..ActivityStart::default() };
        let own = ActivityStart { note: "mine".into(), price: "5".into(), ..ActivityStart::default() };
        assert_eq!(differences(&stored, &own), [("Note", "theirs".to_owned(), "mine".to_owned())]);
    }
}
