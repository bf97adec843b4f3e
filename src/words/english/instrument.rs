//! What the page of an instrument says.

area! {
    /// What the page of an instrument says.
    Instrument from super::activity::Activity::END;

    no_previous_close: "Unknown: no previous close yet";
    bid_lead: "Bid ";
    ask_lead: " · Ask ";
    no_price_yet(ticker): "No price for {ticker} yet.";
    delayed_from_lead: "Delayed, from ";
    market_closed_last_price_lead: "Market closed, last price ";
    no_such_instrument_lead: "There is no instrument called ";
    no_such_instrument_hint: "A ticker has 1 to 32 letters, digits and . ^ = _ -, as in AAPL or EURUSD=X. It exists here once the feed has quoted it.";
    to_your_alerts: "To your alerts";
    portfolio_is_safe(reason): "{reason}. Your portfolio and your alerts are safe: alerts are watched on the server, whether or not this page is open.";
    range_navigation: "Range";
    your_position: "Your position";
    none_held_now: "You hold none of it now.";
    never_held: "You have never held it. Enter a purchase, and its value follows the price here.";
    first_in_first_out: "First in, first out";
    average_cost: "Average cost";
    cost: "Cost";
    realised: "Realised";
    bought: "Bought";
    unit_cost: "Unit cost";
    sale_order: "a sale takes them in this order";
    sold_short: "Sold short";
    unit_price: "Unit price";
    proceeds: "Proceeds";
    cover_order: "a purchase covers them in this order";
    open_lots: "Open lots";
    lots_order(count, order): "{count} · oldest first: {order}";
    oldest_shown(count): " · the oldest {count} are shown";
    at_todays_rate(cost, currency): "= {cost} {currency} at today’s rate";
    price_since: "Price since";
    show_all(count): "Show all {count}";
    your_trades: "Your trades";
    price_or_amount: "Price or amount";
}
