//! Prices that a person entered for a day, and the newest trade, which is what an instrument without any is worth.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;

use super::columns::{parsed, read_all, time};
use super::statement::{ROWS_AT_ONCE, Row, Statement, statement};
use super::{Result, Store};

const INSERT: &str = "INSERT INTO dated_prices (ticker, day, price) VALUES";

const OVER: &str = "ON CONFLICT (ticker, day) DO UPDATE SET price = excluded.price";

const NEWEST: &str = "SELECT day, price FROM dated_prices WHERE ticker = $1 ORDER BY day DESC LIMIT $2";

const LAST_TRADE: &str = "SELECT price, currency, time_us, date_only FROM activities WHERE ticker = $1 AND kind IN ('buy', 'sell') \
     AND time_us <= $2 ORDER BY time_us DESC, activity_id DESC LIMIT 20";

const SPLITS: &str = "SELECT DISTINCT time_us, quantity FROM activities WHERE ticker = $1 AND kind = 'split' AND time_us > $2 AND time_us <= $3 \
     ORDER BY time_us";

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

    /// Returns the newest trade of an instrument at a price above zero, up to a moment; only the newest few are looked at.
    pub(crate) async fn last_trade(&self, ticker: &Ticker, until: Timestamp) -> Result<Option<LastTrade>> {
        let query = statement(LAST_TRADE).bind(ticker.as_str()).bind(until.as_microsecond());
        let rows = query.all(&mut self.read().await?).await?;
        let trades = read_all(&rows, |row: &Row| {
            let (price, currency) = (parsed(row, "price")?, parsed(row, "currency")?);
            Ok(LastTrade { price, currency, time: time(row, "time_us")?, date_only: row.get("date_only")? })
        })?;
        Ok(trades.into_iter().find(|trade| trade.price > Decimal::ZERO))
    }

    /// Returns every instrument that was bought or sold.
    pub(crate) async fn traded_tickers(&self) -> Result<Vec<Ticker>> {
        let query = statement(
            "SELECT DISTINCT ticker FROM activities WHERE ticker IS NOT NULL AND kind IN ('buy', 'sell') ORDER BY ticker",
        );
        read_all(&query.all(&mut self.read().await?).await?, |row: &Row| super::columns::ticker(row, "ticker"))
    }

    /// Returns the splits of an instrument after a moment and up to another one, as they were written: of one that several portfolios
    /// have, one.
    pub(crate) async fn splits_between(
        &self,
        ticker: &Ticker,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(Timestamp, Decimal)>> {
        let query = statement(SPLITS).bind(ticker.as_str()).bind(after.as_microsecond()).bind(until.as_microsecond());
        read_all(&query.all(&mut self.read().await?).await?, |row: &Row| Ok((time(row, "time_us")?, parsed(row, "quantity")?)))
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
        let traded = buy("1", "2", 3).ticker.unwrap();
        assert_eq!(store.last_trade(&traded, at(99)).await.unwrap(), None);
        let split = |seconds| NewActivity {
            kind: foliostream::domain::activity::ActivityKind::Split,
            price: Decimal::ZERO,
            ..buy("2", "0", seconds)
        };
        store.own().add_activities("main", 1, &[buy("1", "2", 3), buy("1", "0", 7), split(5), split(9)]).await.unwrap();
        store.own().add_activities("second", 1, &[buy("1", "4.50", 4), buy("1", "8", 50), split(9)]).await.unwrap();
        let last = store.last_trade(&traded, at(20)).await.unwrap().unwrap();
        assert_eq!((last.price.to_string().as_str(), last.time), ("4.50", at(4)), "one at no price says nothing");
        let splits = store.splits_between(&traded, at(5), at(20)).await.unwrap();
        assert_eq!(splits, [(at(9), decimal("2"))]);
        assert_eq!(store.last_trade(&ticker("OTHER"), at(99)).await.unwrap(), None);
    }

    contract! {
        a_day_has_the_last_price_that_was_entered_or_none,
        a_price_that_was_entered_is_the_whole_bar_of_its_day,
        the_last_trade_is_that_of_any_portfolio_and_splits_are_told_once,
    }
}
