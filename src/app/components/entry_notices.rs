//! What the ledger's form says beside its fields: that the entry changed meanwhile, and that an instrument is not known yet.

use crate::app::prelude::*;

use crate::app::components::activity_start::ActivityStart;
use crate::app::components::field::{Refused, TextField};
use crate::app::components::links::within_portfolio;
use crate::live::expect_live;
use crate::wire::error::ErrorCode;

/// Both versions of an entry that changed while it was edited: the stored one here, the person's own in the form.
#[component]
pub fn ChangedMeanwhile(
    /// As it is stored now.
    stored: ActivityStart,
    /// As it stands in the form.
    own: ActivityStart,
) -> impl IntoView {
    let away = within_portfolio(&["/activity?edit=", &stored.activity, "#entry"].concat());
    let shown = |text: String| if text.is_empty() { "empty".to_owned() } else { text };
    let row = |(label, stored, own): (&'static str, String, String)| {
        view! { <tr><th scope="row">{label}</th><td>{shown(stored)}</td><td>{shown(own)}</td></tr> }.into_any()
    };
    let rows = differences(&stored, &own).into_iter().map(row).collect_view();
    view! {
        <section class="changed-meanwhile" role="alert">
            <p class="refusal">"This transaction changed meanwhile. Your version is in the form; saving it replaces the stored one."</p>
            <table class="plain-table">
                <thead><tr><td></td><th scope="col">"Stored"</th><th scope="col">"Yours"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="submit"><a class="subtle" href=away rel="external">"Discard my changes"</a></p>
        </section>
    }
}

/// Picks a field of an entry.
type Pick = fn(&ActivityStart) -> &String;

/// Returns the fields in which two versions differ: label, stored, own.
fn differences(stored: &ActivityStart, own: &ActivityStart) -> Vec<(&'static str, String, String)> {
    let fields: [(&str, Pick); 11] = [
        ("Type", |start| &start.kind),
        ("Date", |start| &start.time),
        ("Instrument", |start| &start.ticker),
        ("Quantity", |start| &start.quantity),
        ("Price", |start| &start.price),
        ("Amount", |start| &start.amount),
        ("Fee", |start| &start.fee),
        ("Tax", |start| &start.tax),
        ("Currency", |start| &start.currency),
        ("Exchange rate", |start| &start.exchange_rate),
        ("Note", |start| &start.note),
    ];
    let differs = fields.into_iter().filter(|(_, pick)| pick(stored) != pick(own));
    differs.map(|(label, pick)| (label, pick(stored).clone(), pick(own).clone())).collect()
}

/// Asks whether an instrument that is not known yet is to be added, and in which currency it is priced.
#[component]
pub fn AddInstrument(
    /// What the form last heard.
    refused: Refused,
    /// The currency that is proposed; empty for the portfolio's.
    currency: String,
) -> impl IntoView {
    let asked = move || refused.with(|refused| refused.as_ref().and_then(|error| asked_ticker(error.code, &error.message)));
    let totals = expect_live().totals();
    let own = totals.with_untracked(|totals| totals.as_ref().map(|totals| totals.currency.to_string())).unwrap_or_default();
    let proposed = if currency.is_empty() { own } else { currency };
    let question = move |ticker: String| {
        view! {
            <section class="add-instrument" role="alert">
                <p>"No instrument "<b>{ticker.clone()}</b>" yet. Add it in "{proposed.clone()}"?"</p>
                <input type="hidden" name="add_instrument" value=ticker.clone()/>
                <TextField id="entry-instrument-currency" label="Its currency" name="instrument_currency" refused
                    value=proposed.clone() maxlength=3 pattern="[A-Z]{3}|GBp|ZAc"/>
                <p class="submit"><button class="primary" type="submit">"Add "{ticker}</button></p>
            </section>
        }
        .into_any()
    };
    view! { {move || asked().map(&question)} }
}

/// Returns the ticker of a refusal that says there is no such instrument yet.
fn asked_ticker(code: ErrorCode, message: &str) -> Option<String> {
    let (ticker, _) = message.strip_prefix("No instrument ")?.split_once(" yet.")?;
    (code == ErrorCode::UnknownInstrument).then(|| ticker.to_owned())
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

    #[test]
    fn the_question_is_asked_of_the_refusal_that_names_the_ticker() {
        let message = "No instrument IWDA.AS yet. Name its currency to add it.";
        assert_eq!(asked_ticker(ErrorCode::UnknownInstrument, message).as_deref(), Some("IWDA.AS"));
        assert_eq!(asked_ticker(ErrorCode::Unprocessable, message), None);
    }
}
