//! Prices that a person entered for a day, and the newest trade, which is what an instrument without any is worth.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;

use super::columns::{parsed, read_all, ticker, time};
use super::statement::{ROWS_AT_ONCE, Row, Statement, statement};
use super::{Result, Store};

const INSERT: &str = "INSERT INTO dated_prices (ticker, day, price) VALUES";

const OVER: &str = "ON CONFLICT (ticker, day) DO UPDATE SET price = excluded.price";

const NEWEST: &str = "SELECT day, price FROM dated_prices WHERE ticker = $1 ORDER BY day DESC LIMIT $2";

/// The two newest of each instrument: rows of instruments come between this and what follows.
const DATED: &str = "SELECT dated_prices.ticker, day, price FROM (VALUES";

const DATED_OF: &str = ") AS asked JOIN dated_prices ON dated_prices.ticker = asked.column1 WHERE day >= COALESCE((SELECT newest.day \
     FROM dated_prices AS newest WHERE newest.ticker = asked.column1 ORDER BY newest.day DESC LIMIT 1 OFFSET 1), '') \
     ORDER BY dated_prices.ticker, day DESC";

/// The newest trade of each instrument, found one by one in the index.
const TRADES: &str = "SELECT ticker, price, currency, time_us, date_only FROM (VALUES";

const TRADES_OF: &str = ") AS asked JOIN activities ON activities.activity_id = (SELECT newest.activity_id FROM activities AS newest \
     WHERE newest.ticker = asked.column1 AND newest.kind IN ('buy', 'sell', 'opening_balance', 'transfer_in', 'transfer_out', 'reinvested_dividend') AND CAST(newest.price AS DOUBLE PRECISION) > 0 \
     AND newest.time_us <= ";

const TRADES_IN_ORDER: &str = " ORDER BY newest.time_us DESC, newest.activity_id DESC LIMIT 1)";

const SPLITS: &str = "SELECT DISTINCT ticker, time_us, quantity FROM activities WHERE kind = 'split' AND ticker IN (VALUES";

const SPLITS_UNTIL: &str = ") AND time_us <= ";

/// What people wrote about the price of an instrument, as they wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EnteredPrices {
    /// The two newest prices of days, the newest first.
    pub dated: Vec<(Date, Decimal)>,
    /// The newest trade at a price above zero.
    pub trade: Option<LastTrade>,
    /// The splits, oldest first: of one that several portfolios have, one.
    pub splits: Vec<(Timestamp, Decimal)>,
}

/// What an instrument was bought or sold at last, in any portfolio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastTrade {
    /// The price per unit, as it was written.
    pub price: Decimal,
    /// The currency that it was written in, which may be a minor unit.
    pub currency: Currency,
    /// When it was traded.
    pub time: Timestamp,
    /// Whether that is a date alone.
    pub date_only: bool,
}

impl Store {
    /// Enters prices for days, or takes them back where there is none, in one transaction; the last of one day counts.
    pub(crate) async fn set_dated_prices(&self, ticker: &Ticker, prices: &[(Date, Option<Decimal>)]) -> Result<()> {
        let last: std::collections::BTreeMap<Date, Option<Decimal>> = prices.iter().copied().collect();
        let (entered, gone): (Vec<_>, Vec<_>) = last.into_iter().partition(|(_, price)| price.is_some());
        let mut change = self.begin().await?;
        for some in entered.chunks(ROWS_AT_ONCE) {
            let price = |price: &Option<Decimal>| price.unwrap_or_default().to_string();
            let rows =
                some.iter().map(|(day, entered)| vec![ticker.as_str().into(), day.to_string().into(), price(entered).into()]);
            Statement::of_rows(INSERT, 3, rows, OVER).run(&mut change).await?;
        }
        for (day, _) in gone {
            let forget = statement("DELETE FROM dated_prices WHERE ticker = $1 AND day = $2");
            forget.bind(ticker.as_str()).bind(day.to_string()).run(&mut change).await?;
        }
        change.commit().await
    }

    /// Returns the newest prices that were entered for days, the newest first.
    pub(crate) async fn newest_dated_prices(&self, ticker: &Ticker, most: i64) -> Result<Vec<(Date, Decimal)>> {
        let rows = statement(NEWEST).bind(ticker.as_str()).bind(most).all(&mut self.read().await?).await?;
        read_all(&rows, |row: &Row| Ok((parsed(row, "day")?, parsed(row, "price")?)))
    }

    /// Returns what people wrote about the prices of instruments up to a moment; those of which there is nothing are missing. Many are
    /// asked together: a ledger may have 50,000 of them.
    pub(crate) async fn entered_prices(&self, tickers: &[Ticker], until: Timestamp) -> Result<HashMap<Ticker, EnteredPrices>> {
        let mut entered: HashMap<Ticker, EnteredPrices> = HashMap::new();
        for some in tickers.chunks(ROWS_AT_ONCE) {
            let about = |before: &str, after: &str| {
                Statement::of_rows(before, 1, some.iter().map(|ticker| vec![ticker.as_str().into()]), after)
            };
            let until_place = format!("${}", some.len() + 1);
            let trades = about(TRADES, &[TRADES_OF, &until_place, TRADES_IN_ORDER].concat()).bind(until.as_microsecond());
            let splits = about(SPLITS, &[SPLITS_UNTIL, &until_place, " ORDER BY ticker, time_us"].concat());
            let splits = splits.bind(until.as_microsecond());
            let mut connection = self.read().await?;
            for row in about(DATED, DATED_OF).all(&mut connection).await? {
                let price = (parsed(&row, "day")?, parsed(&row, "price")?);
                entered.entry(ticker(&row, "ticker")?).or_default().dated.push(price);
            }
            for row in trades.all(&mut connection).await? {
                let (price, currency) = (parsed(&row, "price")?, parsed(&row, "currency")?);
                let trade = LastTrade { price, currency, time: time(&row, "time_us")?, date_only: row.get("date_only")? };
                entered.entry(ticker(&row, "ticker")?).or_default().trade = Some(trade);
            }
            for row in splits.all(&mut connection).await? {
                let split = (time(&row, "time_us")?, parsed(&row, "quantity")?);
                entered.entry(ticker(&row, "ticker")?).or_default().splits.push(split);
            }
        }
        Ok(entered)
    }

    /// Returns every instrument that was bought or sold.
    pub(crate) async fn traded_tickers(&self) -> Result<Vec<Ticker>> {
        let query = statement(
            "SELECT DISTINCT ticker FROM activities WHERE ticker IS NOT NULL AND kind IN ('buy', 'sell', 'opening_balance', 'transfer_in', 'transfer_out', 'reinvested_dividend') ORDER BY ticker",
        );
        read_all(&query.all(&mut self.read().await?).await?, |row: &Row| ticker(row, "ticker"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{EPOCH, Kind, at, buy, contract, new_portfolio, ticker};
    use super::*;
    use crate::store::NewActivity;
    use jiff::civil::date;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    async fn a_day_has_the_last_price_that_was_entered_or_none(kind: Kind) {
        let (_place, store) = kind.store().await;
        let (a, day) = (ticker("A"), |day| date(2026, 11, day));
        store.set_dated_prices(&a, &[]).await.unwrap();
        assert_eq!(store.newest_dated_prices(&a, 9).await.unwrap(), []);
        let prices = [(day(2), Some("1.50")), (day(1), Some("1")), (day(2), Some("1.60")), (day(3), Some("2"))];
        let prices = prices.map(|(day, price)| (day, price.map(decimal)));
        store.set_dated_prices(&a, &prices).await.unwrap();
        store.set_dated_prices(&a, &[(day(3), None), (day(9), None)]).await.unwrap();
        let found = store.newest_dated_prices(&a, 9).await.unwrap();
        assert_eq!(found, [(day(2), decimal("1.60")), (day(1), decimal("1"))]);
        assert_eq!(found[0].1.to_string(), "1.60");
        assert_eq!(store.newest_dated_prices(&a, 1).await.unwrap().len(), 1);
        assert_eq!(store.newest_dated_prices(&ticker("B"), 9).await.unwrap(), []);
    }

    async fn a_price_that_was_entered_is_the_whole_bar_of_its_day(kind: Kind) {
        let (_place, store) = kind.store().await;
        let (a, day) = (ticker("A"), |day| date(2026, 11, day));
        let observed = [(a.clone(), day(1), decimal("1")), (a.clone(), day(2), decimal("2"))];
        store.record_bars(EPOCH, &observed).await.unwrap();
        store.set_dated_prices(&a, &[(day(2), Some(decimal("5"))), (day(4), Some(decimal("6")))]).await.unwrap();
        let bars = store.bars(&a, day(1), day(4)).await.unwrap();
        let closes: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.low, bar.close)).collect();
        assert_eq!(closes, ["1 1", "5 5", "6 6"]);
        store.set_dated_prices(&a, &[(day(2), None)]).await.unwrap();
        assert_eq!(store.bars(&a, day(2), day(2)).await.unwrap()[0].close, decimal("2"), "what was observed is still there");
    }

    async fn the_last_trade_is_that_of_any_portfolio_and_splits_are_told_once(kind: Kind) {
        let (_place, store) = kind.store().await;
        for name in ["main", "second"] {
            store.own().create_portfolio(&new_portfolio(name, name, Currency::EUR, None, at(0)), None).await.unwrap();
        }
        let (traded, other) = (buy("1", "2", 3).ticker.unwrap(), ticker("OTHER"));
        let asked = [other.clone(), traded.clone()];
        assert_eq!(store.entered_prices(&asked, at(99)).await.unwrap(), HashMap::new());
        let split = |seconds| NewActivity {
            kind: foliostream::domain::activity::ActivityKind::Split,
            price: Decimal::ZERO,
            ..buy("2", "0", seconds)
        };
        let first = [buy("1", "2", 3), buy("1", "0", 7), buy("1", "0.00", 8), split(5), split(9), split(21)];
        store.own().add_activities("main", 1, &first).await.unwrap();
        store.own().add_activities("second", 1, &[buy("1", "4.50", 4), buy("1", "8", 50), split(9)]).await.unwrap();
        let found = store.entered_prices(&asked, at(20)).await.unwrap();
        let trade = found[&traded].trade.as_ref().unwrap();
        assert_eq!((trade.price.to_string().as_str(), trade.time), ("4.50", at(4)), "one at no price says nothing");
        assert_eq!(found[&traded].splits, [(at(5), decimal("2")), (at(9), decimal("2"))]);
        assert_eq!(found.get(&other), None);
        assert_eq!(store.traded_tickers().await.unwrap(), [traded]);
    }

    async fn what_was_entered_of_many_instruments_is_found_together(kind: Kind) {
        let (_place, store) = kind.store().await;
        let tickers: Vec<Ticker> = (0..=2 * ROWS_AT_ONCE).map(|number| ticker(&format!("T{number}"))).collect();
        let day = |day| date(2026, 11, day);
        for (ticker, days) in tickers.iter().zip([1, 2, 3].into_iter().cycle()) {
            let prices: Vec<_> = (1..=days).map(|number| (day(number), Some(Decimal::from(number)))).collect();
            store.set_dated_prices(ticker, &prices).await.unwrap();
        }
        let found = store.entered_prices(&tickers, at(0)).await.unwrap();
        assert_eq!(found.len(), tickers.len());
        let days = |ticker: &Ticker| found[ticker].dated.iter().map(|(day, _)| day.day()).collect::<Vec<_>>();
        assert_eq!(tickers[..3].iter().map(days).collect::<Vec<_>>(), [vec![1], vec![2, 1], vec![3, 2]], "the two newest");
    }

    contract! {
        a_day_has_the_last_price_that_was_entered_or_none,
        a_price_that_was_entered_is_the_whole_bar_of_its_day,
        the_last_trade_is_that_of_any_portfolio_and_splits_are_told_once,
        what_was_entered_of_many_instruments_is_found_together,
    }
}
