//! The texts of the overview.

area! {
    /// The texts of the overview.
    Overview from super::frame::Frame::END;

    allocation: "Allocation";
    allocation_by_class: "Allocation by class";
    allocation_hint: "Appears once a holding has a price.";
    holdings_below[count]: "holding|holdings";
    closest_alerts: "Closest alerts";
    new_alert_short: "+ New";
    no_alert_armed: "No alert is armed";
    no_alert_armed_hint: "Prices are watched on the server, also while no page is open.";
    make_an_alert: "Make an alert";
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
    largest_shown(count): "The {count} largest holdings are shown. Each of the others has a page of its own.";
    today_column: "Today";
    day_column_about: "In the portfolio’s currency: the price’s change and the exchange rate’s together";
    all_notifications: "All";
    notifications_spoken: " notifications";
    nothing_has_gone_off: "Nothing has gone off";
    nothing_has_gone_off_hint: "When an alert fires, it says here what happened and why.";
    at_price(price): "at {price}";
    at_price_from(price, previous): "at {price}, from {previous}";
    alerts_and_inbox: "Alerts and inbox";
    loading_the_overview: "Loading the overview";
    your_first_portfolio: "Your first portfolio";
    first_portfolio_hint: "A portfolio holds what you bought and sold. Give it a name and the currency you think in; instruments may be in any.";
    make_the_portfolio: "Make the portfolio";
    nothing_held: "Nothing is held yet";
    nothing_held_hint: "Enter what you bought, and its price and gain move here from then on.";
    enter_an_activity: "Enter an activity";
    look_at_the_market: "Look at the market";
    track_cash_question: "Track cash in this portfolio?";
    track_cash_hint: "If you do, cash counts in the total, and purchases are paid from it: enter every deposit and withdrawal. If you don't, the total is what your holdings are worth. You can change this in Settings.";
    track_cash: "Track cash";
    do_not_track_cash: "Don't track cash";
}
