//! What is typed into the form of an account.

/// What was typed into the form of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountForm {
    /// The account that it changes; empty for a new one.
    pub account_id: String,
    /// The name.
    pub name: String,
    /// The currency; empty for the portfolio's.
    pub currency: String,
    /// The word of the kind.
    pub kind: String,
}
