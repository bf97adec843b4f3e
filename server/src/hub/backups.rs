//! Backups on their schedule, each as a job.

use std::sync::Arc;
use std::time::Duration;

use crate::backups::Backups;
use crate::error::internal;
use foliostream::wire::error::ApiError;

use super::Acting;
use super::progress::Progress;

/// How often it is looked whether one is due.
const LOOKED_EVERY: Duration = Duration::from_secs(60);

impl Acting {
    /// Makes each backup when it is due, for as long as it is let.
    pub(crate) async fn back_up_when_due(&self, backups: Backups) {
        let backups = Arc::new(backups);
        loop {
            let (own, now) = (Arc::clone(&backups), self.now());
            let due = tokio::task::spawn_blocking(move || own.due(now)).await;
            if let Ok(Some(name)) = due
                && let Err(error) = self.begin_backup(Arc::clone(&backups), name).await
            {
                tracing::warn!("a backup is due and cannot be begun: {}", error.message);
            }
            self.parts.ground.clock.sleep(LOOKED_EVERY).await;
        }
    }

    async fn begin_backup(&self, backups: Arc<Backups>, name: String) -> Result<(), ApiError> {
        // One that takes longer than it is looked for is not begun again.
        if self.job_about(&name).await?.is_some() || self.jobs().await?.iter().any(|job| job.kind == KIND && !job.state.is_over())
        {
            return Ok(());
        }
        let about = name.clone();
        let work = move |hub: Self, progress: Arc<Progress>| async move {
            progress.takes(1);
            let sums = backups.make(&name).await.map_err(|error| {
                tracing::error!("the backup {name} is not made: {error}");
                internal(&error)
            })?;
            let rows: u64 = sums.iter().map(|table| table.rows).sum();
            let now = hub.now();
            let done = progress.done(serde_json::json!({"file": name, "rows": rows}), now);
            hub.parts.ground.store.finish_job(&done, now).await?;
            Ok(done)
        };
        self.begin_job(KIND, &about, work).await.map(drop)
    }
}

/// The kind of these jobs.
const KIND: &str = "backup";
