//! Jobs: work that takes longer than a request, kept so that its end is known after a restart and at another worker.

use jiff::Timestamp;
use serde_json::Value;

use foliostream::wire::live::Owned;
use foliostream::wire::views::{JobState, JobView};

use super::columns::{micros, name, named, parsed, read_all, time, time_option, undecodable};
use super::error::{Bounded, StoreError};
use super::statement::{Change, Row, statement};
use super::{Personal, Result, Store};

/// The most jobs of a user that are kept; of more the oldest that are over are forgotten.
pub(crate) const MOST_KEPT: i64 = 100;

/// The most jobs of a user that are not over.
const MOST_WAITING: i64 = 20;

const INSERT: &str = "INSERT INTO jobs (job_id, owner, kind, about, state, done, total, created_at_us, heard_at_us) \
     VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $7)";

const FORGET: &str = "DELETE FROM jobs WHERE owner = $1 AND finished_at_us IS NOT NULL AND job_id NOT IN \
     (SELECT job_id FROM jobs WHERE owner = $1 ORDER BY created_at_us DESC, job_id DESC LIMIT $2)";

const LIST: &str = "SELECT * FROM jobs WHERE owner = $1 ORDER BY created_at_us DESC, job_id DESC LIMIT $2";

const HEARD: &str = "UPDATE jobs SET state = $2, done = $3, total = $4, heard_at_us = $5 WHERE job_id = $1 AND finished_at_us IS NULL \
     RETURNING is_to_end";

const FINISH: &str = "UPDATE jobs SET state = $2, done = $3, total = $4, message = $5, result = $6, finished_at_us = $7, heard_at_us = $7 \
     WHERE job_id = $1 AND finished_at_us IS NULL";

const ABANDONED: &str = "UPDATE jobs SET state = 'failed', message = $2, finished_at_us = $3 \
     WHERE finished_at_us IS NULL AND heard_at_us < $1 RETURNING *";

impl Store {
    /// Returns the jobs of all users, of each the newest.
    pub(crate) async fn all_jobs(&self) -> Result<Vec<Owned<JobView>>> {
        let query = statement("SELECT * FROM jobs ORDER BY created_at_us, job_id");
        read_all(&query.all(&mut self.read().await?).await?, owned_row)
    }

    /// Says how far a job came, and returns whether it is to end; nothing where it is over already, as one that was taken for abandoned.
    pub(crate) async fn job_heard(&self, job: &JobView, now: Timestamp) -> Result<Option<bool>> {
        let mut change = self.begin().await?;
        let heard = statement(HEARD)
            .bind(job.job_id.as_str())
            .bind(name(job.state))
            .bind(whole(job.done))
            .bind(job.total.map(whole))
            .bind(micros(now));
        let is_to_end = heard.optional(&mut change).await?.map(|row| row.get("is_to_end")).transpose()?;
        change.commit().await?;
        Ok(is_to_end)
    }

    /// Keeps how a job ended; false where it is over already.
    pub(crate) async fn finish_job(&self, job: &JobView, now: Timestamp) -> Result<bool> {
        let mut change = self.begin().await?;
        let is_new = finish(&mut change, job, now).await?;
        change.commit().await?;
        Ok(is_new)
    }

    /// Lets those jobs fail that were not heard of since a moment, and returns them: the process that did them is gone.
    pub(crate) async fn fail_abandoned_jobs(
        &self,
        since: Timestamp,
        message: &str,
        now: Timestamp,
    ) -> Result<Vec<Owned<JobView>>> {
        let mut change = self.begin().await?;
        let fail = statement(ABANDONED).bind(micros(since)).bind(message).bind(micros(now));
        let failed = read_all(&fail.all(&mut change).await?, owned_row)?;
        change.commit().await?;
        Ok(failed)
    }
}

impl Personal<'_> {
    /// Keeps a job that begins to wait. Fails with `Limit` where too many do.
    pub(crate) async fn create_job(&self, job: &JobView) -> Result<()> {
        let mut change = self.store.begin().await?;
        let waiting = statement("SELECT count(*) AS number FROM jobs WHERE owner = $1 AND finished_at_us IS NULL");
        if waiting.bind(self.owner.as_str()).number(&mut change).await? >= MOST_WAITING {
            return Err(StoreError::Limit { what: Bounded::Jobs, most: MOST_WAITING });
        }
        statement(INSERT)
            .bind(job.job_id.as_str())
            .bind(self.owner.as_str())
            .bind(job.kind.as_str())
            .bind(job.about.as_str())
            .bind(name(job.state))
            .bind(job.total.map(whole))
            .bind(micros(job.created_at))
            .run(&mut change)
            .await?;
        statement(FORGET).bind(self.owner.as_str()).bind(MOST_KEPT).run(&mut change).await?;
        change.commit().await
    }

    /// Returns the user's jobs, the newest first.
    pub(crate) async fn jobs(&self) -> Result<Vec<JobView>> {
        let query = statement(LIST).bind(self.owner.as_str()).bind(MOST_KEPT);
        read_all(&query.all(&mut self.store.read().await?).await?, job_row)
    }

    /// Returns one of the user's jobs.
    pub(crate) async fn job(&self, job_id: &str) -> Result<Option<JobView>> {
        let query = statement("SELECT * FROM jobs WHERE job_id = $1 AND owner = $2");
        let row = query.bind(job_id).bind(self.owner.as_str()).optional(&mut self.store.read().await?).await?;
        Ok(row.as_ref().map(job_row).transpose()?)
    }

    /// Returns the newest of the user's jobs about something.
    pub(crate) async fn job_about(&self, about: &str) -> Result<Option<JobView>> {
        let text = "SELECT * FROM jobs WHERE about = $1 AND owner = $2 ORDER BY created_at_us DESC, job_id DESC LIMIT 1";
        let query = statement(text).bind(about).bind(self.owner.as_str());
        let row = query.optional(&mut self.store.read().await?).await?;
        Ok(row.as_ref().map(job_row).transpose()?)
    }

    /// Asks a job to end, and returns whether it was still there to be asked.
    pub(crate) async fn end_job(&self, job_id: &str) -> Result<bool> {
        let text = "UPDATE jobs SET is_to_end = TRUE WHERE job_id = $1 AND owner = $2 AND finished_at_us IS NULL";
        let mut change = self.store.begin().await?;
        let is_asked = statement(text).bind(job_id).bind(self.owner.as_str()).run(&mut change).await? > 0;
        change.commit().await?;
        Ok(is_asked)
    }
}

/// Keeps how a job ended, with what it changed; false where it is over already.
pub(super) async fn finish(change: &mut Change, job: &JobView, now: Timestamp) -> Result<bool> {
    let finish = statement(FINISH)
        .bind(job.job_id.as_str())
        .bind(name(job.state))
        .bind(whole(job.done))
        .bind(job.total.map(whole))
        .bind(job.message.as_deref())
        .bind(job.result.as_ref().map(Value::to_string))
        .bind(micros(now));
    Ok(finish.run(change).await? > 0)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn job_row(row: &Row) -> std::result::Result<JobView, sqlx::Error> {
    let (done, total): (i64, Option<i64>) = (row.get("done")?, row.get("total")?);
    let result: Option<String> = row.get("result")?;
    let state: JobState = named(row, "state")?;
    Ok(JobView {
        job_id: row.get("job_id")?,
        kind: row.get("kind")?,
        about: row.get("about")?,
        state,
        done: done.unsigned_abs(),
        total: total.map(i64::unsigned_abs),
        rate_per_s: None,
        eta_s: None,
        message: row.get("message")?,
        created_at: time(row, "created_at_us")?,
        finished_at: time_option(row, "finished_at_us")?,
        result: result.map(|text| serde_json::from_str(&text)).transpose().map_err(|error| undecodable("result", error))?,
    })
}

fn owned_row(row: &Row) -> std::result::Result<Owned<JobView>, sqlx::Error> {
    Ok(Owned { owner: parsed(row, "owner")?, view: job_row(row)? })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Kind, at, contract};
    use super::*;

    fn job(id: &str, second: i64) -> JobView {
        JobView::waiting(id.to_owned(), "import", &format!("about {id}"), at(second))
    }

    async fn a_job_is_kept_as_it_came_and_ends_once(kind: Kind) {
        let (_place, store) = kind.store().await;
        let own = store.own();
        let waiting = job("a", 1);
        own.create_job(&waiting).await.unwrap();
        assert_eq!(own.job("a").await.unwrap().as_ref(), Some(&waiting));
        let running = JobView { state: JobState::Running, done: 7, total: Some(9), ..waiting };
        assert_eq!(store.job_heard(&running, at(2)).await.unwrap(), Some(false));
        assert_eq!(own.job_about("about a").await.unwrap().as_ref(), Some(&running));
        assert!(own.end_job("a").await.unwrap());
        assert_eq!(store.job_heard(&running, at(3)).await.unwrap(), Some(true));
        let result = Some(serde_json::json!({"entries": 9}));
        let done = JobView { state: JobState::Done, done: 9, finished_at: Some(at(4)), result, ..running };
        assert!(store.finish_job(&done, at(4)).await.unwrap());
        assert!(!store.finish_job(&JobView { state: JobState::Failed, ..done.clone() }, at(5)).await.unwrap());
        assert_eq!((store.job_heard(&done, at(5)).await.unwrap(), own.end_job("a").await.unwrap()), (None, false));
        assert_eq!(own.jobs().await.unwrap(), [done]);
    }

    async fn a_job_that_nobody_was_heard_of_fails(kind: Kind) {
        let (_place, store) = kind.store().await;
        let own = store.own();
        for (id, second) in [("old", 1), ("heard", 1), ("new", 9)] {
            own.create_job(&job(id, second)).await.unwrap();
        }
        store.job_heard(&job("heard", 1), at(8)).await.unwrap();
        let failed = store.fail_abandoned_jobs(at(5), "gone", at(10)).await.unwrap();
        let told: Vec<_> = failed.iter().map(|failed| (failed.view.job_id.as_str(), failed.view.state)).collect();
        assert_eq!(told, [("old", JobState::Failed)]);
        let old = own.job("old").await.unwrap().unwrap();
        assert_eq!((old.message.as_deref(), old.finished_at), (Some("gone"), Some(at(10))));
        assert_eq!(store.all_jobs().await.unwrap().len(), 3);
    }

    async fn few_wait_and_a_hundred_are_kept(kind: Kind) {
        let (_place, store) = kind.store().await;
        let own = store.own();
        for second in 0..130 {
            let job = job(&format!("{second:03}"), second);
            own.create_job(&job).await.unwrap();
            store.finish_job(&JobView { state: JobState::Done, ..job }, at(second)).await.unwrap();
        }
        let kept = own.jobs().await.unwrap();
        assert_eq!((kept.len(), kept[0].job_id.as_str(), kept[99].job_id.as_str()), (100, "129", "030"));
        for second in 0..20 {
            own.create_job(&job(&format!("w{second}"), second)).await.unwrap();
        }
        assert!(matches!(own.create_job(&job("more", 1)).await, Err(StoreError::Limit { most: 20, .. })));
    }

    async fn jobs_of_others_are_not_there(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.own().create_job(&job("a", 1)).await.unwrap();
        let other = "other".parse().unwrap();
        let others = store.of(&other);
        assert_eq!((others.jobs().await.unwrap(), others.job("a").await.unwrap()), (Vec::new(), None));
        assert_eq!((others.job_about("about a").await.unwrap(), others.end_job("a").await.unwrap()), (None, false));
    }

    contract! {
        a_job_is_kept_as_it_came_and_ends_once,
        a_job_that_nobody_was_heard_of_fails,
        few_wait_and_a_hundred_are_kept,
        jobs_of_others_are_not_there,
    }
}
