//! Why an alert has fired.

area! {
    /// Why an alert has fired.
    Firing from super::performance_page::PerformancePage::END;

    fired(ticker, reason, price): "{ticker} {reason}: {price}";
    fired_after(ticker, reason, price, previous): "{ticker} {reason}: {price}, was {previous}";
    with_note(sentence, note): "{sentence} ({note})";
    crossed_above(level, currency, away): "rose above {level} {currency}{away}";
    crossed_below(level, currency, away): "fell below {level} {currency}{away}";
    is_above(level, currency, away): "is above {level} {currency}{away}";
    is_below(level, currency, away): "is below {level} {currency}{away}";
    went_above(level, currency, away): "went above {level} {currency}{away}";
    went_below(level, currency, away): "went below {level} {currency}{away}";
    while_away: " while the server was offline";
    above_percent(level, away): "above {level}%{away}";
    below_percent(level, away): "below {level}%{away}";
    passed_while_away: ", passed while the server was offline";
    moved_today(side): "moved today, {side}";
    unchanged_today(side): "is unchanged today, {side}";
    up_today(change, side): "is up {change}% today, {side}";
    down_today(change, side): "is down {change}% today, {side}";
}
