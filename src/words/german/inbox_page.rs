//! The texts of the inbox, in German.

use crate::words::Language;
use crate::words::english::inbox_page::InboxPage;

/// The texts of the inbox in German.
pub(crate) const GERMAN: InboxPage = InboxPage {
    unread: "Ungelesen",
    mark_all_read: "Alle als gelesen markieren",
    inbox_not_read: "Der Posteingang lässt sich nicht lesen",
    nothing_is_lost: "{reason}. Nichts ist verloren: jede Benachrichtigung wird gespeichert, bevor sie gemeldet wird.",
    newest: "Neueste",
    older: "Ältere",
    nothing_happened_yet: "Noch ist nichts geschehen",
    nothing_happened_yet_hint: "Wenn ein Alarm auslöst, steht er hier, mit dem Tick, der ihn ausgelöst hat, und dem Kurs davor. Er wartet auf dich, solange es dauert.",
    nothing_older: "Nichts Älteres",
    inbox_begins: "Hier beginnt der Posteingang.",
    set_an_alert: "Alarm setzen",
    passed_while_down: "Geschah, während der Server aus war, und wurde gemeldet, als er wieder lief.",
    mark_read: "Als gelesen markieren",
}
.checked(Language::German);
