//! What the person holds of the instrument, and its open lots.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::Money;
use crate::app::components::adding::adding;
use crate::app::components::{When, WhenStyle};
use crate::app::reactive::memo;
use crate::domain::money::{self, Currency};
use crate::live::expect_live;
use crate::wire::views::{HoldingView, InstrumentView, LotView};
use crate::words::figures;

/// Returns the currency of the shown portfolio.
fn portfolio_currency(instrument: &InstrumentView) -> Currency {
    let totals = expect_live().totals();
    totals.with_untracked(|totals| totals.as_ref().map(|totals| totals.currency)).unwrap_or(instrument.currency)
}

/// Quantity, value, gain, FIFO and average cost side by side, realised, income, weight.
#[component]
pub(crate) fn Position(
    /// The instrument that is held.
    instrument: InstrumentView,
    /// What the units cost with the moving average.
    average_cost_basis: Option<Decimal>,
    /// Gains of what was sold.
    realized_pnl: Decimal,
    /// The same with the moving average.
    average_realized_pnl: Decimal,
    /// The dividends that were received so far, in the portfolio's currency.
    income: Decimal,
    /// Whether it was traded in this portfolio before.
    has_history: bool,
) -> impl IntoView {
    let holding = expect_live().holding(&instrument.ticker);
    let currency = portfolio_currency(&instrument);
    let field = move |pick: fn(&HoldingView) -> Option<Decimal>| {
        Signal::derive(move || holding.with(|holding| holding.as_ref().and_then(pick)))
    };
    let value = field(|holding| holding.market_value);
    let cost = field(|holding| Some(holding.cost_basis));
    let weight = field(|holding| holding.weight);
    let quantity = field(|holding| Some(holding.quantity));
    let is_held = memo(move || quantity.get().is_some_and(|quantity| !quantity.is_zero()));
    let average = Signal::derive(move || average_cost_basis.filter(|_| is_held.get()));
    let known = move |basis: Signal<Option<Decimal>>| move || value.get().filter(|_| is_held.get())?.checked_sub(basis.get()?);
    let (gain, average_gain) = (Signal::derive(known(cost)), Signal::derive(known(average)));
    let per_unit = move |basis: Signal<Option<Decimal>>| {
        Signal::derive(move || basis.get()?.checked_div(quantity.get().filter(|quantity| !quantity.is_zero())?))
    };
    // What is still held counts at its gain; where nothing is, what was realised and received is all.
    let total = move |gain: Signal<Option<Decimal>>, realized: Decimal| {
        Signal::derive(move || {
            let open = if is_held.get() { gain.get()? } else { Decimal::ZERO };
            open.checked_add(realized)?.checked_add(income)
        })
    };
    let quantity_text = move || quantity.get().map_or_else(|| "0".into(), |value| words().quantity(value));
    let weight_text = move || weight.get().map_or_else(|| figures::UNKNOWN.into(), |value| words().percent(value));
    let fixed = |value: Decimal| Signal::derive(move || Some(value));
    let day = field(|holding| holding.day_change);
    let row = move |name: &'static str, first: Signal<Option<Decimal>>, average: Signal<Option<Decimal>>, signed: bool| {
        view! {
            <tr><th scope="row">{name}</th><td class="num"><Money value=first currency signed bare=true/></td><td class="num"><Money value=average currency signed bare=true/></td></tr>
        }
        .into_any()
    };
    let (cost_row, unit_row, gain_row) = (
        row(words().cost(), cost, average, false),
        row(words().unit_cost(), per_unit(cost), per_unit(average), false),
        row(words().unrealised_gain(), gain, average_gain, true),
    );
    let realised_row = row(words().realised_gain(), fixed(realized_pnl), fixed(average_realized_pnl), true);
    let income_row = row(words().income(), fixed(income), fixed(income), true);
    let total_row = row(words().total_return(), total(gain, realized_pnl), total(average_gain, average_realized_pnl), true);
    let link = adding();
    view! {
        <section class="card position" aria-labelledby="position">
            <header><h2 id="position">{words().your_position()}</h2><span class="muted" title=words().weight() hidden=move || !is_held.get()><span class="sr">{words().weight()}" "</span>{move || weight_text()}</span><a class="ghost end" href=link>{words().more_activity()}</a></header>
            <p class="hint" hidden=move || is_held.get()>
                {if has_history { words().none_held_now() } else { words().never_held() }}
            </p>
            <dl class="facts-grid" hidden=move || !is_held.get()>
                <div class="large"><dt>{words().value()}</dt><dd><Money value currency/></dd></div>
                <div class="large"><dt>{words().quantity_label()}</dt><dd class="priv">{move || quantity_text()}</dd></div>
                <div class="large"><dt>{words().day_in(&figures::symbol(currency))}</dt><dd><Money value=day currency signed=true bare=true/></dd></div>
            </dl>
            <div class="scroll" hidden=!has_history>
                <table class="plain-table compare">
                    <thead><tr><th scope="col">{words().in_currency(&figures::symbol(currency))}</th><th scope="col" class="num">{words().first_in_first_out()}</th><th scope="col" class="num">{words().average_cost()}</th></tr></thead>
                    <tbody hidden=move || !is_held.get()>{cost_row}{unit_row}{gain_row}</tbody>
                    <tbody>{realised_row}{income_row}</tbody>
                    <tfoot>{total_row}</tfoot>
                </table>
            </div>
        </section>
    }
}

/// What the table of lots says of those of one side.
struct LotWords {
    is_short: bool,
    opened: &'static str,
    unit: &'static str,
    cost: &'static str,
    order: &'static str,
}

impl LotWords {
    fn of(is_short: bool) -> Self {
        let words = words();
        if is_short {
            let (opened, unit, cost) = (words.sold_short(), words.unit_price(), words.proceeds());
            Self { is_short, opened, unit, cost, order: words.cover_order() }
        } else {
            let (opened, unit, cost) = (words.bought(), words.unit_cost(), words.cost());
            Self { is_short, opened, unit, cost, order: words.sale_order() }
        }
    }
}

/// Returns what a lot has gained: its share of the holding's value less what it cost. The price's move says nothing of that: it is
/// the other way round where it was sold short, and leaves exchange rates out.
fn lot_gain(holding: &HoldingView, lot: &LotView) -> Option<Decimal> {
    let value = holding.market_value?.checked_mul(lot.quantity)?.checked_div(holding.quantity)?;
    value.checked_sub(lot.cost_basis)
}

/// The open lots, oldest first: what a sale would consume in turn.
#[component]
pub(crate) fn Lots(
    /// The oldest, oldest first.
    lots: Vec<LotView>,
    /// The number of open lots, of which a page shows the oldest.
    count: usize,
    /// The instrument that the lots are of.
    instrument: InstrumentView,
) -> impl IntoView {
    if lots.is_empty() {
        return ().into_any();
    }
    let quote = expect_live().quote(&instrument.ticker);
    let holding = expect_live().holding(&instrument.ticker);
    let currency = portfolio_currency(&instrument);
    let cut = (count > lots.len()).then(|| words().oldest_shown(&lots.len().to_string()));
    let count = words().count(u64::try_from(count).unwrap_or_default());
    let (decimals, quoted) = (instrument.price_decimals, instrument.currency);
    let price = memo(move || {
        let price = quote.with(|quote| quote.as_ref().map(|quote| money::Money::new(quote.price, quote.currency)))?;
        Some(price.in_unit(quoted)?.amount)
    });
    let LotWords { is_short, opened, unit, cost: cost_label, order } =
        LotWords::of(lots.first().is_some_and(|lot| lot.quantity.is_sign_negative()));
    let rows = lots.into_iter().map(|lot| {
        let cost = lot.cost_basis;
        let paid = if is_short { -cost } else { cost };
        let unit_cost = [words().quoted(lot.unit_cost, decimals), figures::foreign_unit(lot.currency, quoted)].concat();
        let converted = lot
            .quoted_unit_cost
            .filter(|_| lot.currency != quoted)
            .map(|cost| words().at_todays_rate(&words().quoted(cost, decimals), quoted.as_str()));
        let moved = memo(move || price.get().and_then(|price| lot.price_since(price)));
        let gain = Signal::derive(move || holding.with(|holding| lot_gain(holding.as_ref()?, &lot)));
        view! {
            <tr>
                <th scope="row"><When time=lot.time date=lot.date style=WhenStyle::Date/></th>
                <td class="num" data-label=words().quantity_label()><span class="priv">{words().quantity(lot.quantity)}</span></td>
                <td class="num" data-label=unit title=converted>{unit_cost}</td>
                <td class="num" data-label=cost_label><Money value=Signal::derive(move || Some(paid)) currency/></td>
                <td class="num" data-label=words().price_since()>{move || moved.get().map_or_else(|| figures::UNKNOWN.into(), |value| words().signed_percent(value))}</td>
                <td class="num" data-label=words().gain()><Money value=gain currency signed=true/></td>
            </tr>
        }
    });
    view! {
        <section class="card lots" aria-labelledby="lots">
            <header><h2 id="lots">{words().open_lots()}</h2><span class="muted">{words().lots_order(&count, order)}{cut}</span></header>
            <table class="plain-table stack">
                <thead><tr>
                    <th scope="col">{opened}</th><th scope="col" class="num">{words().quantity_label()}</th>
                    <th scope="col" class="num">{unit}" "<span class="cur">{figures::symbol(quoted)}</span></th>
                    <th scope="col" class="num">{cost_label}" "<span class="cur">{figures::symbol(currency)}</span></th>
                    <th scope="col" class="num">{words().price_since()}</th>
                    <th scope="col" class="num">{words().gain()}" "<span class="cur">{figures::symbol(currency)}</span></th>
                </tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}
