//! A list of transactions while it is made: which it takes, and what those it took moved.

use std::cmp::Reverse;
use std::collections::HashSet;

use foliostream::domain::account::AccountId;
use foliostream::domain::activity::{Activity, ActivityId, ActivityKind};
use foliostream::domain::flow::{Flow, Flows};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::wire::ledger::{Period, Sorting};
use foliostream::wire::views::{FlowsView, LedgerMonthView, LedgerPageView};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

/// Which transactions a list takes.
pub(super) struct Filter {
    /// In lower case; empty takes all.
    pub(super) text: String,
    /// The instruments whose names hold the text.
    pub(super) named: HashSet<Ticker>,
    pub(super) kind: Option<ActivityKind>,
    /// Empty takes all.
    pub(super) ticker: String,
    pub(super) period: Option<Period>,
    /// Those that sold what was not held, where only they are taken.
    pub(super) incomplete: Option<HashSet<ActivityId>>,
    /// The account, where only its transactions are taken.
    pub(super) account: Option<AccountId>,
    /// In lower case; empty takes all.
    pub(super) tag: String,
    /// The first day and the last.
    pub(super) days: (Option<Date>, Option<Date>),
    pub(super) today: Date,
    pub(super) zone: TimeZone,
}

impl Filter {
    /// Returns the day of a transaction: its date, or the reader's day of its time.
    pub(super) fn day(&self, activity: &Activity) -> Date {
        activity.date().unwrap_or_else(|| activity.time.to_zoned(self.zone.clone()).date())
    }

    /// Whether the list takes a transaction of that day.
    pub(super) fn takes(&self, activity: &Activity, day: Date) -> bool {
        let ticker = activity.ticker.as_ref().map_or("", |ticker| ticker.as_str());
        self.kind.is_none_or(|kind| kind == activity.kind)
            && (self.ticker.is_empty() || ticker.eq_ignore_ascii_case(&self.ticker))
            && self.period.is_none_or(|period| period.holds(day, self.today))
            && self.account.is_none_or(|account| activity.account == Some(account))
            && (self.tag.is_empty() || activity.tags.iter().any(|tag| tag.to_lowercase() == self.tag))
            && self.days.0.is_none_or(|first| day >= first)
            && self.days.1.is_none_or(|last| day <= last)
            && self.incomplete.as_ref().is_none_or(|missing| missing.contains(&activity.id))
            && self.has_text(activity, ticker)
    }

    fn has_text(&self, activity: &Activity, ticker: &str) -> bool {
        let holds = |text: &str| text.to_lowercase().contains(&self.text);
        self.text.is_empty()
            || holds(ticker)
            || activity.note.as_deref().is_some_and(holds)
            || activity.tags.iter().any(|tag| holds(tag))
            || activity.ticker.as_ref().is_some_and(|ticker| self.named.contains(ticker))
    }
}

/// What a list has taken so far, newest first: the sums of all, and the transactions of one page.
pub(super) struct Found {
    currency: Currency,
    /// The page that was asked for.
    page: i64,
    /// Its transactions; those of the newest page before it, as long as it has none.
    entries: Vec<Activity>,
    /// In another order than the newest first: what orders each that was taken.
    keys: Option<Vec<Key>>,
    sorting: Sorting,
    /// How many were taken.
    pub(super) count: i64,
    flows: Flows,
    pub(super) months: Vec<LedgerMonthView>,
}

impl Found {
    pub(super) fn new(page: i64, currency: Currency, sorting: Sorting) -> Self {
        Self {
            currency,
            page: page.max(1),
            entries: Vec::new(),
            keys: (sorting != Sorting::Newest).then(Vec::new),
            sorting,
            count: 0,
            flows: Flows::default(),
            months: Vec::new(),
        }
    }

    /// Takes one more transaction, of that day.
    pub(super) fn take(&mut self, activity: Activity, day: Date) {
        // A figure that overflows is left out of the sums; its own row says that it is unknown.
        let flow = Flow::of(&activity, self.currency).ok();
        let sums = flow.and_then(|flow| self.flows.with(&activity, flow).ok());
        self.flows = sums.unwrap_or(self.flows);
        if let Some(keys) = &mut self.keys {
            self.count += 1;
            keys.push(Key::of(&activity, flow));
            return;
        }
        self.add_to_month(day, flow);
        let page = self.count / LedgerPageView::ENTRIES + 1;
        let is_first_of_page = self.count % LedgerPageView::ENTRIES == 0;
        self.count += 1;
        if page <= self.page {
            if is_first_of_page {
                self.entries.clear();
            }
            self.entries.push(activity);
        }
    }

    fn add_to_month(&mut self, day: Date, flow: Option<Flow>) {
        let is_newest = |month: &&mut LedgerMonthView| (month.year, month.month) == (day.year(), day.month());
        let net = flow.map(|flow| flow.net).unwrap_or_default();
        match self.months.last_mut().filter(is_newest) {
            Some(month) => {
                month.count += 1;
                month.net = month.net.checked_add(net).unwrap_or(month.net);
            }
            None => self.months.push(LedgerMonthView { year: day.year(), month: day.month(), count: 1, net }),
        }
    }

    /// Returns the page that was asked for, or the last one where there are fewer.
    pub(super) fn page(&self) -> i64 {
        self.page.min((self.count - 1).max(0) / LedgerPageView::ENTRIES + 1)
    }

    /// Returns the sums of all that were taken.
    pub(super) fn sums(&self) -> FlowsView {
        let Flows { deposits, bought, income, charges, net } = self.flows;
        FlowsView { deposits, bought, income, charges, net }
    }

    /// Returns the page's transactions, where they are the newest first.
    pub(super) fn entries(&self) -> &[Activity] {
        &self.entries
    }

    /// Returns the numbers of those of the page, in another order.
    pub(super) fn sorted(&mut self) -> Option<Vec<ActivityId>> {
        let page = self.page();
        let mut keys = self.keys.take()?;
        sort(&mut keys, self.sorting);
        let skipped = usize::try_from((page - 1) * LedgerPageView::ENTRIES).unwrap_or(0);
        let entries = usize::try_from(LedgerPageView::ENTRIES).unwrap_or(0);
        Some(keys.into_iter().skip(skipped).take(entries).map(|key| key.id).collect())
    }
}

/// What orders a transaction among others.
pub(super) struct Key {
    /// Its number.
    pub(super) id: ActivityId,
    time: Timestamp,
    net: Option<Decimal>,
    ticker: Option<Ticker>,
}

impl Key {
    pub(super) fn of(activity: &Activity, flow: Option<Flow>) -> Self {
        Self { id: activity.id, time: activity.time, net: flow.map(|flow| flow.net), ticker: activity.ticker.clone() }
    }

    fn newest_first(&self) -> Reverse<(Timestamp, ActivityId)> {
        Reverse((self.time, self.id))
    }
}

/// Sorts transactions; what is equal goes by its time, the newest first. What has no ticker or no known sum comes last.
pub(super) fn sort(keys: &mut [Key], sorting: Sorting) {
    match sorting {
        Sorting::Newest => keys.sort_by_key(Key::newest_first),
        Sorting::Oldest => keys.sort_by_key(|key| (key.time, key.id)),
        Sorting::MostCash => keys.sort_by_key(|key| (key.net.is_none(), Reverse(key.net), key.newest_first())),
        Sorting::LeastCash => keys.sort_by_key(|key| (key.net.is_none(), key.net, key.newest_first())),
        Sorting::Ticker => keys.sort_by_cached_key(|key| (key.ticker.is_none(), key.ticker.clone(), key.newest_first())),
        Sorting::TickerBack => {
            keys.sort_by_cached_key(|key| (key.ticker.is_none(), Reverse(key.ticker.clone()), key.newest_first()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::testing::activity;
    use jiff::civil::date;

    fn deposit(id: i64, day: Date) -> Activity {
        let time = day.to_zoned(TimeZone::UTC).unwrap().timestamp();
        let note = Some("From Volksbank".to_owned());
        Activity { id: ActivityId(id), time, amount: Decimal::ONE, note, ..activity(ActivityKind::Deposit) }
    }

    /// 250 deposits, two a day, the newest on 30 June.
    fn found(page: i64) -> Found {
        let mut found = Found::new(page, Currency::EUR, Sorting::Newest);
        for number in 0..250 {
            let day = date(2026, 6, 30).saturating_sub(jiff::Span::new().days(number / 2));
            found.take(deposit(number, day), day);
        }
        found
    }

    #[test]
    fn sums_and_months_are_those_of_all_pages_and_the_rows_those_of_one() {
        let first = |page: i64| (found(page).page(), found(page).entries()[0].id.0, found(page).entries().len());
        assert_eq!([1, 2, 3].map(first), [(1, 0, 100), (2, 100, 100), (3, 200, 50)]);
        assert_eq!((found(1).sums().net, found(1).count), (Decimal::from(250), 250));
        let months: Vec<_> = found(2).months.iter().map(|month| (month.month, month.count, month.net)).collect();
        assert_eq!(months[..2], [(6, 60, Decimal::from(60)), (5, 62, Decimal::from(62))]);
    }

    #[test]
    fn a_page_after_the_last_is_the_last() {
        assert_eq!((found(9).page(), found(9).entries()[0].id.0, found(9).entries().len()), (3, 200, 50));
        let nothing = Found::new(4, Currency::EUR, Sorting::Newest);
        assert_eq!((nothing.page(), nothing.entries().len()), (1, 0));
    }

    /// A filter that takes everything.
    fn everything(today: Date) -> Filter {
        Filter {
            text: String::new(),
            named: HashSet::new(),
            kind: None,
            ticker: String::new(),
            period: None,
            incomplete: None,
            account: None,
            tag: String::new(),
            days: (None, None),
            today,
            zone: TimeZone::UTC,
        }
    }

    #[test]
    fn a_filter_finds_a_text_in_any_case_in_ticker_name_and_note() {
        let day = date(2026, 11, 2);
        let filter =
            |text: &str| Filter { text: text.into(), named: HashSet::from(["VWCE.DE".parse().unwrap()]), ..everything(day) };
        let (noted, bought) = (deposit(1, day), Activity { ticker: Some("VWCE.DE".parse().unwrap()), ..deposit(2, day) });
        assert!(filter("volks").takes(&noted, day) && !filter("vwce").takes(&noted, day));
        assert!(filter("vwce").takes(&bought, day) && filter("all-world").takes(&bought, day));
        let sales = Filter { kind: Some(ActivityKind::Sell), ..filter("") };
        assert!(!sales.takes(&bought, day));
        let others = Filter { ticker: "AAPL".into(), ..filter("") };
        assert!(!others.takes(&bought, day) && !others.takes(&noted, day));
    }

    #[test]
    fn a_filter_takes_an_account_a_tag_in_any_case_and_days() {
        let day = date(2026, 11, 2);
        let all = || everything(day);
        let filed = Activity { account: Some(AccountId(7)), tags: vec!["Long term".into()], ..deposit(1, day) };
        let plain = deposit(2, day);
        let takes = |filter: &Filter| [&filed, &plain].map(|entry| filter.takes(entry, day));
        assert_eq!(takes(&Filter { account: Some(AccountId(7)), ..all() }), [true, false]);
        assert_eq!(takes(&Filter { tag: "long term".into(), ..all() }), [true, false]);
        assert!(takes(&Filter { text: "ong t".into(), ..all() })[0]);
        for (from, to, is_within) in [(2, 2, true), (1, 3, true), (3, 9, false), (1, 1, false)] {
            let days = (Some(date(2026, 11, from)), Some(date(2026, 11, to)));
            assert_eq!(takes(&Filter { days, ..all() }), [is_within, is_within], "{from} to {to}");
        }
    }

    #[test]
    fn each_order_goes_by_what_it_says_and_then_the_newest_first() {
        let entry = |id, day: i8, amount: i64, name: &str| Activity {
            amount: Decimal::from(amount),
            ticker: (!name.is_empty()).then(|| name.parse().unwrap()),
            ..deposit(id, date(2026, 11, day))
        };
        let entries = [entry(1, 2, 5, "B"), entry(2, 3, 5, ""), entry(3, 1, 9, "A"), entry(4, 3, 1, "B")];
        let order = |sorting| {
            let mut keys: Vec<Key> = entries.iter().map(|entry| Key::of(entry, Flow::of(entry, Currency::EUR).ok())).collect();
            sort(&mut keys, sorting);
            keys.iter().map(|key| key.id.0).collect::<Vec<_>>()
        };
        assert_eq!(order(Sorting::Newest), [4, 2, 1, 3]);
        assert_eq!(order(Sorting::Oldest), [3, 1, 2, 4]);
        assert_eq!(order(Sorting::MostCash), [3, 2, 1, 4]);
        assert_eq!(order(Sorting::LeastCash), [4, 2, 1, 3]);
        assert_eq!(order(Sorting::Ticker), [3, 4, 1, 2]);
        assert_eq!(order(Sorting::TickerBack), [4, 1, 3, 2]);
    }
}
