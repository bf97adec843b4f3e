//! Portfolios, without their activities.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::domain::money::Currency;

use super::columns::{micros, parsed, time};
use super::error::StoreError;
use super::records::PortfolioRow;
use super::{Result, Store};

/// The most portfolios that are kept.
pub const MAX_PORTFOLIOS: i64 = 100;

impl Store {
    /// Returns all portfolios, the oldest first.
    pub async fn portfolios(&self) -> Result<Vec<PortfolioRow>> {
        let rows = sqlx::query("SELECT * FROM portfolios ORDER BY created_at_us, portfolio_id").fetch_all(self.readers()).await?;
        Ok(rows.iter().map(portfolio_row).collect::<std::result::Result<_, _>>()?)
    }

    /// Returns one portfolio, if it is there.
    pub async fn portfolio(&self, portfolio_id: &str) -> Result<Option<PortfolioRow>> {
        let row = sqlx::query("SELECT * FROM portfolios WHERE portfolio_id = ?1")
            .bind(portfolio_id)
            .fetch_optional(self.readers())
            .await?;
        Ok(row.as_ref().map(portfolio_row).transpose()?)
    }

    /// Creates a portfolio at revision 1.
    ///
    /// Fails with `Conflict` where the id is taken, and with `Limit`.
    pub async fn create_portfolio(
        &self,
        portfolio_id: &str,
        name: &str,
        currency: Currency,
        now: Timestamp,
    ) -> Result<PortfolioRow> {
        let mut change = self.begin().await?;
        if let Some(current) = revision(&mut change, portfolio_id).await? {
            return Err(StoreError::Conflict { current });
        }
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM portfolios").fetch_one(&mut *change).await?;
        if count >= MAX_PORTFOLIOS {
            return Err(StoreError::Limit { what: "portfolios", most: MAX_PORTFOLIOS });
        }
        let row = sqlx::query(
            "INSERT INTO portfolios (portfolio_id, name, currency, created_at_us) VALUES (?1, ?2, ?3, ?4) RETURNING *",
        )
        .bind(portfolio_id)
        .bind(name)
        .bind(currency.as_str())
        .bind(micros(now))
        .fetch_one(&mut *change)
        .await?;
        let portfolio = portfolio_row(&row)?;
        change.commit().await?;
        Ok(portfolio)
    }

    /// Renames a portfolio, and returns it at its next revision.
    pub async fn rename_portfolio(&self, portfolio_id: &str, name: &str) -> Result<PortfolioRow> {
        let mut change = self.begin().await?;
        let row = sqlx::query("UPDATE portfolios SET name = ?2, revision = revision + 1 WHERE portfolio_id = ?1 RETURNING *")
            .bind(portfolio_id)
            .bind(name)
            .fetch_optional(&mut *change)
            .await?
            .ok_or(StoreError::NotFound)?;
        let portfolio = portfolio_row(&row)?;
        change.commit().await?;
        Ok(portfolio)
    }

    /// Deletes a portfolio and all its activities.
    pub async fn delete_portfolio(&self, portfolio_id: &str) -> Result<()> {
        let mut change = self.begin().await?;
        let deleted =
            sqlx::query("DELETE FROM portfolios WHERE portfolio_id = ?1").bind(portfolio_id).execute(&mut *change).await?;
        if deleted.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(change.commit().await?)
    }
}

/// Returns a portfolio's revision as the change sees it.
pub(super) async fn revision(change: &mut Transaction<'_, Sqlite>, portfolio_id: &str) -> Result<Option<i64>> {
    let query = sqlx::query_scalar("SELECT revision FROM portfolios WHERE portfolio_id = ?1").bind(portfolio_id);
    Ok(query.fetch_optional(&mut **change).await?)
}

/// Counts a change of a portfolio's activities, and returns the new revision.
pub(super) async fn count_change(change: &mut Transaction<'_, Sqlite>, portfolio_id: &str) -> Result<i64> {
    let query = sqlx::query_scalar("UPDATE portfolios SET revision = revision + 1 WHERE portfolio_id = ?1 RETURNING revision");
    query.bind(portfolio_id).fetch_optional(&mut **change).await?.ok_or(StoreError::NotFound)
}

fn portfolio_row(row: &SqliteRow) -> std::result::Result<PortfolioRow, sqlx::Error> {
    Ok(PortfolioRow {
        portfolio_id: row.try_get("portfolio_id")?,
        name: row.try_get("name")?,
        currency: parsed(row, "currency")?,
        revision: row.try_get("revision")?,
        created_at: time(row, "created_at_us")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{HOSTILE_TEXTS, at, buy, store};
    use super::*;

    #[tokio::test]
    async fn a_created_portfolio_is_listed_and_found() {
        let (_folder, store) = store().await;
        let second = store.create_portfolio("second", "B", Currency::GBX, at(2)).await.unwrap();
        let first = store.create_portfolio("first", "A", Currency::EUR, at(1)).await.unwrap();
        assert_eq!((second.revision, second.currency, second.created_at), (1, Currency::GBX, at(2)));
        assert_eq!(store.portfolios().await.unwrap(), [first.clone(), second]);
        assert_eq!(store.portfolio("first").await.unwrap(), Some(first));
        assert_eq!(store.portfolio("third").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_taken_id_is_a_conflict() {
        let (_folder, store) = store().await;
        store.create_portfolio("main", "A", Currency::EUR, at(0)).await.unwrap();
        store.rename_portfolio("main", "B").await.unwrap();
        let refusal = store.create_portfolio("main", "C", Currency::EUR, at(0)).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Conflict { current: 2 }), "{refusal}");
    }

    #[tokio::test]
    async fn renaming_counts_a_revision_and_needs_a_portfolio() {
        let (_folder, store) = store().await;
        store.create_portfolio("main", "A", Currency::EUR, at(0)).await.unwrap();
        let renamed = store.rename_portfolio("main", "B").await.unwrap();
        assert_eq!((renamed.name.as_str(), renamed.revision), ("B", 2));
        assert!(matches!(store.rename_portfolio("other", "B").await, Err(StoreError::NotFound)));
    }

    #[tokio::test]
    async fn deleting_takes_the_activities_along() {
        let (_folder, store) = store().await;
        store.create_portfolio("main", "A", Currency::EUR, at(0)).await.unwrap();
        store.add_activities("main", &[buy("1", "2", 0)]).await.unwrap();
        store.delete_portfolio("main").await.unwrap();
        assert_eq!(store.activities("main").await.unwrap(), []);
        assert_eq!(store.portfolio("main").await.unwrap(), None);
        assert!(matches!(store.delete_portfolio("main").await, Err(StoreError::NotFound)));
    }

    #[tokio::test]
    async fn the_hundred_and_first_portfolio_is_refused() {
        let (_folder, store) = store().await;
        for number in 0..MAX_PORTFOLIOS {
            store.create_portfolio(&number.to_string(), "A", Currency::EUR, at(0)).await.unwrap();
        }
        let refusal = store.create_portfolio("more", "A", Currency::EUR, at(0)).await.unwrap_err();
        assert_eq!(refusal.to_string(), "at most 100 portfolios can be stored; delete some first");
    }

    #[tokio::test]
    async fn hostile_names_come_back_as_written() {
        let (_folder, store) = store().await;
        for (number, text) in HOSTILE_TEXTS.iter().enumerate() {
            let id = number.to_string();
            store.create_portfolio(&id, text, Currency::EUR, at(0)).await.unwrap();
            assert_eq!(store.portfolio(&id).await.unwrap().unwrap().name, *text);
        }
    }
}
