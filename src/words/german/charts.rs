//! What charts say, in German.

use crate::words::Language;
use crate::words::english::charts::Charts;

/// The texts of charts in German.
pub(crate) const GERMAN: Charts = Charts {
    yesterday_lead: "Gestern ",
    no_line_today: "Die heutige Kurve beginnt mit den ersten Kursen.",
    value_point_by_point: "Gesamtwert, Punkt für Punkt",
    value_from_to: "Gesamtwert {range}, von {from} auf {to}",
    now: "Jetzt",
    value_line: "Wert",
    net_contributions: "Nettoeinzahlungen",
    your_gain_between: "Zwischen den Linien: dein Gewinn",
    too_many_for_a_chart: "Dieses Portfolio hat zu viele Instrumente für eine Kurve früherer Tage.",
    no_value_before: "Deine Kurve beginnt mit dem ersten vollen Tag.",
    range_day: "1T",
    range_week: "1W",
    range_month: "1M",
    range_quarter: "3M",
    range_year: "1J",
    range_five_years: "5J",
    range_all: "Alles",
    over_today: "heute",
    over_one_week: "über eine Woche",
    over_one_month: "über einen Monat",
    over_three_months: "über drei Monate",
    over_one_year: "über ein Jahr",
    over_five_years: "über fünf Jahre",
    over_all_time: "seit Beginn",
    price_point_by_point: "Kurs von {ticker}, Punkt für Punkt",
    points_spread: "{shown} von {total} Punkten, gleichmäßig verteilt",
    the_charts_figures: "Daten der Kurve",
    million_short: " Mio.",
    billion_short: " Mrd.",
    low: "Tief",
    high: "Hoch",
    close_price: "Schluss",
    bought_units: "Kauf {quantity}",
    sold_units: "Verkauf {quantity}",
    several_trades: "{count} Trades",
    trade_at: "{kind} {quantity} zu {price}, {day}",
    no_history_yet: "Für diesen Zeitraum gibt es noch keinen Kursverlauf. Er entsteht mit den nächsten Kursen.",
    previous_close: "Vortagesschluss",
    previous_close_at: "Voriger Schluss {price}",
    price_from_to: "Kurs {range}, von {from} auf {to}",
}
.checked(Language::German);
