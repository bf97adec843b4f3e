//! The time-weighted return, its line beside those it is compared with, and the figures that say more about it.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use super::address::Asked;
use super::lines::{Line, PercentChart};
use crate::app::components::calendar::written_day;
use crate::app::components::icon::Icon;
use crate::app::components::{Arrow, Money, as_traded_sentence};
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::views::{PerformanceView, PortfolioView};
use crate::words::figures::{self, UNKNOWN};

/// The first card.
#[component]
pub(super) fn Headline(view: PerformanceView, asked: Asked) -> impl IntoView {
    let live = expect_live();
    let totals = live.totals();
    // The stream tells the whole portfolio alone.
    let is_current = asked.to.is_empty() && !asked.is_part();
    let (end_value, currency, twr, gain) = (view.end_value, view.currency, view.twr_percent, view.gain);
    // What came in since is fetched again; until then the value alone moves, and with it the return. A total that leaves something out
    // is not comparable with the value of the period's end, in which that counts as it was last traded.
    let total = |totals: &PortfolioView| totals.total_value.filter(|_| totals.incomplete.is_empty());
    let value = memo(move || totals.with(|totals| totals.as_ref().and_then(total)).filter(|_| is_current));
    let twr = memo(move || value.get().and_then(|value| moved_with(twr, end_value, value)).unwrap_or(twr));
    let gain = memo(move || value.get().and_then(|value| gain.checked_add(value.checked_sub(end_value)?)).or(Some(gain)));
    let left_out = memo(move || totals.with(|totals| totals.as_ref().and_then(as_traded_sentence)).filter(|_| is_current));
    let lines = lines_of(&view);
    let label = words().line_from_to(words().this_portfolio(), &words().signed_percent(view.twr_percent));
    let keys = lines.iter().enumerate().map(|(place, line)| {
        let class = if place == 0 { "of-own".to_owned() } else { ["of-other other-", &place.to_string()].concat() };
        view! { <span class=class>{line.name.clone()}" "<b>{words().signed_percent(line.last())}</b></span> }.into_any()
    });
    let keys = keys.collect_view();
    let has_others = lines.len() > 1;
    let annualized = match view.twr_annualized_percent {
        Some(percent) => {
            let direction = Signal::derive(move || figures::direction(percent));
            view! {
                <span class=["chip ", figures::direction(percent).class()].concat()>
                    <Arrow direction/><span class="sr">{words().direction_word(figures::direction(percent))}</span>
                    {words().bare_percent(percent)}<em>{words().a_year()}</em>
                </span>
            }
            .into_any()
        }
        None => {
            let why = [words().a_year(), ": ", words().not_meaningful_year()].concat();
            view! { <span class="chip flat">{UNKNOWN}<em>{why}</em></span> }.into_any()
        }
    };
    let direction = memo(move || gain.get().map_or(figures::Direction::Flat, figures::direction));
    view! {
        <section class="card hero performance-hero" aria-labelledby="twr">
            <div class="headline">
                <h1 id="twr" title=words().time_weighted_about()>{words().time_weighted_return()}</h1>
                <p class="total">{move || words().signed_percent(twr.get())}</p>
                <p class="hint left-out" hidden=move || left_out.with(Option::is_none)>{move || left_out.get()}</p>
                <p class="sum">
                    {annualized}
                    <span class=move || ["chip ", direction.get().class()].concat()>
                        <Money value=gain currency signed=true/><em>{words().gain_word()}</em>
                    </span>
                </p>
                <Compared asked/>
            </div>
            <p class="key">{keys}</p>
            <PercentChart lines label/>
            <p class="hint price-alone" hidden=!has_others>{words().by_price_alone()}</p>
            <Figures view/>
        </section>
    }
}

/// Returns a return that moves with the value since it was worked out, as long as nothing was taken out since.
fn moved_with(twr: Decimal, end_value: Decimal, value: Decimal) -> Option<Decimal> {
    let grown = twr.checked_add(Decimal::ONE_HUNDRED)?.checked_mul(value)?.checked_div(end_value)?;
    grown.checked_sub(Decimal::ONE_HUNDRED)
}

fn lines_of(view: &PerformanceView) -> Vec<Line> {
    let own = view.series.iter().map(|point| (point.date.clone(), point.twr_percent)).collect();
    let own = Line { name: words().this_portfolio().to_owned(), points: own };
    let others = view.benchmarks.iter().map(|benchmark| Line {
        name: benchmark.ticker.to_string(),
        points: benchmark.series.iter().map(|point| (point.date.clone(), point.twr_percent)).collect(),
    });
    std::iter::once(own).chain(others).collect()
}

/// What it is compared with, each to be left out by one press, and a field for one more.
#[component]
fn Compared(asked: Asked) -> impl IntoView {
    let chips = asked.benchmarks.iter().enumerate().map(|(place, ticker)| {
        let mut others = asked.clone();
        others.benchmarks.remove(place);
        let (href, class) = (others.address(), ["chip-link other-", &(place + 1).to_string()].concat());
        let leave = words().compare_remove(ticker);
        view! { <a class=class href=href aria-label=leave>{ticker.clone()}<Icon name="close"/></a> }.into_any()
    });
    let chips = chips.collect_view();
    let has_room = asked.benchmarks.len() < 3;
    let portfolio = expect_live().portfolio_id();
    let period = [("range", asked.range.clone()), ("from", asked.from.clone()), ("to", asked.to.clone())];
    let part = [("account", asked.account.clone()), ("of", asked.of.clone())];
    let hidden = period.into_iter().chain(part).filter(|(_, value)| !value.is_empty());
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.into_any()).collect_view();
    let known = asked.benchmarks.join(",");
    view! {
        <div class="compared">
            <span class="muted">{words().compared_with()}</span>
            {chips}
            <form method="get" action="/performance" hidden=!has_room>
                <input type="hidden" name="portfolio" value=move || portfolio.get().unwrap_or_default()/>
                <input type="hidden" name="benchmark" value=known/>
                {hidden}
                <input id="compare" type="text" name="compare" maxlength="32" placeholder="VOO" aria-label=words().compare_ticker()/>
                <button class="ghost" type="submit">{words().compare_add()}</button>
            </form>
        </div>
    }
}

/// Money-weighted, against the benchmark, volatility, drawdown, what was put in. A figure that means nothing says why.
#[component]
fn Figures(view: PerformanceView) -> impl IntoView {
    let PerformanceView {
        currency, xirr_percent, volatility_percent, max_drawdown, max_drawdown_percent, net_contributions, ..
    } = view.clone();
    let signed = |percent: Option<Decimal>| {
        let class = percent.map_or("", |percent| figures::direction(percent).class());
        let text = percent.map_or_else(|| UNKNOWN.to_owned(), |percent| words().signed_percent(percent));
        view! { <b class=class>{text}</b> }.into_any()
    };
    let fact = |name: String, figure: AnyView, about: String| {
        view! { <div><dt>{name}</dt><dd>{figure}<small>{about}</small></dd></div> }.into_any()
    };
    let about_rate = if xirr_percent.is_some() { words().money_weighted_about() } else { words().not_meaningful_flows() };
    let against = view.benchmarks.first().map(|benchmark| {
        let other = benchmark.series.last().map_or(Decimal::ZERO, |point| point.twr_percent);
        let ahead = view.twr_percent.saturating_sub(other);
        let figure = words().points_of_percent(&words().signed_price(ahead, 2));
        let figure = view! { <b class=figures::direction(ahead).class()>{figure}</b> }.into_any();
        fact(words().against_benchmark(benchmark.ticker.as_str()), figure, words().signed_percent(other))
    });
    let about_volatility = if volatility_percent.is_some() { words().volatility_about() } else { words().not_meaningful_days() };
    let volatility = volatility_percent.map_or_else(|| UNKNOWN.to_owned(), |percent| words().percent(percent));
    let volatility = view! { <b>{volatility}</b> }.into_any();
    let fall = signed(Some(-max_drawdown_percent));
    let about_fall = max_drawdown.map_or_else(
        || words().never_fell().to_owned(),
        |fall| words().from_to(&written_day(&fall.peak), &written_day(&fall.trough)),
    );
    let put_in = view! { <b><Money value=Some(net_contributions) currency/></b> }.into_any();
    let of_end = words().of_value_now(&words().amount(view.end_value, currency).text());
    view! {
        <dl class="performance-facts">
            {fact(words().money_weighted_return().to_owned(), signed(xirr_percent), about_rate.to_owned())}
            {against}
            {fact(words().volatility().to_owned(), volatility, about_volatility.to_owned())}
            {fact(words().largest_drawdown().to_owned(), fall, about_fall)}
            <div><dt>{words().net_contributions()}</dt><dd>{put_in}<small class="priv">{of_end}</small></dd></div>
        </dl>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_return_moves_with_the_value() {
        let percent = |value: i64| moved_with(Decimal::TEN, Decimal::from(1_100), Decimal::from(value));
        assert_eq!((percent(1_100), percent(1_210)), (Some(Decimal::TEN), Some(Decimal::from(21))));
        assert_eq!(moved_with(Decimal::TEN, Decimal::ZERO, Decimal::ONE), None);
    }
}
