//! How far jobs came: the newest state of each, which streams are told.

use std::collections::{BTreeMap, HashMap};

use foliostream::domain::user::UserId;
use foliostream::wire::live::Owned;
use foliostream::wire::views::JobView;

use super::filter::JobsOf;
use super::text::{self, Text};

/// The most jobs of a user that are known here: those that the store keeps, with room for those that are not over.
const KEPT: usize = 120;

/// The newest state of each job, of each user.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    of: HashMap<UserId, BTreeMap<String, State>>,
}

#[derive(Debug)]
struct State {
    seq: u64,
    head: Text,
    is_over: bool,
}

impl Jobs {
    /// Takes jobs as they are stored, all at one number.
    pub(super) fn of(seq: u64, jobs: &[Owned<JobView>]) -> Self {
        let mut of = Self::default();
        for job in jobs {
            of.put(seq, job);
        }
        of
    }

    /// Takes how a job stands now. Of many the first that is over is forgotten: ids ascend with time.
    pub(super) fn put(&mut self, seq: u64, Owned { owner, view }: &Owned<JobView>) {
        let own = self.of.entry(owner.clone()).or_default();
        let state = State { seq, head: text::head("job_progress", view), is_over: view.state.is_over() };
        own.insert(view.job_id.clone(), state);
        if own.len() > KEPT
            && let Some(first) = own.iter().find(|(_, state)| state.is_over).map(|(id, _)| id.clone())
        {
            own.remove(&first);
        }
    }

    /// Returns how those jobs stand that a stream carries: all of them, or those that came further since a number.
    pub(super) fn of_stream(&self, jobs: &JobsOf, since: Option<u64>) -> Vec<(u64, Text)> {
        let own = self.of.get(&jobs.owner).into_iter().flatten();
        let own = own.filter(|(id, state)| jobs.has(&jobs.owner, id) && since.is_none_or(|since| state.seq > since));
        own.map(|(_, state)| (state.seq, state.head.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str, state: &str, done: u64) -> Owned<JobView> {
        let view = serde_json::json!({"job_id": id, "kind": "import", "about": "i", "state": state, "done": done, "total": 9, "rate_per_s": null,
            "eta_s": null, "message": null, "created_at": "2026-11-27T00:00:00Z", "finished_at": null, "result": null});
        Owned { owner: UserId::local(), view: serde_json::from_value(view).unwrap() }
    }

    fn all() -> JobsOf {
        JobsOf { owner: UserId::local(), job: None }
    }

    #[test]
    fn a_stream_is_told_the_newest_state_of_each_job_and_of_one_alone_where_it_asks_for_it() {
        let mut jobs = Jobs::of(3, &[job("a", "running", 1)]);
        jobs.put(4, &job("b", "queued", 0));
        jobs.put(5, &job("a", "running", 2));
        let told = |jobs_of: &JobsOf, since| jobs.of_stream(jobs_of, since).iter().map(|(seq, _)| *seq).collect::<Vec<_>>();
        assert_eq!((told(&all(), None), told(&all(), Some(4))), (vec![5, 4], vec![5]));
        let only = JobsOf { job: Some("b".into()), ..all() };
        assert_eq!((told(&only, None), told(&only, Some(4))), (vec![4], vec![]));
        let others = JobsOf { owner: "other".parse().unwrap(), job: None };
        assert_eq!(told(&others, None), [0; 0]);
    }

    #[test]
    fn of_many_jobs_the_oldest_that_is_over_is_forgotten() {
        let mut jobs = Jobs::default();
        jobs.put(1, &job("000", "running", 1));
        for number in 1..=200_u64 {
            jobs.put(number + 1, &job(&format!("{number:03}"), "done", 9));
        }
        let told = jobs.of_stream(&all(), None);
        assert_eq!((told.len(), told[0].0, told[1].0), (KEPT, 1, 83));
    }
}
