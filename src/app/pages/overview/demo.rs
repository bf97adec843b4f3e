//! What leads out of the demo portfolio.

use crate::app::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::DeletePortfolio;
use crate::app::components::field::{Confirm, FormRefusal};
use crate::app::components::post_form::{Command, PostForm};
use crate::app::reactive::memo;
use crate::live::expect_live;

/// Says that the shown portfolio is the demo, with a way to one's own and one to be rid of it.
#[component]
pub(crate) fn DemoNotice() -> impl IntoView {
    let live = expect_live();
    let (demo, shown) = (live.demo(), live.portfolio_id());
    let query = use_query_map();
    // On the way to a portfolio of one's own it has been said.
    let is_demo = memo(move || demo.with(Option::is_some) && demo.get() == shown.get() && query.read().get("start").is_none());
    let delete = Command::of::<DeletePortfolio>();
    let refused = delete.refused();
    move || {
        is_demo.get().then(|| {
            view! {
                <section class="card demo-notice" aria-labelledby="demo">
                    <div><h2 id="demo">{words().this_is_a_demo()}</h2><p class="hint">{words().this_is_a_demo_hint()}</p></div>
                    <div class="controls">
                        <a class="primary" href="/?start=own">{words().start_your_own()}</a>
                        <Confirm label=words().remove_the_demo() question=words().remove_the_demo_question().to_owned()>
                            <PostForm command=delete>
                                <input type="hidden" name="portfolio" value=demo.get_untracked()/>
                                <button class="danger" type="submit">{words().delete_it()}</button>
                            </PostForm>
                        </Confirm>
                    </div>
                    <FormRefusal refused/>
                </section>
            }
            .into_any()
        })
    }
}
