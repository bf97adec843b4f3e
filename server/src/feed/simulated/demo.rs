//! The demo portfolio: sixteen holdings in four currencies over two years, told in activities at the model's own prices.
//!
//! It is planned backwards: each holding has a value it should have today, its trades are shares of today's quantity at the
//! closes of their days, and deposits about once a month bring what the trades need. The same seed and date give the
//! same activities.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;

use foliostream::domain::activity::ActivityKind;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::wire::commands::{ActivityDraft, PortfolioDraft};

use super::market::SimulatedMarket;

/// One holding: ticker, euros it should be worth today, decimals of its quantity, and its trades as (days ago, percent of
/// today's quantity), which add up to a hundred.
type Plan = (&'static str, i64, u32, &'static [(i32, i64)]);

const PLANS: &[Plan] = &[
    ("AAPL", 5_200, 0, &[(712, 60), (391, 60), (148, -20)]),
    ("MSFT", 5_400, 0, &[(698, 50), (455, 50)]),
    ("NVDA", 3_400, 0, &[(667, 80), (302, -50), (121, 70)]),
    ("JPM", 2_400, 0, &[(603, 100)]),
    ("VOO", 3_300, 0, &[(540, 60), (215, 40)]),
    ("ASML.AS", 2_800, 0, &[(577, 70), (186, 30)]),
    ("SAP.DE", 2_500, 0, &[(636, 70), (333, 60), (92, -30)]),
    ("ALV.DE", 2_000, 0, &[(486, 100)]),
    ("NESN.SW", 2_300, 0, &[(655, 50), (364, 50)]),
    ("ROG.SW", 2_000, 0, &[(516, 100)]),
    ("SHEL.L", 2_600, 0, &[(621, 70), (272, 30)]),
    ("AZN.L", 2_200, 0, &[(425, 100)]),
    ("VWCE.DE", 8_200, 0, &[(724, 25), (560, 25), (350, 25), (162, 25)]),
    ("AGGH.AS", 3_600, 0, &[(688, 50), (241, 50)]),
    ("SGLD.L", 2_600, 0, &[(590, 60), (198, 40)]),
    ("BTC-USD", 2_100, 4, &[(640, 90), (318, -30), (64, 40)]),
];

/// The instruments that pay out: ticker, days ago of the last payment, days between payments, thousandths of a percent of the
/// price each, percent of tax withheld.
type Payer = (&'static str, i32, usize, i64, i64);

const PAYERS: &[Payer] = &[
    ("AAPL", 9, 91, 105, 15),
    ("MSFT", 71, 91, 180, 15),
    ("JPM", 20, 91, 480, 15),
    ("VOO", 53, 91, 290, 15),
    ("SAP.DE", 189, 365, 1_150, 26),
    ("ALV.DE", 196, 365, 4_000, 26),
    ("NESN.SW", 212, 365, 3_600, 35),
    ("ROG.SW", 244, 365, 3_000, 35),
    ("SHEL.L", 60, 91, 950, 0),
    ("AZN.L", 74, 182, 1_050, 0),
];

const DAYS: i32 = 730;
const DEPOSIT_INTERVAL_DAYS: usize = 30;
const INTEREST_DAYS_AGO: std::ops::RangeInclusive<i32> = 12..=700;
const CUSTODY_FEE_DAYS_AGO: [i32; 4] = [42, 224, 406, 588];

/// What stays in the account after every purchase, and today, in euros.
const CUSHION: i64 = 100;
const CASH_TODAY: i64 = 1_600;

/// An activity with what it does to the account.
struct Entry {
    draft: ActivityDraft,
    time: Timestamp,
    /// How many euros it brings; below zero where it takes some.
    cash: Decimal,
}

/// What things cost on the days of the story.
struct Prices<'a> {
    model: &'a SimulatedMarket,
    today: Date,
}

/// Returns the demo portfolio, in euros, and its activities in order of time, all before today.
pub(crate) fn demo_activities(model: &SimulatedMarket, now: Timestamp) -> (PortfolioDraft, Vec<ActivityDraft>) {
    let prices = Prices { model, today: now.to_zoned(TimeZone::UTC).date() };
    let mut entries = Vec::new();
    for plan in PLANS {
        let trades = trades(&prices, plan);
        let payer = PAYERS.iter().find(|payer| payer.0 == plan.0);
        entries.extend(payer.into_iter().flat_map(|payer| dividends(&prices, payer, &trades)));
        entries.extend(trades.into_iter().map(|trade| trade.entry));
    }
    entries.extend(CUSTODY_FEE_DAYS_AGO.map(|days| own_cash(&prices, ActivityKind::Fee, days, Decimal::from(12))));
    entries.sort_by_key(|entry| entry.time);
    let deposits = deposits(&prices, &entries);
    entries.extend(deposits);
    entries.sort_by_key(|entry| entry.time);
    for days in INTEREST_DAYS_AGO.rev().step_by(91) {
        add_interest(&prices, days, &mut entries);
    }
    entries.sort_by_key(|entry| entry.time);
    let portfolio =
        PortfolioDraft { name: "Demo portfolio".to_owned(), currency: Currency::EUR.to_string(), track_cash: Some(true) };
    (portfolio, entries.into_iter().map(|entry| entry.draft).collect())
}

impl Prices<'_> {
    fn day(&self, days_ago: i32) -> Date {
        self.today.saturating_sub(days_ago.days())
    }

    /// Returns the day, or the Friday before where exchanges rest.
    fn trading_day(&self, ticker: &Ticker, days_ago: i32) -> Date {
        let day = self.day(days_ago);
        let rest = match day.weekday() {
            _ if ticker.as_str().ends_with("-USD") => 0,
            Weekday::Saturday => 1,
            Weekday::Sunday => 2,
            _ => 0,
        };
        day.saturating_sub(rest.days())
    }

    fn close(&self, ticker: &Ticker, day: Date) -> Decimal {
        self.model.close_on(ticker, day).expect("the demo's tickers are in the catalogue")
    }

    fn currency(&self, ticker: &Ticker) -> Currency {
        self.model.instrument(ticker).expect("the demo's tickers are in the catalogue").currency
    }

    /// Returns the euros one major unit of `currency` costs at a day's close, six decimals.
    fn rate(&self, currency: Currency, day: Date) -> Decimal {
        let pair = |name| self.close(&ticker(name), day);
        let rate = match currency.major().as_str() {
            "USD" => Decimal::ONE.checked_div(pair("EURUSD=X")),
            "GBP" => pair("GBPUSD=X").checked_div(pair("EURUSD=X")),
            "CHF" => Decimal::ONE.checked_div(pair("USDCHF=X") * pair("EURUSD=X")),
            _ => Some(Decimal::ONE),
        };
        rate.expect("the model's prices are greater than zero").round_dp(6)
    }
}

fn ticker(name: &str) -> Ticker {
    name.parse().expect("the demo's tickers are well formed")
}

fn at_hour(day: Date, hour: i8, minute: i8) -> Timestamp {
    let moment = day.at(hour, minute, 0, 0);
    TimeZone::UTC.to_timestamp(moment).expect("the demo's days are within two years of today")
}

/// A buy or sell with the quantity held after it.
struct Trade {
    entry: Entry,
    held_after: Decimal,
}

fn trades(prices: &Prices, plan: &Plan) -> Vec<Trade> {
    let (name, euros, decimals, steps) = *plan;
    let (ticker, yesterday) = (ticker(name), prices.day(1));
    let currency = prices.currency(&ticker);
    let euros_each = prices.close(&ticker, yesterday) * prices.rate(currency, yesterday) / currency.units_per_major();
    let wanted = Decimal::from(euros).checked_div(euros_each).unwrap_or_default();
    let today = wanted.round_dp(decimals).max(Decimal::new(1, decimals));
    let (mut percent, mut held, mut trades) = (0, Decimal::ZERO, Vec::new());
    for (days_ago, step) in steps {
        percent += step;
        let after = (today * Decimal::new(percent, 2)).round_dp(decimals);
        let day = prices.trading_day(&ticker, *days_ago);
        if after != held {
            trades.push(Trade { entry: trade(prices, &ticker, day, after - held), held_after: after });
        }
        held = after;
    }
    trades
}

fn trade(prices: &Prices, ticker: &Ticker, day: Date, change: Decimal) -> Entry {
    let (currency, price) = (prices.currency(ticker), prices.close(ticker, day));
    let kind = if change.is_sign_negative() { ActivityKind::Sell } else { ActivityKind::Buy };
    let fee = Decimal::new(200, 2) * currency.units_per_major();
    let (draft, euros_each) = draft(prices, kind, ticker, day);
    Entry {
        draft: ActivityDraft {
            quantity: Some(change.abs().normalize().to_string()),
            price: Some(price.to_string()),
            fee: Some(fee.to_string()),
            ..draft
        },
        time: at_hour(day, 15, 30),
        cash: -(change * price + fee) * euros_each,
    }
}

/// Returns what the activities of an instrument have in common, and the euros of one quoted unit.
fn draft(prices: &Prices, kind: ActivityKind, ticker: &Ticker, day: Date) -> (ActivityDraft, Decimal) {
    let currency = prices.currency(ticker);
    let rate = prices.rate(currency, day);
    let draft = ActivityDraft {
        ticker: Some(ticker.to_string()),
        currency: Some(currency.to_string()),
        exchange_rate: (currency != Currency::EUR).then(|| rate.to_string()),
        ..plain(kind, at_hour(day, 15, 30))
    };
    (draft, rate / currency.units_per_major())
}

fn plain(kind: ActivityKind, time: Timestamp) -> ActivityDraft {
    ActivityDraft {
        kind,
        time: time.to_string(),
        ticker: None,
        quantity: None,
        price: None,
        amount: None,
        fee: None,
        tax: None,
        currency: Some(Currency::EUR.to_string()),
        exchange_rate: None,
        opens_short: None,
        account: None,
        tags: None,
        note: None,
    }
}

fn dividends(prices: &Prices, payer: &Payer, trades: &[Trade]) -> Vec<Entry> {
    let (name, last, interval, share, withheld) = *payer;
    let ticker = ticker(name);
    let days = (last..DAYS).step_by(interval).map(|days_ago| prices.trading_day(&ticker, days_ago));
    let paid = days.filter_map(|day| {
        let time = at_hour(day, 9, 0);
        let held = trades.iter().rfind(|trade| trade.entry.time < time)?.held_after;
        let amount = (held * prices.close(&ticker, day) * Decimal::new(share, 5)).round_dp(2);
        let tax = (amount * Decimal::new(withheld, 2)).round_dp(2);
        let (draft, euros_each) = draft(prices, ActivityKind::Dividend, &ticker, day);
        let (amount_text, tax_text) = (Some(amount.to_string()), Some(tax.to_string()));
        let draft = ActivityDraft { time: time.to_string(), amount: amount_text, tax: tax_text, ..draft };
        Some(Entry { draft, time, cash: (amount - tax) * euros_each }).filter(|_| amount > Decimal::ZERO)
    });
    paid.collect()
}

/// Makes a deposit, interest or fee of the account itself.
fn own_cash(prices: &Prices, kind: ActivityKind, days_ago: i32, amount: Decimal) -> Entry {
    let time = at_hour(prices.day(days_ago), 8, 0);
    let cash = if kind == ActivityKind::Fee { -amount } else { amount };
    let note = (kind == ActivityKind::Fee).then(|| "Custody".to_owned());
    let draft = ActivityDraft { amount: Some(amount.to_string()), note, ..plain(kind, time) };
    Entry { draft, time, cash }
}

/// Brings what the entries up to the next deposit need, in steps of fifty euros; `entries` are in order of time.
fn deposits(prices: &Prices, entries: &[Entry]) -> Vec<Entry> {
    let days: Vec<i32> = (0..=DAYS).rev().step_by(DEPOSIT_INTERVAL_DAYS).take_while(|days| *days > 0).collect();
    let (mut balance, mut deposits) = (Decimal::ZERO, Vec::new());
    for (place, days_ago) in days.iter().enumerate() {
        let next = days.get(place + 1).map(|days_ago| at_hour(prices.day(*days_ago), 8, 0));
        let begin = if place == 0 { Timestamp::MIN } else { at_hour(prices.day(*days_ago), 8, 0) };
        let period = entries.iter().filter(|entry| begin <= entry.time && next.is_none_or(|next| entry.time < next));
        let mut lowest = balance;
        for entry in period {
            balance += entry.cash;
            lowest = lowest.min(balance);
        }
        let needed = if next.is_some() { Decimal::from(CUSHION) - lowest } else { Decimal::from(CASH_TODAY) - lowest };
        let amount = (needed / Decimal::from(50)).ceil() * Decimal::from(50);
        if amount > Decimal::ZERO {
            balance += amount;
            deposits.push(own_cash(prices, ActivityKind::Deposit, *days_ago, amount));
        }
    }
    deposits
}

/// Adds a quarter's interest, half a percent of what the account held.
fn add_interest(prices: &Prices, days_ago: i32, entries: &mut Vec<Entry>) {
    let time = at_hour(prices.day(days_ago), 8, 0);
    let balance: Decimal = entries.iter().filter(|entry| entry.time < time).map(|entry| entry.cash).sum();
    let amount = (balance * Decimal::new(5, 3)).round_dp(2);
    if amount > Decimal::ZERO {
        entries.push(own_cash(prices, ActivityKind::Interest, days_ago, amount));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use foliostream::domain::activity::{Activity, ActivityId};
    use foliostream::domain::position::fold;
    use foliostream::wire::commands::parse_decimal;
    use foliostream::wire::times::parse_time;

    use super::*;

    fn number(text: Option<&String>) -> Decimal {
        text.map_or(Decimal::ZERO, |text| parse_decimal(text).unwrap())
    }

    fn activity(id: i64, draft: &ActivityDraft) -> Activity {
        Activity {
            id: ActivityId(id),
            kind: draft.kind,
            time: parse_time(&draft.time).unwrap(),
            date_only: false,
            ticker: draft.ticker.as_ref().map(|ticker| ticker.parse().unwrap()),
            quantity: number(draft.quantity.as_ref()),
            price: number(draft.price.as_ref()),
            amount: number(draft.amount.as_ref()),
            fee: number(draft.fee.as_ref()),
            tax: number(draft.tax.as_ref()),
            currency: draft.currency.as_ref().unwrap().parse().unwrap(),
            exchange_rate: draft.exchange_rate.as_ref().map_or(Decimal::ONE, |rate| parse_decimal(rate).unwrap()),
            exchange_rate_estimated: false,
            converted: draft.exchange_rate.is_some(),
            opens_short: false,
            account: None,
            tags: Vec::new(),
            note: draft.note.clone(),
            revision: 1,
        }
    }

    /// Every market the demo must look right in: seeds, dates (a Sunday among them), hours of trading.
    fn markets() -> impl Iterator<Item = (SimulatedMarket, Timestamp)> {
        let dates = ["2026-11-18T15:20:00Z", "2026-11-22T00:00:00Z", "2027-03-01T23:59:59Z", "2029-08-13T06:00:00Z"];
        (1..=42).step_by(41).chain([7, 1_000]).flat_map(move |seed| {
            dates.into_iter().enumerate().map(move |(place, date)| {
                let now: Timestamp = date.parse().unwrap();
                (SimulatedMarket::new(seed, place % 2 == 0, now), now)
            })
        })
    }

    fn activities(model: &SimulatedMarket, now: Timestamp) -> Vec<Activity> {
        let (_, drafts) = demo_activities(model, now);
        (1..).zip(&drafts).map(|(id, draft)| activity(id, draft)).collect()
    }

    /// Returns what the activity does to an account in euros.
    fn cash(activity: &Activity) -> Decimal {
        let gross = activity.gross().unwrap();
        let charges = activity.charges().unwrap();
        let moved = match activity.kind {
            ActivityKind::Buy | ActivityKind::Fee => -gross - charges,
            _ => gross - charges,
        };
        moved * activity.exchange_rate / activity.currency.units_per_major()
    }

    #[test]
    fn the_same_seed_and_date_give_the_same_activities() {
        let (morning, evening) = ("2026-11-18T06:00:00Z".parse().unwrap(), "2026-11-18T22:00:00Z".parse().unwrap());
        let model = SimulatedMarket::new(42, true, morning);
        assert_eq!(demo_activities(&model, morning), demo_activities(&model, evening));
        assert_ne!(demo_activities(&SimulatedMarket::new(43, true, morning), morning), demo_activities(&model, morning));
    }

    #[test]
    fn it_tells_two_years_of_every_kind_of_thing_and_nothing_of_today() {
        for (model, now) in markets() {
            let activities = activities(&model, now);
            let kinds: BTreeSet<String> = activities.iter().map(|activity| format!("{:?}", activity.kind)).collect();
            assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["Buy", "Deposit", "Dividend", "Fee", "Interest", "Sell"]);
            assert!(activities.is_sorted_by_key(|activity| activity.time));
            let last = activities.last().unwrap().time;
            assert!(last < at_hour(now.to_zoned(TimeZone::UTC).date(), 0, 0));
            let age = now.duration_since(activities[0].time).as_hours() / 24;
            assert!((725..=735).contains(&age), "{age}");
        }
    }

    #[test]
    fn nothing_is_sold_that_is_not_held_and_the_account_is_never_overdrawn() {
        for (model, now) in markets() {
            let (mut held, mut balance) = (BTreeMap::<Ticker, Decimal>::new(), Decimal::ZERO);
            for activity in activities(&model, now) {
                balance += cash(&activity);
                assert!(balance >= Decimal::ZERO, "{balance} after {activity:?}");
                let Some(ticker) = activity.ticker.clone() else { continue };
                let units = held.entry(ticker).or_default();
                match activity.kind {
                    ActivityKind::Buy => *units += activity.quantity,
                    ActivityKind::Sell => *units -= activity.quantity,
                    _ => {}
                }
                assert!(*units >= Decimal::ZERO, "{activity:?}");
            }
        }
    }

    #[test]
    fn it_is_worth_about_fifty_thousand_euros_with_a_little_cash() {
        for (model, now) in markets() {
            let ledger = fold(Currency::EUR, &activities(&model, now)).unwrap();
            let prices = Prices { model: &model, today: now.to_zoned(TimeZone::UTC).date() };
            let value: Decimal = ledger
                .positions
                .values()
                .map(|position| {
                    let currency = prices.currency(&position.ticker);
                    let price = model.tick_at(&position.ticker, now).unwrap().price / currency.units_per_major();
                    position.quantity * price * prices.rate(currency, prices.today)
                })
                .sum();
            let cash = ledger.cash[&Currency::EUR].amount;
            let total = value + cash;
            assert!((Decimal::from(45_000)..=Decimal::from(60_000)).contains(&total), "{total}");
            assert!((Decimal::new(15, 3)..=Decimal::new(8, 2)).contains(&(cash / total)), "{cash} of {total}");
        }
    }

    #[test]
    fn it_folds_into_sixteen_holdings_in_four_currencies() {
        for (model, now) in markets() {
            let ledger = fold(Currency::EUR, &activities(&model, now)).unwrap();
            assert!(ledger.missing.is_empty() && ledger.has_deposits);
            let open: Vec<_> = ledger.positions.values().filter(|position| position.quantity > Decimal::ZERO).collect();
            assert_eq!(open.len(), 16);
            let tickers: BTreeSet<&str> = open.iter().map(|position| position.ticker.as_str()).collect();
            for wanted in ["AAPL", "MSFT", "VWCE.DE", "AGGH.AS", "SGLD.L", "BTC-USD"] {
                assert!(tickers.contains(wanted), "{wanted}");
            }
            let currency =
                |position: &&foliostream::domain::position::Position| model.instrument(&position.ticker).unwrap().currency;
            let currencies: BTreeSet<String> = open.iter().map(|position| currency(position).to_string()).collect();
            assert_eq!(currencies.into_iter().collect::<Vec<_>>(), ["CHF", "EUR", "GBp", "USD"]);
            assert_eq!(ledger.cash.values().filter(|account| !account.amount.is_zero()).count(), 1);
        }
    }

    #[test]
    fn trades_are_at_the_models_closes_on_trading_days() {
        for (model, now) in markets() {
            for activity in activities(&model, now).iter().filter(|activity| !activity.price.is_zero()) {
                let (ticker, day) = (activity.ticker.as_ref().unwrap(), activity.time.to_zoned(TimeZone::UTC).date());
                assert_eq!(Some(activity.price), model.close_on(ticker, day));
                let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
                assert!(!weekend || ticker.as_str() == "BTC-USD", "{activity:?}");
            }
        }
    }

    #[test]
    fn every_plan_ends_with_all_of_its_quantity_and_never_sells_ahead() {
        for (name, _, _, steps) in PLANS {
            let mut percent = 0;
            for (days, step) in *steps {
                percent += step;
                assert!(percent >= 0 && (3..=DAYS - 3).contains(days), "{name}");
            }
            assert!(percent == 100 && steps.is_sorted_by(|one, next| one.0 > next.0), "{name}");
        }
    }
}
