//! The texts around every page, in German.

use crate::words::Language;
use crate::words::english::frame::Frame;

/// The texts around every page in German.
pub(crate) const GERMAN: Frame = Frame {
    skip_to_the_page: "Zum Inhalt springen",
    main_navigation: "Hauptmenü",
    main_navigation_below: "Hauptmenü, unten",
    badge_unread: " ungelesen",
    hide_amounts: "Beträge verbergen",
    switch_theme: "Zwischen dunkel und hell wechseln",
    dark_or_light: "Dunkel oder hell",
    simulated_market: "Simulierter Markt.",
    simulated_market_rest: " Die Kurse erfindet ein Modell. ",
    replayed_market: "Wiedergegebener Markt.",
    replayed_market_rest: " Die Kurse kommen aus einer Datei aufgezeichneter Ticks, zu ihren eigenen Zeiten. ",
    as_of_lead: "Stand ",
    live: "Live",
    reconnecting: "Verbinde neu …",
    stale_since_lead: "Veraltet seit ",
    market_closed: "Markt geschlossen",
    offline: "Offline",
    open_the_inbox: "Posteingang öffnen",
    dismiss: "Ausblenden",
    keyboard: "Tastatur",
    activity_the_ledger: "Buchungen",
    operations_how: "Betrieb: wie es dem Server geht",
    this_help: "Diese Hilfe",
    close_what_is_open: "Offenes schließen",
    instruments: "Instrumente",
    key_choose: " wählen ",
    key_open: " öffnen ",
    key_close: " schließen",
    total_spoken: "Gesamtwert {total}{left_out}{day}",
    day_spoken: ", heute {direction}{percent}",
    nothing_found: "Nichts gefunden",
    nothing_found_hint: "Versuch es mit einem Teil des Namens oder dem Kürzel, wie es deine Börse schreibt.",
    not_found: "Nicht gefunden",
    nothing_here: "Hier ist nichts",
    nothing_here_hint: "Die Seite ist vielleicht umgezogen, oder in der Adresse steckt ein Fehler.",
    part_not_fetched: "ein Teil dieses Programms ließ sich nicht laden; lade die Seite neu",
    no_figures_came: "die Seite kam ohne ihre Zahlen an; lade sie neu",
    document_description: "Dein Portfolio, live: Kurse, Gewinn und Verlust, und Kursalarme.",
}
.checked(Language::German);
