//! What undoes an addition, a change and a deletion.

use crate::api::{DeleteActivity, UndoActivity};
use crate::app::said::Undo;
use crate::wire::views::ActivityView;

/// Brings back what was deleted, under its number and with its history. Deleting made a revision of its own.
pub(crate) fn bring_back(portfolio: &str, activity: &ActivityView) -> Undo {
    take_back(portfolio, &activity.activity_id, activity.revision + 1)
}

/// Deletes again what was added.
pub(crate) fn take_away(portfolio: &str, activity: &ActivityView) -> Undo {
    let revision = activity.revision.to_string();
    Undo::by::<DeleteActivity>(&[("portfolio", portfolio), ("activity", &activity.activity_id), ("revision", &revision)])
}

/// Makes a transaction again what it was before it was changed.
pub(crate) fn change_back(portfolio: &str, after: &ActivityView) -> Undo {
    take_back(portfolio, &after.activity_id, after.revision)
}

fn take_back(portfolio: &str, activity_id: &str, revision: i64) -> Undo {
    let revision = revision.to_string();
    Undo::by::<UndoActivity>(&[("portfolio", portfolio), ("activity", activity_id), ("revision", &revision)])
}
