//! What the page of settings says.

area! {
    /// What the page of settings says.
    SettingsPage from super::inbox_page::InboxPage::END;

    feed_simulated: "Simulated market: prices are made up by a seeded model";
    feed_replay: "Replayed market: prices come from a file";
    feed_pushed: "Pushed quotes: prices come from programs that send them";
    stream_connecting: "Connecting";
    stream_live: "Open, live";
    stream_reconnecting: "Reconnecting; nothing is lost meanwhile";
    stream_stale: "Open, but market data is old";
    stream_closed: "Open; the market is closed";
    stream_offline: "This device is offline";
    about: "About";
    version: "Version";
    prices: "Prices";
    stream: "Stream";
    how_this_server_is_doing: "How this server is doing";
    for_programs: "For programs";
    interface_description: "The interface's description";
    appearance: "Appearance";
    no_script_theme: "Without JavaScript the page follows your system's theme.";
    theme: "Theme";
    as_the_system: "As the system";
    light: "Light";
    dark: "Dark";
    gains_and_losses: "Gains and losses";
    gains_and_losses_hint: "Sign and arrow tell the direction in either palette.";
    green_and_red: "Green and red";
    blue_and_orange: "Blue and orange";
    amounts: "Amounts";
    amounts_hint: "Hidden on every page of this browser; prices and percentages stay.";
    shown: "Shown";
    hidden: "Hidden";
    language_heading: "Language";
    language_hint: "Texts, figures and dates. Numbers are typed as they are shown: with a point, 1234.50.";
    use_language: "Use this language";
    connected_now: "Connected now";
    no_page_connected: "No page is connected";
    no_page_connected_hint: "An open page with JavaScript shows here with its device, for as long as its stream stands.";
    list_not_read(reason): "The list could not be read: {reason}. Streams are not affected.";
    this_tab: "This tab";
    since_lead: "Since ";
    worker_named(name): "Worker {name}";
    notifications_need_script: "This needs JavaScript. Without it, alerts still go off on the server and wait in the inbox.";
    notifications_unsupported: "This browser shows no notifications here. They need https, or this very machine.";
    notifications_denied: "This browser was told not to ask. Allow notifications for this site in its settings, then come back.";
    notifications_off: "Off. When switched on, an alert also shows as a notification while the page is open in a background tab.";
    notifications_on: "On. An alert also shows as a notification while the page is open in a background tab.";
    switch_off: "Switch off";
    switch_on: "Switch on";
    browser_notifications: "Browser notifications";
    no_portfolios_hint: "None yet. Make one below; its currency is what everything in it is valued in.";
    renamed: "Renamed.";
    rename: "Rename";
    cash_is_tracked: "Cash is tracked";
    cash_is_not_tracked: "Cash isn't tracked";
    delete_portfolio_question(name): "Delete “{name}” with its whole ledger? This cannot be undone.";
    new_portfolio: "New portfolio";
    portfolio_example: "Retirement";
    portfolio_currency_hint: "Three capital letters. It stays as it is.";
    make_it: "Make it";
}
