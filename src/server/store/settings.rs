//! The epoch, and settings the program keeps for itself.

use super::error::StoreError;
use super::{Result, Store};

impl Store {
    /// Counts the epoch up by one, durably, and returns it; the first is 1.
    pub async fn begin_epoch(&self) -> Result<u64> {
        let mut change = self.begin().await?;
        let epoch: i64 = sqlx::query_scalar("UPDATE counters SET value = value + 1 WHERE name = 'epoch' RETURNING value")
            .fetch_optional(&mut *change)
            .await?
            .ok_or(StoreError::NotFound)?;
        change.commit().await?;
        Ok(epoch.unsigned_abs())
    }

    /// Returns a setting, if it was ever set.
    pub async fn get_setting(&self, key: &str) -> Result<Option<String>> {
        let query = sqlx::query_scalar("SELECT value FROM settings WHERE key = ?1").bind(key);
        Ok(query.fetch_optional(self.readers()).await?)
    }

    /// Sets a setting.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        let mut change = self.begin().await?;
        sqlx::query("INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
            .bind(key)
            .bind(value)
            .execute(&mut *change)
            .await?;
        Ok(change.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{open, store};

    #[tokio::test]
    async fn every_epoch_is_the_one_after_the_last_also_after_a_restart() {
        let (folder, store) = store().await;
        assert_eq!(store.begin_epoch().await.unwrap(), 1);
        assert_eq!(store.begin_epoch().await.unwrap(), 2);
        store.close().await;
        assert_eq!(open(&folder).await.begin_epoch().await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_setting_is_nothing_until_set_and_then_the_last_value() {
        let (_folder, store) = store().await;
        assert_eq!(store.get_setting("demo").await.unwrap(), None);
        store.set_setting("demo", "seeded").await.unwrap();
        store.set_setting("demo", "").await.unwrap();
        assert_eq!(store.get_setting("demo").await.unwrap().as_deref(), Some(""));
    }
}
