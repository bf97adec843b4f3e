//! Accounts: where within a portfolio its units and its money are.

use serde::{Deserialize, Serialize};

use super::money::Currency;

/// The store's number of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub i64);

/// Where an account is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// With a broker.
    Broker,
    /// With a bank.
    Bank,
    /// In a wallet, such as one of coins.
    Wallet,
    /// Anywhere else, such as under a mattress.
    #[default]
    Other,
}

impl AccountKind {
    /// Every kind of account, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Broker, Self::Bank, Self::Wallet, Self::Other];

    /// Returns the word by which programs and forms name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Bank => "bank",
            Self::Wallet => "wallet",
            Self::Other => "other",
        }
    }
}

/// A part of a portfolio that is kept somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The number that the store gave it.
    pub id: AccountId,
    /// The person's own name for it: no two of a portfolio have the same.
    pub name: String,
    /// What its entries are in unless told; `None` for the portfolio's.
    pub currency: Option<Currency>,
    /// Where it is kept.
    pub kind: AccountKind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_written_by_its_word() {
        for kind in AccountKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
