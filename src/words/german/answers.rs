//! What is said of answers that do not come from the server, and of what is typed.

use crate::words::Language;
use crate::words::english::answers::Answers;

/// What is said of answers of others and of what is typed, in German.
pub(crate) const GERMAN: Answers = Answers {
    signed_out: "Du bist abgemeldet. Lade die Seite neu und melde dich an. Nichts wurde geändert.",
    refused_on_the_way: "Etwas zwischen dieser Seite und dem Server hat das blockiert. Nichts wurde geändert. Frag deinen Administrator.",
    not_known_any_more: "Das gibt es nicht mehr. Lade die Seite neu.",
    took_too_long_to_send: "Das Senden hat zu lange gedauert. Versuch es noch einmal.",
    too_long_to_be_sent: "Das ist zu lang zum Senden. Kürze es und versuch es noch einmal.",
    too_much_at_once: "Zu viele Anfragen auf einmal. Warte einen Moment und versuch es noch einmal.",
    not_available_now: "Der Server ist nicht verfügbar. Versuch es gleich noch einmal.",
    server_did_not_answer: "Der Server hat nicht geantwortet. Prüfe, ob deine Änderung gespeichert wurde, bevor du es noch einmal versuchst.",
    answer_not_from_server: "Die Antwort kam nicht vom Server. Lade die Seite neu. Vielleicht musst du dich anmelden.",
    server_not_reached: "Der Server ist nicht erreichbar. Nichts wurde gespeichert. Versuch es noch einmal.",
    no_such_zone: "Gib eine Zeitzone wie Europe/Berlin ein.",
    say_that_you_are_sure: "Setze das Häkchen, um alles zu löschen.",
    not_a_number: "Gib eine Zahl ein, etwa 150,25.",
    at_most_28_digits: "Gib höchstens 28 Ziffern ein.",
    leave_out_nul: "Entferne das NUL-Zeichen.",
    at_most_1000_characters: "Gib höchstens 1.000 Zeichen ein.",
    not_a_time: "Gib ein Datum wie 2026-11-02 ein, oder Datum und Zeit wie 2026-11-02T09:30:00Z.",
    not_a_date: "Gib ein Datum wie 2026-11-02 ein.",
    on_one_line: "Gib eine einzige Zeile ein, ohne Tabulatoren.",
    no_control_characters: "Entferne Steuerzeichen und Zeichen, die die Textrichtung ändern.",
    something_visible: "Gib mindestens ein sichtbares Zeichen ein.",
    form_not_read: "Das Formular ließ sich nicht lesen: {reason}.",
    this_is_missing: "Dieses Feld ist erforderlich.",
    choose_from_the_list: "Wähle einen Eintrag der Liste.",
    not_a_whole_number: "Gib eine ganze Zahl ein.",
    figure_too_large: "Der Betrag ist zu groß, um genau zu rechnen.",
    instrument_missing: "Das Instrument fehlt.",
    quantity_above_zero: "Die Menge muss über 0 liegen.",
    price_not_negative: "Der Kurs muss 0 oder mehr sein.",
    rate_above_zero: "Der Wechselkurs muss über 0 liegen.",
    amount_not_negative: "Der Betrag muss 0 oder mehr sein.",
}
.checked(Language::German);
