//! What a page shows only once it is there: fetched on the server, handed over, fetched again where the question changes.

use std::sync::Arc;

use crate::app::prelude::*;
use crate::app::reactive::effect;

use crate::api::answers::answer_here;
use crate::api::query::Query;
use crate::api::told::{Handed, Told};
use crate::app::said::Said;
use crate::live::source;
use crate::wire::error::ErrorCode;

/// How long a page waits before it asks again for what it could not fetch, in milliseconds.
const RETRY_MS: u32 = 2_000;

/// Asks for what a page shows, again whenever the question or its turn changes; what was there stays until the answer is.
pub(crate) fn fetched(
    ask: impl Fn() -> (Query, i64) + Send + Sync + 'static,
    waiting: fn() -> AnyView,
    draw: impl Fn(Told) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    shown(Box::new(ask), waiting, Arc::new(draw))
}

/// Returns whether a page that the server rendered is being brought to life.
fn is_hydrating() -> bool {
    Owner::current_shared_context().is_some_and(|context| context.during_hydration())
}

/// Answers a question: here, where the page is rendered, and through the server from a browser.
async fn answered(query: Query) -> Told {
    if let Some(told) = answer_here(query.clone()).await {
        return told;
    }
    if query.is_empty() {
        return Told(Ok("null".to_owned()));
    }
    let fields = query.fields();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Told(source::post_in_place(query.path(), source::written_fields(&fields)).await)
}

/// Fetches the answer; where the server cannot be reached, again and again for as long as the question stands. Meanwhile the page keeps
/// what it showed. The server itself answers at once, whatever it is.
async fn patiently(query: Query, said: Option<Said>, stands: impl Fn() -> bool) -> Told {
    let mut is_told = false;
    loop {
        let answer = answered(query.clone()).await;
        let is_away = answer.0.as_ref().err().is_some_and(|error| error.code == ErrorCode::Unavailable);
        if !is_away || !source::is_browser() || !stands() {
            return answer;
        }
        // Once: a screen reader would read it every two seconds.
        if let Some(said) = said.filter(|_| !is_told) {
            said.say(words().server_is_away().to_owned(), None);
        }
        is_told = true;
        source::rest(RETRY_MS).await;
    }
}

/// The owners of what is drawn. A view stays on the page until the next answer is drawn, and so must its signals. They may not belong to the
/// closure that waits for that answer: what it owned goes when it begins to wait, and a price that comes meanwhile would find it gone.
#[derive(Clone, Copy)]
struct Owners {
    around: StoredValue<Option<Owner>>,
    last: StoredValue<Option<Owner>>,
}

impl Owners {
    fn new() -> Self {
        Self { around: StoredValue::new(Owner::current()), last: StoredValue::new(None) }
    }

    /// Draws with an owner of its own; that of what was drawn before goes once the page has let go of it.
    fn with_next(self, draw: impl FnOnce() -> AnyView) -> AnyView {
        let Some(around) = self.around.try_get_value().flatten() else { return draw() };
        let next = around.with(Owner::new);
        let view = next.with(draw);
        let before = self.last.try_update_value(|last| last.replace(next)).flatten();
        source::after(0, move || drop(before));
        view
    }
}

fn shown(
    ask: Box<dyn Fn() -> (Query, i64) + Send + Sync>,
    waiting: fn() -> AnyView,
    draw: Arc<dyn Fn(Told) -> AnyView + Send + Sync>,
) -> AnyView {
    // What the server rendered answers turn 0. Events that came before this page's code was there have moved it on unseen.
    let is_behind = untrack(&ask).1 != 0 && is_hydrating();
    // A newer question ends the patience with an older one.
    let asked = StoredValue::new(0_u64);
    let said = use_context::<Said>();
    let answer = Resource::<_, Handed>::new_with_options(
        ask,
        move |(query, _)| {
            asked.update_value(|asked| *asked += 1);
            let own = asked.get_value();
            patiently(query, said, move || asked.try_get_value() == Some(own))
        },
        false,
    );
    if is_behind {
        effect(move || answer.refetch());
    }
    let owners = Owners::new();
    let drawn = move || {
        let draw = Arc::clone(&draw);
        Suspend::new(async move {
            let told = answer.await;
            owners.with_next(|| draw(told))
        })
    };
    view! { <Transition fallback=waiting>{move || drawn()}</Transition> }.into_any()
}
