//! What the page of an instrument says.

use crate::words::Language;
use crate::words::english::instrument::Instrument;

/// The texts of an instrument's page in German.
pub(crate) const GERMAN: Instrument = Instrument {
    no_previous_close: "Unbekannt: noch kein voriger Schlusskurs",
    bid_lead: "Geld ",
    ask_lead: " · Brief ",
    no_price_yet: "Noch kein Kurs für {ticker}.",
    delayed_from_lead: "Verzögert, von ",
    market_closed_last_price_lead: "Markt geschlossen, letzter Kurs ",
    no_such_instrument_lead: "Es gibt kein Instrument namens ",
    no_such_instrument_hint: "Ein Kürzel hat 1 bis 32 Buchstaben, Ziffern und . ^ = _ -, wie AAPL oder EURUSD=X. Hier gibt es es, sobald die Kursquelle es genannt hat.",
    to_your_alerts: "Zu deinen Alarmen",
    portfolio_is_safe: "{reason}. Dein Portfolio und deine Alarme sind sicher: Alarme werden auf dem Server beobachtet, ob diese Seite offen ist oder nicht.",
    range_navigation: "Zeitraum",
    your_position: "Deine Position",
    none_held_now: "Du hast davon jetzt nichts.",
    never_held: "Du hattest es noch nie. Trag einen Kauf ein, dann folgt der Wert hier dem Kurs.",
    first_in_first_out: "Zuerst gekauft, zuerst verkauft",
    average_cost: "Durchschnitt",
    cost: "Einstand",
    realised: "Realisiert",
    bought: "Gekauft",
    unit_cost: "Stückpreis",
    sale_order: "ein Verkauf nimmt sie in dieser Reihenfolge",
    sold_short: "Leerverkauft",
    unit_price: "Stückpreis",
    proceeds: "Erlös",
    cover_order: "ein Kauf deckt sie in dieser Reihenfolge",
    open_lots: "Offene Tranchen",
    lots_order: "{count} · älteste zuerst: {order}",
    oldest_shown: " · gezeigt werden die ältesten {count}",
    at_todays_rate: "= {cost} {currency} zum heutigen Wechselkurs",
    price_since: "Kurs seither",
    show_all: "Alle {count} zeigen",
    your_trades: "Deine Geschäfte",
    price_or_amount: "Kurs oder Betrag",
}
.checked(Language::German);
