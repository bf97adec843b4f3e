//! What a user notes about an instrument.

use foliostream::domain::instrument::Ticker;
use jiff::Timestamp;

use super::statement::statement;
use super::{Personal, Result};

/// Leaves nothing of a user's notifications but their numbers. One without a message is not brought back.
const WIPE: &str = "UPDATE notifications SET read = TRUE, deleted = TRUE, ticker = '-', threshold = '0', price = '0', previous_price = NULL, \
     change_percent = NULL, message = '', note = NULL, currency = NULL WHERE owner = $1";

impl Personal<'_> {
    /// Returns the user's note about an instrument, if there is one.
    pub async fn instrument_note(&self, ticker: &Ticker) -> Result<Option<String>> {
        let found = statement("SELECT note FROM instrument_notes WHERE owner = $1 AND ticker = $2");
        let found = found.bind(self.owner.as_str()).bind(ticker.as_str()).optional(&mut self.store.read().await?).await?;
        Ok(found.map(|row| row.get("note")).transpose()?)
    }

    /// Returns every note of the user, by ticker.
    pub async fn instrument_notes(&self) -> Result<Vec<(String, String)>> {
        let notes = statement("SELECT ticker, note FROM instrument_notes WHERE owner = $1 ORDER BY ticker");
        let rows = notes.bind(self.owner.as_str()).all(&mut self.store.read().await?).await?;
        super::columns::read_all(&rows, |row| Ok((row.get("ticker")?, row.get("note")?)))
    }

    /// Deletes every notification, every note and every job of the user that is over. A notification's number is never given again, so its row stays until
    /// newer ones push it out, without what it told: it cannot be brought back.
    pub async fn delete_what_was_told(&self) -> Result<()> {
        let mut change = self.store.begin().await?;
        statement(WIPE).bind(self.owner.as_str()).run(&mut change).await?;
        statement("DELETE FROM instrument_notes WHERE owner = $1").bind(self.owner.as_str()).run(&mut change).await?;
        let jobs = statement("DELETE FROM jobs WHERE owner = $1 AND finished_at_us IS NOT NULL");
        jobs.bind(self.owner.as_str()).run(&mut change).await?;
        change.commit().await
    }

    /// Keeps the user's note about an instrument in place of the one before, or forgets it where there is none.
    pub async fn set_instrument_note(&self, ticker: &Ticker, note: Option<&str>, now: Timestamp) -> Result<()> {
        let mut change = self.store.begin().await?;
        match note {
            Some(note) => {
                statement(
                    "INSERT INTO instrument_notes (owner, ticker, note, changed_at_us) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (owner, ticker) DO UPDATE SET note = excluded.note, changed_at_us = excluded.changed_at_us",
                )
                .bind(self.owner.as_str())
                .bind(ticker.as_str())
                .bind(note)
                .bind(now.as_microsecond())
                .run(&mut change)
                .await?;
            }
            None => {
                let forget = statement("DELETE FROM instrument_notes WHERE owner = $1 AND ticker = $2");
                forget.bind(self.owner.as_str()).bind(ticker.as_str()).run(&mut change).await?;
            }
        }
        change.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{HOSTILE_TEXTS, Kind, at, contract, ticker};
    use foliostream::domain::user::UserId;

    async fn a_note_is_nothing_until_written_then_the_last_and_gone_once_emptied(kind: Kind) {
        let (_place, store) = kind.store().await;
        let (a, b) = (ticker("A"), ticker("B"));
        assert_eq!(store.own().instrument_note(&a).await.unwrap(), None);
        for text in HOSTILE_TEXTS {
            store.own().set_instrument_note(&a, Some(text), at(1)).await.unwrap();
            assert_eq!(store.own().instrument_note(&a).await.unwrap().as_deref(), Some(text));
        }
        assert_eq!(store.own().instrument_note(&b).await.unwrap(), None);
        store.own().set_instrument_note(&b, Some("other"), at(1)).await.unwrap();
        assert_eq!(store.own().instrument_notes().await.unwrap().len(), 2);
        store.own().set_instrument_note(&a, None, at(2)).await.unwrap();
        assert_eq!(store.own().instrument_note(&a).await.unwrap(), None);
        store.own().delete_what_was_told().await.unwrap();
        assert_eq!(store.own().instrument_notes().await.unwrap(), []);
    }

    async fn a_note_is_its_owners_alone(kind: Kind) {
        let (_place, store) = kind.store().await;
        let anna: UserId = "anna".parse().unwrap();
        store.of(&anna).set_instrument_note(&ticker("A"), Some("hers"), at(1)).await.unwrap();
        assert_eq!(store.own().instrument_note(&ticker("A")).await.unwrap(), None);
        assert_eq!(store.of(&anna).instrument_note(&ticker("A")).await.unwrap().as_deref(), Some("hers"));
    }

    contract! {
        a_note_is_nothing_until_written_then_the_last_and_gone_once_emptied,
        a_note_is_its_owners_alone,
    }
}
