//! Jobs: work that takes longer than a request. One at a time is done in a process; how far it came is told four times a second, and its
//! end is kept with what it changed.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use crate::engine_task::News;
use crate::error::internal;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::live::Owned;
use foliostream::wire::views::{JobState, JobView};
use foliostream::words::Refusals;

use super::Acting;
use super::progress::Progress;

/// How often it is told how far a job came.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// How often the store is told, which says to other processes that this one is there.
const KEPT_EVERY: SignedDuration = SignedDuration::from_secs(5);

/// How long a job may go unheard of before it counts as abandoned.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// How often abandoned jobs are looked for.
const LOOKED_EVERY: Duration = Duration::from_secs(10);

impl Acting {
    /// Returns the jobs of the user, the newest first: at most 100, and those that are not over.
    pub async fn jobs(&self) -> Result<Vec<JobView>, ApiError> {
        let stored = self.store().jobs().await?;
        Ok(stored.into_iter().map(|job| self.as_it_stands(job)).collect())
    }

    /// Returns a job; 404 where there is none.
    pub async fn job(&self, job_id: &str) -> Result<JobView, ApiError> {
        let stored = self.store().job(job_id).await?.ok_or_else(no_such_job)?;
        Ok(self.as_it_stands(stored))
    }

    /// Returns the newest job about something.
    pub async fn job_about(&self, about: &str) -> Result<Option<JobView>, ApiError> {
        Ok(self.store().job_about(about).await?.map(|job| self.as_it_stands(job)))
    }

    /// Asks a job to end before it is done; 409 for one that is over.
    pub async fn end_job(&self, job_id: &str) -> Result<JobView, ApiError> {
        let job = self.job(job_id).await?;
        let is_over = || ApiError::new(ErrorCode::Conflict, Refusals::job_is_over());
        if job.state.is_over() {
            return Err(is_over());
        }
        let here = self.parts.jobs.under_way().get(job_id).cloned();
        match here {
            Some(progress) => progress.end(),
            // The process that does it reads this within seconds.
            None if !self.store().end_job(job_id).await? => return Err(is_over()),
            None => {}
        }
        Ok(job)
    }

    fn as_it_stands(&self, stored: JobView) -> JobView {
        let here = self.parts.jobs.under_way().get(&stored.job_id).cloned();
        match here.filter(|_| !stored.state.is_over()) {
            Some(progress) => progress.view(self.elapsed()),
            None => stored,
        }
    }

    /// Begins a job, which is done after those before it. The work stores its end together with what it changes, or returns why
    /// nothing was changed.
    pub(super) async fn begin_job<F>(
        &self,
        kind: &str,
        about: &str,
        work: impl FnOnce(Self, Arc<Progress>) -> F + Send + 'static,
    ) -> Result<JobView, ApiError>
    where
        F: Future<Output = Result<JobView, ApiError>> + Send + 'static,
    {
        let job_id = uuid::Uuid::now_v7().simple().to_string();
        let job = JobView::waiting(job_id, kind, about, self.now());
        self.store().create_job(&job).await?;
        let progress = Arc::new(Progress::of(job.clone()));
        self.parts.jobs.under_way().insert(job.job_id.clone(), Arc::clone(&progress));
        self.tell(&job).await;
        let hub = self.clone();
        tokio::spawn(async move { hub.do_job(progress, work).await });
        Ok(job)
    }

    async fn do_job<F>(self, progress: Arc<Progress>, work: impl FnOnce(Self, Arc<Progress>) -> F)
    where
        F: Future<Output = Result<JobView, ApiError>> + Send + 'static,
    {
        let work = async {
            let _turn = self.parts.jobs.one_at_a_time.lock().await;
            if progress.is_to_end() {
                return Err(cancelled());
            }
            progress.begin(self.elapsed());
            let doing = work(self.clone(), Arc::clone(&progress));
            // A panic is the job's alone.
            tokio::spawn(doing).await.unwrap_or_else(|panic| Err(internal(&panic)))
        };
        let outcome = tokio::select! {
            biased;
            outcome = work => outcome,
            () = self.follow(&progress) => Err(cancelled()),
        };
        let ended = match outcome {
            Ok(done) => done,
            Err(refusal) => self.ended_without(&progress, refusal).await,
        };
        self.parts.jobs.under_way().remove(&ended.job_id);
        self.tell(&ended).await;
    }

    /// Keeps that a job changed nothing, and why.
    async fn ended_without(&self, progress: &Progress, refusal: ApiError) -> JobView {
        let is_cancelled = progress.is_to_end();
        let state = if is_cancelled { JobState::Cancelled } else { JobState::Failed };
        let message = if is_cancelled { Refusals::job_was_cancelled().in_english() } else { refusal.message };
        let (now, last) = (self.now(), progress.view(self.elapsed()));
        let ended = JobView { state, message: Some(message), finished_at: Some(now), rate_per_s: None, eta_s: None, ..last };
        match self.parts.ground.store.finish_job(&ended, now).await {
            Ok(true) => {}
            // It was done, and only what came after failed; or another process took it for abandoned. What is stored counts.
            Ok(false) => {
                if let Ok(Some(stored)) = self.store().job(&ended.job_id).await {
                    return stored;
                }
            }
            Err(error) => tracing::warn!("the end of a job is not kept: {error}"),
        }
        ended
    }

    /// Tells how far a job came for as long as it is under way. It ends where another process took the job for abandoned.
    async fn follow(&self, progress: &Progress) {
        let mut told = progress.view(self.elapsed());
        let mut kept_at = self.elapsed();
        loop {
            self.parts.ground.clock.sleep(TOLD_EVERY).await;
            let view = progress.view(self.elapsed());
            if (view.state, view.done, view.total) != (told.state, told.done, told.total) {
                self.tell(&view).await;
                told = view.clone();
            }
            if self.parts.jobs.is_alone || self.elapsed().saturating_sub(kept_at) < KEPT_EVERY {
                continue;
            }
            kept_at = self.elapsed();
            match self.parts.ground.store.job_heard(&view, self.now()).await {
                Ok(Some(true)) => progress.end(),
                Ok(Some(false)) => {}
                Ok(None) => {
                    tracing::warn!(job = view.job_id, "a job was taken for abandoned while it was done; it will change nothing")
                }
                Err(error) => tracing::warn!("how far a job came is not kept: {error}"),
            }
        }
    }

    fn elapsed(&self) -> SignedDuration {
        self.parts.ground.clock.elapsed()
    }

    async fn tell(&self, job: &JobView) {
        let told = self.parts.engine.send(News::JobProgress(self.owned(job.clone()))).await;
        if told.is_err() {
            tracing::warn!(job = job.job_id, "how a job stands is not told: the engine has stopped");
        }
    }

    /// Lets jobs fail whose process is gone, now and again. A process that is alone has done so at its start.
    pub(crate) async fn fail_abandoned_jobs(&self) {
        if self.parts.jobs.is_alone {
            return;
        }
        loop {
            let now = self.now();
            let message = Refusals::job_was_abandoned().in_english();
            match self.parts.ground.store.fail_abandoned_jobs(now - ABANDONED_AFTER, &message, now).await {
                Ok(failed) => {
                    for job in failed {
                        let Owned { owner, view } = job;
                        let told = self.parts.engine.send(News::JobProgress(Owned { owner, view })).await;
                        if told.is_err() {
                            return;
                        }
                    }
                }
                Err(error) => tracing::warn!("abandoned jobs cannot be looked for now: {error}"),
            }
            self.parts.ground.clock.sleep(LOOKED_EVERY).await;
        }
    }
}

fn no_such_job() -> ApiError {
    ApiError::not_found(Refusals::no_such_job())
}

/// The refusal of what was ended before it was done.
pub(super) fn cancelled() -> ApiError {
    ApiError::new(ErrorCode::Conflict, Refusals::job_was_cancelled())
}
