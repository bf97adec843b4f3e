//! What charts and their tables say.

area! {
    /// What charts and their tables say.
    Charts from super::instrument::Instrument::END;

    yesterday_lead: "Yesterday ";
    no_line_today: "Today's chart begins with the first prices.";
    value_point_by_point: "Value today, point by point";
    value_today: "Value today";
    range_day: "1D";
    range_week: "1W";
    range_month: "1M";
    range_year: "1Y";
    range_five_years: "5Y";
    over_today: "today";
    over_one_week: "over one week";
    over_one_month: "over one month";
    over_one_year: "over one year";
    over_five_years: "over five years";
    price_point_by_point(ticker): "{ticker} price, point by point";
    points_spread(shown, total): "{shown} of {total} points, evenly spread";
    the_charts_figures: "Chart data";
    low: "Low";
    high: "High";
    close_price: "Close";
    trade_at(kind, quantity, price, day): "{kind} {quantity} at {price}, {day}";
    no_history_yet: "No price history for this range yet. It builds up as prices arrive.";
    previous_close: "Previous close";
    previous_close_at(price): "Previous close {price}";
    price_from_to(range, from, to): "Price {range}, from {from} to {to}";
}
