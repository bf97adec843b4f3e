//! What is said of answers that do not come from the server, and of what is typed.

use crate::words::Language;
use crate::words::english::answers::Answers;

/// What is said of answers of others and of what is typed, in German.
pub(crate) const GERMAN: Answers = Answers {
    signed_out: "Du bist abgemeldet. Lade die Seite neu und melde dich an; nichts wurde geändert.",
    refused_on_the_way: "Etwas zwischen dieser Seite und dem Server hat das abgelehnt. Nichts wurde geändert; frag, wer es betreibt.",
    not_known_any_more: "Der Server kennt das nicht mehr. Lade die Seite neu.",
    took_too_long_to_send: "Das Senden hat zu lange gedauert. Versuch es noch einmal.",
    too_long_to_be_sent: "Das ist zu lang zum Senden. Kürze es und versuch es noch einmal.",
    too_much_at_once: "Das war zu viel auf einmal. Warte einen Moment und versuch es noch einmal.",
    not_available_now: "Der Server ist gerade nicht erreichbar. Versuch es gleich noch einmal.",
    server_did_not_answer: "Der Server hat nicht geantwortet. Sieh nach, ob deine Änderung angekommen ist, bevor du es noch einmal versuchst.",
    answer_not_from_server: "Die Antwort kam nicht vom Server. Lade die Seite neu; vielleicht musst du dich anmelden.",
    server_not_reached: "der Server ist nicht erreichbar; nichts wurde geändert, versuch es noch einmal",
    not_a_number: "schreib eine einfache Zahl, etwa 150,25",
    at_most_28_digits: "schreib höchstens 28 Ziffern",
    leave_out_nul: "lass das NUL-Zeichen weg",
    at_most_1000_characters: "schreib höchstens 1.000 Zeichen",
    not_a_time: "schreib eine Zeit wie 2026-11-02T09:30:00Z oder ein Datum wie 2026-11-02",
    not_a_date: "schreib ein Datum wie 2026-11-02",
    on_one_line: "schreib es in eine Zeile, ohne Tabulatoren",
    no_control_characters: "lass Steuerzeichen weg und Zeichen, die die Richtung des Textes umkehren",
    something_visible: "schreib etwas, das man sieht",
    form_not_read: "das Formular ließ sich nicht lesen: {reason}",
    this_is_missing: "das fehlt",
    choose_from_the_list: "wähl einen Eintrag der Liste",
    not_a_whole_number: "schreib eine ganze Zahl",
    figure_too_large: "der Betrag ist zu groß, um genau zu bleiben",
    instrument_missing: "das Instrument fehlt",
    quantity_above_zero: "die Menge muss größer als null sein",
    price_not_negative: "der Kurs darf nicht negativ sein",
    rate_above_zero: "der Wechselkurs muss größer als null sein",
    amount_not_negative: "der Betrag darf nicht negativ sein",
}
.checked(Language::German);
