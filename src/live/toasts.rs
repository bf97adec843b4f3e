//! How messages come up when an alert goes off, and go again.

use leptos::prelude::*;

use super::Live;
use super::toast::Toast;
use crate::wire::views::NotificationView;

/// At most this many stand on the screen; older ones are in the inbox anyway.
const MOST: usize = 4;

impl Live {
    /// Puts a message on the screen.
    pub(super) fn raise_toast(&self, notification: &NotificationView) {
        self.toasts.update(|toasts| {
            toasts.push(Toast { notification: notification.clone() });
            let surplus = toasts.len().saturating_sub(MOST);
            toasts.drain(..surplus);
        });
    }

    /// Takes a message off the screen.
    pub fn dismiss_toast(&self, notification_id: &str) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.notification.notification_id != notification_id));
    }
}
