//! A transaction in the list: day, type, instrument, figures, and a menu of what can be done with it.

use crate::app::prelude::*;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::address::{list_address, opening};
use super::selection::Selection;
use super::undo::bring_back;
use crate::app::components::calendar::civil_of;
use crate::app::components::field::Confirm;
use crate::app::components::icon::Icon;
use crate::app::components::links::within_portfolio;
use crate::app::components::moment::{is_local, moment};
use crate::app::components::post_form::{Answer, Command, PostForm};
use crate::app::components::sentences::kind_label;
use crate::app::said::Said;
use crate::domain::activity::ActivityKind;
use crate::domain::money::{Currency, Money};
use crate::live::{expect_live, source};
use crate::wire::ledger::LedgerAddress;
use crate::wire::views::{ActivityView, LedgerEntryView};
use crate::words::{dates, figures};

/// The transaction that was saved last, which is marked in the list.
#[derive(Clone, Copy)]
pub(crate) struct Saved(pub(crate) Memo<Option<String>>);

impl Saved {
    /// Puts it into the context of the page.
    pub(crate) fn provide(saved: Memo<Option<String>>) {
        provide_context(Self(saved));
    }
}

/// What the rows of a list share.
#[derive(Clone)]
pub(crate) struct Columns {
    /// The portfolio's currency.
    pub(crate) currency: Currency,
    /// What the list shows.
    pub(crate) address: LedgerAddress,
    /// The server function that deletes a transaction.
    pub(crate) delete: Command,
}

/// Returns the day on which a transaction stands in the list: its date, or the reader's day of its time.
pub(crate) fn day_of(entry: &ActivityView) -> Date {
    entry.date.unwrap_or_else(|| dates::day(moment(entry.time, is_local().get_untracked())))
}

/// Returns the id of a transaction's row.
pub(crate) fn row_id(activity_id: &str) -> String {
    ["t-", activity_id].concat()
}

/// Names a transaction without its amounts, which may have to be hidden: `Buy AAPL`, `Deposit`.
pub(crate) fn named(activity: &ActivityView) -> String {
    let kind = kind_label(activity.kind);
    match &activity.ticker {
        Some(ticker) => [kind, " ", ticker.as_str()].concat(),
        None => kind.to_owned(),
    }
}

/// Draws an amount that privacy mode hides; nothing where there is none, so that nothing is hidden there either.
fn private(text: String) -> Option<AnyView> {
    (!text.is_empty()).then(|| view! { <span class="priv">{text}</span> }.into_any())
}

/// A row of the list.
#[component]
pub(crate) fn Row(entry: LedgerEntryView, columns: Columns) -> impl IntoView {
    let LedgerEntryView { activity, name, account, net, own_net, charges } = entry;
    let id = row_id(&activity.activity_id);
    let saved = expect_context::<Saved>();
    let own_id = activity.activity_id.clone();
    let is_saved = move || saved.0.with(|saved| saved.as_ref() == Some(&own_id));
    let day = words().day_in_month(civil_of(day_of(&activity)));
    let kind = kind_label(activity.kind);
    let quantity = match (activity.kind, activity.quantity) {
        (ActivityKind::Split, Some(quantity)) => words().number_for_one(&words().quantity(quantity)),
        (_, Some(quantity)) => words().quantity(quantity),
        (_, None) => String::new(),
    };
    let price = activity.price.map(|price| price_text(price, activity.currency)).unwrap_or_default();
    let charges = charges.filter(|charges| !charges.is_zero()).map(|charges| words().price(charges, columns.currency.decimals()));
    let no_price = price.is_empty().then_some("true");
    let own = own_net
        .filter(|net| !net.is_zero())
        .map(|net| with_symbol(words().signed_price(net, activity.currency.major().decimals()), activity.currency.major()));
    let money = match net {
        Some(net) if net.is_zero() && activity.quantity.is_some() => String::new(),
        Some(net) => words().signed_price(net, columns.currency.decimals()),
        None => figures::UNKNOWN.into(),
    };
    let grows = net.is_some_and(|net| net > Decimal::ZERO);
    let spoken = named(&activity);
    let selection = Selection::expect();
    let is_picked = selection.is_picked(&activity.activity_id);
    let (picks, presses, pressed) = (activity.activity_id.clone(), activity.activity_id.clone(), activity.activity_id.clone());
    let pick_label = words().select_this(&spoken);
    let on_menu = move |event: leptos::ev::MouseEvent| {
        if source::is_touch(&event) {
            event.prevent_default();
            selection.begin(&pressed);
        } else if !source::is_on_link(&event) {
            event.prevent_default();
            source::open_menu_within(&event);
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        "x" if !event.ctrl_key() && !event.meta_key() && !event.alt_key() => selection.toggle(&presses, false),
        _ => {}
    };
    view! {
        <tr id=id class:saved=move || is_saved() class:picked=move || is_picked.get() on:contextmenu=on_menu on:keydown=on_key>
            <td class="pick-cell"><input type="checkbox" class="pick needs-script" aria-label=pick_label prop:checked=move || is_picked.get()
                on:click=move |event| {
                    selection.toggle(&picks, event.shift_key());
                    // The browser has switched the box by itself, which is not always what was asked for.
                    source::check(&event, is_picked.get_untracked());
                }/></td>
            <td class="day-cell"><time datetime=day_of(&activity).to_string()>{day}</time></td>
            <td class="kind-cell"><span class=kind_class(activity.kind)><Icon name=kind_icon(activity.kind)/></span>{kind}</td>
            <th scope="row" class="who-cell"><Who activity=activity.clone() name account address=columns.address.clone()/></th>
            <td class="num quantity-cell">{private(quantity)}</td>
            <td class="num price-cell" data-empty=no_price>{price}</td>
            <td class="num charges-cell">{charges.and_then(private)}</td>
            <td class="num money-cell"><span class=if grows { "priv strong up" } else { "priv strong" }>{money}</span>{own.map(|own| view! { <small><span class="priv">{own}</span></small> }.into_any())}</td>
            <td class="menu-cell"><Menu activity spoken columns/></td>
        </tr>
    }
}

/// Returns a price with its currency's symbol; one in pence is written in pounds, as money is.
fn price_text(price: Decimal, currency: Currency) -> String {
    let Money { amount, currency } = Money::new(price, currency).in_major().unwrap_or(Money::new(price, currency));
    with_symbol(words().price(amount, amount.normalize().scale().max(2)), currency)
}

/// Puts a currency's symbol to a figure, on the side on which the reader's language has it.
fn with_symbol(figure: String, currency: Currency) -> String {
    let symbol = words().symbol(currency);
    if words().symbol_follows(currency) { [figure, symbol].concat() } else { [&symbol, "\u{a0}", &figure].concat() }
}

fn kind_icon(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::Buy => "down",
        ActivityKind::Sell => "up",
        ActivityKind::Dividend | ActivityKind::Interest | ActivityKind::ReinvestedDividend => "coin",
        ActivityKind::Deposit | ActivityKind::OpeningBalance | ActivityKind::TransferIn => "plus",
        ActivityKind::Withdrawal | ActivityKind::TransferOut => "minus",
        ActivityKind::Fee | ActivityKind::Tax => "receipt",
        ActivityKind::Split | ActivityKind::SpinOff => "split",
    }
}

fn kind_class(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::Dividend
        | ActivityKind::Interest
        | ActivityKind::Deposit
        | ActivityKind::OpeningBalance
        | ActivityKind::TransferIn
        | ActivityKind::ReinvestedDividend => "ico kind-ico in",
        _ => "ico kind-ico",
    }
}

/// What it is about: the instrument, or the note where there is none; and what is to be known about it.
#[component]
fn Who(activity: ActivityView, name: Option<String>, account: Option<String>, address: LedgerAddress) -> impl IntoView {
    let missing = activity.missing.map(|missing| words().incomplete_missing(&words().quantity(missing)));
    let missing = missing.map(|text| view! { <span class="flag" title=words().more_sold_than_held()>{text}</span> }.into_any());
    let estimated = activity
        .exchange_rate_estimated
        .then(|| view! { <span class="flag" title=words().estimated_rate_about()>{words().estimated_rate()}</span> }.into_any());
    let kind = kind_label(activity.kind);
    let note = activity.note;
    let first = LedgerAddress { page: 1, ..address };
    let account = account.zip(activity.account).map(|(name, account)| {
        let href = list_address(&LedgerAddress { account, ..first.clone() });
        view! { <a class="filed" href=href><bdi>{name}</bdi></a> }.into_any()
    });
    let tags = activity.tags.into_iter().map(|tag| {
        let href = list_address(&LedgerAddress { tag: tag.clone(), ..first.clone() });
        view! { <a class="filed" href=href><bdi>"#"{tag}</bdi></a> }.into_any()
    });
    let filed = account.into_iter().chain(tags).collect_view();
    let (about, note) = match activity.ticker {
        Some(ticker) => {
            let href = within_portfolio(&["/i/", ticker.as_str()].concat());
            let name = name.map(|name| view! { <span class="name">{name}</span> }.into_any());
            (view! { <a class="what" href=href><b>{ticker.to_string()}</b>" "{name}</a> }.into_any(), note)
        }
        None => {
            // A screen reader names a row by its heading, which may not be empty.
            let unnamed = note.is_none().then(|| view! { <span class="sr">{kind}</span> }.into_any());
            (view! { <bdi class="what">{note}</bdi>{unnamed} }.into_any(), None)
        }
    };
    view! { <span class="kind-word" aria-hidden="true">{kind}" "</span>{about}{missing}{estimated}{filed}{note.map(|note| view! { <bdi class="note">{note}</bdi> }.into_any())} }
}

/// What can be done with a transaction.
#[component]
fn Menu(activity: ActivityView, spoken: String, columns: Columns) -> impl IntoView {
    let Columns { address, delete, .. } = columns;
    let edit = opening(&address, "edit", &activity.activity_id);
    let copy = opening(&address, "copy", &activity.activity_id);
    let portfolio = expect_live().entry_portfolio().unwrap_or_default();
    let history = ["/activity/", &activity.activity_id, "/history?portfolio=", &portfolio].concat();
    let open = activity.ticker.as_ref().map(|ticker| {
        let href = within_portfolio(&["/i/", ticker.as_str()].concat());
        view! { <a href=href><Icon name="trend"/>{words().open_ticker(ticker.as_str())}</a> }.into_any()
    });
    let label = words().actions_for(&spoken);
    view! {
        <details class="menu" name="row-menu">
            <summary class="icon" aria-label=label.clone() title=label><Icon name="more"/></summary>
            <div class="menu-items">
                <a href=edit><Icon name="edit"/>{words().edit()}<span class="sr">" "{spoken.clone()}</span></a>
                <a href=copy><Icon name="copy"/>{words().duplicate()}<span class="sr">" "{spoken.clone()}</span></a>
                <a href=history rel="external"><Icon name="clock"/>{words().history_of_it()}<span class="sr">" "{spoken.clone()}</span></a>
                {open}
                <DeleteQuestion activity spoken delete/>
            </div>
        </details>
    }
}

/// The way to delete a transaction, with its question.
#[component]
fn DeleteQuestion(activity: ActivityView, spoken: String, delete: Command) -> impl IntoView {
    let portfolio = expect_live().portfolio_id();
    let kept = StoredValue::new(activity.clone());
    // What is deleted is remembered for as long as it can be undone.
    let Deleted(deleted) = expect_context();
    let remember = move |_| deleted.set_value(Some(kept.get_value()));
    view! {
        <Confirm label=words().delete() question=words().delete_entry_question()>
            <PostForm command=delete>
                <input type="hidden" name="portfolio" value=move || portfolio.get().unwrap_or_default()/>
                <input type="hidden" name="activity" value=activity.activity_id/>
                <input type="hidden" name="revision" value=activity.revision.to_string()/>
                <button class="danger" type="submit" on:click=remember>{words().delete_it()}<span class="sr">" "{spoken}</span></button>
            </PostForm>
        </Confirm>
    }
}

/// The transaction that is being deleted.
#[derive(Clone, Copy)]
struct Deleted(StoredValue<Option<ActivityView>>);

/// Says what was deleted, with the way back, and gives the keyboard a place to go on from.
pub(crate) fn say_what_was_deleted(delete: Command) {
    let deleted = StoredValue::new(None);
    provide_context(Deleted(deleted));
    let said = Said::expect();
    delete.when_done(move |answer: &Answer| {
        source::close_menus();
        let Some(activity) = deleted.get_value() else { return };
        let portfolio = answer.sent("portfolio").unwrap_or_default();
        said.say(words().said_deleted(&named(&activity)), Some(bring_back(portfolio, &activity)));
        source::focus("transactions");
    });
}
