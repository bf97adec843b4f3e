//! The pages of accounts and of histories. They are drawn by the server alone, so that no browser needs their texts.

area! {
    /// The pages of accounts and of histories.
    BooksPage from super::import_page::ImportPage::END;

    accounts_heading: "Accounts";
    accounts_about: "Where a portfolio's holdings and cash are kept. Choose an account in a transaction to file it there.";
    no_accounts_yet: "No accounts yet";
    no_accounts_hint: "Add a broker, a bank or a wallet, and file transactions under it.";
    new_account: "New account";
    add_account: "Add account";
    account_kind: "Kind";
    kind_broker: "Broker";
    kind_bank: "Bank";
    kind_wallet: "Wallet";
    kind_other: "Other";
    portfolios_currency: "The portfolio's";
    account_example: "Main broker";
    account_is_empty: "Nothing in it";
    account_transactions: "Transactions";
    save_account: "Save";
    edit_account: "Edit";
    history_heading: "History";
    history_about: "Every version, the newest first.";
    was_created: "Added";
    was_changed: "Changed";
    was_rated: "Exchange rate of the day filled in";
    was_deleted: "Deleted";
    was_restored: "Brought back";
    was_undone: "Change undone";
    at_an_unknown_time: "at a time that was not kept";
    by_someone(name): "by {name}";
    take_change_back: "Undo the last change";
    bring_entry_back: "Bring it back";
    entry_is_gone: "This transaction was deleted.";
    entry_field: "Field";
    entry_before: "Before";
    entry_after: "After";
    back_to_transactions: "All transactions";
    nothing_else_changed: "No field changed.";
}
