//! Files that are looked at before they are imported, and the entries that came from them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use foliostream::domain::activity::ActivityId;
use foliostream::domain::instrument::Instrument;
use foliostream::domain::user::UserId;
use foliostream::wire::views::JobView;

use super::accounts::accounts_named;
use super::activities::insert_watched;
use super::columns::{micros, named, read_all, time};
use super::entry_history::Entered;
use super::entry_records::{NewAccount, NewActivity};
use super::error::StoreError;
use super::instruments::{is_there, other_of_isin};
use super::jobs;
use super::portfolios::count_change;
use super::quotes::write_instruments;
use super::statement::{Change, ROWS_AT_ONCE, Row, Statement, statement};
use super::{Personal, Result};

/// The most files of one user that are looked at; of more the oldest are forgotten.
pub(crate) const MOST_OPEN: i64 = 20;

const INSERT: &str = "INSERT INTO imports (import_id, owner, portfolio_id, created_at_us, file_name, file, choices, format, state, entries) \
     SELECT $1, owner, portfolio_id, $4, $5, $6, $7, $8, 'open', 0 FROM portfolios WHERE owner = $2 AND portfolio_id = $3";

const FORGET: &str = "DELETE FROM imports WHERE owner = $1 AND state = 'open' AND import_id NOT IN \
     (SELECT import_id FROM imports WHERE owner = $1 AND state = 'open' ORDER BY created_at_us DESC, import_id DESC LIMIT $2)";

const LIST: &str = "SELECT import_id, owner, portfolio_id, created_at_us, file_name, choices, format, state, finished_at_us, entries \
     FROM imports WHERE owner = $1 ORDER BY created_at_us DESC, import_id DESC LIMIT 1000";

const MARK: &str = "INSERT INTO imported (activity_id, import_id, line, reference) VALUES";

const CHANGED: &str = "SELECT count(*) AS number FROM imported JOIN activities ON activities.activity_id = imported.activity_id \
     WHERE import_id = $1 AND activities.revision > 1";

/// What has become of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportState {
    /// It is looked at.
    Open,
    /// Its entries are in the ledger.
    Committed,
    /// Its entries were taken out of the ledger.
    Undone,
}

/// An import without its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportRow {
    /// Its id.
    pub import_id: String,
    /// The portfolio that it is for.
    pub portfolio_id: String,
    /// When the file came.
    pub created_at: Timestamp,
    /// What the file is called.
    pub file_name: String,
    /// What was chosen instead of what is recognised, as JSON.
    pub choices: String,
    /// The format.
    pub format: String,
    /// What has become of it.
    pub state: ImportState,
    /// When it was committed or undone.
    pub finished_at: Option<Timestamp>,
    /// How many entries it made.
    pub entries: i64,
}

/// From where in a file an entry comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The line, from 1.
    pub line: i64,
    /// By what the program of the file tells the entry apart.
    pub reference: Option<String>,
    /// The account that it was in: the portfolio's of that name, or made with it.
    pub account: Option<NewAccount>,
}

/// The entries of a file that are to be stored, with the instruments that begin with them.
pub(crate) struct Importing<'a> {
    /// The import.
    pub import_id: &'a str,
    /// The portfolio, at the revision that was looked at.
    pub portfolio_id: &'a str,
    /// That revision.
    pub revision: i64,
    /// Instruments that are made, where nothing has their tickers yet.
    pub instruments: &'a [Instrument],
    /// The entries, each with where it comes from.
    pub entries: &'a [(NewActivity, Origin)],
    /// When that is.
    pub now: Timestamp,
    /// Told how many entries are stored; where it answers false, nothing is.
    pub reached: &'a (dyn Fn(usize) -> bool + Send + Sync),
    /// The job that does it, as it will be once it is done.
    pub job: Option<&'a JobView>,
}

impl Personal<'_> {
    /// Keeps a file that is looked at. Fails with `NotFound` where the user has no such portfolio.
    pub(crate) async fn keep_import(&self, row: &ImportRow, file: &[u8]) -> Result<()> {
        let mut change = self.store.begin().await?;
        let kept = statement(INSERT)
            .bind(row.import_id.as_str())
            .bind(self.owner.as_str())
            .bind(row.portfolio_id.as_str())
            .bind(micros(row.created_at))
            .bind(row.file_name.as_str())
            .bind(STANDARD.encode(file))
            .bind(row.choices.as_str())
            .bind(row.format.as_str());
        if kept.run(&mut change).await? == 0 {
            return Err(StoreError::NotFound);
        }
        statement(FORGET).bind(self.owner.as_str()).bind(MOST_OPEN).run(&mut change).await?;
        change.commit().await
    }

    /// Returns every import of the user, the newest first.
    pub(crate) async fn imports(&self) -> Result<Vec<ImportRow>> {
        let rows = statement(LIST).bind(self.owner.as_str()).all(&mut self.store.read().await?).await?;
        read_all(&rows, import_row)
    }

    /// Returns an import with its file, which is there while it is looked at.
    pub(crate) async fn import(&self, import_id: &str) -> Result<Option<(ImportRow, Option<Vec<u8>>)>> {
        let query = statement("SELECT * FROM imports WHERE import_id = $1 AND owner = $2");
        let row = query.bind(import_id).bind(self.owner.as_str()).optional(&mut self.store.read().await?).await?;
        let Some(row) = row else { return Ok(None) };
        let file: Option<String> = row.get("file")?;
        let file = file.map(|text| STANDARD.decode(text)).transpose();
        let file = file.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Some((import_row(&row)?, file)))
    }

    /// Keeps what was chosen for a file that is looked at. Fails with `NotFound` where there is none.
    pub(crate) async fn choose_for_import(&self, import_id: &str, choices: &str, format: &str) -> Result<()> {
        let text = "UPDATE imports SET choices = $3, format = $4 WHERE import_id = $1 AND owner = $2 AND state = 'open'";
        let update = statement(text).bind(import_id).bind(self.owner.as_str()).bind(choices).bind(format);
        let mut change = self.store.begin().await?;
        if update.run(&mut change).await? == 0 {
            return Err(StoreError::NotFound);
        }
        change.commit().await
    }

    /// Forgets a file that is looked at. Fails with `NotFound` where there is none.
    pub(crate) async fn forget_import(&self, import_id: &str) -> Result<()> {
        let delete = statement("DELETE FROM imports WHERE import_id = $1 AND owner = $2 AND state = 'open'");
        let mut change = self.store.begin().await?;
        if delete.bind(import_id).bind(self.owner.as_str()).run(&mut change).await? == 0 {
            return Err(StoreError::NotFound);
        }
        change.commit().await
    }

    /// Stores the entries of a file with their instruments, all or none, and returns the portfolio's new revision.
    ///
    /// Fails with `NotFound` where the file is not looked at any more, with `Conflict` where the portfolio is at another revision, with
    /// `Limit`, and with `Ended` where it is not to go on.
    pub(crate) async fn commit_import(&self, importing: Importing<'_>) -> Result<i64> {
        let Importing { import_id, portfolio_id, revision, instruments, entries, now, reached, job } = importing;
        let mut change = self.store.begin().await?;
        let next = count_change(&mut change, self.owner, portfolio_id, revision).await?;
        let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
        finish(&mut change, self.owner, import_id, ("open", "committed"), count, now).await?;
        make(&mut change, instruments).await?;
        let named: Vec<&NewAccount> = entries.iter().filter_map(|(_, origin)| origin.account.as_ref()).collect();
        let accounts = accounts_named(&mut change, portfolio_id, &named).await?;
        let placed = |(activity, origin): &(NewActivity, Origin)| {
            let account = origin.account.as_ref().and_then(|account| accounts.get(&account.name.to_lowercase()).copied());
            NewActivity { account: account.or(activity.account), ..activity.clone() }
        };
        let activities: Vec<NewActivity> = entries.iter().map(placed).collect();
        let entered = Entered { by: self.owner, at: now };
        let ids = insert_watched(&mut change, portfolio_id, &activities, entered, reached).await?;
        let marks: Vec<_> = ids.iter().zip(entries).collect();
        for some in marks.chunks(ROWS_AT_ONCE) {
            let values = |(id, (_, origin)): &(&ActivityId, &(NewActivity, Origin))| {
                vec![id.0.into(), import_id.into(), origin.line.into(), origin.reference.clone().into()]
            };
            Statement::of_rows(MARK, 4, some.iter().map(values), "").run(&mut change).await?;
        }
        if let Some(job) = job
            && !jobs::finish(&mut change, job, now).await?
        {
            // It was taken for abandoned by another process, which said that nothing was changed.
            return Err(StoreError::Ended);
        }
        change.commit().await?;
        Ok(next)
    }

    /// Takes the entries of an import out of its portfolio, those that are still there, and returns the portfolio's new revision.
    ///
    /// Fails as committing does.
    pub(crate) async fn undo_import(&self, import_id: &str, portfolio_id: &str, revision: i64, now: Timestamp) -> Result<i64> {
        let mut change = self.store.begin().await?;
        let next = count_change(&mut change, self.owner, portfolio_id, revision).await?;
        finish(&mut change, self.owner, import_id, ("committed", "undone"), 0, now).await?;
        // Their histories go as well: they would bring back an entry without its import.
        let forget = "DELETE FROM activity_changes WHERE portfolio_id = $1 AND activity_id IN (SELECT activity_id FROM imported WHERE import_id = $2)";
        statement(forget).bind(portfolio_id).bind(import_id).run(&mut change).await?;
        let delete = "DELETE FROM activities WHERE portfolio_id = $1 AND activity_id IN (SELECT activity_id FROM imported WHERE import_id = $2)";
        statement(delete).bind(portfolio_id).bind(import_id).run(&mut change).await?;
        change.commit().await?;
        Ok(next)
    }

    /// Returns the numbers of an import's entries that are still there.
    pub(crate) async fn imported(&self, import_id: &str) -> Result<BTreeSet<ActivityId>> {
        let query = statement("SELECT activity_id FROM imported WHERE import_id = $1").bind(import_id);
        let rows = query.all(&mut self.store.read().await?).await?;
        let id = |row: &Row| Ok(ActivityId(row.get("activity_id")?));
        Ok(read_all(&rows, id)?.into_iter().collect())
    }

    /// Returns how many entries of an import were changed since.
    pub(crate) async fn changed_since_import(&self, import_id: &str) -> Result<i64> {
        statement(CHANGED).bind(import_id).number(&mut self.store.read().await?).await
    }

    /// Returns by what programs tell apart the entries that a portfolio has from their files.
    pub(crate) async fn imported_references(&self, portfolio_id: &str) -> Result<BTreeMap<ActivityId, String>> {
        let query = statement(
            "SELECT activity_id, reference FROM imported JOIN imports ON imports.import_id = imported.import_id \
             WHERE portfolio_id = $1 AND owner = $2 AND reference IS NOT NULL",
        );
        let query = query.bind(portfolio_id).bind(self.owner.as_str());
        let rows = query.all(&mut self.store.read().await?).await?;
        let reference = |row: &Row| Ok((ActivityId(row.get("activity_id")?), row.get("reference")?));
        Ok(read_all(&rows, reference)?.into_iter().collect())
    }
}

/// Says what becomes of an import, which must be in the state before.
async fn finish(
    change: &mut Change,
    owner: &UserId,
    import_id: &str,
    (before, after): (&'static str, &'static str),
    entries: i64,
    now: Timestamp,
) -> Result<()> {
    let update = statement(
        "UPDATE imports SET state = $4, entries = $5, finished_at_us = $6, file = NULL WHERE import_id = $1 AND owner = $2 AND state = $3",
    );
    let update = update.bind(import_id).bind(owner.as_str()).bind(before).bind(after).bind(entries).bind(micros(now));
    if update.run(change).await? == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Makes instruments; one whose ticker was given meanwhile stays as it is, and one whose ISIN was given is made without.
async fn make(change: &mut Change, instruments: &[Instrument]) -> Result<()> {
    for instrument in instruments {
        if is_there(change, &instrument.ticker).await? {
            continue;
        }
        let mut instrument = instrument.clone();
        if other_of_isin(change, &instrument).await?.is_some() {
            instrument.details.isin = None;
        }
        write_instruments(change, std::slice::from_ref(&instrument)).await?;
    }
    Ok(())
}

fn import_row(row: &Row) -> std::result::Result<ImportRow, sqlx::Error> {
    let finished: Option<i64> = row.get("finished_at_us")?;
    Ok(ImportRow {
        import_id: row.get("import_id")?,
        portfolio_id: row.get("portfolio_id")?,
        created_at: time(row, "created_at_us")?,
        file_name: row.get("file_name")?,
        choices: row.get("choices")?,
        format: row.get("format")?,
        state: named(row, "state")?,
        finished_at: finished.and_then(|micros| Timestamp::from_microsecond(micros).ok()),
        entries: row.get("entries")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{CHANGED, HOSTILE_TEXTS, Kind, at, buy, contract, new_portfolio, ticker};
    use super::*;
    use foliostream::domain::instrument::{AssetClass, Details};
    use foliostream::domain::money::Currency;

    fn row(import_id: &str, portfolio_id: &str, second: i64) -> ImportRow {
        ImportRow {
            import_id: import_id.to_owned(),
            portfolio_id: portfolio_id.to_owned(),
            created_at: at(second),
            file_name: "books.csv".to_owned(),
            choices: "{}".to_owned(),
            format: "columns".to_owned(),
            state: ImportState::Open,
            finished_at: None,
            entries: 0,
        }
    }

    fn entry(price: &str, line: i64, reference: Option<&str>) -> (NewActivity, Origin) {
        (buy("1", price, line), Origin { line, reference: reference.map(str::to_owned), account: None })
    }

    fn made(name: &str) -> Instrument {
        let details = Details { isin: "US0378331005".parse().ok(), ..Details::default() };
        let (ticker, currency) = (ticker(name), Currency::USD);
        Instrument { ticker, name: name.to_owned(), currency, class: AssetClass::Share, price_decimals: 2, details }
    }

    async fn a_file_is_kept_while_it_is_looked_at(kind: Kind) {
        let (_place, store) = kind.store().await;
        let own = store.own();
        own.create_portfolio(&new_portfolio("main", "Main", Currency::EUR, None, at(0)), None).await.unwrap();
        assert!(matches!(own.keep_import(&row("1", "none", 1), b"x").await, Err(StoreError::NotFound)));
        let bytes: Vec<u8> = (0..=255).collect();
        for (number, text) in HOSTILE_TEXTS.iter().enumerate() {
            let kept = ImportRow { file_name: (*text).to_owned(), ..row(&format!("h{number}"), "main", 1) };
            own.keep_import(&kept, &bytes).await.unwrap();
            assert_eq!(own.import(&kept.import_id).await.unwrap(), Some((kept.clone(), Some(bytes.clone()))));
            own.choose_for_import(&kept.import_id, text, "other").await.unwrap();
            let chosen = own.import(&kept.import_id).await.unwrap().unwrap().0;
            assert_eq!((chosen.choices.as_str(), chosen.format.as_str()), (*text, "other"));
            own.forget_import(&kept.import_id).await.unwrap();
        }
        assert!(matches!(own.forget_import("h0").await, Err(StoreError::NotFound)));
        for number in 0..=MOST_OPEN {
            own.keep_import(&row(&number.to_string(), "main", number), b"").await.unwrap();
        }
        let open = own.imports().await.unwrap();
        assert_eq!((open.len(), open[0].import_id.as_str()), (20, "20"), "the oldest was forgotten");
        assert_eq!(own.import("0").await.unwrap(), None);
    }

    async fn an_import_is_stored_whole_and_taken_out_whole(kind: Kind) {
        let (_place, store) = kind.store().await;
        let own = store.own();
        own.create_portfolio(&new_portfolio("main", "Main", Currency::EUR, None, at(0)), None).await.unwrap();
        own.add_activities("main", 1, &[buy("9", "9", 0)]).await.unwrap();
        own.keep_import(&row("1", "main", 1), b"file").await.unwrap();
        let entries: Vec<_> = (2..=250).map(|line| entry("5", line, Some("a").filter(|_| line == 2))).collect();
        let instruments = [made("AAPL"), made("TWIN")];
        let importing = |revision| Importing {
            import_id: "1",
            portfolio_id: "main",
            revision,
            instruments: &instruments,
            entries: &entries,
            now: at(5),
            reached: &|_| true,
            job: None,
        };
        assert!(matches!(own.commit_import(importing(1)).await, Err(StoreError::Conflict { current: 2 })));
        let ended = Importing { reached: &|stored| stored < 200, ..importing(2) };
        assert!(matches!(own.commit_import(ended).await, Err(StoreError::Ended)));
        assert_eq!(own.activities("main").await.unwrap().len(), 1, "all or none");
        assert_eq!(own.commit_import(importing(2)).await.unwrap(), 3);
        assert!(matches!(own.commit_import(importing(3)).await, Err(StoreError::NotFound)), "once");
        let committed = own.import("1").await.unwrap().unwrap();
        assert_eq!((committed.0.state, committed.0.entries, committed.1), (ImportState::Committed, 249, None));
        assert_eq!((own.activities("main").await.unwrap().len(), own.imported("1").await.unwrap().len()), (250, 249));
        assert_eq!(own.imported_references("main").await.unwrap().into_values().collect::<Vec<_>>(), ["a"]);
        let twin = store.instrument(&ticker("TWIN")).await.unwrap().unwrap();
        assert_eq!(twin.details.isin, None, "an ISIN is given once");
        let first = *own.imported("1").await.unwrap().iter().next().unwrap();
        own.replace_activity("main", 3, first, &buy("2", "5", 2), CHANGED).await.unwrap();
        assert_eq!(own.changed_since_import("1").await.unwrap(), 1);
        assert_eq!(own.undo_import("1", "main", 4, at(9)).await.unwrap(), 5);
        assert_eq!((own.activities("main").await.unwrap().len(), own.imported("1").await.unwrap().len()), (1, 0));
        let undone = own.import("1").await.unwrap().unwrap().0;
        assert_eq!((undone.state, undone.finished_at), (ImportState::Undone, Some(at(9))));
        assert_eq!(own.entry_history("main", first).await.unwrap(), None, "its history is gone with it");
        assert!(matches!(own.undo_import("1", "main", 5, at(9)).await, Err(StoreError::NotFound)));
        own.delete_portfolio("main").await.unwrap();
        assert_eq!(own.imports().await.unwrap(), []);
    }

    contract! {
        a_file_is_kept_while_it_is_looked_at,
        an_import_is_stored_whole_and_taken_out_whole,
    }
}
