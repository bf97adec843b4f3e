//! The ledger's form. Without scripts every field is shown with a hint; with them only those the kind needs.

use crate::app::prelude::*;

use crate::app::components::activity_start::ActivityStart;
use crate::app::components::calendar::iso_day;
use crate::app::components::entry_notices::{AddInstrument, ChangedMeanwhile};
use crate::app::components::field::{Field, FormRefusal, Refused, TextField};
use crate::app::components::links::within_portfolio;
use crate::app::components::moment::moment;
use crate::app::components::numbers::NumbersLanguage;
use crate::app::components::post_form::{Command, FormKey, PostForm};
use crate::app::components::sentences::{
    KINDS, asks_amount, asks_charges, asks_currency, asks_price, asks_quantity, asks_ticker, kind_label, opens_short, read_kind,
};
use crate::app::reactive::effect;
use crate::domain::activity::ActivityKind;
use crate::live::expect_live;
use crate::live::source::{fields_around, is_zone_known, propose};

/// The fields that show their own refusals.
const FIELDS: &[&str] = &[
    "kind",
    "time",
    "ticker",
    "quantity",
    "price",
    "amount",
    "fee",
    "tax",
    "currency",
    "exchange_rate",
    "note",
    "instrument_currency",
];

/// What was typed into the ledger's form and not carried out yet. The page around the form may be written again at any time,
/// because the ledger changed elsewhere; what was typed stays.
#[derive(Clone, Copy)]
pub struct TypedEntry(RwSignal<Option<String>>);

impl TypedEntry {
    /// Puts it into the context of a page, empty; it is emptied again when the form has been carried out.
    pub fn provide(action: Command) {
        let typed = Self(RwSignal::new(None));
        action.when_done(move |_| typed.0.set(None));
        provide_context(typed);
    }
}

/// Returns what was typed into this entry's form, or sent and refused.
fn typed_before(action: Command, start: &ActivityStart) -> Option<ActivityStart> {
    let typed = use_context::<TypedEntry>().and_then(|typed| typed.0.get_untracked());
    let fields = typed.or_else(|| action.refused_fields())?;
    Some(ActivityStart::typed(&fields)).filter(|typed| typed.activity == start.activity)
}

/// Enters an activity, or changes one.
#[component]
pub fn ActivityForm(
    /// The server function that the form posts to: it enters an activity, or replaces one.
    action: Command,
    /// The id of the portfolio whose ledger the activity is written to.
    portfolio: String,
    /// What the inputs hold at first.
    start: ActivityStart,
    /// The last refusal of the form, shown beside its field.
    refused: Refused,
) -> impl IntoView {
    let is_change = !start.activity.is_empty();
    let own = typed_before(action, &start);
    let changed = own.clone().filter(|own| own.revision != start.revision);
    let changed = changed.map(|own| view! { <ChangedMeanwhile stored=start.clone() own/> }.into_any());
    let rate_before = start.exchange_rate.clone();
    // What is saved is saved over the version that is shown here.
    let shown = ActivityStart { revision: start.revision.clone(), ..own.unwrap_or(start) };
    let kind = RwSignal::new(read_kind(&shown.kind));
    let currency = shown.currency.clone();
    let typed = use_context::<TypedEntry>();
    let keep = move |event| {
        let fields = fields_around(&event);
        action.note_typed(&fields);
        if let Some(TypedEntry(typed)) = typed {
            typed.set(Some(fields));
        }
    };
    view! {
        <div class="entry-form" on:input=keep>
            {changed}
            <PostForm command=action>
                <input type="hidden" name="portfolio" value=portfolio/>
                <input type="hidden" name="activity" value=shown.activity.clone()/>
                <input type="hidden" name="revision" value=shown.revision.clone()/>
                <input type="hidden" name="rate_before" value=rate_before/>
                {(!is_change).then(|| view! { <FormKey command=action/> }.into_any())}
                <NumbersLanguage/>
                <Inputs kind start=shown refused/>
                <AddInstrument action refused currency/>
                <FormRefusal refused fields=FIELDS/>
                <p class="submit">
                    {is_change.then(|| view! { <a class="subtle" href=within_portfolio("/activity")>{words().keep_it()}</a> }.into_any())}
                    <button class="primary" type="submit">{if is_change { words().save_the_change() } else { words().enter_it() }}</button>
                </p>
            </PostForm>
        </div>
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
    let is_proposed = start.time.is_empty();
    let time = if is_proposed { today(is_zone_known()) } else { start.time };
    let proposed = time.clone();
    effect(move || {
        if is_proposed {
            propose("entry-time", &proposed, &today(true));
        }
    });
    view! {
        <KindSelect kind refused/>
        <div class="pair">
            <TextField id="entry-ticker" label=words().instrument() name="ticker" refused value=start.ticker maxlength=32
                pattern="[A-Za-z0-9.^=_\\-]{1,32}" placeholder="AAPL" list="entry-tickers" absent=absent(asks_ticker)
                hint=words().instrument_hint()/>
            <TextField id="entry-time" label=words().when() name="time" refused value=time required=true placeholder="2026-11-02"
                hint=words().when_hint()/>
        </div>
        <Suggestions/>
        <div class="pair">
            <TextField id="entry-quantity" label=words().quantity_label() name="quantity" refused value=start.quantity inputmode="decimal"
                pattern=words().number_pattern() placeholder="10" absent=absent(asks_quantity) hint=words().quantity_hint()/>
            <TextField id="entry-price" label=words().price_per_unit() name="price" refused value=start.price inputmode="decimal"
                pattern=words().number_pattern() placeholder=words().price_example() absent=absent(asks_price) hint=words().price_hint()/>
            <TextField id="entry-amount" label=words().amount_label() name="amount" refused value=start.amount inputmode="decimal"
                pattern=words().number_pattern() placeholder=words().amount_example() absent=absent(asks_amount) hint=words().amount_hint()/>
        </div>
        <div class="pair">
            <TextField id="entry-fee" label=words().fee() name="fee" refused value=start.fee inputmode="decimal" pattern=words().number_pattern()
                placeholder="0" absent=absent(asks_charges)/>
            <TextField id="entry-tax" label=words().tax() name="tax" refused value=start.tax inputmode="decimal" pattern=words().number_pattern()
                placeholder="0" absent=absent(asks_charges)/>
        </div>
        <div class="pair">
            <TextField id="entry-currency" label=words().currency() name="currency" refused value=start.currency maxlength=3
                pattern="[A-Z]{3}|GBp|ZAc" placeholder=words().as_quoted() absent=absent(asks_currency) hint=words().entry_currency_hint()/>
            <TextField id="entry-rate" label=words().brokers_rate() name="exchange_rate" refused value=start.exchange_rate
                inputmode="decimal" pattern=words().number_pattern() placeholder=words().the_days_rate() absent=absent(asks_currency)
                hint=words().brokers_rate_hint()/>
        </div>
        <ShortBox is_checked=start.opens_short absent=absent(opens_short)/>
        <TextField id="entry-note" label=words().note() name="note" refused value=start.note maxlength=1000/>
    }
}

/// Returns the day it is, in the reader's zone where that is allowed.
fn today(is_local: bool) -> String {
    let followed = expect_live().followed();
    followed
        .with_untracked(|followed| followed.as_ref().map(|followed| iso_day(moment(followed.server_time, is_local))))
        .unwrap_or_default()
}

/// Says that a sale sells what is not held.
#[component]
fn ShortBox(is_checked: bool, absent: Signal<bool>) -> impl IntoView {
    view! {
        <div class="slot" hidden=move || absent.get()>
            <label class="check">
                <input type="checkbox" name="opens_short" value="true" checked=is_checked disabled=move || absent.get()/>
                {words().opens_short()}
            </label>
            <small class="hint">{words().opens_short_hint()}</small>
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

/// The choice of the activity's kind, such as Buy or Dividend. The form shows the fields of the chosen kind.
#[component]
fn KindSelect(kind: RwSignal<ActivityKind>, refused: Refused) -> impl IntoView {
    let chosen = kind.get_untracked();
    let options = KINDS
        .into_iter()
        .map(|(other, word)| view! { <option value=word selected=other == chosen>{kind_label(other)}</option> }.into_any())
        .collect_view();
    view! {
        <Field id="entry-kind" label=words().what_happened() name="kind" refused>
            <select id="entry-kind" name="kind" aria-describedby="entry-kind-wrong"
                on:change=move |event| kind.set(read_kind(&event_target_value(&event)))>
                {options}
            </select>
        </Field>
    }
}
