//! The chart's figures as a table, behind a toggle.

use crate::app::prelude::*;

use super::drawing::Drawing;
use crate::app::components::geometry::label_places;

/// The most rows the table writes; long lines are thinned evenly.
const MOST_ROWS: usize = 25;

/// The same figures as a table.
#[component]
pub(super) fn Figures(drawing: Drawing) -> impl IntoView {
    let Drawing { samples, currency, .. } = drawing;
    let is_past = drawing.put_in(0).is_some();
    let rows = move || {
        samples.with_untracked(|samples| {
            let places = label_places(samples.len(), MOST_ROWS).into_iter().rev();
            let row = |place: usize| {
                let sample = samples.get(place)?;
                let amount = |value| words().amount(value, currency.get_untracked()).text();
                let put_in = drawing.put_in(place).map(|put_in| view! { <td class="num"><span class="priv">{amount(put_in)}</span></td> }.into_any());
                let time = drawing.label(sample.time_ms, false)?;
                Some(view! { <tr><th scope="row">{time}</th><td class="num"><span class="priv">{amount(sample.value)}</span></td>{put_in}</tr> }.into_any())
            };
            places.filter_map(row).collect_view()
        })
    };
    let heading = is_past.then(|| view! { <th scope="col" class="num">{words().net_contributions()}</th> }.into_any());
    view! {
        <details class="figures">
            <summary class="subtle">{words().show_as_a_table()}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=words().the_charts_figures()>
                <table class="plain-table">
                    <thead><tr><th scope="col">{words().time()}</th><th scope="col" class="num">{words().total_value()}</th>{heading}</tr></thead>
                    <tbody>{rows()}</tbody>
                </table>
            </div>
        </details>
    }
}
