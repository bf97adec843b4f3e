//! The form of a transaction. Which fields a type has is a matter of the style sheet, so that it is right before any script runs and
//! without them; the server takes of a type only what it has.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::activity_filed::{Filed, Folded};
use crate::app::components::activity_start::ActivityStart;
use crate::app::components::entry_notices::{AddInstrument, ChangedMeanwhile};
use crate::app::components::entry_suggestions::{CloseOfDay, Held, PriceNow, Typing, today};
use crate::app::components::field::{Field, FormRefusal, Refused, TextField};
use crate::app::components::instrument_field::InstrumentField;
use crate::app::components::numbers::{NumbersLanguage, typed_number};
use crate::app::components::post_form::{Command, FormKey, PostForm};
use crate::app::components::sentences::{KINDS, kind_label, read_kind};
use crate::app::reactive::{effect, memo};
use crate::app::refused_form::typed_value;
use crate::app::typed_entry::TypedEntry;
use crate::domain::activity::ActivityKind;
use crate::domain::flow::Flow;
use crate::domain::instrument::Ticker;
use crate::live::expect_live;
use crate::live::source::{self, chosen_radio, fields_around, is_zone_known, propose};

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
    "account",
    "tags",
    "note",
    "instrument_currency",
];

/// Returns what was typed into this transaction's form, or sent and refused. What was typed for another instrument waits for that one.
fn typed_before(action: Command, purpose: &str, start: &ActivityStart) -> Option<ActivityStart> {
    let fields = TypedEntry::expect().fields(purpose).or_else(|| action.refused_fields())?;
    let typed = ActivityStart::typed(&fields);
    let is_other = !start.ticker.is_empty() && !start.ticker.eq_ignore_ascii_case(&typed.ticker);
    Some(typed).filter(|typed| typed.activity == start.activity && (!is_other || !start.activity.is_empty()))
}

/// Adds a transaction, or edits one.
#[component]
pub fn ActivityForm(
    /// The server function that the form posts to: it adds a transaction, or replaces one.
    action: Command,
    /// The id of the portfolio to which the transaction belongs.
    portfolio: String,
    /// What the inputs hold at first.
    start: ActivityStart,
    /// The last refusal of the form, shown beside its field.
    refused: Refused,
    /// Where Cancel leads, and saving.
    away: Memo<String>,
    /// What it was opened for: what was typed for something else waits.
    purpose: String,
) -> impl IntoView {
    let is_change = !start.activity.is_empty();
    let own = typed_before(action, &purpose, &start);
    let changed = own.clone().filter(|own| own.revision != start.revision);
    let changed = changed.map(|own| view! { <ChangedMeanwhile stored=start.clone() own/> }.into_any());
    let rate_before = start.exchange_rate.clone();
    // What is saved is saved over the version that is shown here.
    let shown = ActivityStart { revision: start.revision.clone(), ..own.unwrap_or(start) };
    let typing = Typing::of(&shown);
    let currency = shown.currency.clone();
    let typed = TypedEntry::expect();
    let give_up = move |_| {
        typed.forget();
        action.forget();
    };
    // What was typed before is still there where the form was carried out and stays open for another.
    let is_another = action.version().get_untracked() > 0;
    effect(move || {
        if is_another {
            source::reset_form("entry-form");
        }
        source::after(0, || source::focus_first("entry-form"));
    });
    let keep = move |event| {
        let fields = fields_around(&event);
        action.note_typed(&fields);
        typed.keep(purpose.clone(), fields);
    };
    view! {
        <div class="entry-form" id="entry-form" on:input=keep>
            {changed}
            <PostForm command=action>
                <input type="hidden" name="activity" value=shown.activity.clone()/>
                <input type="hidden" name="revision" value=shown.revision.clone()/>
                <input type="hidden" name="rate_before" value=rate_before/>
                <input type="hidden" name="list" value=move || away.get()/>
                {(!is_change).then(|| view! { <FormKey command=action/> }.into_any())}
                <NumbersLanguage/>
                <div class="entry-fields">
                    <FormRefusal refused fields=FIELDS/>
                    <PortfolioField portfolio is_change refused/>
                    <Inputs typing start=shown refused/>
                    <AddInstrument action refused currency/>
                    <Total typing/>
                </div>
                <p class="submit entry-footer">
                    <a class="quiet" href=move || away.get() on:click=give_up>{words().keep_it()}</a>
                    // The first one is what Enter presses; the style sheet puts it last.
                    <button class="primary" type="submit">{if is_change { words().save_the_change() } else { words().add_transaction() }}</button>
                    {(!is_change).then(|| view! { <button class="subtle" type="submit" name="another" value="1">{words().add_another()}</button> }.into_any())}
                </p>
            </PostForm>
        </div>
    }
}

/// The portfolio that the transaction belongs to; over a page of all portfolios together a new one asks for it.
#[component]
fn PortfolioField(portfolio: String, is_change: bool, refused: Refused) -> impl IntoView {
    let live = expect_live();
    if is_change || !untrack(|| live.is_together()) {
        return view! { <input type="hidden" name="portfolio" value=portfolio/> }.into_any();
    }
    let options = live.portfolios().get_untracked().into_iter().map(move |other| {
        let is_first = other.portfolio_id == portfolio;
        view! { <option value=other.portfolio_id selected=is_first>{other.name}</option> }.into_any()
    });
    view! {
        <Field id="entry-portfolio" label=words().portfolio() name="portfolio" refused>
            <select id="entry-portfolio" name="portfolio">{options.collect_view()}</select>
        </Field>
    }
    .into_any()
}

/// The inputs, in the order in which a contract note has them.
#[component]
fn Inputs(typing: Typing, start: ActivityStart, refused: Refused) -> impl IntoView {
    let is_new = start.activity.is_empty();
    let filed = Filed::of(&start);
    view! {
        <KindChoice kind=typing.kind/>
        <OfMoney typing is_checked=start.of_money/>
        <div class="for-ticker"><InstrumentField typed=typing.ticker start=start.ticker refused/></div>
        <DateField typed=typing.time time=start.time is_new refused/>
        <div class="pair for-quantity">
            <div>
                <TextField id="entry-quantity" label=words().quantity_label() name="quantity" refused value=start.quantity typed=typing.quantity
                    inputmode="decimal" pattern=words().number_pattern() placeholder="10"/>
                <Held typing/>
                <small class="hint for-split">{words().quantity_hint()}</small>
            </div>
            <div class="for-price">
                <TextField id="entry-price" label=words().price_per_unit() name="price" refused value=start.price typed=typing.price inputmode="decimal"
                    pattern=words().number_pattern() placeholder=words().price_example()/>
                <span class="suggestions"><PriceNow typing/><CloseOfDay typing/></span>
            </div>
        </div>
        <div class="for-amount">
            <TextField id="entry-amount" label=words().amount_label() name="amount" refused value=start.amount typed=typing.amount inputmode="decimal"
                pattern=words().number_pattern() placeholder=words().amount_example()/>
        </div>
        <ShortBox is_checked=start.opens_short/>
        <Folded typing start=filed refused/>
    }
}

/// Says that an opening balance or a transfer is of money.
#[component]
fn OfMoney(typing: Typing, is_checked: bool) -> impl IntoView {
    view! {
        <div class="for-either">
            <label class="check">
                <input id="entry-of-money" type="checkbox" name="of_money" value="true" checked=is_checked
                    on:change=move |event| typing.of_money.set(typed_value(&fields_around(&event), "of_money").is_some())/>
                {words().of_money()}
            </label>
        </div>
    }
}

/// Returns the fields that a type has, as the style sheet names them.
fn fields_of(kind: ActivityKind) -> String {
    let figures = kind.figures();
    let fields = [
        ("ticker", figures.ticker),
        ("quantity", figures.quantity),
        ("price", figures.price),
        ("amount", figures.amount.is_some()),
        ("charges", figures.charges),
        ("currency", figures.money),
        ("short", figures.opens_short),
        ("split", kind == ActivityKind::Split),
        ("either", figures.money_instead),
    ];
    fields.into_iter().filter(|(_, has)| *has).map(|(field, _)| field).collect::<Vec<_>>().join(" ")
}

/// How many types are shown at once; the others are folded away.
const USUAL_KINDS: usize = 5;

/// The type, as a row of choices. What was chosen before the page came to life counts.
#[component]
fn KindChoice(kind: RwSignal<ActivityKind>) -> impl IntoView {
    let chosen = kind.get_untracked();
    effect(move || {
        if let Some(word) = chosen_radio("entry-form", "kind") {
            kind.set(read_kind(&word));
        }
    });
    let choice = move |other: ActivityKind| {
        let word = other.word();
        view! {
            <label class="radio">
                <input id=["kind-", word].concat() data-has=fields_of(other) type="radio" name="kind" value=word checked=other == chosen on:change=move |_| kind.set(other)/>
                <span>{kind_label(other)}</span>
            </label>
        }
        .into_any()
    };
    let (usual, other) = KINDS.split_at(USUAL_KINDS);
    let is_other = other.contains(&chosen);
    view! {
        <fieldset class="kinds">
            <legend class="sr">{words().what_happened()}</legend>
            <div class="radios">{usual.iter().copied().map(choice).collect_view()}</div>
            <details class="unfold other-kinds" open=is_other>
                <summary>{words().other_types()}</summary>
                <div class="radios">{other.iter().copied().map(choice).collect_view()}</div>
            </details>
        </fieldset>
    }
}

/// The day, with the browser's picker: today in the reader's zone for a new one. A transaction with a time of day keeps it as a text.
#[component]
fn DateField(typed: RwSignal<String>, time: String, is_new: bool, refused: Refused) -> impl IntoView {
    let is_proposed = time.is_empty();
    let time = if is_proposed { today(is_zone_known()) } else { time };
    let proposed = time.clone();
    effect(move || {
        if is_proposed && is_new {
            propose("entry-time", &proposed, &today(true));
        }
    });
    let is_day = time.len() == "2026-11-26".len();
    view! {
        <TextField id="entry-time" label=words().when() name="time" refused value=time typed required=true kind=if is_day { "date" } else { "text" }
            placeholder="2026-11-02" hint=if is_day { "" } else { words().when_hint() }/>
    }
}

/// What moves in all, as it is typed, in the currency it is typed in.
#[component]
fn Total(typing: Typing) -> impl IntoView {
    let live = expect_live();
    let currency = memo(move || {
        let typed = typing.currency.get();
        let ticker: Option<Ticker> = typing.ticker.get().trim().to_uppercase().parse().ok();
        let of_instrument = ticker.and_then(|ticker| live.instrument(&ticker)).map(|instrument| instrument.currency.to_string());
        let of_portfolio = live.totals().get().map(|totals| totals.currency.to_string());
        let has_ticker = typing.kind.get().figures_with(!typing.of_money.get()).ticker;
        Some(typed).filter(|typed| !typed.is_empty()).or(of_instrument.filter(|_| has_ticker)).or(of_portfolio)
    });
    let total = memo(move || total(typing));
    let text = move || match total.get() {
        Some(total) => [words().entered(total, 2).as_str(), " ", &currency.get().unwrap_or_default()].concat(),
        None => "\u{2013}".into(),
    };
    view! {
        <div class="entry-total needs-script for-currency">
            <span>{words().total_label()}</span>
            <output class="priv" for="entry-quantity entry-price entry-amount entry-fee entry-tax">{text}</output>
            <small class="hint" hidden=move || total.with(Option::is_some)>{words().total_hint()}</small>
        </div>
    }
}

/// Returns what a transaction moves, charges included, without its direction: what is paid for a purchase, what comes of a sale.
fn total(typing: Typing) -> Option<Decimal> {
    let number = |typed: RwSignal<String>| typed.with(|typed| typed_number(typed).ok());
    let or_nothing =
        |typed: RwSignal<String>| if typed.with(|typed| typed.trim().is_empty()) { Some(Decimal::ZERO) } else { number(typed) };
    let (kind, has_ticker) = (typing.kind.get(), !typing.of_money.get());
    let figures = kind.figures_with(has_ticker);
    let gross = match figures.price {
        true if figures.may_be_free => number(typing.quantity)?.checked_mul(or_nothing(typing.price)?)?,
        true => number(typing.quantity)?.checked_mul(number(typing.price)?)?,
        false => number(typing.amount)?,
    };
    let charges = or_nothing(typing.fee)?.checked_add(or_nothing(typing.tax)?).filter(|_| figures.charges).unwrap_or_default();
    if kind.stands_for_others() && figures.quantity {
        // What the units are worth: no cash is paid for them.
        return Some(gross);
    }
    let net = Flow::moved(kind, has_ticker, gross, charges).ok()?.net;
    Some(if kind.takes_money() { -net } else { net })
}

/// Says that a sale sells what is not held.
#[component]
fn ShortBox(is_checked: bool) -> impl IntoView {
    view! {
        <div class="for-short">
            <label class="check">
                <input type="checkbox" name="opens_short" value="true" checked=is_checked/>
                {words().opens_short()}
            </label>
            <small class="hint">{words().opens_short_hint()}</small>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_hides_each_field_that_a_type_may_not_have() {
        let style = include_str!("../../../style/entry.css");
        for field in ActivityKind::ALL.iter().flat_map(|kind| fields_of(*kind).split(' ').map(str::to_owned).collect::<Vec<_>>())
        {
            let rule =
                [".entry-form:not(:has([data-has~=\"", &field, "\"]:checked)) .for-", &field, " { display: none; }"].concat();
            assert!(style.contains(&rule), "{rule}");
        }
        assert_eq!(fields_of(ActivityKind::Deposit), "amount charges currency");
    }
}
