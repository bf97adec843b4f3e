//! Daily bars recorded from prices, for feeds that have no model of the past.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use foliostream::domain::bar::Bar;
use foliostream::domain::instrument::Ticker;

use super::columns::{self, parsed, parsed_option, read_all, undecodable};
use super::statement::{Change, ROWS_AT_ONCE, Row, Statement, Writes, statement};
use super::value::Value;
use super::{Result, Store};

const DAYS: &str = "SELECT ticker, day, open, high, low, close, volume FROM bars WHERE ticker = $1 AND day BETWEEN $2 AND $3 AND NOT EXISTS \
     (SELECT 1 FROM dated_prices WHERE dated_prices.ticker = bars.ticker AND dated_prices.day = bars.day) \
     UNION ALL SELECT ticker, day, price, price, price, price, NULL FROM dated_prices WHERE ticker = $1 AND day BETWEEN $2 AND $3 ORDER BY 2";

const FIND: &str = "SELECT ticker, day, high, low FROM bars WHERE (ticker, day) IN (VALUES";

const INSERT: &str = "INSERT INTO bars (ticker, day, open, high, low, close) VALUES";

const OVER: &str = "ON CONFLICT (ticker, day) DO UPDATE SET high = excluded.high, low = excluded.low, close = excluded.close";

/// The ticker of a bar, and its day.
type Key<'a> = (&'a Ticker, Date);

impl Store {
    /// Returns a ticker's bars from one day to another, both included, the oldest first; each begins at midnight UTC. The price that a
    /// person entered for a day is all there is of that day.
    pub async fn bars(&self, ticker: &Ticker, from: Date, to: Date) -> Result<Vec<Bar>> {
        let rows = statement(DAYS)
            .bind(ticker.as_str())
            .bind(from.to_string())
            .bind(to.to_string())
            .all(&mut self.read().await?)
            .await?;
        read_all(&rows, bar_row)
    }
}

/// Lets prices extend their days' bars, in the order given: the first opens, the highest and lowest stretch, the last closes.
pub(super) async fn write_bars(change: &mut Change, writes: &mut Writes, prices: &[(Ticker, Date, Decimal)]) -> Result<()> {
    let mut days: BTreeMap<Key<'_>, Bar> = BTreeMap::new();
    for (ticker, day, price) in prices {
        let begin = midnight(*day).map_err(|error| undecodable("day", error))?;
        days.entry((ticker, *day)).and_modify(|bar| bar.add(*price)).or_insert_with(|| Bar::of(begin, *price));
    }
    let mut days: Vec<_> = days.into_iter().collect();
    for some in days.chunks_mut(ROWS_AT_ONCE) {
        stretch_over(change, some).await?;
        writes.push(Statement::of_rows(INSERT, 6, some.iter().map(values), OVER));
    }
    Ok(())
}

/// Stretches bars over the highs and lows of their days so far.
async fn stretch_over(change: &mut Change, days: &mut [(Key<'_>, Bar)]) -> Result<()> {
    let keys = days.iter().map(|((ticker, day), _)| vec![ticker.as_str().into(), day.to_string().into()]);
    let rows = Statement::of_rows(FIND, 2, keys, ")").all(change).await?;
    let read =
        |row: &Row| Ok(((columns::ticker(row, "ticker")?, parsed(row, "day")?), (parsed(row, "high")?, parsed(row, "low")?)));
    let found: HashMap<(Ticker, Date), (Decimal, Decimal)> = read_all(&rows, read)?.into_iter().collect();
    for ((ticker, day), bar) in days {
        if let Some((high, low)) = found.get(&(ticker.clone(), *day)) {
            (bar.high, bar.low) = (bar.high.max(*high), bar.low.min(*low));
        }
    }
    Ok(())
}

fn values(((ticker, day), bar): &(Key<'_>, Bar)) -> Vec<Value> {
    let prices = [bar.open, bar.high, bar.low, bar.close];
    [ticker.as_str().into(), day.to_string().into()].into_iter().chain(prices.map(|price| price.to_string().into())).collect()
}

fn bar_row(row: &Row) -> std::result::Result<Bar, sqlx::Error> {
    let day: Date = parsed(row, "day")?;
    Ok(Bar {
        time: midnight(day).map_err(|error| undecodable("day", error))?,
        open: parsed(row, "open")?,
        high: parsed(row, "high")?,
        low: parsed(row, "low")?,
        close: parsed(row, "close")?,
        volume: parsed_option(row, "volume")?,
    })
}

fn midnight(day: Date) -> std::result::Result<Timestamp, jiff::Error> {
    Ok(day.to_zoned(TimeZone::UTC)?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{EPOCH, Kind, contract, ticker};
    use super::*;
    use jiff::civil::date;

    fn record(text: &str, day: i8, price: &str) -> (Ticker, Date, Decimal) {
        (ticker(text), date(2026, 11, day), price.parse().unwrap())
    }

    async fn prices_open_stretch_and_close_their_day(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.record_bars(EPOCH, &[]).await.unwrap();
        store.record_bars(EPOCH, &[record("A", 2, "10.00"), record("A", 2, "12.50"), record("B", 2, "1")]).await.unwrap();
        store.record_bars(EPOCH, &[record("A", 2, "9.5"), record("A", 2, "11.0")]).await.unwrap();
        let bars = store.bars(&ticker("A"), date(2026, 11, 2), date(2026, 11, 2)).await.unwrap();
        let [bar] = bars.as_slice() else { panic!("{bars:?}") };
        let written = [bar.open, bar.high, bar.low, bar.close].map(|price| price.to_string());
        assert_eq!(written, ["10.00", "12.50", "9.5", "11.0"]);
        assert_eq!((bar.time, bar.volume), ("2026-11-02T00:00:00Z".parse().unwrap(), None));
    }

    async fn high_and_low_compare_as_numbers_not_as_text(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.record_bars(EPOCH, &[record("A", 2, "9"), record("A", 2, "10"), record("A", 2, "-3")]).await.unwrap();
        let bars = store.bars(&ticker("A"), date(2026, 11, 2), date(2026, 11, 2)).await.unwrap();
        assert_eq!((bars[0].high, bars[0].low), (Decimal::TEN, Decimal::from(-3)));
    }

    async fn both_ends_of_a_range_are_included(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.record_bars(EPOCH, &[4, 1, 3, 2].map(|day| record("A", day, "1"))).await.unwrap();
        let bars = store.bars(&ticker("A"), date(2026, 11, 2), date(2026, 11, 3)).await.unwrap();
        let days: Vec<_> = bars.iter().map(|bar| bar.time.strftime("%d").to_string()).collect();
        assert_eq!(days, ["02", "03"]);
        assert_eq!(store.bars(&ticker("A"), date(2026, 11, 3), date(2026, 11, 2)).await.unwrap(), []);
    }

    contract! {
        prices_open_stretch_and_close_their_day,
        high_and_low_compare_as_numbers_not_as_text,
        both_ends_of_a_range_are_included,
    }
}
