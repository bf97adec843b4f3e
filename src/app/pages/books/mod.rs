//! What belongs to a portfolio's books beside the list of its transactions: its accounts, and the history of one transaction. The server
//! alone draws these pages, and forms do all that they do.

mod accounts;
mod form;
mod history;

use crate::app::prelude::*;
use leptos_meta::Title;

use crate::wire::error::ApiError;
use crate::wire::views::{AccountView, PortfolioSummary, RevisionView};

use accounts::Accounts;
pub use form::AccountForm;
use history::History;

/// What a page of the books shows.
#[derive(Clone, Debug)]
pub enum BooksPage {
    /// The accounts of a portfolio.
    Accounts {
        /// The portfolio.
        portfolio: PortfolioSummary,
        /// Its accounts, in the order they were made.
        accounts: Vec<AccountView>,
        /// Why something was refused, with what was sent: the account it is about, or none for a new one.
        refused: Option<(ApiError, AccountForm)>,
    },
    /// The versions of a transaction.
    History {
        /// The portfolio.
        portfolio: PortfolioSummary,
        /// The id of the transaction.
        activity_id: String,
        /// Its versions, the newest first.
        versions: Vec<RevisionView>,
        /// The names of the portfolio's accounts by their ids.
        accounts: Vec<(String, String)>,
        /// Why something was refused.
        refused: Option<ApiError>,
    },
}

/// Draws a page of the books.
pub fn books_page(page: BooksPage) -> AnyView {
    match page {
        BooksPage::Accounts { portfolio, accounts, refused } => {
            let refused = refused.map(|(refusal, form)| (refusal.in_words(words()).message, form));
            view! { <Title text=words().accounts_heading()/><Accounts portfolio accounts refused/> }.into_any()
        }
        BooksPage::History { portfolio, activity_id, versions, accounts, refused } => {
            let refused = refused.map(|refusal| refusal.in_words(words()).message);
            view! { <Title text=words().history_heading()/><History portfolio activity_id versions accounts refused/> }.into_any()
        }
    }
}
