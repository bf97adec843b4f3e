//! The texts of the overview.

area! {
    /// The texts of the overview.
    Overview from super::frame::Frame::END;

    allocation: "Allocation";
    allocation_by_class: "Allocation by class";
    by_class: "Class";
    by_currency: "Currency";
    by_holding: "Holding";
    other_part: "Other";
    allocation_hint: "Appears once a holding has a price.";
    holdings_below[count]: "holding|holdings";
    closest_alerts: "Closest alerts";
    new_alert_short: "+ New";
    no_alert_armed: "No active alerts";
    no_alert_armed_hint: "Alerts are checked on the server, even when this page is closed.";
    make_an_alert: "Create alert";
    price_and_change: "Price, day's change";
    total_row: "Total";
    day_in_both(currency): "Beside the price, the day's change is in the instrument's currency. “Day” is in {currency} and includes the currency's move.";
    total_gain_heading: "Total gain, all time";
    day_change_about: "Since the last close. Percent of the value then and of what was put in since.";
    total_gain_about: "Percent of the money invested, averaged over the time it was invested.";
    income_this_year: "Income this year";
    sorted_by(count, column): "{count} · sorted by {column}";
    sorted_name: "name";
    sorted_day: "day change";
    sorted_value: "value";
    sorted_gain: "gain";
    sorted_weight: "weight";
    largest_shown(count): "The {count} largest holdings are shown. Each of the others has its own page.";
    today_column: "Today";
    day_column_about: "In the portfolio’s currency: the price’s change and the exchange rate’s together";
    all_notifications: "All";
    notifications_spoken: " notifications";
    nothing_has_gone_off: "No notifications yet";
    nothing_has_gone_off_hint: "Alerts that fire appear here.";
    at_price(price): "at {price}";
    at_price_from(price, previous): "at {price}, from {previous}";
    alerts_and_inbox: "Alerts and inbox";
    loading_the_overview: "Loading the overview";
    this_is_a_demo: "Demo portfolio";
    this_is_a_demo_hint: "Its transactions are made up, so that you can look around.";
    start_your_own: "Start your own";
    remove_the_demo: "Remove demo";
    remove_the_demo_question: "Remove the demo portfolio and its transactions?";
    moved_most_today: "Moved most today";
    step_portfolio: "Create a portfolio";
    step_holding: "Add what you own";
    step_alert: "Watch it live and set an alert";
    step_done: ", done";
    your_first_portfolio: "Create your first portfolio";
    first_portfolio_hint: "Choose a name and the currency for totals. Holdings can be in any currency.";
    make_the_portfolio: "Create portfolio";
    nothing_held: "No holdings yet";
    nothing_held_hint: "Add a buy to start.";
    enter_an_activity: "Add transaction";
    look_at_the_market: "Browse instruments";
    track_cash_question: "Track cash in this portfolio?";
    track_cash_hint: "If you do, cash counts in the total and buys are paid from it, so add every deposit and withdrawal. If you don't, the total is the value of your holdings. You can change this in Settings.";
    track_cash: "Track cash";
    do_not_track_cash: "Don't track cash";
}
