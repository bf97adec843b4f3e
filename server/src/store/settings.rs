//! The epoch, and settings the program keeps for itself.

use super::statement::statement;
use super::{Personal, Result, Store};

impl Store {
    /// Returns the epoch that has begun last, 0 before the first.
    pub async fn current_epoch(&self) -> Result<u64> {
        Ok(statement(EPOCH).number(&mut self.read().await?).await?.unsigned_abs())
    }
    /// Returns a setting, if it was ever set.
    pub async fn get_setting(&self, key: &str) -> Result<Option<String>> {
        let found = statement("SELECT value FROM settings WHERE key = $1").bind(key).optional(&mut self.read().await?).await?;
        Ok(found.map(|row| row.get("value")).transpose()?)
    }

    /// Sets a setting, whether it was set before or not.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        let mut change = self.begin().await?;
        statement("INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
            .bind(key)
            .bind(value)
            .run(&mut change)
            .await?;
        change.commit().await
    }
}

impl Personal<'_> {
    /// Returns the portfolio that the user wants to see first, where she has said so; it may be gone by now.
    pub async fn default_portfolio(&self) -> Result<Option<String>> {
        self.store.get_setting(&self.default_portfolio_key()).await
    }

    /// Keeps which portfolio the user wants to see first.
    pub async fn set_default_portfolio(&self, portfolio_id: &str) -> Result<()> {
        self.store.set_setting(&self.default_portfolio_key(), portfolio_id).await
    }

    fn default_portfolio_key(&self) -> String {
        ["default_portfolio:", self.owner.as_str()].concat()
    }
}

pub(super) const EPOCH: &str = "SELECT value AS number FROM counters WHERE name = 'epoch'";

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::Decimal;

    use super::super::error::StoreError;
    use super::super::testing::{Kind, at, contract, firing, new_alert, quote, seen, ticker};
    use crate::store::Observation;
    use foliostream::domain::alert::AlertState;

    async fn a_setting_is_nothing_until_set_and_then_the_last_value(kind: Kind) {
        let (_place, store) = kind.store().await;
        assert_eq!(store.get_setting("demo").await.unwrap(), None);
        store.set_setting("demo", "seeded").await.unwrap();
        store.set_setting("demo", "").await.unwrap();
        assert_eq!(store.get_setting("demo").await.unwrap().as_deref(), Some(""));
    }

    async fn each_user_has_a_default_portfolio_of_her_own(kind: Kind) {
        let (_place, store) = kind.store().await;
        let anna = "anna".parse().unwrap();
        store.of(&anna).set_default_portfolio("a").await.unwrap();
        store.of(&anna).set_default_portfolio("b").await.unwrap();
        assert_eq!(store.of(&anna).default_portfolio().await.unwrap().as_deref(), Some("b"));
        assert_eq!(store.own().default_portfolio().await.unwrap(), None);
    }

    async fn the_current_epoch_is_the_last_that_began(kind: Kind) {
        let (_place, store) = kind.store().await;
        assert_eq!(store.current_epoch().await.unwrap(), 0);
        store.begin_epoch().await.unwrap();
        store.begin_epoch().await.unwrap();
        assert_eq!(store.current_epoch().await.unwrap(), 2);
    }

    async fn what_an_engine_writes_in_another_epoch_is_refused_and_changes_nothing(kind: Kind) {
        let place = kind.place().await;
        let (old, new) = (place.share().await, place.share().await);
        let epoch = old.begin_epoch().await.unwrap();
        let alert = old.own().create_alert(&new_alert(), at(1)).await.unwrap();
        new.begin_epoch().await.unwrap();
        let price = Decimal::ONE;
        let seen = Observation { alert_id: alert.id, revision: 1, memory: seen("1", true) };
        for refusal in [
            old.record_firing(epoch, &firing(&alert, "151"), "late").await.map(drop),
            old.set_alert_state(epoch, alert.id, 1, AlertState::Expired, None).await.map(drop),
            old.observe_prices(epoch, std::slice::from_ref(&seen)).await,
            old.record_bars(epoch, &[(ticker("A"), date(2026, 11, 2), price)]).await,
            old.save_quotes(epoch, &[quote("A", "1")]).await,
            // Of an epoch that has not begun, too.
            old.observe_prices(epoch + 2, &[seen]).await,
        ] {
            assert!(matches!(refusal, Err(StoreError::Fenced { current: 2, .. })), "{refusal:?}");
        }
        assert_eq!(new.own().alerts().await.unwrap(), [alert]);
        assert_eq!((new.last_n().await.unwrap(), new.quotes().await.unwrap()), (0, vec![]));
        assert_eq!(new.bars(&ticker("A"), date(2026, 11, 2), date(2026, 11, 2)).await.unwrap(), []);
    }

    contract! {
        each_user_has_a_default_portfolio_of_her_own,
        the_current_epoch_is_the_last_that_began,
        what_an_engine_writes_in_another_epoch_is_refused_and_changes_nothing,
        a_setting_is_nothing_until_set_and_then_the_last_value,
    }
}
