//! Entries that stand for others: what comes in and goes out in kind, as the simple entries that are folded.
//!
//! | entry | stands for |
//! |---|---|
//! | opening balance or transfer in, of units | a deposit of what they are worth, and their purchase at it |
//! | opening balance or transfer in, of money | a deposit |
//! | transfer out, of units | their sale at what they are worth, and a withdrawal of that |
//! | transfer out, of money | a withdrawal |
//! | reinvested dividend | the dividend with its tax, and the purchase with its fee |
//! | spin-off | the same: with a price of zero it is units that cost nothing |
//! | either leg of a transfer between own accounts | its fee and its tax |

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::super::account::AccountId;
use super::super::activity::{Activity, ActivityId, ActivityKind};
use super::super::instrument::Ticker;
use super::super::money::{ArithmeticError, Currency};

/// How long a transfer between own accounts may be on its way.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many transfers of the same are looked at for the other leg of one.
const LOOKED_AT: usize = 32;

/// Returns the simple entries that an entry stands for; nothing for one that is simple itself.
pub(super) fn simple(activity: &Activity) -> Result<Option<[Activity; 2]>, ArithmeticError> {
    use ActivityKind::{
        Buy, Deposit, Dividend, OpeningBalance, ReinvestedDividend, Sell, SpinOff, TransferIn, TransferOut, Withdrawal,
    };
    let figures = activity.figures();
    let becomes = |kind| Activity { kind, ..activity.clone() };
    let money = |kind, amount| Activity {
        kind,
        amount,
        quantity: Decimal::ZERO,
        price: Decimal::ZERO,
        fee: Decimal::ZERO,
        tax: Decimal::ZERO,
        ..activity.clone()
    };
    let outside = |kind| Ok::<_, ArithmeticError>(Activity { ticker: None, ..money(kind, activity.gross()?) });
    Ok(match activity.kind {
        OpeningBalance | TransferIn if figures.quantity => Some([outside(Deposit)?, becomes(Buy)]),
        TransferOut if figures.quantity => Some([becomes(Sell), outside(Withdrawal)?]),
        OpeningBalance | TransferIn => Some([charged(becomes(Deposit)), charges_of(activity)]),
        TransferOut => Some([charged(becomes(Withdrawal)), charges_of(activity)]),
        ReinvestedDividend | SpinOff => {
            let dividend = Activity { tax: activity.tax, ..money(Dividend, activity.gross()?) };
            Some([dividend, Activity { tax: Decimal::ZERO, ..becomes(Buy) }])
        }
        _ => None,
    })
}

fn charged(activity: Activity) -> Activity {
    Activity { fee: Decimal::ZERO, tax: Decimal::ZERO, ..activity }
}

/// Returns what a transfer cost: a fee of nothing that comes with its fee and its tax.
pub(super) fn charges_of(activity: &Activity) -> Activity {
    Activity {
        kind: ActivityKind::Fee,
        ticker: None,
        quantity: Decimal::ZERO,
        price: Decimal::ZERO,
        amount: Decimal::ZERO,
        ..activity.clone()
    }
}

/// What both legs of a transfer have in common: an instrument with its units, or a currency with its amount.
type Moved<'a> = (Option<&'a Ticker>, Option<Currency>, Decimal);

fn moved(activity: &Activity) -> Moved<'_> {
    match &activity.ticker {
        Some(ticker) => (Some(ticker), None, activity.quantity.normalize()),
        None => (None, Some(activity.currency), activity.amount.normalize()),
    }
}

/// Returns both legs of transfers between accounts of the portfolio: out of one account and into another, of the same units or the
/// same money, at most a week apart. The portfolio has what it had, with its lots and their dates.
pub(super) fn own_transfers<'a>(activities: impl IntoIterator<Item = &'a Activity>) -> BTreeSet<ActivityId> {
    let mut legs: BTreeMap<Moved<'a>, [Vec<(&'a Activity, AccountId)>; 2]> = BTreeMap::new();
    for activity in activities {
        let way = match activity.kind {
            ActivityKind::TransferOut => 0,
            ActivityKind::TransferIn => 1,
            _ => continue,
        };
        let Some(account) = activity.account else { continue };
        legs.entry(moved(activity)).or_default()[way].push((activity, account));
    }
    let mut own = BTreeSet::new();
    for [mut out, mut into] in legs.into_values() {
        let in_order = |leg: &(&Activity, AccountId)| (leg.0.time, leg.0.id);
        out.sort_by_key(in_order);
        into.sort_by_key(in_order);
        let mut first = 0;
        for (arrived, account) in into {
            let is_too_early = |leg: &&(&Activity, AccountId)| arrived.time.duration_since(leg.0.time) > ON_ITS_WAY;
            first += out[first..].iter().take_while(is_too_early).count();
            let fits = |leg: &&(&Activity, AccountId)| {
                leg.1 != account && !own.contains(&leg.0.id) && leg.0.time.duration_since(arrived.time) <= ON_ITS_WAY
            };
            if let Some((left, _)) = out[first..].iter().take(LOOKED_AT).find(fits) {
                own.extend([left.id, arrived.id]);
            }
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::domain::activity::ActivityKind::{OpeningBalance, ReinvestedDividend, SpinOff, TransferIn, TransferOut};

    fn of(account: i64, activity: Activity) -> Activity {
        Activity { account: Some(AccountId(account)), ..activity }
    }

    #[test]
    fn an_opening_balance_of_units_is_money_put_in_for_what_they_count_from() {
        let opened = ledger("EUR", vec![activity(OpeningBalance, "2026-01-02", "A", "10", "40")]);
        let position = &opened.positions[&ticker("A")];
        assert_eq!((position.quantity, position.fifo.cost_base), (decimal("10"), decimal("400")));
        assert_eq!((opened.money_in_base, opened.cash[&Currency::EUR].amount), (decimal("400"), decimal("0")));
        assert!(opened.has_deposits);
    }

    #[test]
    fn an_opening_balance_of_cash_is_a_deposit() {
        let opened = ledger("EUR", vec![activity(OpeningBalance, "2026-01-02", "", "250", "0").with_fee("1")]);
        assert_eq!((opened.money_in_base, opened.cash[&Currency::EUR].amount), (decimal("250"), decimal("249")));
        assert_eq!(opened.fees_base, decimal("1"));
    }

    #[test]
    fn units_that_are_transferred_out_are_gone_at_what_they_are_worth() {
        let left = ledger("EUR", vec![buy("2026-01-02", "A", "10", "40"), activity(TransferOut, "2026-02-02", "A", "4", "50")]);
        let position = &left.positions[&ticker("A")];
        assert_eq!((position.quantity, position.fifo.realized_base), (decimal("6"), decimal("40")));
        assert_eq!((left.money_out_base, left.cash[&Currency::EUR].amount), (decimal("200"), decimal("-400")));
    }

    #[test]
    fn of_a_transfer_of_more_than_is_held_goes_what_is_held_and_the_rest_is_missing() {
        let left = ledger("EUR", vec![buy("2026-01-02", "A", "10", "40"), activity(TransferOut, "2026-02-02", "A", "15", "50")]);
        assert_eq!((left.positions[&ticker("A")].quantity, left.money_out_base), (decimal("0"), decimal("500")));
        assert_eq!(left.missing.values().copied().collect::<Vec<_>>(), [decimal("5")]);
        let nothing = ledger("EUR", vec![activity(TransferOut, "2026-02-02", "A", "15", "50")]);
        assert_eq!((nothing.money_out_base, nothing.missing.len()), (decimal("0"), 1));
    }

    #[test]
    fn a_reinvested_dividend_is_income_and_a_purchase_that_moves_no_cash_but_its_charges() {
        let entry = activity(ReinvestedDividend, "2026-01-02", "A", "5", "10").with_fee("1").with_tax("7");
        let paid = ledger("EUR", vec![entry]);
        let position = &paid.positions[&ticker("A")];
        assert_eq!(
            (position.quantity, position.fifo.cost_base, position.income_base),
            (decimal("5"), decimal("51"), decimal("50"))
        );
        assert_eq!((paid.taxes_base, paid.cash[&Currency::EUR].amount), (decimal("7"), decimal("-8")));
    }

    #[test]
    fn units_of_a_spin_off_cost_nothing_unless_they_count_as_income() {
        let free = ledger("EUR", vec![activity(SpinOff, "2026-01-02", "A", "5", "0")]);
        assert_eq!((free.positions[&ticker("A")].fifo.cost_base, free.income_base), (decimal("0"), decimal("0")));
        let taxed = ledger("EUR", vec![activity(SpinOff, "2026-01-02", "A", "5", "3")]);
        assert_eq!((taxed.positions[&ticker("A")].fifo.cost_base, taxed.income_base), (decimal("15"), decimal("15")));
    }

    #[test]
    fn a_transfer_between_own_accounts_keeps_lots_and_their_dates_and_costs_its_fee() {
        let bought = || vec![of(1, buy("2020-01-02", "A", "10", "40")), of(1, buy("2021-01-02", "A", "5", "60"))];
        let moved = vec![
            of(1, activity(TransferOut, "2026-02-02", "A", "12", "90").with_fee("3")),
            of(2, activity(TransferIn, "2026-02-04", "A", "12.00", "0")),
        ];
        let [before, after] = [bought(), [bought(), moved].concat()].map(|entries| ledger("EUR", entries));
        assert_eq!(before.positions[&ticker("A")].lots, after.positions[&ticker("A")].lots);
        assert_eq!((after.money_in_base, after.money_out_base, after.fees_base), (decimal("0"), decimal("0"), decimal("3")));
        assert_eq!(before.cash[&Currency::EUR].amount - after.cash[&Currency::EUR].amount, decimal("3"));
    }

    #[test]
    fn a_transfer_between_own_accounts_of_more_than_is_held_moves_nothing_and_is_flagged() {
        let moved = ledger(
            "EUR",
            vec![
                of(1, buy("2026-01-02", "A", "10", "40")),
                of(1, activity(TransferOut, "2026-02-02", "A", "12", "90")),
                of(2, activity(TransferIn, "2026-02-02", "A", "12", "90")),
            ],
        );
        assert_eq!(moved.positions[&ticker("A")].quantity, decimal("10"));
        assert_eq!(moved.missing.into_iter().collect::<Vec<_>>(), [(ActivityId(2), decimal("2"))]);
    }

    #[test]
    fn legs_that_differ_are_no_transfer_between_own_accounts() {
        let number = |id, entry| Activity { id: ActivityId(id), ..entry };
        let out = || number(1, of(1, activity(TransferOut, "2026-02-02", "A", "12", "90")));
        let into = |account, day, name, quantity| number(2, of(account, activity(TransferIn, day, name, quantity, "90")));
        let pairs = |other: Activity| own_transfers(&[out(), other]).len();
        assert_eq!(pairs(into(2, "2026-02-09", "A", "12")), 2);
        assert_eq!(pairs(into(2, "2026-01-26", "A", "12")), 2);
        for other in [
            into(1, "2026-02-02", "A", "12"),
            into(2, "2026-02-10", "A", "12"),
            into(2, "2026-02-02", "B", "12"),
            into(2, "2026-02-02", "A", "11"),
            Activity { account: None, ..into(2, "2026-02-02", "A", "12") },
        ] {
            assert_eq!(pairs(other.clone()), 0, "{other:?}");
        }
    }

    #[test]
    fn a_leg_belongs_to_one_transfer_alone() {
        let number = |id, account, kind, day| Activity { id: ActivityId(id), ..of(account, activity(kind, day, "", "100", "0")) };
        let entries = [
            number(1, 1, TransferOut, "2026-02-01"),
            number(2, 2, TransferIn, "2026-02-02"),
            number(3, 3, TransferIn, "2026-02-03"),
        ];
        assert_eq!(own_transfers(&entries), BTreeSet::from([1, 2].map(ActivityId)));
    }
}
