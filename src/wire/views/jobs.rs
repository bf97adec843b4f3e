//! Work that takes longer than a request.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::millis;

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for those before it.
    Queued,
    /// It is being done.
    Running,
    /// It is done.
    Done,
    /// It failed, and changed nothing.
    Failed,
    /// It was ended before it was done, and changed nothing.
    Cancelled,
}

impl JobState {
    /// Whether nothing more becomes of it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A job: also the event `job_progress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct JobView {
    /// Its id.
    pub job_id: String,
    /// What it does: `import`.
    pub kind: String,
    /// The id of what it is about: of an import the `import_id`.
    pub about: String,
    /// How it stands.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub state: JobState,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do; `null` as long as that is not known.
    pub total: Option<u64>,
    /// How much was done a second, since it began; `null` before that and afterwards.
    pub rate_per_s: Option<u64>,
    /// The seconds that are left at that rate.
    pub eta_s: Option<u64>,
    /// Why it failed.
    pub message: Option<String>,
    /// When it was asked for.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(with = "millis::option")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, format = DateTime))]
    pub finished_at: Option<Timestamp>,
    /// What came of it: of an import its `import_id` and the number of its `entries`.
    pub result: Option<Value>,
}

impl JobView {
    /// Returns a job that begins to wait.
    pub fn waiting(job_id: String, kind: &str, about: &str, created_at: Timestamp) -> Self {
        Self {
            job_id,
            kind: kind.to_owned(),
            about: about.to_owned(),
            state: JobState::Queued,
            done: 0,
            total: None,
            rate_per_s: None,
            eta_s: None,
            message: None,
            created_at,
            finished_at: None,
            result: None,
        }
    }
}
