//! Pushes that carry a key: each is applied once, however often it is brought again. Its key and what it asked for stand in the
//! name under which the store keeps how far it was applied, in the transaction of what it led to, so that the next engine knows
//! it too.

use std::collections::{HashMap, VecDeque};

use super::batch::{Answer, Batch, Origin};
use super::outcome::{KeyUsed, ObserveError, Observed};
use super::push_key::PushKey;
use crate::store::AppliedCall;

/// Keys that are remembered, some 6 MB: as many as the store remembers calls.
const REMEMBERED: usize = 20_000;

/// What is known of pushes by their keys.
#[derive(Debug, Default)]
pub(crate) struct Pushes {
    known: HashMap<String, Push>,
    /// The keys of pushes, the oldest first.
    keys: VecDeque<String>,
}

#[derive(Debug)]
struct Push {
    asked: String,
    state: State,
}

#[derive(Debug)]
enum State {
    /// An engine before this one has applied a part.
    Part(AppliedCall),
    /// It is being applied; who brought it again waits.
    UnderWay(Vec<Answer>),
    /// All of it was applied.
    Whole(Observed),
}

/// What to do with a push.
#[derive(Debug)]
pub(crate) enum Todo {
    /// Show the ticks of the batch to the engine.
    Apply(Batch),
    /// Answer what became of it, once everything before is stored.
    Answer(Answer),
    /// Nothing: it is answered when it was applied, or refused.
    Nothing,
}

impl Pushes {
    /// Begins with what earlier engines have applied, the oldest first.
    pub(crate) fn after(applied: Vec<AppliedCall>) -> Self {
        let mut pushes = Self::default();
        for call in applied {
            if let Some(PushKey { key, asked }) = PushKey::of(&call.call_id) {
                let observed = Observed { accepted: call.accepted, ignored: call.ignored };
                let state = if call.whole { State::Whole(observed) } else { State::Part(call) };
                pushes.insert(key, Push { asked, state });
            }
        }
        pushes
    }

    /// Takes a push that has come.
    pub(crate) fn take(&mut self, PushKey { key, asked }: &PushKey, mut batch: Batch) -> Todo {
        let Some(push) = self.known.get_mut(key) else {
            self.insert(key.clone(), Push { asked: asked.clone(), state: State::UnderWay(Vec::new()) });
            return Todo::Apply(batch);
        };
        if push.asked != *asked {
            if let Some(answer) = batch.give_up() {
                answer.withheld(ObserveError::KeyUsed(KeyUsed));
            }
            return Todo::Nothing;
        }
        match &mut push.state {
            State::Part(applied) => {
                let batch = batch.behind(applied);
                push.state = State::UnderWay(Vec::new());
                Todo::Apply(batch)
            }
            State::UnderWay(waiting) => {
                waiting.extend(batch.give_up());
                Todo::Nothing
            }
            State::Whole(observed) => {
                let observed = *observed;
                batch.give_up().map_or(Todo::Nothing, |answer| Todo::Answer(Answer { observed, ..answer }))
            }
        }
    }

    /// Notes how far a batch was applied; once that is all of it, who brought it again is returned.
    pub(crate) fn applied(&mut self, batch: &Batch) -> Vec<Answer> {
        let Origin::Push(PushKey { key, .. }) = batch.origin() else { return Vec::new() };
        let Some(push) = self.known.get_mut(key).filter(|_| batch.next().is_none()) else { return Vec::new() };
        let observed = batch.observed();
        match std::mem::replace(&mut push.state, State::Whole(observed)) {
            State::UnderWay(waiting) => waiting.into_iter().map(|answer| Answer { observed, ..answer }).collect(),
            State::Part(_) | State::Whole(_) => Vec::new(),
        }
    }

    fn insert(&mut self, key: String, push: Push) {
        // Each key is looked at once: where all of them are under way there is none to forget, and they are bounded by what is
        // parked.
        for _ in 0..self.keys.len() {
            if self.keys.len() < REMEMBERED {
                break;
            }
            let Some(oldest) = self.keys.pop_front() else { break };
            if matches!(self.known.get(&oldest), Some(Push { state: State::UnderWay(_), .. })) {
                // What is not over is not forgotten: it would be applied beside itself.
                self.keys.push_back(oldest);
            } else {
                self.known.remove(&oldest);
            }
        }
        if self.known.insert(key.clone(), push).is_none() {
            self.keys.push_back(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_keys_are_forgotten_but_none_that_is_under_way() {
        let push = |number: usize| PushKey { key: number.to_string(), asked: "same".to_owned() };
        let whole = |number: usize| AppliedCall { call_id: push(number).name(), ticks: 1, accepted: 1, ignored: 0, whole: true };
        let batch = |number| Batch::new(Vec::new(), Origin::Push(push(number)), None);
        let mut pushes = Pushes::after((1..REMEMBERED).map(whole).collect());
        assert!(matches!(pushes.take(&push(0), batch(0)), Todo::Apply(_)));
        for number in REMEMBERED..2 * REMEMBERED {
            let Todo::Apply(batch) = pushes.take(&push(number), batch(number)) else { panic!("{number} is new") };
            pushes.applied(&batch);
        }
        assert!(matches!(pushes.take(&push(0), batch(0)), Todo::Nothing));
        assert!(matches!(pushes.take(&push(2 * REMEMBERED - 1), batch(2 * REMEMBERED - 1)), Todo::Nothing));
        assert!(matches!(pushes.take(&push(1), batch(1)), Todo::Apply(_)));
        assert_eq!((pushes.known.len(), pushes.keys.len()), (REMEMBERED, REMEMBERED));
    }

    #[test]
    fn where_every_key_is_under_way_none_is_forgotten_and_a_further_push_is_taken() {
        let push = |number: usize| PushKey { key: number.to_string(), asked: "same".to_owned() };
        let batch = |number| Batch::new(Vec::new(), Origin::Push(push(number)), None);
        let mut pushes = Pushes::after(Vec::new());
        for number in 0..=REMEMBERED {
            assert!(matches!(pushes.take(&push(number), batch(number)), Todo::Apply(_)), "{number}");
        }
        assert_eq!((pushes.known.len(), pushes.keys.len()), (REMEMBERED + 1, REMEMBERED + 1));
        assert!(matches!(pushes.take(&push(0), batch(0)), Todo::Nothing));
    }
}
