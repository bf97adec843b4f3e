//! The pages of accounts and of histories. They are drawn by the server alone, so that no browser needs their texts.

use crate::words::Language;
use crate::words::english::books_page::BooksPage;

/// The texts of the pages of accounts and of histories in German.
pub(crate) const GERMAN: BooksPage = BooksPage {
    accounts_heading: "Konten",
    accounts_about: "Wo die Bestände und das Geld eines Portfolios liegen. Wähle in einer Transaktion ein Konto, um sie dort einzuordnen.",
    no_accounts_yet: "Noch keine Konten",
    no_accounts_hint: "Füge einen Broker, eine Bank oder ein Wallet hinzu und ordne ihm Transaktionen zu.",
    new_account: "Neues Konto",
    add_account: "Konto hinzufügen",
    account_kind: "Art",
    kind_broker: "Broker",
    kind_bank: "Bank",
    kind_wallet: "Wallet",
    kind_other: "Sonstiges",
    portfolios_currency: "Die des Portfolios",
    account_example: "Hauptdepot",
    account_is_empty: "Nichts darin",
    account_transactions: "Transaktionen",
    save_account: "Speichern",
    edit_account: "Bearbeiten",
    history_heading: "Verlauf",
    history_about: "Alle Fassungen, die neueste zuerst.",
    was_created: "Hinzugefügt",
    was_changed: "Geändert",
    was_rated: "Wechselkurs des Tages eingetragen",
    was_deleted: "Gelöscht",
    was_restored: "Zurückgeholt",
    was_undone: "Änderung rückgängig gemacht",
    at_an_unknown_time: "zu einer Zeit, die nicht festgehalten wurde",
    by_someone: "von {name}",
    take_change_back: "Letzte Änderung rückgängig machen",
    bring_entry_back: "Zurückholen",
    entry_is_gone: "Diese Transaktion wurde gelöscht.",
    entry_field: "Feld",
    entry_before: "Vorher",
    entry_after: "Nachher",
    back_to_transactions: "Alle Transaktionen",
    nothing_else_changed: "Kein Feld hat sich geändert.",
}
.checked(Language::German);
