//! The columns that were chosen for earlier tables.

use std::sync::Arc;

use foliostream::import::formats::columns;
use foliostream::wire::error::ApiError;

use super::chosen::Chosen;
use super::plan::Plan;
use super::read_chosen;
use crate::hub::Acting;
use crate::store::PortfolioRow;

/// How many earlier choices of columns are tried for a table.
const REMEMBERED: usize = 3;

impl Acting {
    /// Works out what comes of a file as it is recognised. A table of no program is read as the newest one was whose chosen columns it has
    /// too, so that a file of the same kind needs no choosing again.
    pub(super) async fn first_plan(&self, portfolio: &PortfolioRow, file: &Arc<Vec<u8>>) -> Result<(Plan, Chosen), ApiError> {
        let first = self.plan_import(portfolio, Arc::clone(file), &Chosen::default()).await;
        if first.as_ref().is_ok_and(|plan| plan.reading.format != columns::NAME) {
            return first.map(|plan| (plan, Chosen::default()));
        }
        let known = first.as_ref().ok().map(|plan| plan.reading.columns.clone());
        let mut tried: Vec<Chosen> = Vec::new();
        for row in self.store().imports().await? {
            let remembered = read_chosen(&row).remembered();
            let has_columns = |known: &Vec<String>| remembered.columns().values().all(|column| known.contains(column));
            let is_new = !remembered.columns().is_empty() && !tried.contains(&remembered);
            if row.format != columns::NAME || !is_new || !known.as_ref().is_none_or(has_columns) {
                continue;
            }
            if tried.len() == REMEMBERED {
                break;
            }
            tried.push(remembered.clone());
            let plan = self.plan_import(portfolio, Arc::clone(file), &remembered).await;
            if let Some(plan) = plan.ok().filter(|plan| plan.unusable().is_none()) {
                return Ok((plan, remembered));
            }
        }
        first.map(|plan| (plan, Chosen::default()))
    }
}
