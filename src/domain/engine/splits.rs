//! Splits that ledgers hold: no price is compared across one.
//!
//! A feed that reads its previous close in units of after a split needs none of this. One that goes on from its last price, or
//! says the close as it was, would show a fall of 90 % on the day of a split of 10:1.

use rust_decimal::Decimal;

use super::super::position::{close_in_units_of, is_surely};
use super::super::quote::{Quote, Tick};
use super::super::session::day_begin;
use super::Engine;
use super::ledger_splits::{LedgerSplits, shown_close};
use super::succession::apart;

/// How far from its new units' reading a price lies at most where a feed goes over to them within a day.
const LARGEST_STEP: Decimal = Decimal::from_parts(12, 0, 0, false, 1);

impl Engine {
    /// Takes what the ledgers say now, and computes the previous closes of the instruments concerned again.
    pub(super) fn learn_splits(&mut self, splits: LedgerSplits) {
        let before = std::mem::replace(&mut self.splits, splits);
        let new = self.splits.0.iter().filter(|(ticker, told)| before.0.get(*ticker) != Some(*told));
        let read = |quote: &Quote| Quote { previous_close: self.close_of(quote), ..quote.clone() };
        let read_anew: Vec<Quote> = new.filter_map(|(ticker, _)| self.quotes.get(ticker)).map(read).collect();
        for quote in read_anew {
            if self.quotes.get(&quote.ticker) != Some(&quote) {
                self.put(quote);
            }
        }
    }

    /// Returns a tick whose previous close is in units of its price. A close that is known already was read when it came.
    pub(super) fn in_units_of_now(&self, known: Option<&Quote>, tick: Tick, has_jumped: bool) -> Tick {
        let Some(close) = tick.previous_close.filter(|close| *close > Decimal::ZERO) else { return tick };
        let read = known.and_then(|quote| quote.previous_close);
        let is_known = |read: &Decimal| *read == close || self.splits.is_unread(&tick.ticker, close, *read);
        if let Some(read) = read.filter(is_known)
            && !has_jumped
        {
            return Tick { previous_close: Some(read), ..tick };
        }
        let splits = self.splits.before(known, &tick.ticker, tick.time);
        Tick { previous_close: shown_close(tick.price, close, &splits), ..tick }
    }

    /// Returns the quote after a tick, its previous close in units of its price: where a session begins, that is the last price,
    /// which may be of units before.
    pub(super) fn after_splits(&self, known: Option<&Quote>, next: Quote, has_jumped: bool) -> Quote {
        let begins = known.is_none_or(|known| known.session_start != next.session_start);
        let Some(close) = next.previous_close.filter(|_| begins || has_jumped) else { return next };
        let splits = self.splits.before(known, &next.ticker, next.time);
        Quote { previous_close: shown_close(next.price, close, &splits), ..next }
    }

    /// Returns whether the units of a tick are not those of the last price. Without a quote the time of the last price that was
    /// stored with an alert is not known.
    pub(super) fn has_jumped(&self, known: Option<&Quote>, tick: &Tick) -> bool {
        let splits = self.splits.before(known, &tick.ticker, tick.time);
        match known {
            _ if splits.is_empty() => false,
            // A feed may say the price of before into the morning. From 51 to 33 is a fall, not the second half of a split of
            // 2:1.
            Some(known) if day_begin(&tick.ticker, known.time) >= day_begin(&tick.ticker, tick.time) => {
                let read = close_in_units_of(tick.price, known.price, &splits).filter(|read| *read != known.price);
                let is_near = |read: Decimal| {
                    apart(read, tick.price).is_some_and(|apart| apart < LARGEST_STEP) && is_surely(read, known.price, tick.price)
                };
                read.is_some_and(is_near)
            }
            _ => true,
        }
    }

    fn close_of(&self, quote: &Quote) -> Option<Decimal> {
        let splits = self.splits.before(Some(quote), &quote.ticker, quote.time);
        shown_close(quote.price, quote.previous_close?, &splits)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::super::alert::fixture::{alert as armed, rule, seen};
    use super::super::super::alert::{Alert, Condition, Repeat};
    use super::super::super::moment::Moment;
    use super::super::super::position::Ratio;
    use super::super::super::quote::Session;
    use super::super::super::source::SourceName;
    use super::super::{EngineConfig, Event, Input};
    use jiff::Timestamp;

    use super::super::super::position::Split;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn split(day: &str, ratio: &str) -> Split {
        Split { time: at(&format!("{day}T00:00:00Z")), ratio: Ratio::of(decimal(ratio)) }
    }

    fn told(splits: &[Split]) -> Input {
        Input::Splits(LedgerSplits([("A".parse().unwrap(), splits.to_vec())].into()))
    }

    fn tick(time: &str, price: &str, previous_close: Option<&str>) -> Input {
        Input::Tick(Tick {
            ticker: "A".parse().unwrap(),
            price: decimal(price),
            bid: None,
            ask: None,
            volume: None,
            currency: None,
            previous_close: previous_close.map(decimal),
            time: at(time),
            session: Session::Open,
            recorded: false,
            source: SourceName::PUSHED,
            delay_s: 0,
        })
    }

    /// Shows an engine that watches these alerts everything in order, and returns the numbers of those that fired.
    fn show(alerts: Vec<Alert>, inputs: Vec<Input>) -> (Engine, Vec<i64>) {
        let moment = |wall: Timestamp| Moment { wall, elapsed: SignedDuration::ZERO };
        let mut now = moment(at("2026-11-02T00:00:00Z"));
        let mut engine = Engine::new(EngineConfig { stale_after: SignedDuration::from_hours(1) }, now);
        let mut events = Vec::new();
        engine.step(Input::Alerts(alerts), now, &mut events);
        for input in inputs {
            if let Input::Tick(tick) = &input {
                now = moment(tick.time);
            }
            engine.step(input, now, &mut events);
        }
        let fired = events.iter().filter_map(|event| match event {
            Event::Fired(firing) => Some(firing.alert_id.0),
            _ => None,
        });
        let fired = fired.collect();
        (engine, fired)
    }

    fn change(inputs: Vec<Input>) -> Option<Decimal> {
        let (engine, _) = show(Vec::new(), inputs);
        engine.quote(&"A".parse().unwrap()).unwrap().change_percent()
    }

    const MONDAY: &str = "2026-11-02T15:00:00Z";
    const TUESDAY: &str = "2026-11-03T15:00:00Z";

    #[test]
    fn the_day_of_a_split_that_a_ledger_tells_of_is_measured_in_its_own_units() {
        let ledgers = || told(&[split("2026-11-03", "10")]);
        for close in [None, Some("100"), Some("10")] {
            let before = vec![ledgers(), tick(MONDAY, "100", None), tick(TUESDAY, "10.2", close)];
            assert_eq!(change(before), Some(decimal("2")), "{close:?}");
            let later = vec![tick(MONDAY, "100", None), tick(TUESDAY, "10.2", close), ledgers()];
            assert_eq!(change(later), Some(decimal("2")), "{close:?}, entered afterwards");
        }
        let first = vec![ledgers(), tick(TUESDAY, "10.2", Some("100"))];
        assert_eq!(change(first), Some(decimal("2")));
        let after_days = vec![ledgers(), tick(MONDAY, "100", None), tick("2026-11-05T15:00:00Z", "10.2", None)];
        assert_eq!(change(after_days), Some(decimal("2")));
    }

    #[test]
    fn a_close_that_was_read_once_stays_however_far_the_price_goes() {
        let first = vec![told(&[split("2026-11-03", "2")]), tick(MONDAY, "100", None), tick(TUESDAY, "51", None)];
        for close in [None, Some("100"), Some("50")] {
            let falls = [first.clone(), vec![tick("2026-11-03T16:00:00Z", "33", close)]].concat();
            assert_eq!(change(falls), Some(decimal("-34")), "{close:?}");
        }
    }

    #[test]
    fn a_close_that_the_feed_repeats_in_the_units_of_before_stays_read_on_the_days_after() {
        // On Saturday no price comes: the split is of the days since Friday.
        let weekend = vec![told(&[split("2026-11-07", "10")]), tick("2026-11-06T15:00:00Z", "1000", None)];
        let monday = |minute: &str, price: &str| tick(&format!("2026-11-09T15:{minute}:00Z"), price, Some("1000"));
        let ticks = [weekend, vec![monday("00", "102"), monday("01", "103")]].concat();
        assert_eq!(change(ticks), Some(decimal("3")));
        // Past midnight UTC it is another day than the split's, and the session is the same.
        let evening = vec![told(&[split("2026-11-03", "10")]), tick(MONDAY, "1000", None), tick(TUESDAY, "101", Some("1000"))];
        let ticks = [evening, vec![tick("2026-11-04T00:30:00Z", "102", Some("1000"))]].concat();
        assert_eq!(change(ticks), Some(decimal("2")));
    }

    #[test]
    fn a_close_that_was_read_once_stays_however_far_the_price_rises() {
        for (ratio, told_close, first, then, expected) in
            [("1.5", "150", "102", "123", "23"), ("1.25", "125", "102", "112", "12")]
        {
            let ticks = vec![
                told(&[split("2026-11-03", ratio)]),
                tick(MONDAY, told_close, None),
                tick(TUESDAY, first, Some(told_close)),
                tick("2026-11-03T16:00:00Z", then, Some(told_close)),
            ];
            assert_eq!(change(ticks), Some(decimal(expected)), "{ratio}");
        }
    }

    #[test]
    fn a_fall_in_one_step_later_on_the_day_is_no_second_half_of_its_split() {
        for (ratio, before, close, then, expected) in
            [("1.25", "125", "98", "85", "-13.2653"), ("1.5", "150", "100", "75", "-25")]
        {
            let ticks = vec![
                told(&[split("2026-11-03", ratio)]),
                tick(MONDAY, before, None),
                tick(TUESDAY, "100", Some(close)),
                tick("2026-11-03T16:00:00Z", then, Some(close)),
            ];
            assert_eq!(change(ticks).unwrap().round_dp(4), decimal(expected), "{ratio}");
        }
    }

    #[test]
    fn a_split_on_another_day_changes_nothing() {
        for day in ["2026-11-01", "2026-11-02", "2026-11-04"] {
            let told = told(&[split(day, "10")]);
            let change = change(vec![tick(MONDAY, "100", None), told, tick(TUESDAY, "12", Some("100"))]);
            assert_eq!(change, Some(decimal("-88")), "{day}");
        }
    }

    #[test]
    fn of_ledgers_that_differ_the_one_whose_reading_is_nearest_to_the_price_counts() {
        let told = told(&[split("2026-11-03", "2"), split("2026-11-03", "10")]);
        assert_eq!(change(vec![told.clone(), tick(MONDAY, "100", None), tick(TUESDAY, "10.2", None)]), Some(decimal("2")));
        assert_eq!(change(vec![told, tick(MONDAY, "100", None), tick(TUESDAY, "101", Some("100"))]), Some(decimal("1")));
    }

    #[test]
    fn a_split_as_small_as_a_day_s_move_leaves_the_day_unknown() {
        let ledgers = told(&[split("2026-11-03", "1.1")]);
        assert_eq!(change(vec![ledgers, tick(MONDAY, "100", None), tick(TUESDAY, "93", Some("100"))]), None);
    }

    fn alert(id: i64, condition: Condition, threshold: &str) -> Alert {
        Alert { id: super::super::AlertId(id), rule: rule(condition, threshold), ..armed(condition, Repeat::Once) }
    }

    #[test]
    fn no_alert_compares_across_a_split_that_a_ledger_tells_of() {
        let alerts = || {
            vec![
                alert(1, Condition::CrossesBelow, "50"),
                alert(2, Condition::DayChangeBelowPercent, "-20"),
                alert(3, Condition::CrossesBelow, "9.8"),
            ]
        };
        let day = |first: Vec<Input>| {
            let next = ["10.2", "10.1", "9.7"].iter().zip(["15:00", "15:01", "15:02"]);
            let ticks = next.map(|(price, time)| tick(&format!("2026-11-03T{time}:00Z"), price, Some("100")));
            show(alerts(), first.into_iter().chain(ticks).collect()).1
        };
        let (monday, ledgers) = (tick(MONDAY, "100", None), told(&[split("2026-11-03", "10")]));
        assert_eq!(day(vec![monday.clone()]), [1, 2, 3], "without a ledger it looks like a fall");
        assert_eq!(day(vec![ledgers.clone(), monday.clone()]), [3]);
        let morning = tick("2026-11-03T09:00:00Z", "100", Some("100"));
        assert_eq!(day(vec![ledgers.clone(), monday, morning]), [3], "the price of before is said into the morning");
        let loaded = Alert { memory: seen(100), ..alert(1, Condition::CrossesBelow, "50") };
        assert_eq!(show(vec![loaded], vec![ledgers, tick(TUESDAY, "10.2", Some("10"))]).1, [0; 0]);
    }
}
