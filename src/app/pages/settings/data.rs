//! What is kept here: to take along, or to delete.

use crate::app::prelude::*;

use super::setting::Setting;
use crate::api::DeleteEverything;
use crate::app::components::field::FormRefusal;
use crate::app::components::post_form::{Command, PostForm};
use crate::live::{expect_live, source};
use crate::wire::views::PortfolioSummary;

/// Files of everything, and the way to delete it.
#[component]
pub(crate) fn Data() -> impl IntoView {
    let portfolios = expect_live().portfolios();
    let delete = Command::of::<DeleteEverything>();
    delete.when_done(|_| source::open_anew("/"));
    let count = move || words().portfolios_count(portfolios.with(Vec::len) as u64);
    let files = move || {
        let row = |PortfolioSummary { portfolio_id, name, .. }: PortfolioSummary| {
            let address = ["/api/v1/portfolios/", &portfolio_id, "/export?format="].concat();
            let [csv, json] = ["csv", "json"].map(|format| [address.as_str(), format].concat());
            view! {
                <li>
                    <bdi>{name.clone()}</bdi>
                    <a class="ghost" href=csv rel="external">"CSV"<span class="sr">" "{name.clone()}</span></a>
                    <a class="ghost" href=json rel="external">"JSON"<span class="sr">" "{name}</span></a>
                </li>
            }
            .into_any()
        };
        portfolios.get().into_iter().map(row).collect_view()
    };
    view! {
        <section class="card settings-card" id="data" aria-labelledby="data-title">
            <header><h2 id="data-title">{words().data_heading()}</h2></header>
            <Setting id="export" label=words().export_heading() value=Signal::derive(count)>
                <p class="hint">{words().export_hint()}</p>
                <ul class="file-list">
                    <li><span>{words().everything()}</span><a class="ghost" href="/api/v1/export" rel="external">"JSON"<span class="sr">" "{words().everything()}</span></a></li>
                    {move || files()}
                </ul>
            </Setting>
            <Setting id="delete-everything" label=words().delete_everything() value=Signal::stored(String::new()) is_open=delete.refused_fields().is_some()>
                <PostForm command=delete>
                    <p>{words().delete_everything_question()}</p>
                    <label class="check"><input type="checkbox" name="sure" value="yes" required=true/><span>{words().i_am_sure()}</span></label>
                    <FormRefusal refused=delete.refused()/>
                    <p class="submit"><button class="danger" type="submit">{words().delete_everything()}</button></p>
                </PostForm>
            </Setting>
        </section>
    }
}
