//! What is suggested beside the fields of a transaction: how much there is to sell, the price now, and the close of the chosen day.

use crate::app::prelude::*;
use leptos::task::spawn_local;

use super::activity_start::ActivityStart;
use super::calendar::iso_day;
use super::moment::moment;
use super::sentences::read_kind;
use crate::api;
use crate::app::reactive::{effect, memo};
use crate::domain::activity::ActivityKind;
use crate::domain::instrument::Ticker;
use crate::live::expect_live;
use crate::live::source;
use crate::wire::views::PointView;

/// What is typed, where more than its own input follows it.
#[derive(Clone, Copy)]
pub(super) struct Typing {
    pub kind: RwSignal<ActivityKind>,
    pub of_money: RwSignal<bool>,
    pub ticker: RwSignal<String>,
    pub quantity: RwSignal<String>,
    pub price: RwSignal<String>,
    pub amount: RwSignal<String>,
    pub fee: RwSignal<String>,
    pub tax: RwSignal<String>,
    pub currency: RwSignal<String>,
    pub time: RwSignal<String>,
}

impl Typing {
    /// Begins with what the inputs hold at first.
    pub(super) fn of(start: &ActivityStart) -> Self {
        let text = |text: &String| RwSignal::new(text.clone());
        Self {
            kind: RwSignal::new(read_kind(&start.kind)),
            of_money: RwSignal::new(start.of_money),
            ticker: text(&start.ticker),
            quantity: text(&start.quantity),
            price: text(&start.price),
            amount: text(&start.amount),
            fee: text(&start.fee),
            tax: text(&start.tax),
            currency: text(&start.currency),
            time: text(&start.time),
        }
    }
}

/// Returns the day it is, in the reader's zone where that is allowed.
pub(crate) fn today(is_local: bool) -> String {
    let followed = expect_live().followed();
    followed
        .with_untracked(|followed| followed.as_ref().map(|followed| iso_day(moment(followed.server_time, is_local))))
        .unwrap_or_default()
}

/// How much is held of the instrument, and the way to sell all of it.
#[component]
pub(super) fn Held(typing: Typing) -> impl IntoView {
    let live = expect_live();
    let held = memo(move || {
        // Of all portfolios together it is not what one of them could sell.
        if live.is_together() {
            return None;
        }
        let ticker: Ticker = typing.ticker.get().trim().to_uppercase().parse().ok()?;
        live.holding(&ticker).get().map(|holding| holding.quantity).filter(|quantity| !quantity.is_zero())
    });
    let shown = move || {
        let quantity = held.get()?;
        let text = words().quantity(quantity);
        Some(match typing.kind.get() {
            ActivityKind::Sell => {
                let fill = move |_| source::type_into("entry-quantity", &words().editable(quantity));
                view! { <button class="ghost suggestion needs-script" type="button" on:click=fill><span class="priv">{words().sell_all(&text)}</span></button> }.into_any()
            }
            _ => view! { <small class="hint priv">{words().you_hold(&text)}</small> }.into_any(),
        })
    };
    view! { {move || shown()} }
}

/// The newest price, to be taken by one press.
#[component]
pub(super) fn PriceNow(typing: Typing) -> impl IntoView {
    let live = expect_live();
    let price = memo(move || {
        let ticker: Ticker = typing.ticker.get().trim().to_uppercase().parse().ok()?;
        live.quote(&ticker).get().map(|quote| quote.price)
    });
    let shown = move || {
        let price = price.get()?;
        let fill = move |_| source::type_into("entry-price", &words().editable(price));
        Some(view! { <button class="ghost suggestion needs-script" type="button" on:click=fill>{words().price_now(&words().quoted(price, 2))}</button> }.into_any())
    };
    view! { {move || shown()} }
}

/// The close of the day that was chosen, to be taken by one press: where that is not today, and a close is known.
#[component]
pub(super) fn CloseOfDay(typing: Typing) -> impl IntoView {
    let live = expect_live();
    let asked = memo(move || {
        let ticker: Ticker = typing.ticker.get().trim().to_uppercase().parse().ok()?;
        let day = typing.time.get().get(.."2026-11-26".len())?.to_owned();
        let is_past = !day.is_empty() && day < today(true);
        (is_past && live.quote(&ticker).with(Option::is_some)).then_some((ticker, day))
    });
    let close = RwSignal::new(None);
    effect(move || {
        let wanted = asked.get();
        close.set(None);
        let Some((ticker, day)) = wanted.clone() else { return };
        spawn_local(async move {
            let answer = api::close_of_day(ticker.to_string(), day).await;
            // Another day may have been chosen meanwhile, or the sheet closed.
            if let (Ok(told), true) = (answer, asked.try_get_untracked() == Some(wanted)) {
                close.set(told);
            }
        });
    });
    let shown = move || {
        let PointView { time, value } = close.get()?;
        let fill = move |_| source::type_into("entry-price", &words().editable(value));
        let text = words().close_of(&words().short_date(moment(time, false)), &words().quoted(value, 2));
        Some(view! { <button class="ghost suggestion needs-script" type="button" on:click=fill>{text}</button> }.into_any())
    };
    view! { {move || shown()} }
}
