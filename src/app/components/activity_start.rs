//! What the ledger's form begins with: nothing, an entry that is changed, or what was typed before.

use crate::app::prelude::words;
use crate::app::refused_form::typed_value;
use crate::wire::views::ActivityView;

/// What the form's inputs hold at first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityStart {
    /// The entry that is changed; empty for a new one.
    pub activity: String,
    /// The revision it was read at; empty for a new one.
    pub revision: String,
    /// The kind as the API names it, such as `buy` or `dividend`.
    pub kind: String,
    /// A date such as `2026-11-21`, or a date with a time of day.
    pub time: String,
    /// The ticker of the instrument that is traded, such as `AAPL`; empty for a kind without one, such as a deposit.
    pub ticker: String,
    /// How many units are traded, or the ratio of a split.
    pub quantity: String,
    /// The price of one unit, in `currency`.
    pub price: String,
    /// The amount of an activity without units, such as a deposit, in `currency`.
    pub amount: String,
    /// The fee of the activity, in `currency`.
    pub fee: String,
    /// The tax of the activity, in `currency`.
    pub tax: String,
    /// The code of the currency in which price, amount, fee and tax are, such as `EUR`.
    pub currency: String,
    /// The broker's rate; empty where the day's rate was used.
    pub exchange_rate: String,
    /// Whether a sale opens a short position.
    pub opens_short: bool,
    /// Whether an opening balance or a transfer is of money instead of units.
    pub of_money: bool,
    /// The id of the account that it is in; empty for none.
    pub account: String,
    /// Its tags, with commas between them.
    pub tags: String,
    /// The person's own note, shown beside the entry.
    pub note: String,
}

impl ActivityStart {
    /// Takes the inputs from an entry that is to be changed.
    pub fn of(entry: &ActivityView) -> Self {
        let written = |value: rust_decimal::Decimal| words().editable(value);
        let filled = |value: rust_decimal::Decimal| if value.is_zero() { String::new() } else { written(value) };
        Self {
            activity: entry.activity_id.clone(),
            revision: entry.revision.to_string(),
            kind: entry.kind.word().into(),
            time: entry.date.map_or_else(|| entry.time.to_string(), |date| date.to_string()),
            ticker: entry.ticker.as_ref().map(ToString::to_string).unwrap_or_default(),
            quantity: entry.quantity.map(written).unwrap_or_default(),
            price: entry.price.map(written).unwrap_or_default(),
            amount: entry.amount.map(written).unwrap_or_default(),
            fee: filled(entry.fee),
            tax: filled(entry.tax),
            currency: entry.currency.to_string(),
            exchange_rate: if entry.converted { written(entry.exchange_rate) } else { String::new() },
            opens_short: entry.opens_short,
            of_money: entry.ticker.is_none() && entry.kind.figures().money_instead,
            account: entry.account.clone().unwrap_or_default(),
            tags: entry.tags.join(", "),
            note: entry.note.clone().unwrap_or_default(),
        }
    }

    /// Returns what a copy begins with: the figures of this one, today, at today's rate.
    #[must_use]
    pub fn copied(self) -> Self {
        let exchange_rate = String::new();
        Self { activity: String::new(), revision: String::new(), time: String::new(), exchange_rate, ..self }
    }

    /// Returns the fields by which the form would be sent, for the ledger of a portfolio.
    pub fn fields<'a>(&'a self, portfolio: &'a str) -> Vec<(&'static str, &'a str)> {
        vec![
            ("portfolio", portfolio),
            ("language", words().numbers().word()),
            ("activity", &self.activity),
            ("revision", &self.revision),
            ("kind", &self.kind),
            ("time", &self.time),
            ("ticker", &self.ticker),
            ("quantity", &self.quantity),
            ("price", &self.price),
            ("amount", &self.amount),
            ("fee", &self.fee),
            ("tax", &self.tax),
            ("currency", &self.currency),
            ("exchange_rate", &self.exchange_rate),
            ("opens_short", if self.opens_short { "true" } else { "" }),
            ("of_money", if self.of_money { "true" } else { "" }),
            ("account", &self.account),
            ("tags", &self.tags),
            ("note", &self.note),
        ]
    }

    /// Takes the inputs from the fields of a form, URL-encoded.
    pub fn typed(fields: &str) -> Self {
        let text = |name| typed_value(fields, name).unwrap_or_default();
        Self {
            activity: text("activity"),
            revision: text("revision"),
            kind: text("kind"),
            time: text("time"),
            ticker: text("ticker"),
            quantity: text("quantity"),
            price: text("price"),
            amount: text("amount"),
            fee: text("fee"),
            tax: text("tax"),
            currency: text("currency"),
            exchange_rate: text("exchange_rate"),
            opens_short: !text("opens_short").is_empty(),
            of_money: !text("of_money").is_empty(),
            account: text("account"),
            tags: text("tags"),
            note: text("note"),
        }
    }
}
