//! What the person holds of the instrument, and its open lots.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::Money;
use crate::app::components::links::within_portfolio;
use crate::app::components::{When, WhenStyle};
use crate::app::format;
use crate::app::reactive::memo;
use crate::domain::money::{self, Currency};
use crate::live::expect_live;
use crate::wire::views::{HoldingView, InstrumentView, LotView};

/// Returns the currency of the shown portfolio.
fn portfolio_currency(instrument: &InstrumentView) -> Currency {
    let totals = expect_live().totals();
    totals.with_untracked(|totals| totals.as_ref().map(|totals| totals.currency)).unwrap_or(instrument.currency)
}

/// Quantity, value, gain, FIFO and average cost side by side, realised, income, weight.
#[component]
pub fn Position(
    /// Of what.
    instrument: InstrumentView,
    /// What the units cost with the moving average.
    average_cost_basis: Option<Decimal>,
    /// Gains of what was sold.
    realized_pnl: Decimal,
    /// Dividends so far.
    income: Decimal,
    /// Whether it was ever traded.
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
    let gain = Signal::derive(move || value.get()?.checked_sub(cost.get()?));
    let average_gain = Signal::derive(move || value.get()?.checked_sub(average.get()?));
    let quantity_text = move || quantity.get().map_or_else(|| "0".into(), format::quantity);
    let weight_text = move || weight.get().map_or_else(|| format::UNKNOWN.into(), format::percent);
    let fixed = |value: Decimal| Signal::derive(move || Some(value));
    let link = within_portfolio(&["/activity?ticker=", instrument.ticker.as_str(), "#entry"].concat());
    view! {
        <section class="card position" aria-labelledby="position">
            <header><h2 id="position">"Your position"</h2><a class="ghost end" href=link>"+ Activity"</a></header>
            <p class="hint" hidden=move || is_held.get()>
                {if has_history { "You hold none of it now." } else { "You have never held it. Enter a purchase, and its value follows the price here." }}
            </p>
            <dl class="facts-grid" hidden=move || !is_held.get()>
                <div class="large"><dt>"Value"</dt><dd><Money value currency/></dd></div>
                <div class="large"><dt>"Quantity"</dt><dd class="priv">{move || quantity_text()}</dd></div>
                <div><dt>"Weight"</dt><dd>{move || weight_text()}</dd></div>
            </dl>
            <div class="scroll" hidden=move || !is_held.get()>
                <table class="plain-table compare">
                    <thead><tr><td></td><th scope="col" class="num">"First in, first out"</th><th scope="col" class="num">"Average cost"</th></tr></thead>
                    <tbody>
                        <tr><th scope="row">"Cost"</th><td class="num"><Money value=cost currency/></td><td class="num"><Money value=average currency/></td></tr>
                        <tr><th scope="row">"Gain"</th><td class="num"><Money value=gain currency signed=true/></td><td class="num"><Money value=average_gain currency signed=true/></td></tr>
                    </tbody>
                </table>
            </div>
            <dl class="facts-grid quiet-facts" hidden=!has_history>
                <div><dt>"Realised"</dt><dd><Money value=fixed(realized_pnl) currency signed=true/></dd></div>
                <div><dt>"Income"</dt><dd><Money value=fixed(income) currency/></dd></div>
            </dl>
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

const LONG: LotWords =
    LotWords { is_short: false, opened: "Bought", unit: "Unit cost", cost: "Cost", order: "a sale takes them in this order" };
const SHORT: LotWords = LotWords {
    is_short: true,
    opened: "Sold short",
    unit: "Unit price",
    cost: "Proceeds",
    order: "a purchase covers them in this order",
};

/// Returns what a lot has gained: its share of the holding's value less what it cost. The price's move says nothing of that: it is
/// the other way round where it was sold short, and leaves exchange rates out.
fn lot_gain(holding: &HoldingView, lot: &LotView) -> Option<Decimal> {
    let value = holding.market_value?.checked_mul(lot.quantity)?.checked_div(holding.quantity)?;
    value.checked_sub(lot.cost_basis)
}

/// The open lots, oldest first: what a sale would consume in turn.
#[component]
pub fn Lots(
    /// The oldest, oldest first.
    lots: Vec<LotView>,
    /// How many are open.
    count: usize,
    /// Of what.
    instrument: InstrumentView,
) -> impl IntoView {
    if lots.is_empty() {
        return ().into_any();
    }
    let quote = expect_live().quote(&instrument.ticker);
    let holding = expect_live().holding(&instrument.ticker);
    let currency = portfolio_currency(&instrument);
    let cut = (count > lots.len()).then(|| [" · the oldest ", &lots.len().to_string(), " are shown"].concat());
    let count = format::count(u64::try_from(count).unwrap_or_default());
    let (decimals, quoted) = (instrument.price_decimals, instrument.currency);
    let price = memo(move || {
        let price = quote.with(|quote| quote.as_ref().map(|quote| money::Money::new(quote.price, quote.currency)))?;
        Some(price.in_unit(quoted)?.amount)
    });
    let words = if lots.first().is_some_and(|lot| lot.quantity.is_sign_negative()) { &SHORT } else { &LONG };
    let rows = lots.into_iter().map(|lot| {
        let cost = lot.cost_basis;
        let paid = if words.is_short { -cost } else { cost };
        let unit_cost = [format::quoted(lot.unit_cost, decimals), format::foreign_unit(lot.currency, quoted)].concat();
        let converted = lot
            .quoted_unit_cost
            .filter(|_| lot.currency != quoted)
            .map(|cost| ["= ", &format::quoted(cost, decimals), " ", quoted.as_str(), " at today’s rate"].concat());
        let moved = memo(move || price.get().and_then(|price| lot.price_since(price)));
        let gain = Signal::derive(move || holding.with(|holding| lot_gain(holding.as_ref()?, &lot)));
        view! {
            <tr>
                <th scope="row"><When time=lot.time date=lot.date style=WhenStyle::Date/></th>
                <td class="num priv" data-label="Quantity">{format::quantity(lot.quantity)}</td>
                <td class="num" data-label=words.unit title=converted>{unit_cost}</td>
                <td class="num" data-label=words.cost><Money value=Signal::derive(move || Some(paid)) currency/></td>
                <td class="num" data-label="Price since">{move || moved.get().map_or_else(|| format::UNKNOWN.into(), format::signed_percent)}</td>
                <td class="num" data-label="Gain"><Money value=gain currency signed=true/></td>
            </tr>
        }
    });
    view! {
        <section class="card lots" aria-labelledby="lots">
            <header><h2 id="lots">"Open lots"</h2><span class="muted">{count}" · oldest first: "{words.order}{cut}</span></header>
            <table class="plain-table stack">
                <thead><tr>
                    <th scope="col">{words.opened}</th><th scope="col" class="num">"Quantity"</th>
                    <th scope="col" class="num">{words.unit}" "<span class="cur">{format::symbol(quoted)}</span></th>
                    <th scope="col" class="num">{words.cost}" "<span class="cur">{format::symbol(currency)}</span></th>
                    <th scope="col" class="num">"Price since"</th>
                    <th scope="col" class="num">"Gain "<span class="cur">{format::symbol(currency)}</span></th>
                </tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}
