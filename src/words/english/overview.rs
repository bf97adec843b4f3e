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
    all_time: "all time";
    day_change_about: "Since the last close. Percent of the value then and of what was put in since.";
    total_gain_about: "Percent of the money invested, averaged over the time it was invested.";
    income_this_year_lead: "Income this year ";
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
