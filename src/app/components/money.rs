use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::reactive::memo;
use crate::domain::money::Currency;
use crate::words::Words;
use crate::words::figures::{self, AmountParts, UNKNOWN};

/// An amount of money in tabular figures, symbol and cents quieter than the rest. Privacy mode hides it.
#[component]
pub(crate) fn Money(
    /// How much; unknown is a dash.
    #[prop(into)]
    value: Signal<Option<Decimal>>,
    /// The currency of the amount, whose symbol is written.
    #[prop(into)]
    currency: Signal<Currency>,
    /// A gain or loss: with a plus or minus, and coloured by it.
    #[prop(optional)]
    signed: bool,
    /// Without the currency's symbol, where the head of the column names the currency.
    #[prop(optional)]
    bare: bool,
    /// CSS classes of the figure beside its own.
    #[prop(optional, into)]
    class: &'static str,
) -> impl IntoView {
    let parts = memo(move || {
        let write = if signed { Words::signed_amount } else { Words::amount };
        value.get().map(|value| write(words(), value, currency.get()))
    });
    let direction = move || match (signed, value.get()) {
        (true, Some(value)) => figures::direction(value).class(),
        _ => "",
    };
    let part = move |pick: fn(&AmountParts) -> String| parts.with(|parts| parts.as_ref().map(pick)).unwrap_or_default();
    let symbol = move |follows: bool| {
        parts.with(|parts| {
            parts.as_ref().filter(|parts| !bare && parts.symbol_follows == follows).map(|parts| parts.symbol.clone())
        })
    };
    let whole = move || parts.with(|parts| parts.as_ref().map_or_else(|| UNKNOWN.to_owned(), |parts| parts.whole.clone()));
    let why = move || parts.with(Option::is_none).then(|| words().amount_not_known());
    view! {
        <span class=move || ["money priv ", class, " ", direction()].concat() title=move || why()>
            <span class="sign">{move || part(|parts| parts.sign.to_owned())}</span>
            <span class="cur">{move || symbol(false)}</span>
            <span class="whole">{move || whole()}</span>
            <span class="cents">{move || part(|parts| parts.fraction.clone())}</span>
            <span class="unit">{move || symbol(true)}</span>
        </span>
    }
}
