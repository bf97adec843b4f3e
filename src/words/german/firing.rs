//! Why an alert has fired.

use crate::words::Language;
use crate::words::english::firing::Firing;

/// The sentences of firings in German.
pub(crate) const GERMAN: Firing = Firing {
    fired: "{ticker} {reason}: {price}",
    fired_after: "{ticker} {reason}: {price}, zuvor {previous}",
    with_note: "{sentence} ({note})",
    crossed_above: "ist über {level} {currency} gestiegen{away}",
    crossed_below: "ist unter {level} {currency} gefallen{away}",
    is_above: "liegt über {level} {currency}{away}",
    is_below: "liegt unter {level} {currency}{away}",
    went_above: "kam über {level} {currency}{away}",
    went_below: "kam unter {level} {currency}{away}",
    while_away: ", während der Server offline war",
    above_percent: "über {level} %{away}",
    below_percent: "unter {level} %{away}",
    passed_while_away: ", während der Server offline war",
    moved_today: "hat sich heute bewegt, {side}",
    unchanged_today: "ist heute unverändert, {side}",
    up_today: "steht heute {change} % im Plus, {side}",
    down_today: "steht heute {change} % im Minus, {side}",
}
.checked(Language::German);
