//! What the ledger and its form say.

area! {
    /// What the ledger and its form say.
    Activity from super::alerts::Alerts::END;

    kind_buy: "Buy";
    kind_sell: "Sell";
    kind_dividend: "Dividend";
    kind_interest: "Interest";
    kind_deposit: "Deposit";
    kind_withdrawal: "Withdrawal";
    kind_split: "Split";
    what_happened: "What happened";
    instrument_hint: "For buy, sell, dividend, split";
    when_hint: "A date, or a time such as 2026-11-02T09:30:00Z";
    quantity_hint: "For buy and sell; for a split, units after per unit before";
    price_per_unit: "Price per unit";
    price_hint: "For buy and sell";
    amount_hint: "For all but buy, sell and split";
    price_example: "221.30";
    level_example: "230.00";
    amount_example: "100.00";
    as_quoted: "as quoted";
    entry_currency_hint: "Empty: the instrument's, or the portfolio's";
    brokers_rate: "Broker's exchange rate";
    the_days_rate: "the day's";
    brokers_rate_hint: "Only where the broker converted";
    opens_short: "Opens a short position";
    opens_short_hint: "Only where you sell shares that you don't own.";
    enter_it: "Enter it";
    empty_value: "empty";
    changed_meanwhile: "This transaction changed meanwhile. Your version is in the form; saving it replaces the stored one.";
    stored: "Stored";
    yours: "Yours";
    discard_my_changes: "Discard my changes";
    type_label: "Type";
    date_label: "Date";
    exchange_rate: "Exchange rate";
    no_instrument_lead: "No instrument ";
    yet_add_it_in(currency): " yet. Add it in {currency}?";
    its_currency: "Its currency";
    add_ticker(ticker): "Add {ticker}";
    change_an_entry: "Change an entry";
    new_entry: "New entry";
    no_portfolio_yet: "There is no portfolio yet";
    no_portfolio_yet_hint: "A portfolio has a name and a currency. Its ledger is where purchases, sales and dividends are entered; everything else follows from it.";
    make_a_portfolio: "Make a portfolio";
    entries_newest_first[count]: "{count} entry · newest first|{count} entries · newest first";
    entries_of[count](ticker): "{count} entry of {ticker} · newest first|{count} entries of {ticker} · newest first";
    range_of(first, last, entries): "{first} to {last} of {entries}";
    show_every_instrument: "Show every instrument";
    page_of(page, last): "Page {page} of {last}";
    pages_of_the_ledger: "Pages of the ledger";
    previous_page: "Previous";
    next_page: "Next";
    ledger_is_empty: "The ledger is empty";
    ledger_is_empty_hint: "Enter your first purchase. Its price then moves here, live, and so does the gain.";
    enter_a_purchase: "Enter a purchase";
    incomplete_entries(count): "{count} incomplete";
    money: "Money";
    rebate(amount): "rebate {amount}";
    units_word: " units";
    more_sold_than_held: "More was sold than was held. Enter the missing purchase; nothing is guessed.";
    estimated_rate: "estimated rate";
    estimated_rate_about: "No rate was known for that day, so a later one was used. Edit the transaction to enter the rate your broker used.";
    delete_entry_question: "Delete this entry? Positions and gains are folded anew without it.";
}
