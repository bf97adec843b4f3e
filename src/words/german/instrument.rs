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
    no_such_instrument_lead: "Kein Instrument ",
    no_such_instrument_hint: "Prüfe das Kürzel: 1 bis 32 Buchstaben, Ziffern und . ^ = _ -, etwa AAPL oder EURUSD=X. Ein neues Instrument erscheint hier mit seinem ersten Kurs.",
    to_your_alerts: "Zu den Alarmen",
    portfolio_is_safe: "{reason} Dein Portfolio und deine Alarme sind nicht betroffen.",
    range_navigation: "Zeitraum",
    your_position: "Deine Position",
    none_held_now: "Position geschlossen.",
    never_held: "Du besitzt es nicht. Füge einen Kauf hinzu, um es zu verfolgen.",
    first_in_first_out: "FIFO",
    average_cost: "Durchschnitt",
    cost: "Einstand",
    realised: "Realisiert",
    bought: "Gekauft",
    unit_cost: "Einstand je Stück",
    sale_order: "älteste zuerst verkauft",
    sold_short: "Leerverkauft",
    unit_price: "Kurs je Stück",
    proceeds: "Erlös",
    cover_order: "älteste zuerst gedeckt",
    open_lots: "Tranchen",
    lots_order: "{count} · {order}",
    oldest_shown: " · älteste {count} angezeigt",
    at_todays_rate: "= {cost} {currency} zum heutigen Wechselkurs",
    price_since: "Rendite",
    show_all: "Alle {count} anzeigen",
    your_trades: "Transaktionen",
    price_or_amount: "Kurs oder Betrag",
}
.checked(Language::German);
