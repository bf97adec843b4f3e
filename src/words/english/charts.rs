//! What charts and their tables say.

area! {
    /// What charts and their tables say.
    Charts from super::instrument::Instrument::END;

    yesterday_lead: "Yesterday ";
    no_line_today: "Today's chart begins with the first prices.";
    value_point_by_point: "Total value, point by point";
    value_from_to(range, from, to): "Total value {range}, from {from} to {to}";
    now: "Now";
    value_line: "Value";
    net_contributions: "Net contributions";
    your_gain_between: "Between the lines: your gain";
    too_many_for_a_chart: "This portfolio holds too many instruments for a chart of earlier days.";
    no_value_before: "Your chart begins with the first full day.";
    range_day: "1D";
    range_week: "1W";
    range_month: "1M";
    range_quarter: "3M";
    range_year: "1Y";
    range_five_years: "5Y";
    range_all: "All";
    over_today: "today";
    over_one_week: "over one week";
    over_one_month: "over one month";
    over_three_months: "over three months";
    over_one_year: "over one year";
    over_five_years: "over five years";
    over_all_time: "all time";
    price_point_by_point(ticker): "{ticker} price, point by point";
    points_spread(shown, total): "{shown} of {total} points, evenly spread";
    the_charts_figures: "Chart data";
    million_short: " M";
    billion_short: " B";
    low: "Low";
    high: "High";
    close_price: "Close";
    bought_units(quantity): "Bought {quantity}";
    sold_units(quantity): "Sold {quantity}";
    several_trades(count): "{count} trades";
    trade_at(kind, quantity, price, day): "{kind} {quantity} at {price}, {day}";
    no_history_yet: "No price history for this range yet. It builds up as prices arrive.";
    previous_close: "Previous close";
    previous_close_at(price): "Previous close {price}";
    price_from_to(range, from, to): "Price {range}, from {from} to {to}";
}
