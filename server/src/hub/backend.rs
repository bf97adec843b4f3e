//! The hub as the backend of pages: each of its commands and queries, boxed.

use foliostream::api::backend::{Answer, Backend};
use foliostream::wire::commands::{
    ActivityDraft, AlertDraft, AlertPatch, DatedPriceDraft, Edit, InstrumentPatch, PortfolioDraft, PortfolioPatch,
};
use foliostream::wire::ledger::LedgerAddress;
use foliostream::wire::views::{
    AccountView, ActivityView, AlertPastView, AlertView, InstrumentPageView, InstrumentView, LedgerPageView,
    NotificationReadView, NotificationView, OperationsView, OverviewView, PageView, PerformanceQuery, PerformanceView, PointView,
    PortfolioSummary, PresenceView,
};
use jiff::tz::TimeZone;

use super::{Acting, read_ticker};

impl Backend for Acting {
    fn page<'a>(&'a self, portfolio: Option<&'a str>, tickers: &'a [String], metrics: bool) -> Answer<'a, PageView> {
        Box::pin(Self::page(self, portfolio, tickers, metrics))
    }

    fn presence(&self) -> Answer<'_, Vec<PresenceView>> {
        Box::pin(async { Ok(Self::presence(self, None).await) })
    }

    fn operations(&self) -> Answer<'_, OperationsView> {
        Box::pin(async { Ok(Self::operations(self)) })
    }

    fn overview<'a>(&'a self, portfolio: &'a str, range: Option<&'a str>, zone: &'a TimeZone) -> Answer<'a, OverviewView> {
        Box::pin(Self::overview(self, portfolio, range, zone))
    }

    fn performance<'a>(&'a self, portfolio: &'a str, query: &'a PerformanceQuery) -> Answer<'a, PerformanceView> {
        Box::pin(Self::performance(self, portfolio, query))
    }

    fn instrument_page<'a>(
        &'a self,
        ticker: &'a str,
        range: &'a str,
        portfolio: Option<&'a str>,
    ) -> Answer<'a, InstrumentPageView> {
        Box::pin(Self::instrument_page(self, ticker, range, portfolio))
    }

    fn close_of_day<'a>(&'a self, ticker: &'a str, day: &'a str) -> Answer<'a, Option<PointView>> {
        Box::pin(Self::close_of_day(self, ticker, day))
    }

    fn search<'a>(&'a self, query: &'a str) -> Answer<'a, Vec<InstrumentView>> {
        Box::pin(Self::search(self, query))
    }

    fn alerts(&self) -> Answer<'_, Vec<AlertView>> {
        Box::pin(Self::alerts(self))
    }

    fn alert_past<'a>(&'a self, ticker: &'a str) -> Answer<'a, AlertPastView> {
        Box::pin(Self::alert_past(self, ticker))
    }

    fn past_firings(&self, draft: AlertDraft) -> Answer<'_, Vec<PointView>> {
        Box::pin(async move { Self::past_firings(self, &draft).await })
    }

    fn create_alert<'a>(&'a self, draft: AlertDraft, key: Option<&'a str>) -> Answer<'a, AlertView> {
        Box::pin(Self::create_alert(self, draft, key))
    }

    fn update_alert<'a>(&'a self, id: &'a str, patch: AlertPatch, if_match: Option<i64>) -> Answer<'a, AlertView> {
        Box::pin(Self::update_alert(self, id, patch, if_match))
    }

    fn delete_alert<'a>(&'a self, id: &'a str, if_match: Option<i64>) -> Answer<'a, ()> {
        Box::pin(Self::delete_alert(self, id, if_match))
    }

    fn notifications_before(&self, before: Option<i64>, is_unread_only: bool, limit: u32) -> Answer<'_, Vec<NotificationView>> {
        Box::pin(Self::notifications_before(self, before, is_unread_only, limit))
    }

    fn read_notification<'a>(&'a self, id: &'a str) -> Answer<'a, NotificationReadView> {
        Box::pin(Self::read_notification(self, id))
    }

    fn delete_notification<'a>(&'a self, id: &'a str, is_deleted: bool) -> Answer<'a, ()> {
        Box::pin(Self::delete_notification(self, id, is_deleted))
    }

    fn enter_prices<'a>(&'a self, ticker: &'a str, drafts: &'a [DatedPriceDraft]) -> Answer<'a, ()> {
        Box::pin(async move {
            let ticker = read_ticker(ticker)?;
            Self::enter_prices(self, &ticker, drafts).await.map(drop)
        })
    }

    fn describe_instrument<'a>(&'a self, ticker: &'a str, patch: InstrumentPatch) -> Answer<'a, ()> {
        Box::pin(async move { self.change_instrument(ticker, patch).await.map(drop) })
    }

    fn set_instrument_note<'a>(&'a self, ticker: &'a str, note: &'a str) -> Answer<'a, ()> {
        Box::pin(Self::set_instrument_note(self, ticker, note))
    }

    fn read_all_notifications(&self) -> Answer<'_, ()> {
        Box::pin(Self::read_all_notifications(self))
    }

    fn create_portfolio<'a>(&'a self, draft: PortfolioDraft, key: Option<&'a str>) -> Answer<'a, PortfolioSummary> {
        Box::pin(Self::create_portfolio(self, draft, key))
    }

    fn change_portfolio<'a>(&'a self, portfolio: &'a str, patch: PortfolioPatch) -> Answer<'a, PortfolioSummary> {
        Box::pin(Self::change_portfolio(self, portfolio, patch))
    }

    fn choose_portfolio<'a>(&'a self, portfolio: &'a str) -> Answer<'a, ()> {
        Box::pin(Self::choose_portfolio(self, portfolio))
    }

    fn delete_everything(&self) -> Answer<'_, ()> {
        Box::pin(Self::delete_everything(self))
    }

    fn delete_portfolio<'a>(&'a self, portfolio: &'a str) -> Answer<'a, ()> {
        Box::pin(Self::delete_portfolio(self, portfolio))
    }

    fn accounts<'a>(&'a self, portfolio: &'a str) -> Answer<'a, Vec<AccountView>> {
        Box::pin(Self::accounts(self, portfolio))
    }

    fn undo_activity<'a>(&'a self, portfolio: &'a str, id: &'a str, if_match: Option<i64>) -> Answer<'a, ActivityView> {
        Box::pin(Self::undo_activity(self, portfolio, id, if_match))
    }

    fn transaction<'a>(&'a self, portfolio: &'a str, id: &'a str) -> Answer<'a, Option<ActivityView>> {
        Box::pin(Self::transaction(self, portfolio, id))
    }

    fn ledger_page<'a>(
        &'a self,
        portfolio: &'a str,
        address: &'a LedgerAddress,
        zone: &'a TimeZone,
    ) -> Answer<'a, LedgerPageView> {
        Box::pin(Self::ledger_page(self, portfolio, address, zone))
    }

    fn with_asked_instrument<'a>(
        &'a self,
        draft: ActivityDraft,
        answer: Option<&'a str>,
        currency: Option<String>,
    ) -> Answer<'a, ActivityDraft> {
        Box::pin(Self::with_asked_instrument(self, draft, answer, currency))
    }

    fn add_activity<'a>(&'a self, portfolio: &'a str, draft: ActivityDraft, key: Option<&'a str>) -> Answer<'a, ActivityView> {
        Box::pin(Self::add_activity(self, portfolio, draft, key))
    }

    fn replace_activity<'a>(
        &'a self,
        portfolio: &'a str,
        id: &'a str,
        draft: ActivityDraft,
        edit: Edit,
    ) -> Answer<'a, ActivityView> {
        Box::pin(Self::replace_activity(self, portfolio, id, draft, edit))
    }

    fn delete_activity<'a>(&'a self, portfolio: &'a str, id: &'a str, if_match: Option<i64>) -> Answer<'a, ()> {
        Box::pin(Self::delete_activity(self, portfolio, id, if_match))
    }
}
