//! The message that comes up when an alert goes off.

use crate::wire::views::NotificationView;

/// A message on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// The notification that the toast shows.
    pub notification: NotificationView,
}
