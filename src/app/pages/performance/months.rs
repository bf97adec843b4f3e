//! Returns by month and year, as a table whose cells are tinted by their figure.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::wire::views::MonthReturnView;
use crate::words::figures;

/// A year with its months, as far as the period has them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Year {
    name: String,
    months: [Option<Decimal>; 12],
    whole: Decimal,
}

/// Puts months into their years, the newest first. A year is its months chained.
fn years(months: &[MonthReturnView]) -> Vec<Year> {
    let mut years: Vec<Year> = Vec::new();
    for MonthReturnView { month, return_percent } in months {
        let Some((name, number)) = month.split_once('-') else { continue };
        let Some(place) = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).filter(|place| *place < 12)
        else {
            continue;
        };
        if years.last().is_none_or(|year| year.name != name) {
            years.push(Year { name: name.to_owned(), months: [None; 12], whole: Decimal::ZERO });
        }
        if let Some(year) = years.last_mut() {
            year.months[place] = Some(*return_percent);
            year.whole = chained(year.whole, *return_percent).unwrap_or(year.whole);
        }
    }
    years.reverse();
    years
}

fn chained(before: Decimal, next: Decimal) -> Option<Decimal> {
    let hundred = Decimal::ONE_HUNDRED;
    before.checked_add(hundred)?.checked_mul(next.checked_add(hundred)?)?.checked_div(hundred)?.checked_sub(hundred)
}

/// Returns the tint of a figure: five steps each way, the strongest from five percent on.
fn tint(percent: Decimal) -> String {
    let step = percent.abs().ceil().min(Decimal::from(5));
    ["heat ", figures::direction(percent).class(), " step-", &step.normalize().to_string()].concat()
}

/// The card.
#[component]
pub(super) fn Months(months: Vec<MonthReturnView>) -> impl IntoView {
    let names: Vec<&'static str> = words().months_of_year().split(' ').collect();
    let heads = names.iter().map(|name| view! { <th scope="col" class="num">{*name}</th> }.into_any()).collect_view();
    let rows = years(&months).into_iter().map(|year| {
        let cells = year.months.into_iter().zip(&names).map(|(percent, name)| {
            let class = percent.map(tint).unwrap_or_default();
            let text = percent.map(|percent| words().signed_price(percent, 1)).unwrap_or_default();
            view! { <td class="num" data-label=*name><span class=class>{text}</span></td> }.into_any()
        });
        let cells = cells.collect_view();
        let class = ["num ", figures::direction(year.whole).class()].concat();
        view! {
            <tr><th scope="row">{year.name}</th>{cells}<td class=class data-label=words().year()><b>{words().signed_price(year.whole, 1)}</b></td></tr>
        }
        .into_any()
    });
    let rows = rows.collect_view();
    view! {
        <section class="card months" aria-labelledby="months">
            <header><h2 id="months">{words().returns_by_month()}</h2><span class="muted">{words().in_percent_hint()}</span></header>
            // On a phone it is wider than the screen, and scrolled by keys too.
            <div class="scroll" role="group" tabindex="0" aria-labelledby="months">
                <table class="plain-table heat-map">
                    <thead><tr><th scope="col"><span class="sr">{words().year()}</span></th>{heads}<th scope="col" class="num">{words().year()}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_stand_in_their_year_and_chain_to_it() {
        let month = |month: &str, percent: i64| MonthReturnView { month: month.to_owned(), return_percent: percent.into() };
        let years = years(&[month("2025-12", 10), month("2026-01", 10), month("2026-02", -50), month("odd", 1)]);
        let names: Vec<_> = years.iter().map(|year| (year.name.as_str(), year.whole.normalize().to_string())).collect();
        assert_eq!(names, [("2026", "-45".to_owned()), ("2025", "10".to_owned())]);
        assert_eq!((years[0].months[1], years[0].months[2]), (Some((-50).into()), None));
    }

    #[test]
    fn a_tint_is_capped_at_five_percent() {
        assert_eq!(tint(Decimal::new(12, 1)), "heat up step-2");
        assert_eq!(tint(Decimal::from(-40)), "heat down step-5");
        assert_eq!(tint(Decimal::ZERO), "heat flat step-0");
    }
}
