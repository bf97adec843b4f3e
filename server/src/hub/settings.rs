//! What a user has settled: the portfolio that is shown first; and the way to take everything away.

use foliostream::wire::error::ApiError;
use foliostream::wire::views::{NotificationReadView, PortfolioSummary};

use super::Acting;
use crate::engine_task::News;

/// As many notifications as an open page keeps: it drops those that it is told of.
const KEPT_BY_PAGES: u32 = 200;

impl Acting {
    /// Returns a portfolio as the list has it; 404 where there is none of this id.
    pub async fn portfolio_summary(&self, portfolio_id: &str) -> Result<PortfolioSummary, ApiError> {
        Ok(self.summary(self.portfolio_row(portfolio_id).await?))
    }

    /// Returns the portfolio that is shown first, where one was chosen.
    pub async fn default_portfolio(&self) -> Result<Option<String>, ApiError> {
        Ok(self.store().default_portfolio().await?)
    }

    /// Shows a portfolio first from now on; 404 where there is none of this id.
    pub async fn choose_portfolio(&self, portfolio_id: &str) -> Result<(), ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        Ok(self.store().set_default_portfolio(&row.portfolio_id).await?)
    }

    /// Deletes every portfolio, alert, notification and note of the user.
    pub async fn delete_everything(&self) -> Result<(), ApiError> {
        for alert in self.store().alerts().await? {
            self.delete_alert(&alert.id.0.to_string(), None).await?;
        }
        for row in self.store().portfolios().await? {
            self.delete_portfolio(&row.portfolio_id).await?;
        }
        let forget = |hub: Self| async move {
            let told = hub.store().newest_notifications(KEPT_BY_PAGES).await?;
            hub.store().delete_what_was_told().await?;
            for notification in told {
                let notification_id = notification.n.to_string();
                let view = NotificationReadView { notification_id, unread_count: 0, deleted: Some(true) };
                hub.parts.engine.send(News::NotificationRead(hub.owned(view))).await?;
            }
            Ok(())
        };
        self.to_its_end(forget).await
    }
}
