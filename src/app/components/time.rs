use crate::app::prelude::*;
use jiff::Timestamp;

use crate::app::format::{self, Civil};
use crate::app::reactive::effect;
use crate::live::{expect_live, source};
use crate::wire::views::millis;

/// How much of a time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenStyle {
    /// `14:02`.
    #[default]
    Clock,
    /// `21 Nov 2026`.
    Date,
    /// `21 Nov 2026, 14:02`.
    DateTime,
    /// `14:02` on the page's own day, `21 Nov` before.
    Recent,
}

/// A time: in UTC as the server writes it, in the reader's zone once the page is alive.
#[component]
pub fn When(
    /// Which.
    #[prop(into)]
    time: Signal<Timestamp>,
    /// How much of it.
    #[prop(optional)]
    style: WhenStyle,
    /// Without the word UTC, where there is no room for it.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let live = expect_live();
    let local = RwSignal::new(None::<String>);
    let page_time = move || live.followed().with_untracked(|followed| followed.as_ref().map(|followed| followed.server_time));
    effect(move || {
        let today = page_time().and_then(civil_local);
        local.set(civil_local(time.get()).map(|civil| written(civil, today, style)));
    });
    let text = move || {
        local.get().unwrap_or_else(|| {
            let text = written(format::civil_utc(time.get()), page_time().map(format::civil_utc), style);
            if text.contains(':') && !bare { text + " UTC" } else { text }
        })
    };
    view! { <time datetime=move || millis::to_text(&time.get())>{move || text()}</time> }
}

/// Takes a time apart in the reader's zone: nothing on the server.
fn civil_local(time: Timestamp) -> Option<Civil> {
    let source::LocalTime { year, month, day, hour, minute, second } = source::local_time(time.as_millisecond())?;
    Some(Civil { year, month, day, hour, minute, second })
}

/// Writes as much of a time as the style asks.
fn written(civil: Civil, today: Option<Civil>, style: WhenStyle) -> String {
    match style {
        WhenStyle::Clock => format::clock(civil),
        WhenStyle::Date => format::date(civil),
        WhenStyle::DateTime => [&format::date(civil), ", ", &format::clock(civil)].concat(),
        WhenStyle::Recent => {
            let is_today = today.is_none_or(|today| (today.year, today.month, today.day) == (civil.year, civil.month, civil.day));
            if is_today { format::clock(civil) } else { format::short_date(civil) }
        }
    }
}
