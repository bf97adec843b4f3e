//! The ledger in parts: what a page or an answer shows of it, read by an index, so that a long ledger costs no more than a short
//! one.

use jiff::Timestamp;

use foliostream::domain::activity::{Activity, ActivityId};
use foliostream::domain::instrument::Ticker;

use super::columns::{micros, read_all};
use super::entry_columns::activity_row;
use super::statement::statement;
use super::{Personal, Result};

/// Where a reading of a ledger from its newest entry goes on: the entry that was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerOffset {
    /// The entry's time, in microseconds since 1970.
    pub time_us: i64,
    /// The entry's number, which orders entries of one time.
    pub id: ActivityId,
}

impl LedgerOffset {
    /// Before the newest entry.
    pub const START: Self = Self { time_us: i64::MAX, id: ActivityId(i64::MAX) };

    /// Returns where a reading goes on after an entry.
    pub fn after(activity: &Activity) -> Self {
        Self { time_us: micros(activity.time), id: activity.id }
    }
}

const OF_PORTFOLIO: &str =
    concat!("SELECT * FROM activities WHERE ", of_owner!("$4"), " ORDER BY time_us DESC, activity_id DESC LIMIT $2 OFFSET $3");

const OF_TICKER: &str = concat!(
    "SELECT * FROM activities WHERE ",
    of_owner!("$4"),
    " AND ticker = $5 ORDER BY time_us DESC, activity_id DESC LIMIT $2 OFFSET $3"
);

const AFTER: &str = concat!(
    "SELECT * FROM activities WHERE ",
    of_owner!("$5"),
    " AND (time_us, activity_id) < ($2, $3) ORDER BY time_us DESC, activity_id DESC LIMIT $4"
);

const INCOME: &str = concat!(
    "SELECT * FROM activities WHERE ",
    of_owner!("$3"),
    " AND time_us >= $2 AND kind IN ('dividend', 'interest', 'reinvested_dividend', 'spin_off') ORDER BY time_us, activity_id"
);

const COUNT: &str = concat!("SELECT count(*) AS number FROM activities WHERE ", of_owner!("$2"));

const COUNT_OF_TICKER: &str = concat!("SELECT count(*) AS number FROM activities WHERE ", of_owner!("$2"), " AND ticker = $3");

const ONE: &str = concat!("SELECT * FROM activities WHERE ", of_owner!("$3"), " AND activity_id = $2");

impl Personal<'_> {
    /// Returns at most `limit` activities of a portfolio, newest first, without the newest `skip`; those of one instrument where
    /// it is named.
    pub async fn activities_page(
        &self,
        portfolio_id: &str,
        ticker: Option<&Ticker>,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<Activity>> {
        let query = statement(if ticker.is_some() { OF_TICKER } else { OF_PORTFOLIO });
        let query = query.bind(portfolio_id).bind(limit).bind(skip).bind(self.owner.as_str());
        let query = match ticker {
            Some(ticker) => query.bind(ticker.as_str()),
            None => query,
        };
        read_all(&query.all(&mut self.store.read().await?).await?, activity_row)
    }

    /// Returns how many activities a portfolio has, of one instrument where it is named.
    pub async fn activities_count(&self, portfolio_id: &str, ticker: Option<&Ticker>) -> Result<i64> {
        let query = statement(if ticker.is_some() { COUNT_OF_TICKER } else { COUNT });
        let query = query.bind(portfolio_id).bind(self.owner.as_str());
        let query = match ticker {
            Some(ticker) => query.bind(ticker.as_str()),
            None => query,
        };
        query.number(&mut self.store.read().await?).await
    }

    /// Returns at most `limit` activities of a portfolio that are older than an offset, newest first.
    pub async fn activities_after(&self, portfolio_id: &str, place: LedgerOffset, limit: i64) -> Result<Vec<Activity>> {
        let query =
            statement(AFTER).bind(portfolio_id).bind(place.time_us).bind(place.id.0).bind(limit).bind(self.owner.as_str());
        read_all(&query.all(&mut self.store.read().await?).await?, activity_row)
    }

    /// Returns activities of a portfolio by their numbers, in the order given; those that are gone are left out.
    pub async fn activities_of(&self, portfolio_id: &str, ids: &[ActivityId]) -> Result<Vec<Activity>> {
        let mut reading = self.store.read().await?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let query = statement(ONE).bind(portfolio_id).bind(id.0).bind(self.owner.as_str());
            found.extend(query.optional(&mut reading).await?.as_ref().map(activity_row).transpose()?);
        }
        Ok(found)
    }

    /// Returns one activity of a portfolio, if it is there.
    pub async fn activity(&self, portfolio_id: &str, id: ActivityId) -> Result<Option<Activity>> {
        let query = statement(ONE).bind(portfolio_id).bind(id.0).bind(self.owner.as_str());
        let row = query.optional(&mut self.store.read().await?).await?;
        Ok(row.as_ref().map(activity_row).transpose()?)
    }

    /// Returns a portfolio's dividends and interest since a moment, oldest first.
    pub async fn income_activities(&self, portfolio_id: &str, since: Timestamp) -> Result<Vec<Activity>> {
        let query = statement(INCOME).bind(portfolio_id).bind(micros(since)).bind(self.owner.as_str());
        read_all(&query.all(&mut self.store.read().await?).await?, activity_row)
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry_records::NewActivity;
    use super::super::testing::{Kind, Place, at, buy, contract, new_portfolio, ticker};
    use super::*;
    use crate::store::Store;
    use foliostream::domain::activity::ActivityKind;
    use foliostream::domain::money::Currency;

    /// Five purchases of AAPL at the seconds 0 to 4, and one of MSFT at second 2.
    async fn with_ledger(kind: Kind) -> (Place, Store, Vec<ActivityId>) {
        let (place, store) = kind.store().await;
        store.own().create_portfolio(&new_portfolio("main", "A", Currency::EUR, None, at(0)), None).await.unwrap();
        let other = NewActivity { ticker: Some(ticker("MSFT")), ..buy("1", "2", 2) };
        let mut given: Vec<_> = (0..5).map(|second| buy("1", "2", second)).collect();
        given.push(other);
        let (ids, _) = store.own().add_activities("main", 1, &given).await.unwrap();
        (place, store, ids)
    }

    fn numbers(activities: &[Activity]) -> Vec<ActivityId> {
        activities.iter().map(|activity| activity.id).collect()
    }

    async fn pages_go_from_the_newest_to_the_oldest_without_a_gap(kind: Kind) {
        let (_place, store, ids) = with_ledger(kind).await;
        let first = store.own().activities_page("main", None, 0, 4).await.unwrap();
        let second = store.own().activities_page("main", None, 4, 4).await.unwrap();
        assert_eq!(numbers(&first), [ids[4], ids[3], ids[5], ids[2]]);
        assert_eq!(numbers(&second), [ids[1], ids[0]]);
        assert_eq!(store.own().activities_page("main", None, 6, 4).await.unwrap(), []);
        assert_eq!(store.own().activities_page("other", None, 0, 4).await.unwrap(), []);
        assert_eq!(store.own().activities_count("main", None).await.unwrap(), 6);
    }

    async fn one_instruments_entries_are_paged_alone(kind: Kind) {
        let (_place, store, ids) = with_ledger(kind).await;
        let apple = ticker("AAPL");
        assert_eq!(numbers(&store.own().activities_page("main", Some(&apple), 1, 2).await.unwrap()), [ids[3], ids[2]]);
        assert_eq!(store.own().activities_count("main", Some(&apple)).await.unwrap(), 5);
        assert_eq!(store.own().activities_count("main", Some(&ticker("NONE"))).await.unwrap(), 0);
    }

    async fn a_reading_goes_on_after_the_entry_it_read_last(kind: Kind) {
        let (_place, store, ids) = with_ledger(kind).await;
        let first = store.own().activities_after("main", LedgerOffset::START, 3).await.unwrap();
        let rest = store.own().activities_after("main", LedgerOffset::after(&first[2]), 100).await.unwrap();
        assert_eq!([numbers(&first), numbers(&rest)].concat(), [4, 3, 5, 2, 1, 0].map(|index: usize| ids[index]));
    }

    async fn one_entry_is_found_in_its_own_ledger_alone(kind: Kind) {
        let (_place, store, ids) = with_ledger(kind).await;
        assert_eq!(store.own().activity("main", ids[5]).await.unwrap().unwrap().ticker, Some(ticker("MSFT")));
        assert_eq!(store.own().activity("other", ids[5]).await.unwrap(), None);
    }

    async fn income_is_read_without_what_is_no_income(kind: Kind) {
        let (_place, store, _) = with_ledger(kind).await;
        let dividend = |second| NewActivity { kind: ActivityKind::Dividend, ..buy("0", "0", second) };
        store.own().add_activities("main", 2, &[dividend(1), dividend(3), dividend(4)]).await.unwrap();
        let found = store.own().income_activities("main", at(3)).await.unwrap();
        assert_eq!(found.iter().map(|activity| activity.time).collect::<Vec<_>>(), [at(3), at(4)]);
    }

    /// Whether the schema has the index.
    const HAS_INDEX: [&str; 2] = [
        "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'activities_of_ticker'",
        "SELECT to_regclass('activities_of_ticker') IS NOT NULL",
    ];

    #[tokio::test]
    async fn a_file_of_the_schema_before_gets_the_index_and_keeps_its_entries() {
        use crate::store::{migrations::migrator, sqlite::STEPS, testing};
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(crate::store::sqlite::DATABASE_NAME);
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let before = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let steps: Vec<_> = STEPS.into_iter().take_while(|step| step.1 != "activities_of_ticker").collect();
        migrator(&steps).run(&before).await.unwrap();
        sqlx::raw_sql(ENTRY).execute(&before).await.unwrap();
        before.close().await;
        let store = testing::open_folder(&folder).await;
        assert_eq!(store.own().activities_count("main", Some(&ticker("AAPL"))).await.unwrap(), 1);
        let has_index: bool = sqlx::query_scalar(HAS_INDEX[0]).fetch_one(&testing::sqlite(&store).readers).await.unwrap();
        assert!(has_index);
    }

    #[tokio::test]
    async fn a_database_of_the_schema_before_gets_the_index_and_keeps_its_entries() {
        use crate::store::{Sharing, migrations::migrator, postgres::STEPS, testing::postgres_server::Database};
        let database = Database::new(None).await;
        let before = sqlx::PgPool::connect(&database.url()).await.unwrap();
        let steps: Vec<_> = STEPS.into_iter().take_while(|step| step.1 != "activities_of_ticker").collect();
        migrator(&steps).run(&before).await.unwrap();
        sqlx::raw_sql(ENTRY).execute(&before).await.unwrap();
        let store = Store::at(&database.url().parse().unwrap(), Sharing::Alone).await.unwrap();
        assert_eq!(store.own().activities_count("main", Some(&ticker("AAPL"))).await.unwrap(), 1);
        let has_index: bool = sqlx::query_scalar(HAS_INDEX[1]).fetch_one(&before).await.unwrap();
        assert!(has_index);
        before.close().await;
    }

    /// A portfolio with one purchase, in the words of the schema before.
    const ENTRY: &str = "INSERT INTO portfolios (portfolio_id, name, currency, created_at_us) VALUES ('main', 'A', 'EUR', 0); \
        INSERT INTO activities (portfolio_id, kind, time_us, ticker, quantity, price, amount, fee, tax, currency, exchange_rate, converted) \
        VALUES ('main', 'buy', 0, 'AAPL', '1', '2', '0', '0', '0', 'EUR', '1', FALSE)";

    contract! {
        pages_go_from_the_newest_to_the_oldest_without_a_gap,
        one_instruments_entries_are_paged_alone,
        a_reading_goes_on_after_the_entry_it_read_last,
        one_entry_is_found_in_its_own_ledger_alone,
        income_is_read_without_what_is_no_income,
    }
}
