//! The ledger's form. Without scripts every field is shown with a hint; with them only those the kind needs.

use crate::app::prelude::*;

use crate::app::components::alert_form::NUMBER;
use crate::app::components::calendar::iso_day;
use crate::app::components::field::{Field, FormRefusal, Refused, TextField};
use crate::app::components::links::within_portfolio;
use crate::app::components::post_form::{Command, PostForm};
use crate::app::components::sentences::{
    KINDS, asks_amount, asks_charges, asks_currency, asks_price, asks_quantity, asks_ticker, kind_word, opens_short, read_kind,
};
use crate::app::format;
use crate::app::reactive::effect;
use crate::domain::activity::ActivityKind;
use crate::live::expect_live;
use crate::wire::views::ActivityView;

/// The fields that show their own refusals.
const FIELDS: &[&str] =
    &["kind", "time", "ticker", "quantity", "price", "amount", "fee", "tax", "currency", "exchange_rate", "note"];

/// What the form's inputs hold at first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityStart {
    /// The entry that is changed; empty for a new one.
    pub activity: String,
    /// The kind's word.
    pub kind: String,
    /// A date, or a time.
    pub time: String,
    /// Of what.
    pub ticker: String,
    /// Units.
    pub quantity: String,
    /// Per unit.
    pub price: String,
    /// Money.
    pub amount: String,
    /// Money.
    pub fee: String,
    /// Money.
    pub tax: String,
    /// What the figures are in.
    pub currency: String,
    /// The broker's rate; empty where the day's rate was used.
    pub exchange_rate: String,
    /// Whether a sale opens a short position.
    pub opens_short: bool,
    /// Free text.
    pub note: String,
}

impl ActivityStart {
    /// Takes the inputs from an entry that is to be changed.
    pub fn of(entry: &ActivityView) -> Self {
        let filled = |value: rust_decimal::Decimal| if value.is_zero() { String::new() } else { value.to_string() };
        Self {
            activity: entry.activity_id.clone(),
            kind: kind_word(entry.kind).into(),
            time: written_time(entry.time),
            ticker: entry.ticker.as_ref().map(ToString::to_string).unwrap_or_default(),
            quantity: entry.quantity.map(|value| value.to_string()).unwrap_or_default(),
            price: entry.price.map(|value| value.to_string()).unwrap_or_default(),
            amount: entry.amount.map(|value| value.to_string()).unwrap_or_default(),
            fee: filled(entry.fee),
            tax: filled(entry.tax),
            currency: entry.currency.to_string(),
            exchange_rate: if entry.converted { entry.exchange_rate.to_string() } else { String::new() },
            opens_short: entry.opens_short,
            note: entry.note.clone().unwrap_or_default(),
        }
    }
}

/// Returns a date alone for a midnight, otherwise the whole time.
fn written_time(time: jiff::Timestamp) -> String {
    let civil = format::civil_utc(time);
    let is_midnight = (civil.hour, civil.minute, civil.second) == (0, 0, 0) && time.subsec_nanosecond() == 0;
    if is_midnight { iso_day(civil) } else { time.to_string() }
}

/// Enters an activity, or changes one.
#[component]
pub fn ActivityForm(
    /// What does it.
    action: Command,
    /// Whose ledger.
    portfolio: String,
    /// What the inputs hold at first.
    start: ActivityStart,
    /// What the form last heard.
    refused: Refused,
) -> impl IntoView {
    let kind = RwSignal::new(read_kind(&action.typed("kind").unwrap_or_else(|| start.kind.clone())));
    let is_change = !start.activity.is_empty();
    view! {
        <PostForm command=action>
            <input type="hidden" name="portfolio" value=portfolio/>
            <input type="hidden" name="activity" value=start.activity.clone()/>
            <Inputs kind start refused/>
            <FormRefusal refused fields=FIELDS/>
            <p class="submit">
                {is_change.then(|| view! { <a class="subtle" href=within_portfolio("/activity")>"Keep it as it is"</a> }.into_any())}
                <button class="primary" type="submit">{if is_change { "Save the change" } else { "Enter it" }}</button>
            </p>
        </PostForm>
    }
}

/// Says of a field whether the kind leaves it out; before hydration none is.
fn leaves_out(kind: RwSignal<ActivityKind>, asks: fn(ActivityKind) -> bool, is_alive: RwSignal<bool>) -> Signal<bool> {
    Signal::derive(move || is_alive.get() && !asks(kind.get()))
}

/// The inputs, in the order in which a contract note has them.
#[component]
fn Inputs(kind: RwSignal<ActivityKind>, start: ActivityStart, refused: Refused) -> impl IntoView {
    let is_alive = RwSignal::new(false);
    effect(move || is_alive.set(true));
    let absent = move |asks: fn(ActivityKind) -> bool| leaves_out(kind, asks, is_alive);
    let time = if start.time.is_empty() { today() } else { start.time };
    view! {
        <KindSelect kind refused/>
        <div class="pair">
            <TextField id="entry-ticker" label="Instrument" name="ticker" refused value=start.ticker maxlength=32
                pattern="[A-Za-z0-9.^=_\\-]{1,32}" placeholder="AAPL" list="entry-tickers" absent=absent(asks_ticker)
                hint="For buy, sell, dividend, split"/>
            <TextField id="entry-time" label="When" name="time" refused value=time required=true placeholder="2026-11-02"
                hint="A date, or a time such as 2026-11-02T09:30:00Z"/>
        </div>
        <Suggestions/>
        <div class="pair">
            <TextField id="entry-quantity" label="Quantity" name="quantity" refused value=start.quantity inputmode="decimal"
                pattern=NUMBER placeholder="10" absent=absent(asks_quantity) hint="For buy and sell; for a split, units after per unit before"/>
            <TextField id="entry-price" label="Price per unit" name="price" refused value=start.price inputmode="decimal"
                pattern=NUMBER placeholder="221.30" absent=absent(asks_price) hint="For buy and sell"/>
            <TextField id="entry-amount" label="Amount" name="amount" refused value=start.amount inputmode="decimal"
                pattern=NUMBER placeholder="100.00" absent=absent(asks_amount) hint="For all but buy, sell and split"/>
        </div>
        <div class="pair">
            <TextField id="entry-fee" label="Fee" name="fee" refused value=start.fee inputmode="decimal" pattern=NUMBER
                placeholder="0" absent=absent(asks_charges)/>
            <TextField id="entry-tax" label="Tax" name="tax" refused value=start.tax inputmode="decimal" pattern=NUMBER
                placeholder="0" absent=absent(asks_charges)/>
        </div>
        <div class="pair">
            <TextField id="entry-currency" label="Currency" name="currency" refused value=start.currency maxlength=3
                pattern="[A-Z]{3}|GBp|ZAc" placeholder="as quoted" absent=absent(asks_currency) hint="Empty: the instrument's, or the portfolio's"/>
            <TextField id="entry-rate" label="Broker's exchange rate" name="exchange_rate" refused value=start.exchange_rate
                inputmode="decimal" pattern=NUMBER placeholder="the day's" absent=absent(asks_currency)
                hint="Only where the broker converted"/>
        </div>
        <ShortBox is_checked=start.opens_short absent=absent(opens_short)/>
        <TextField id="entry-note" label="Note" name="note" refused value=start.note maxlength=1000/>
    }
}

/// Returns the server's day as the date field's first value.
fn today() -> String {
    let followed = expect_live().followed();
    followed
        .with_untracked(|followed| followed.as_ref().map(|followed| iso_day(format::civil_utc(followed.server_time))))
        .unwrap_or_default()
}

/// Says that a sale sells what is not held.
#[component]
fn ShortBox(is_checked: bool, absent: Signal<bool>) -> impl IntoView {
    view! {
        <div class="slot" hidden=move || absent.get()>
            <label class="check">
                <input type="checkbox" name="opens_short" value="true" checked=is_checked disabled=move || absent.get()/>
                "Opens a short position"
            </label>
            <small class="hint">"Only where you sell shares that you don't own."</small>
        </div>
    }
}

/// What is held, as suggestions for the instrument.
#[component]
fn Suggestions() -> impl IntoView {
    let live = expect_live();
    let options = move || {
        live.holdings()
            .get()
            .into_iter()
            .map(|ticker| {
                let name = live.instrument(&ticker).map(|instrument| instrument.name).unwrap_or_default();
                view! { <option value=ticker.to_string()>{name}</option> }
            })
            .collect_view()
    };
    view! { <datalist id="entry-tickers">{move || options()}</datalist> }
}

/// What happened.
#[component]
fn KindSelect(kind: RwSignal<ActivityKind>, refused: Refused) -> impl IntoView {
    let chosen = kind.get_untracked();
    let options = KINDS
        .into_iter()
        .map(|(other, word, label)| view! { <option value=word selected=other == chosen>{label}</option> }.into_any())
        .collect_view();
    view! {
        <Field id="entry-kind" label="What happened" name="kind" refused>
            <select id="entry-kind" name="kind" aria-describedby="entry-kind-wrong"
                on:change=move |event| kind.set(read_kind(&event_target_value(&event)))>
                {options}
            </select>
        </Field>
    }
}
