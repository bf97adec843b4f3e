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
    no_such_instrument_lead: "No instrument ";
    no_such_instrument_hint: "Check the ticker: 1 to 32 letters, digits and . ^ = _ -, such as AAPL or EURUSD=X. A new instrument appears here with its first price.";
    to_your_alerts: "Go to alerts";
    portfolio_is_safe(reason): "{reason} Your portfolio and alerts are not affected.";
    range_navigation: "Range";
    your_position: "Your position";
    none_held_now: "Position closed.";
    never_held: "You don't own it. Add a buy to track it.";
    first_in_first_out: "FIFO";
    average_cost: "Average cost";
    cost: "Cost";
    dividends: "Dividends";
    year: "Year";
    received: "Received";
    after_fee_and_tax: "After fees & tax";
    in_currency(currency): "In {currency}";
    day_in(currency): "Day in {currency}";
    unrealised_gain: "Unrealised gain";
    realised_gain: "Realised gain";
    total_return: "Total return";
    open_price: "Open";
    fifty_two_weeks: "52 weeks";
    volume: "Volume";
    average_of(volume): "average {volume}";
    bought: "Bought";
    unit_cost: "Cost per share";
    sale_order: "sold oldest first";
    sold_short: "Sold short";
    unit_price: "Price per share";
    proceeds: "Proceeds";
    cover_order: "covered oldest first";
    open_lots: "Lots";
    lots_order(count, order): "{count} · {order}";
    oldest_shown(count): " · the oldest {count} shown";
    at_todays_rate(cost, currency): "= {cost} {currency} at today’s rate";
    price_since: "Return";
    show_all(count): "Show all {count}";
    your_trades: "Transactions";
    price_or_amount: "Price or amount";
    by_hand_lead: "By hand, ";
    last_trade_lead: "Last trade, ";
    dated_prices: "Prices";
    day_of_price: "Day of the price";
    price_of_day: "Price on that day";
    paste_prices: "Paste several";
    prices_per_line: "A day and a price per line";
    prices_example: "2026-11-12 45.20";
    save_prices: "Save price";
    description: "Description";
    save_description: "Save description";
    asset_class: "Class";
    sector: "Sector";
    country: "Country";
}
