//! The texts of the inbox.

area! {
    /// The texts of the inbox.
    InboxPage from super::charts::Charts::END;

    unread: "Unread";
    unread_of(count): "{count} unread";
    notifications_shown: "Notifications shown";
    nothing_unread: "Nothing unread";
    nothing_unread_hint: "New notifications appear here as alerts fire.";
    mark_all_read: "Mark all as read";
    inbox_not_read: "The inbox could not be loaded";
    nothing_is_lost(reason): "{reason} No notification is lost.";
    newest: "Newest";
    older: "Older";
    nothing_happened_yet: "No notifications yet";
    nothing_happened_yet_hint: "Alerts that fire appear here, with the price that triggered them.";
    nothing_older: "No older notifications";
    inbox_begins: "You have reached the end of your inbox.";
    set_an_alert: "Create alert";
    passed_while_down: "Crossed while the server was offline.";
    mark_read: "Mark as read";
}
