//! The checks, in the order of their numbers.

mod alerts;
mod compact;
pub(crate) mod drain;
mod framing;
mod heads;
mod heartbeats;
mod limits;
mod live;
pub(crate) mod pressure;
mod refusals;
mod requests;
mod resume;

use super::check::{Check, Group};

/// Every check, by what it is about.
pub(crate) const GROUPS: [Group; 12] = [
    Group { title: "Heads", checks: heads::CHECKS },
    Group { title: "Requests as clients and proxies write them", checks: requests::CHECKS },
    Group { title: "Refusals before a stream starts", checks: refusals::CHECKS },
    Group { title: "Framing and ids", checks: framing::CHECKS },
    Group { title: "Resuming", checks: resume::CHECKS },
    Group { title: "Live events", checks: live::CHECKS },
    Group { title: "The compact form", checks: compact::CHECKS },
    Group { title: "Alerts and notifications", checks: alerts::CHECKS },
    Group { title: "Heartbeats", checks: heartbeats::CHECKS },
    Group { title: "Back-pressure", checks: pressure::CHECKS },
    Group { title: "Limits", checks: limits::CHECKS },
    Group { title: "Ends", checks: drain::CHECKS },
];

/// Returns every check with its number.
pub(crate) fn numbered() -> impl Iterator<Item = (usize, &'static Check)> {
    (1..).zip(GROUPS.iter().flat_map(|group| group.checks))
}
