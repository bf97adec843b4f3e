//! The texts around every page: navigation, dialogs and notices.

area! {
    /// The texts around every page: navigation, dialogs and notices.
    Frame from super::common::Common::END;

    skip_to_the_page: "Skip to content";
    main_navigation: "Main";
    main_navigation_below: "Main, bottom";
    badge_unread: " unread";
    hide_amounts: "Hide amounts";
    switch_theme: "Switch between dark and light";
    dark_or_light: "Dark or light";
    simulated_market: "Simulated market:";
    simulated_market_rest: " these prices are not real. ";
    replayed_market: "Replayed market:";
    replayed_market_rest: " these prices are recorded, with their original times. ";
    as_of_lead: "As of ";
    live: "Live";
    reconnecting_since_lead: "Reconnecting, as of ";
    stale_since_lead: "Stale since ";
    market_closed: "Market closed";
    server_is_away: "Can't reach the server. Retrying…";
    no_instrument_found(text): "No instrument “{text}”. Try a part of its name, or its ticker.";
    too_many_tabs: "Too many tabs";
    too_many_tabs_hint: "Other tabs use all live connections. Close one, then press here.";
    search_or_do: "Search instruments, pages and actions";
    found_list: "Results";
    connect_again: "Connect again";
    offline_since_lead: "Offline, as of ";
    open_the_inbox: "Open inbox";
    dismiss: "Dismiss";
    keyboard: "Keyboard";
    activity_the_ledger: "Transactions";
    operations_how: "Operations: server status";
    this_help: "This help";
    close_what_is_open: "Close";
    instruments: "Instruments";
    key_choose: " choose ";
    key_open: " open ";
    key_close: " close";
    total_spoken(total, left_out, day): "Total value {total}{left_out}{day}";
    day_spoken(direction, percent): ", {direction}{percent} today";
    nothing_found: "Nothing found";
    nothing_found_hint: "Try part of the name, or the ticker as your exchange writes it.";
    not_found: "Not found";
    nothing_here: "Page not found";
    nothing_here_hint: "Check the address. The page may have moved.";
    part_not_fetched: "Part of this page could not be loaded. Reload it.";
    no_figures_came: "This page arrived without its data. Reload it.";
    document_description: "Your portfolio, live: prices, profit and loss, and price alerts.";
}
