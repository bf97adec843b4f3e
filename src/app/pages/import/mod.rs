//! `/import`: a file is sent, looked at, imported and undone. The server alone draws these pages, and forms do all that they
//! do, so that no browser fetches the code of a table of 100,000 rows. All that moves on them is the bar of a long import, by a
//! small script of its own.

mod check;
mod recognised;
mod rows;
mod start;
mod told;
mod under_way;

use crate::app::prelude::*;
use leptos_meta::Title;

use crate::app::components::Failure;
use crate::wire::error::ApiError;
use crate::wire::views::{ImportFate, ImportRowView, ImportView, JobState, JobView, PortfolioSummary};

use check::{Checked, Over};
use start::Start;
pub use told::ROWS;
use under_way::UnderWay;

/// What a page about imports shows.
#[derive(Clone, Debug)]
pub enum ImportPage {
    /// The way to send a file, and what was imported before.
    Start {
        /// The portfolios that a file can be imported into.
        portfolios: Vec<PortfolioSummary>,
        /// The one that is chosen.
        portfolio: Option<String>,
        /// The imports, the newest first.
        imports: Vec<ImportView>,
        /// The programs whose files are known.
        programs: Vec<&'static str>,
        /// Why a file was not taken.
        refused: Option<ApiError>,
    },
    /// One import.
    One {
        /// The import, with what its file says while it is looked at.
        import: Box<ImportView>,
        /// The rows of its file that are shown.
        rows: Vec<ImportRowView>,
        /// Rows of which fate alone.
        fate: Option<ImportFate>,
        /// How many rows come before those that are shown.
        from: usize,
        /// The job that stores its entries, or that failed to.
        job: Option<Box<JobView>>,
        /// Why something was refused.
        refused: Option<ApiError>,
    },
}

/// Draws a page about imports.
pub fn import_page(page: ImportPage) -> AnyView {
    match page {
        ImportPage::Start { portfolios, portfolio, imports, programs, refused } => view! {
            <Title text=words().import_heading()/>
            <Start portfolios portfolio imports programs refused=said(refused)/>
        }
        .into_any(),
        ImportPage::One { import, rows, fate, from, job, refused } => {
            let title = view! { <Title text=words().check_the_import()/> };
            let failed = job.as_ref().filter(|job| job.state == JobState::Failed && import.preview.is_some());
            let refused = said(refused).or_else(|| failed.and_then(|job| job.message.clone()));
            let page = match import.preview.clone() {
                _ if job.as_ref().is_some_and(|job| !job.state.is_over()) => {
                    view! { <UnderWay import=*import job=job.map(|job| *job)/> }.into_any()
                }
                Some(preview) => view! { <Checked import=*import preview rows fate from refused/> }.into_any(),
                None => view! { <Over import=*import refused/> }.into_any(),
            };
            view! { {title} {page} }.into_any()
        }
    }
}

/// Draws, in place of a page that the server draws alone, why there is none.
pub fn failure(error: ApiError) -> AnyView {
    view! { <Failure error/> }.into_any()
}

fn said(refused: Option<ApiError>) -> Option<String> {
    refused.map(|refused| refused.in_words(words()).message)
}
