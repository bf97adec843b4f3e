//! What the page of settings says.

area! {
    /// What the page of settings says.
    SettingsPage from super::inbox_page::InboxPage::END;

    feed_simulated: "Simulated market: these prices are not real";
    feed_replay: "Replayed market: these prices are recorded";
    feed_pushed: "Sent by your programs";
    stream_connecting: "Connecting";
    stream_live: "Live";
    stream_reconnecting: "Reconnecting";
    stream_stale: "Connected, but prices are old";
    stream_closed: "Connected, market closed";
    stream_offline: "This device is offline";
    about: "About";
    version: "Version";
    prices: "Prices";
    stream: "Connection";
    how_this_server_is_doing: "Server status";
    for_programs: "API";
    interface_description: "OpenAPI document";
    appearance: "Appearance";
    no_script_theme: "Without JavaScript the page follows your system's theme.";
    theme: "Theme";
    as_the_system: "System";
    light: "Light";
    dark: "Dark";
    gains_and_losses: "Gains and losses";
    gains_and_losses_hint: "Signs and arrows show direction too.";
    green_and_red: "Green and red";
    blue_and_orange: "Blue and orange";
    amounts: "Amounts";
    amounts_hint: "Hides amounts in this browser. Prices and percentages stay.";
    shown: "Shown";
    hidden: "Hidden";
    language_heading: "Language";
    language_hint: "Texts, numbers and dates. Enter numbers as they are shown, with a point: 1234.50.";
    use_language: "Use this language";
    connected_now: "Devices";
    no_page_connected: "No open tabs";
    no_page_connected_hint: "Open tabs appear here.";
    list_not_read(reason): "The list could not be loaded. {reason}";
    this_tab: "This tab";
    since_lead: "Since ";
    worker_named(name): "Worker {name}";
    notifications_need_script: "Browser notifications need JavaScript. Without it, alerts still fire and appear in the inbox.";
    notifications_unsupported: "This browser can't show notifications here. They need HTTPS.";
    notifications_denied: "Notifications are blocked for this site. Allow them in your browser's settings.";
    notifications_off: "Off. Switch on to see alerts as notifications while this page is open in a background tab.";
    notifications_on: "On. Alerts also appear as notifications while this page is open in a background tab.";
    switch_off: "Switch off";
    switch_on: "Switch on";
    browser_notifications: "Browser notifications";
    no_portfolios_hint: "No portfolios yet. Create one below.";
    save: "Save";
    renamed: "Renamed.";
    rename: "Rename";
    cash_is_tracked: "Cash is tracked";
    cash_is_not_tracked: "Cash isn't tracked";
    delete_portfolio_question(name): "Delete “{name}” with all its transactions? This can't be undone.";
    new_portfolio: "New portfolio";
    portfolio_example: "Retirement";
    portfolio_currency_hint: "3-letter code such as EUR. It can't be changed later.";
    make_it: "Create portfolio";
}
