//! What happened in a portfolio: the ledger's entries, from which everything else is folded.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::instrument::Ticker;
use super::money::{ArithmeticError, Currency, plus, times};

/// The store's number of an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActivityId(pub i64);

/// The kind of an activity, which says what its figures mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// Instruments came in for money.
    Buy,
    /// Instruments went out for money.
    Sell,
    /// An instrument paid out.
    Dividend,
    /// Interest was earned on cash.
    Interest,
    /// A fee of its own, not one of a trade.
    Fee,
    /// A tax of its own, not one of a trade.
    Tax,
    /// Money came in from outside.
    Deposit,
    /// Money went out of the portfolio, such as to a bank account.
    Withdrawal,
    /// One unit became `quantity` units.
    Split,
    /// What was there before the first entry: units at what they count from, or cash.
    OpeningBalance,
    /// Units or money came in from elsewhere.
    TransferIn,
    /// Units or money went elsewhere.
    TransferOut,
    /// An instrument paid out in units of itself.
    ReinvestedDividend,
    /// Units came in because of other units: of a company that was split off, or as a bonus.
    SpinOff,
}

/// Which figures a kind of activity has: what a form asks for, what a draft must and may not hold, and what is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Whether it is about an instrument.
    pub ticker: bool,
    /// Whether it may be an amount of money instead of units of an instrument.
    pub money_instead: bool,
    /// Whether it counts units: those of a trade, or those after a split for one before it. More than zero.
    pub quantity: bool,
    /// Whether it has a price per unit. Not below zero.
    pub price: bool,
    /// Whether that price is zero where none is written.
    pub may_be_free: bool,
    /// Whether it is an amount of money, and of which sign.
    pub amount: Option<Sign>,
    /// Whether it moves money, in some currency and at some rate.
    pub money: bool,
    /// Whether a fee and a tax usually come with it. Those of other kinds are taken as well: brokers write strange things.
    pub charges: bool,
    /// Whether that fee and tax may be below zero, as something given back.
    pub rebates: bool,
    /// Whether it may open a short position.
    pub opens_short: bool,
}

/// Which sign an amount may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Greater than zero, such as the price of a purchase.
    Positive,
    /// Anything but zero: a fee or a tax that was paid back is below it.
    Either,
}

impl ActivityKind {
    /// Every kind of activity, in the order of the form.
    pub const ALL: [Self; 14] = [
        Self::Buy,
        Self::Sell,
        Self::Dividend,
        Self::Interest,
        Self::Fee,
        Self::Tax,
        Self::Deposit,
        Self::Withdrawal,
        Self::Split,
        Self::OpeningBalance,
        Self::TransferIn,
        Self::TransferOut,
        Self::ReinvestedDividend,
        Self::SpinOff,
    ];

    /// Whether it takes money where it moves any: a purchase, a withdrawal, a fee, a tax, a transfer out. A split moves none, and is
    /// not among them.
    pub fn takes_money(self) -> bool {
        matches!(self, Self::Buy | Self::Withdrawal | Self::Fee | Self::Tax | Self::TransferOut)
    }

    /// Whether units that it counts leave: those of a sale or of a transfer out.
    pub fn takes_units(self) -> bool {
        matches!(self, Self::Sell | Self::TransferOut)
    }

    /// Whether it is folded as other entries that it stands for, such as a transfer in of units as a deposit and a purchase.
    pub fn stands_for_others(self) -> bool {
        use ActivityKind::{OpeningBalance, ReinvestedDividend, SpinOff, TransferIn, TransferOut};
        matches!(self, OpeningBalance | TransferIn | TransferOut | ReinvestedDividend | SpinOff)
    }

    /// Returns the word by which programs and forms name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
            Self::Dividend => "dividend",
            Self::Interest => "interest",
            Self::Fee => "fee",
            Self::Tax => "tax",
            Self::Deposit => "deposit",
            Self::Withdrawal => "withdrawal",
            Self::Split => "split",
            Self::OpeningBalance => "opening_balance",
            Self::TransferIn => "transfer_in",
            Self::TransferOut => "transfer_out",
            Self::ReinvestedDividend => "reinvested_dividend",
            Self::SpinOff => "spin_off",
        }
    }

    /// Returns which figures this kind has; of a kind that may be money instead, those of units.
    ///
    /// ```
    /// use foliostream::domain::activity::{ActivityKind, Sign};
    /// let [buy, tax] = [ActivityKind::Buy, ActivityKind::Tax].map(ActivityKind::figures);
    /// assert!(buy.ticker && buy.quantity && buy.price && buy.amount.is_none());
    /// assert!(!tax.ticker && !tax.quantity && !tax.price && tax.amount == Some(Sign::Either));
    /// ```
    pub fn figures(self) -> Figures {
        match self {
            Self::Buy => TRADE,
            Self::Sell => Figures { opens_short: true, ..TRADE },
            Self::Dividend => Figures { ticker: true, ..PAYMENT },
            Self::Interest => PAYMENT,
            Self::Fee | Self::Tax => Figures { amount: Some(Sign::Either), charges: false, ..PAYMENT },
            Self::Deposit | Self::Withdrawal => Figures { rebates: false, ..PAYMENT },
            Self::Split => Figures { ticker: true, quantity: true, ..NOTHING },
            Self::OpeningBalance => Figures { money_instead: true, charges: false, ..TRADE },
            Self::TransferIn | Self::TransferOut => Figures { money_instead: true, ..TRADE },
            Self::ReinvestedDividend => TRADE,
            Self::SpinOff => Figures { may_be_free: true, ..TRADE },
        }
    }

    /// Returns which figures this kind has with an instrument or without one.
    ///
    /// ```
    /// use foliostream::domain::activity::ActivityKind;
    /// let [units, money] = [true, false].map(|has_ticker| ActivityKind::TransferIn.figures_with(has_ticker));
    /// assert!(units.quantity && units.amount.is_none());
    /// assert!(!money.quantity && money.amount.is_some());
    /// ```
    pub fn figures_with(self, has_ticker: bool) -> Figures {
        let figures = self.figures();
        if figures.money_instead && !has_ticker { Figures { money_instead: true, rebates: false, ..PAYMENT } } else { figures }
    }
}

const NOTHING: Figures = Figures {
    ticker: false,
    money_instead: false,
    quantity: false,
    price: false,
    may_be_free: false,
    amount: None,
    money: false,
    charges: false,
    rebates: false,
    opens_short: false,
};

const TRADE: Figures =
    Figures { ticker: true, quantity: true, price: true, money: true, charges: true, rebates: true, ..NOTHING };

const PAYMENT: Figures = Figures { amount: Some(Sign::Positive), money: true, charges: true, rebates: true, ..NOTHING };

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The number that the store gave it.
    pub id: ActivityId,
    /// The kind, which says what the other fields mean.
    pub kind: ActivityKind,
    /// When; a date alone stands for its midnight UTC.
    pub time: Timestamp,
    /// Whether it is a date alone: then it is that day wherever it is read, and no instant.
    pub date_only: bool,
    /// The instrument, for kinds that are about one.
    pub ticker: Option<Ticker>,
    /// Units that came or went, units after per unit before for a split; otherwise zero.
    pub quantity: Decimal,
    /// The price of one of the units; otherwise zero.
    pub price: Decimal,
    /// The money of what counts no units, before `fee` and `tax`; otherwise zero.
    pub amount: Decimal,
    /// Fees that came with it.
    pub fee: Decimal,
    /// Taxes that came with it.
    pub tax: Decimal,
    /// What price, amount, fee and tax are in; a minor unit where the exchange quotes in it.
    pub currency: Currency,
    /// Units of the portfolio's currency for one *major* unit of `currency`, on the day or as the broker converted.
    pub exchange_rate: Decimal,
    /// Whether `exchange_rate` is another day's, because none was known for this one and none was written.
    pub exchange_rate_estimated: bool,
    /// Whether the broker converted: the money then moved in the portfolio's currency, at `exchange_rate`.
    pub converted: bool,
    /// Whether a sale may sell more than is held, and so open a short position.
    pub opens_short: bool,
    /// The account that it was in; `None` where none is told.
    pub account: Option<AccountId>,
    /// The person's own words to find it by, each once.
    pub tags: Vec<String>,
    /// The person's own note; `None` where there is none.
    pub note: Option<String>,
    /// Counts its changes, from 1.
    pub revision: i64,
}

impl Activity {
    /// Returns the day an activity is written on, where it is a date alone.
    pub fn date(&self) -> Option<Date> {
        self.date_only.then(|| self.time.to_zoned(TimeZone::UTC).date())
    }

    /// Whether it counts in an account: its own entries do, and every split, which is one of the instrument wherever it is. One that came
    /// with charges is its own account's alone.
    pub fn counts_in(&self, account: AccountId) -> bool {
        let is_free_split = self.kind == ActivityKind::Split && self.fee.is_zero() && self.tax.is_zero();
        self.account == Some(account) || is_free_split
    }

    /// Returns which figures it has.
    pub fn figures(&self) -> Figures {
        self.kind.figures_with(self.ticker.is_some())
    }

    /// Returns `quantity × price` of units at a price, the amount otherwise: before fees and taxes, in `currency`.
    pub fn gross(&self) -> Result<Decimal, ArithmeticError> {
        if self.figures().price { times(self.quantity, self.price) } else { Ok(self.amount) }
    }

    /// Returns fee and tax together, in `currency`.
    pub fn charges(&self) -> Result<Decimal, ArithmeticError> {
        plus(self.fee, self.tax)
    }
}

#[cfg(test)]
mod tests {
    use super::super::position::fixture::activity;
    use super::*;

    #[test]
    fn every_kind_is_worth_either_units_or_money_and_a_split_neither_costs_nor_brings() {
        for kind in ActivityKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
            let figures = kind.figures();
            assert!(figures.quantity != figures.amount.is_some(), "{kind:?}");
            assert_eq!(figures.money, kind != ActivityKind::Split, "{kind:?}");
            assert!(!figures.price || (figures.quantity && figures.ticker), "{kind:?}");
            assert!(!figures.quantity || figures.ticker, "{kind:?}");
        }
    }

    #[test]
    fn what_comes_before_charges_is_units_at_a_price_or_the_amount() {
        let gross = |kind, quantity, price| activity(kind, "2026-11-02", "A", quantity, price).gross().unwrap().to_string();
        assert_eq!(gross(ActivityKind::Buy, "3", "1.50"), "4.50");
        assert_eq!(gross(ActivityKind::Dividend, "3.25", "0"), "3.25");
        assert_eq!(gross(ActivityKind::Split, "2", "0"), "0");
    }

    #[test]
    fn a_date_alone_is_its_day_and_an_instant_has_none() {
        let deposit = activity(ActivityKind::Deposit, "2026-11-02", "", "5", "0");
        assert_eq!(deposit.date().unwrap().to_string(), "2026-11-02");
        assert_eq!(Activity { date_only: false, ..deposit }.date(), None);
    }
}
