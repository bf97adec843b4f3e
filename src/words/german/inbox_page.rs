//! The texts of the inbox, in German.

use crate::words::Language;
use crate::words::english::inbox_page::InboxPage;

/// The texts of the inbox in German.
pub(crate) const GERMAN: InboxPage = InboxPage {
    unread: "Ungelesen",
    unread_of: "{count} ungelesen",
    notifications_shown: "Gezeigte Mitteilungen",
    nothing_unread: "Nichts Ungelesenes",
    nothing_unread_hint: "Neue Mitteilungen erscheinen hier, sobald Alarme auslösen.",
    mark_all_read: "Alle als gelesen markieren",
    inbox_not_read: "Der Posteingang lässt sich nicht laden",
    nothing_is_lost: "{reason} Keine Mitteilung geht verloren.",
    newest: "Neueste",
    older: "Ältere",
    nothing_happened_yet: "Noch keine Mitteilungen",
    nothing_happened_yet_hint: "Ausgelöste Alarme erscheinen hier, mit dem Kurs, der sie ausgelöst hat.",
    nothing_older: "Keine älteren Mitteilungen",
    inbox_begins: "Du bist am Ende des Posteingangs.",
    set_an_alert: "Alarm erstellen",
    passed_while_down: "Geschah, während der Server offline war.",
    mark_read: "Als gelesen markieren",
}
.checked(Language::German);
