//! The texts around every page: navigation, dialogs and notices.

area! {
    /// The texts around every page: navigation, dialogs and notices.
    Frame from super::common::Common::END;

    skip_to_the_page: "Skip to the page";
    main_navigation: "Main";
    main_navigation_below: "Main, below";
    badge_unread: " unread";
    hide_amounts: "Hide amounts";
    switch_theme: "Switch between dark and light";
    dark_or_light: "Dark or light";
    simulated_market: "Simulated market.";
    simulated_market_rest: " Prices are made up by a seeded model. ";
    replayed_market: "Replayed market.";
    replayed_market_rest: " Prices come from a file of recorded ticks, at their own times. ";
    as_of_lead: "As of ";
    live: "Live";
    reconnecting: "Reconnecting…";
    stale_since_lead: "Stale since ";
    market_closed: "Market closed";
    offline: "Offline";
    open_the_inbox: "Open the inbox";
    dismiss: "Dismiss";
    keyboard: "Keyboard";
    activity_the_ledger: "Activity, the ledger";
    operations_how: "Operations: how the server is doing";
    this_help: "This help";
    close_what_is_open: "Close what is open";
    instruments: "Instruments";
    key_choose: " choose ";
    key_open: " open ";
    key_close: " close";
    total_spoken(total, left_out, day): "Total value {total}{left_out}{day}";
    day_spoken(direction, percent): ", {direction}{percent} today";
    nothing_found: "Nothing found";
    nothing_found_hint: "Try a part of the name, or the ticker as your exchange writes it.";
    not_found: "Not found";
    nothing_here: "There is nothing here";
    nothing_here_hint: "The page may have moved, or the address has a slip in it.";
    part_not_fetched: "a part of this program could not be fetched; load the page again";
    no_figures_came: "the page came without its figures; load it again";
    document_description: "Your portfolio, live: prices, profit and loss, and price alerts.";
}
