//! What a page shows only once it is there: fetched on the server, handed over, fetched again where the question changes.

use std::sync::Arc;

use crate::app::prelude::*;
use crate::app::reactive::effect;

use crate::api::codec::JsonText;
use crate::api::query::{Fetched, Query, fetch};
use crate::wire::error::ApiError;

/// An answer, or why there is none.
pub(crate) type Answered = Result<Fetched, ApiError>;

/// Asks for what a page shows, again whenever the question or its turn changes; what was there stays until the answer is.
pub(crate) fn fetched(
    ask: impl Fn() -> (Query, i64) + Send + Sync + 'static,
    waiting: fn() -> AnyView,
    draw: impl Fn(Answered) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    shown(Box::new(ask), waiting, Arc::new(draw))
}

/// Returns whether a page that the server rendered is being brought to life.
fn is_hydrating() -> bool {
    Owner::current_shared_context().is_some_and(|context| context.during_hydration())
}

fn shown(
    ask: Box<dyn Fn() -> (Query, i64) + Send + Sync>,
    waiting: fn() -> AnyView,
    draw: Arc<dyn Fn(Answered) -> AnyView + Send + Sync>,
) -> AnyView {
    // What the server rendered answers turn 0. Events that came before this page's code was there have moved it on unseen.
    let is_behind = untrack(&ask).1 != 0 && is_hydrating();
    let answer = Resource::<_, JsonText>::new_with_options(ask, |(query, _)| fetch(query), false);
    if is_behind {
        effect(move || answer.refetch());
    }
    let drawn = move || {
        let draw = Arc::clone(&draw);
        Suspend::new(async move { draw(answer.await) })
    };
    view! { <Transition fallback=waiting>{move || drawn()}</Transition> }.into_any()
}
