use crate::app::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::app::components::calendar::civil_of;
use crate::app::components::moment::{is_local, moment};
use crate::live::expect_live;
use crate::wire::views::millis;
use crate::words::dates::{self, Civil};

/// How much of a time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WhenStyle {
    /// The time of day: `14:02`.
    #[default]
    Clock,
    /// The date with its year: `21 Nov 2026`.
    Date,
    /// `14:02` on the page's own day, `21 Nov` before.
    Recent,
}

/// A time in the reader's zone (in UTC before the page is alive, where the server does not know it), or a date, which is the
/// same in every zone.
#[component]
pub(crate) fn When(
    /// The time that is written.
    #[prop(into)]
    time: Signal<Timestamp>,
    /// The date, where no time of day belongs to it.
    #[prop(default = None)]
    date: Option<Date>,
    /// How much of it.
    #[prop(optional)]
    style: WhenStyle,
    /// Without the word UTC, where there is no room for it.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    if let Some(date) = date {
        return view! { <time datetime=date.to_string()>{written_date(date, style)}</time> }.into_any();
    }
    let live = expect_live();
    let is_local = is_local();
    let page_time = move || live.followed().with_untracked(|followed| followed.as_ref().map(|followed| followed.server_time));
    let text = move || {
        let is_local = is_local.get();
        let text = written(moment(time.get(), is_local), page_time().map(|now| moment(now, is_local)), style);
        if text.contains(':') && !bare && !is_local { text + " UTC" } else { text }
    };
    view! { <time datetime=move || millis::to_text(&time.get())>{move || text()}</time> }.into_any()
}

/// Writes a date that has no time of day.
fn written_date(date: Date, style: WhenStyle) -> String {
    match style {
        WhenStyle::Recent => words().short_date(civil_of(date)),
        WhenStyle::Clock | WhenStyle::Date => words().date(civil_of(date)),
    }
}

/// Writes as much of a time as the style asks.
fn written(civil: Civil, today: Option<Civil>, style: WhenStyle) -> String {
    match style {
        WhenStyle::Clock => dates::clock(civil),
        WhenStyle::Date => words().date(civil),
        WhenStyle::Recent => {
            let is_today = today.is_none_or(|today| (today.year, today.month, today.day) == (civil.year, civil.month, civil.day));
            if is_today { dates::clock(civil) } else { words().short_date(civil) }
        }
    }
}
