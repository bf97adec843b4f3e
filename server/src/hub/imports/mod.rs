//! Imports: a file is looked at, its entries are stored all at once, and taken out again.

mod chosen;
mod duplicates;
mod matching;
mod plan;
mod reasons;
mod remembered;

use std::collections::BTreeSet;
use std::sync::Arc;

use foliostream::domain::instrument::Ticker;
use foliostream::import::formats::{columns, program_of};
use foliostream::wire::commands::ImportPatch;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::text::refuse_unreadable_name;
use foliostream::wire::views::{ImportFate, ImportPreview, ImportRowView, ImportView, JobView, millis};
use foliostream::words::{Refusals, Words};

use self::chosen::Chosen;
use self::plan::{Plan, Planned, named_by};
use super::progress::Progress;
use super::{Acting, at};
use crate::store::{ImportRow, ImportState, Importing, PortfolioRow, StoreError};

/// The largest file, in megabytes: a ledger of 100,000 entries is a fifth of it.
pub(crate) const MOST_MEGABYTES: usize = 25;

/// The most characters of a file's name that are kept.
const LONGEST_NAME: usize = 200;

/// Tries of a change, when others change the ledger in between.
const TRIES: usize = 5;

/// A page of rows that is asked for.
#[derive(Debug)]
pub(crate) struct RowsAsked {
    /// Rows of one fate alone.
    pub fate: Option<ImportFate>,
    /// How many rows of those come before the page.
    pub from: usize,
    /// The most rows of the page.
    pub most: usize,
}

/// The longest file whose entries are stored within a request, in bytes: some 2,000 rows.
const LONG_FILE: usize = 128 * 1024;

/// What became of the wish to store a file's entries.
#[derive(Debug)]
pub enum Committing {
    /// They are stored.
    Done(Box<ImportView>),
    /// A job stores them.
    Job(Box<JobView>),
}

/// What was stored of a file.
struct Stored {
    revision: i64,
    tickers: BTreeSet<Ticker>,
    job: Option<JobView>,
}

impl Acting {
    /// Keeps a file to be looked at. 404 for an unknown portfolio, 413 for a file over the limit, 415 for one that is of no known format,
    /// 422 for one without a row.
    pub async fn begin_import(&self, portfolio_id: &str, file_name: &str, file: Vec<u8>) -> Result<ImportView, ApiError> {
        let portfolio = self.portfolio_row(portfolio_id).await?;
        if file.len() > MOST_MEGABYTES * 1_000_000 {
            return Err(ApiError::new(ErrorCode::TooLarge, Refusals::import_too_large(MOST_MEGABYTES.to_string())));
        }
        let name: String = file_name.trim().chars().take(LONGEST_NAME).collect();
        refuse_unreadable_name(&name).map_err(at("filename"))?;
        let file = Arc::new(file);
        let (plan, chosen) = self.first_plan(&portfolio, &file).await?;
        if let Some(row) = plan.unusable() {
            return Err(no_usable_row(row));
        }
        let row = ImportRow {
            import_id: uuid::Uuid::now_v7().simple().to_string(),
            portfolio_id: portfolio.portfolio_id,
            created_at: self.now(),
            file_name: name,
            choices: serde_json::to_string(&chosen).unwrap_or_default(),
            format: plan.reading.format.to_owned(),
            state: ImportState::Open,
            finished_at: None,
            entries: 0,
        };
        self.store().keep_import(&row, &file).await?;
        Ok(view(row, 0, Some(preview(&plan, &chosen))))
    }

    /// Returns every import, the newest first, without what their files say.
    pub async fn imports(&self) -> Result<Vec<ImportView>, ApiError> {
        Ok(self.store().imports().await?.into_iter().map(|row| view(row, 0, None)).collect())
    }

    /// Returns an import, with what its file says while it is looked at.
    pub async fn import_view(&self, import_id: &str) -> Result<ImportView, ApiError> {
        let (row, file) = self.kept_import(import_id).await?;
        let Some(file) = file else {
            let changed = self.store().changed_since_import(import_id).await?;
            return Ok(view(row, changed, None));
        };
        let chosen = read_chosen(&row);
        let portfolio = self.portfolio_row(&row.portfolio_id).await?;
        let plan = self.plan_import(&portfolio, Arc::new(file), &chosen).await?;
        Ok(view(row, 0, Some(preview(&plan, &chosen))))
    }

    /// Returns rows of a file that is looked at, and how many there are.
    pub(crate) async fn import_rows(
        &self,
        import_id: &str,
        asked: &RowsAsked,
        words: Words,
    ) -> Result<(Vec<ImportRowView>, usize), ApiError> {
        let (row, file) = self.kept_import(import_id).await?;
        let file = file.ok_or_else(is_over)?;
        let portfolio = self.portfolio_row(&row.portfolio_id).await?;
        let plan = self.plan_import(&portfolio, Arc::new(file), &read_chosen(&row)).await?;
        Ok(rows_of(&plan, asked, words))
    }

    /// Returns an import together with rows of its file; without any once it is over.
    pub(crate) async fn import_with_rows(
        &self,
        import_id: &str,
        asked: &RowsAsked,
        words: Words,
    ) -> Result<(ImportView, Vec<ImportRowView>), ApiError> {
        let (row, file) = self.kept_import(import_id).await?;
        let Some(file) = file else { return Ok((self.import_view(import_id).await?, Vec::new())) };
        let chosen = read_chosen(&row);
        let portfolio = self.portfolio_row(&row.portfolio_id).await?;
        let plan = self.plan_import(&portfolio, Arc::new(file), &chosen).await?;
        let (rows, _) = rows_of(&plan, asked, words);
        Ok((view(row, 0, Some(preview(&plan, &chosen))), rows))
    }

    /// Chooses something instead of what is recognised; 404 and 409 as committing, 422 for a choice that is none.
    pub async fn choose_for_import(&self, import_id: &str, patch: ImportPatch) -> Result<ImportView, ApiError> {
        let (mut row, file) = self.kept_import(import_id).await?;
        let file = file.ok_or_else(is_over)?;
        let mut chosen = read_chosen(&row);
        chosen.change(patch)?;
        let portfolio = self.portfolio_row(&row.portfolio_id).await?;
        // What leaves nothing to read is not kept.
        let plan = self.plan_import(&portfolio, Arc::new(file), &chosen).await?;
        row.format = plan.reading.format.to_owned();
        row.choices = serde_json::to_string(&chosen).unwrap_or_default();
        self.store().choose_for_import(import_id, &row.choices, &row.format).await?;
        Ok(view(row, 0, Some(preview(&plan, &chosen))))
    }

    /// Forgets a file that is looked at; 409 where it is committed.
    pub async fn forget_import(&self, import_id: &str) -> Result<(), ApiError> {
        let (_, file) = self.kept_import(import_id).await?;
        file.ok_or_else(is_over)?;
        Ok(self.store().forget_import(import_id).await?)
    }

    /// Stores the entries of a file, all at once: a long file by a job. 404 for an unknown import, 409 for one that is committed already,
    /// 422 while an instrument must be chosen and where there is nothing new; a job fails with these.
    pub async fn commit_import(&self, import_id: &str) -> Result<Committing, ApiError> {
        let (_, file) = self.kept_import(import_id).await?;
        let is_long = file.ok_or_else(is_over)?.len() > LONG_FILE;
        let import_id = import_id.to_owned();
        if !is_long {
            let commit = async move |hub: Self| hub.commit(&import_id, None).await;
            return self.to_its_end(commit).await.map(|(view, _)| Committing::Done(Box::new(view)));
        }
        if let Some(job) = self.job_about(&import_id).await?.filter(|job| !job.state.is_over()) {
            return Ok(Committing::Job(Box::new(job)));
        }
        let about = import_id.clone();
        let work = move |hub: Self, progress: Arc<Progress>| async move {
            let (_, job) = hub.commit(&import_id, Some(progress)).await?;
            job.ok_or_else(|| ApiError::new(ErrorCode::Internal, "the job has no end"))
        };
        self.begin_job("import", &about, work).await.map(|job| Committing::Job(Box::new(job)))
    }

    async fn commit(&self, import_id: &str, progress: Option<Arc<Progress>>) -> Result<(ImportView, Option<JobView>), ApiError> {
        let _one_at_a_time = self.parts.ledgers.lock().await;
        let (row, file) = self.kept_import(import_id).await?;
        let file = Arc::new(file.ok_or_else(is_over)?);
        let chosen = read_chosen(&row);
        for _ in 0..TRIES {
            let portfolio = self.portfolio_row(&row.portfolio_id).await?;
            let plan = self.plan_import(&portfolio, Arc::clone(&file), &chosen).await?;
            if let Some(name) = plan.instruments.ambiguous().first() {
                return Err(ApiError::field("instruments", Refusals::row_needs_instrument(name.as_str())));
            }
            if plan.counts().new == 0 {
                return Err(ApiError::new(ErrorCode::Unprocessable, Refusals::import_has_nothing()));
            }
            match self.store_plan(import_id, &portfolio, plan, progress.as_deref()).await {
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(Stored { revision, tickers, job }) => {
                    let portfolio = self.portfolio_row(&row.portfolio_id).await?;
                    self.settle(&portfolio, revision).await?;
                    self.show_entered_of(&tickers).await;
                    let (row, _) = self.kept_import(import_id).await?;
                    return Ok((view(row, 0, None), job));
                }
            }
        }
        Err(ApiError::new(ErrorCode::Conflict, Refusals::others_change_this_ledger()))
    }

    async fn store_plan(
        &self,
        import_id: &str,
        portfolio: &PortfolioRow,
        plan: Plan,
        progress: Option<&Progress>,
    ) -> Result<Stored, StoreError> {
        let made = plan.instruments.made();
        let entries = plan.entries();
        let instruments = named_by(made, &entries);
        let now = self.now();
        if let Some(progress) = progress {
            progress.takes(entries.len());
        }
        let result = serde_json::json!({"import_id": import_id, "entries": entries.len()});
        let job = progress.map(|progress| progress.done(result, now));
        let importing = Importing {
            import_id,
            portfolio_id: &portfolio.portfolio_id,
            revision: portfolio.revision,
            instruments: &instruments,
            entries: &entries,
            now,
            reached: &|done| progress.is_none_or(|progress| progress.reach(done)),
            job: job.as_ref(),
        };
        let revision = self.store().commit_import(importing).await?;
        // One that was made meanwhile by another stays as that one made it.
        for instrument in &instruments {
            let stored = self.parts.ground.store.instrument(&instrument.ticker).await;
            let announced = match stored {
                Ok(Some(stored)) => self.announce_instrument(&stored).await,
                Ok(None) => Ok(()),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = announced {
                tracing::warn!("an imported instrument is not told of yet: {}", error.message);
            }
        }
        let tickers = entries.into_iter().filter_map(|(activity, _)| activity.ticker).collect();
        Ok(Stored { revision, tickers, job })
    }

    /// Takes the entries of an import out of its ledger, also those that were changed since. 409 for one that is not committed.
    pub async fn undo_import(&self, import_id: &str) -> Result<ImportView, ApiError> {
        let import_id = import_id.to_owned();
        self.to_its_end(async move |hub: Self| hub.undo(&import_id).await).await
    }

    async fn undo(&self, import_id: &str) -> Result<ImportView, ApiError> {
        let _one_at_a_time = self.parts.ledgers.lock().await;
        let (row, _) = self.kept_import(import_id).await?;
        if row.state != ImportState::Committed {
            return Err(is_over());
        }
        for _ in 0..TRIES {
            let portfolio = self.portfolio_row(&row.portfolio_id).await?;
            let imported = self.store().imported(import_id).await?;
            let activities = self.store().activities(&row.portfolio_id).await?;
            let gone = activities.iter().filter(|activity| imported.contains(&activity.id));
            let tickers: BTreeSet<Ticker> = gone.filter_map(|activity| activity.ticker.clone()).collect();
            match self.store().undo_import(import_id, &row.portfolio_id, portfolio.revision, self.now()).await {
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(revision) => {
                    let portfolio = self.portfolio_row(&row.portfolio_id).await?;
                    self.settle(&portfolio, revision).await?;
                    self.show_entered_of(&tickers).await;
                    let (row, _) = self.kept_import(import_id).await?;
                    return Ok(view(row, 0, None));
                }
            }
        }
        Err(ApiError::new(ErrorCode::Conflict, Refusals::others_change_this_ledger()))
    }

    async fn kept_import(&self, import_id: &str) -> Result<(ImportRow, Option<Vec<u8>>), ApiError> {
        let kept = self.store().import(import_id).await?;
        kept.ok_or_else(|| ApiError::not_found(Refusals::no_such_import()))
    }
}

/// Reads what was chosen; a version that cannot read what another one chose goes by what is recognised.
fn read_chosen(row: &ImportRow) -> Chosen {
    serde_json::from_str(&row.choices).unwrap_or_default()
}

/// Says that no row can be imported, with what is wrong with the first.
fn no_usable_row(row: &Planned) -> ApiError {
    let sentence = match row.reason.clone() {
        Some(reason) => Refusals::file_has_no_usable_row(row.line.to_string(), reason),
        None => Refusals::file_has_no_rows(),
    };
    ApiError::new(ErrorCode::Unprocessable, sentence)
}

fn is_over() -> ApiError {
    ApiError::new(ErrorCode::Conflict, Refusals::import_is_over())
}

fn view(row: ImportRow, changed_since: i64, preview: Option<ImportPreview>) -> ImportView {
    let state = match row.state {
        ImportState::Open => "open",
        ImportState::Committed => "committed",
        ImportState::Undone => "undone",
    };
    ImportView {
        import_id: row.import_id,
        portfolio_id: row.portfolio_id,
        file_name: row.file_name,
        state: state.to_owned(),
        created_at: millis::to_text(&row.created_at),
        finished_at: row.finished_at.as_ref().map(millis::to_text),
        entries: row.entries,
        changed_since,
        program: program_of(&row.format).to_owned(),
        format: row.format,
        preview,
    }
}

fn preview(plan: &Plan, chosen: &Chosen) -> ImportPreview {
    let reading = &plan.reading;
    let mut fields = columns::fields_of(&reading.columns);
    fields.extend(chosen.columns());
    ImportPreview {
        encoding: reading.encoding.name().to_owned(),
        separator: reading.separator.map(|separator| separator.name().to_owned()),
        decimal: reading.decimal.map(|decimal| decimal.name().to_owned()),
        date: reading.date.map(|date| date.name().to_owned()),
        columns: reading.columns.clone(),
        fields,
        currency: chosen.currency(),
        rows: plan.counts(),
        instruments: plan.instruments.views(),
        before: plan.before.clone(),
        result: plan.result.clone(),
    }
}

/// Returns the rows that are asked for, and how many of their fate there are.
fn rows_of(plan: &Plan, asked: &RowsAsked, words: Words) -> (Vec<ImportRowView>, usize) {
    let is_asked = |row: &&Planned| asked.fate.is_none_or(|fate| fate == row.fate);
    let count = plan.rows.iter().filter(is_asked).count();
    let rows = plan.rows.iter().filter(is_asked).skip(asked.from).take(asked.most);
    (rows.map(|row| row_view(row, words)).collect(), count)
}

fn row_view(row: &Planned, words: Words) -> ImportRowView {
    ImportRowView {
        line: row.line,
        fate: row.fate,
        reason: row.reason.as_ref().map(|reason| words.said(reason)),
        activity: row.activity(),
        entries: row.entries.len(),
    }
}
