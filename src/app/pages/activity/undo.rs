//! What undoes an addition, a change and a deletion.

use crate::api::{DeleteActivity, SaveActivity};
use crate::app::components::activity_start::ActivityStart;
use crate::app::said::Undo;
use crate::wire::views::ActivityView;

/// Adds again what was deleted.
pub(crate) fn bring_back(portfolio: &str, activity: &ActivityView) -> Undo {
    let start = ActivityStart { activity: String::new(), revision: String::new(), ..ActivityStart::of(activity) };
    Undo::by::<SaveActivity>(&start.fields(portfolio))
}

/// Deletes again what was added.
pub(crate) fn take_away(portfolio: &str, activity: &ActivityView) -> Undo {
    let revision = activity.revision.to_string();
    Undo::by::<DeleteActivity>(&[("portfolio", portfolio), ("activity", &activity.activity_id), ("revision", &revision)])
}

/// Writes again what was changed: `before` over `after`.
pub(crate) fn change_back(portfolio: &str, before: &ActivityView, after: &ActivityView) -> Undo {
    let start = ActivityStart { revision: after.revision.to_string(), ..ActivityStart::of(before) };
    let mut fields = start.fields(portfolio);
    // A rate that was written is taken back where there was none.
    fields.push(("rate_before", if after.converted { "written" } else { "" }));
    Undo::by::<SaveActivity>(&fields)
}
