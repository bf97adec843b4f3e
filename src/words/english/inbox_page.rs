//! The texts of the inbox.

area! {
    /// The texts of the inbox.
    InboxPage from super::charts::Charts::END;

    unread: "Unread";
    mark_all_read: "Mark all read";
    inbox_not_read: "The inbox could not be read";
    nothing_is_lost(reason): "{reason}. Nothing is lost: every notification is stored before it is announced.";
    newest: "Newest";
    older: "Older";
    nothing_happened_yet: "Nothing has happened yet";
    nothing_happened_yet_hint: "When an alert goes off it is stored here, with the tick that set it off and the price before it. It waits for you as long as it takes.";
    nothing_older: "Nothing older";
    inbox_begins: "This is where the inbox begins.";
    set_an_alert: "Set an alert";
    passed_while_down: "Passed while the server was down, told once it was back.";
    mark_read: "Mark read";
}
