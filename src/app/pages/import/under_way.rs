//! A file whose entries are being stored: a bar with counts, which `public/job.js` moves by the stream of its job.

use crate::app::prelude::*;

use super::told::file_name;
use crate::app::components::icon::Icon;
use crate::wire::views::{ImportView, JobState, JobView};
use rust_decimal::Decimal;

/// The page.
#[component]
pub(super) fn UnderWay(import: ImportView, job: Option<JobView>) -> impl IntoView {
    let path = ["/import/", &import.import_id].concat();
    let name = file_name(&import);
    let told = job.map(|job| {
        let JobView { job_id, state, done, total, eta_s, .. } = job;
        let number = |number: u64| words().quantity(Decimal::from(number));
        let counts = match total {
            _ if state == JobState::Queued => words().import_waits().to_owned(),
            Some(total) => words().rows_stored(&number(done), &number(total)),
            None => words().import_is_read().to_owned(),
        };
        let left =
            eta_s.filter(|_| total.is_some()).map(|seconds| [" ", &words().seconds_left(&number(seconds.max(1)))].concat());
        let stored = words().rows_stored("{done}", "{total}");
        let (value, max) = (total.map(|_| done.to_string()), total.map(|total| total.to_string()));
        view! {
            <progress class="job-bar" id="job" value=value max=max data-job=job_id.clone()></progress>
            <p id="job-told" role="status" data-stored=stored data-left=words().seconds_left("{seconds}")>{counts}{left}</p>
            <noscript><p><a class="ghost" href=path.clone()>{words().look_again()}</a></p></noscript>
            <form method="post" action=path.clone()>
                <input type="hidden" name="job" value=job_id/>
                <button class="subtle" name="action" value="end">{words().cancel_import()}</button>
            </form>
        }
        .into_any()
    });
    view! {
        <div class="page import-page">
            <header class="page-head">
                <a class="icon" href="/import" aria-label=words().back_to_imports() title=words().back_to_imports()><Icon name="back"/></a>
                <h1>{words().importing_heading()}</h1>
                <p class="muted"><bdi>{name}</bdi></p>
            </header>
            <div class="main-column">
                <section class="card import-job" aria-labelledby="job-label">
                    <label class="sr" id="job-label" for="job">{words().importing_heading()}</label>
                    {told}
                    <p class="muted">{words().import_goes_on()}</p>
                    <script type="module" src="/job.js"></script>
                </section>
            </div>
        </div>
    }
}
