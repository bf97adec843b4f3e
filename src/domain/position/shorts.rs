//! What short positions must hold to: sold first, bought back later, and every figure with its sign.

use proptest::prelude::*;

use super::super::activity::Activity;
use super::super::activity::ActivityKind::Split;
use super::fixture::*;
use super::*;

fn only(ledger: &Ledger) -> &Position {
    ledger.positions.values().next().unwrap()
}

fn units(ledger: &Ledger) -> Vec<Decimal> {
    only(ledger).lots.iter().map(|lot| lot.quantity).collect()
}

#[test]
fn a_sale_that_opens_a_short_position_owes_units_and_misses_none() {
    let ledger = ledger("EUR", vec![sell("2026-01-01", "A", "10", "100").with_fee("5").short()]);
    let position = only(&ledger);
    assert!(ledger.missing.is_empty());
    assert_eq!((position.quantity, position.fifo.cost_base), (decimal("-10"), decimal("-995")));
    assert_eq!((position.lots[0].quantity, position.lots[0].cost_base), (decimal("-10"), decimal("-995")));
    assert_eq!(ledger.cash[&Currency::EUR].amount, decimal("995"));
}

#[test]
fn a_purchase_covers_the_oldest_short_lot_first() {
    let trades = vec![
        sell("2026-01-01", "A", "10", "100").short(),
        sell("2026-01-02", "A", "10", "120").short(),
        buy("2026-01-03", "A", "15", "90").with_fee("3"),
    ];
    let ledger = ledger("EUR", trades);
    let position = only(&ledger);
    assert_eq!((position.quantity, units(&ledger)), (decimal("-5"), vec![decimal("-5")]));
    // 10 × 100 + 5 × 120 came in; 15 × 90 + 3 covered them.
    assert_eq!((position.fifo.realized_base, position.fifo.cost_base), (decimal("247"), decimal("-600")));
    assert_eq!((position.average.realized_base, position.average.cost_base), (decimal("297"), decimal("-550")));
}

#[test]
fn a_covered_position_is_exactly_zero() {
    let trades = vec![
        sell("2026-01-01", "A", "0.3333333333333333333333333333", "100").short(),
        sell("2026-01-02", "A", "0.6666666666666666666666666667", "100").short(),
        buy("2026-01-03", "A", "1", "90"),
    ];
    let ledger = ledger("EUR", trades);
    let position = only(&ledger);
    assert_eq!((position.quantity, position.fifo.cost_base, position.average.cost_base), Default::default());
    assert!(position.lots.is_empty());
    assert_eq!(position.fifo.realized_base.round_dp(20), decimal("10"));
}

#[test]
fn a_trade_through_zero_closes_and_opens() {
    let sold = vec![buy("2026-01-01", "A", "5", "100"), sell("2026-01-02", "A", "8", "120").with_fee("8").short()];
    let ledger_sold = ledger("EUR", sold);
    assert_eq!((units(&ledger_sold), only(&ledger_sold).fifo.realized_base), (vec![decimal("-3")], decimal("95")));
    assert_eq!(only(&ledger_sold).fifo.cost_base, decimal("-357"));
    let bought = vec![sell("2026-01-01", "A", "5", "100").short(), buy("2026-01-02", "A", "8", "90")];
    let ledger_bought = ledger("EUR", bought);
    assert_eq!((units(&ledger_bought), only(&ledger_bought).fifo.realized_base), (vec![decimal("3")], decimal("50")));
    assert_eq!(only(&ledger_bought).fifo.cost_base, decimal("270"));
}

#[test]
fn a_sale_that_does_not_open_a_short_position_is_flagged_also_where_one_is_open() {
    let trades = vec![sell("2026-01-01", "A", "5", "100").short(), sell("2026-01-02", "A", "2", "100")];
    let ledger = ledger("EUR", trades);
    assert_eq!(ledger.missing, BTreeMap::from([(ActivityId(2), decimal("2"))]));
    assert_eq!(only(&ledger).quantity, decimal("-5"));
}

#[test]
fn a_split_multiplies_what_is_owed() {
    let trades = vec![
        sell("2026-01-01", "A", "5", "100").short(),
        activity(Split, "2026-01-02", "A", "2", "0"),
        buy("2026-01-03", "A", "4", "40"),
    ];
    let ledger = ledger("EUR", trades);
    assert_eq!((only(&ledger).quantity, only(&ledger).fifo.cost_base), (decimal("-6"), decimal("-300")));
    assert_eq!(only(&ledger).fifo.realized_base, decimal("40"));
}

#[test]
fn a_foreign_short_position_gains_where_its_currency_falls() {
    let trades = vec![
        sell("2026-01-01", "A", "10", "100").at_rate("USD", "0.9").short(),
        buy("2026-02-01", "A", "10", "100").at_rate("USD", "0.8"),
    ];
    let ledger = ledger("EUR", trades);
    let book = &only(&ledger).fifo;
    assert_eq!(
        (book.realized, book.realized_base, book.realized_currency_base),
        (Some(Decimal::ZERO), decimal("100"), Some(decimal("100")))
    );
}

#[test]
fn a_rebate_lowers_what_a_purchase_costs_and_raises_what_a_sale_brings() {
    let trades = vec![
        buy("2026-01-01", "A", "10", "100").with_fee("-2.50"),
        sell("2026-01-02", "A", "10", "100").with_fee("-1").with_tax("-0.25"),
    ];
    let ledger = ledger("EUR", trades);
    assert_eq!(only(&ledger).fifo.realized_base, decimal("3.75"));
    let dividend = activity(super::super::activity::ActivityKind::Dividend, "2026-01-01", "A", "100", "0").with_tax("-15");
    let paid = super::fixture::ledger("EUR", vec![dividend]);
    assert_eq!((paid.taxes_base, paid.cash[&Currency::EUR].amount), (decimal("-15"), decimal("115")));
}

/// Two fees, two taxes, some of them paid back.
fn with_rebates() -> impl Strategy<Value = Vec<Activity>> {
    any_activities().prop_map(|mut activities| {
        for (number, entry) in activities.iter_mut().enumerate() {
            if number % 3 == 0 {
                (entry.fee, entry.tax) = (-entry.fee, -entry.tax);
            }
        }
        activities
    })
}

proptest! {
    #[test]
    fn lots_are_all_on_the_side_of_their_position(activities in any_activities()) {
        for position in ledger("EUR", activities).positions.values() {
            let sum: Decimal = position.lots.iter().map(|lot| lot.quantity).sum();
            prop_assert_eq!(sum, position.quantity);
            for lot in &position.lots {
                prop_assert_eq!(lot.quantity.is_sign_negative(), position.quantity.is_sign_negative());
            }
        }
    }

    #[test]
    fn the_identity_holds_with_rebates_and_short_positions(activities in with_rebates()) {
        let (owed, left) = identity(&ledger("EUR", activities));
        prop_assert!((owed - left).abs() <= decimal("0.000000000000001"), "{owed} {left}");
    }

    #[test]
    fn a_short_position_mirrors_a_long_one(prices in prop::collection::vec((1i64..500, 1i64..10_000), 1..20)) {
        let at = |number: usize| format!("2026-01-{:02}", number + 1);
        let trades = |mirrored: bool| -> Vec<Activity> {
            let entry = |(number, (quantity, price)): (usize, &(i64, i64))| {
                let (day, quantity, price) = (at(number), quantity.to_string(), price.to_string());
                let is_sale = (number % 2 == 1) != mirrored;
                if is_sale { sell(&day, "A", &quantity, &price).short() } else { buy(&day, "A", &quantity, &price) }
            };
            prices.iter().enumerate().map(entry).collect()
        };
        let (long, short) = (ledger("EUR", trades(false)), ledger("EUR", trades(true)));
        let (long, short) = (only(&long), only(&short));
        prop_assert_eq!(long.quantity, -short.quantity);
        prop_assert_eq!(long.fifo.cost_base, -short.fifo.cost_base);
        prop_assert_eq!(long.fifo.realized_base, -short.fifo.realized_base);
    }
}
