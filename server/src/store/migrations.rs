//! The schema's steps, part of the binary. Read here and not by sqlx' macro, which would compile a database driver a second time
//! for the compiler's own use: a minute of every first build.

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// One step: its number, its name and its text, as its file is called and reads. A step that was released never changes.
pub(crate) type Step = (i64, &'static str, &'static str);

/// Returns what brings a schema up to date.
pub(crate) fn migrator(steps: &[Step]) -> Migrator {
    let step = |(version, name, text): &Step| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, SqlStr::from_static(text), false)
    };
    Migrator::with_migrations(steps.iter().map(step).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::{Connection, SqliteConnection};

    use super::super::statement::statement;
    use super::super::testing::postgres_server::Database;
    use super::super::testing::{CHANGED, Place, at, firing, new_alert, quote, ticker};
    use super::super::{
        Decided, ImportRow, ImportState, NewAccount, NewActivity, NewAlert, Once, Record, Recorded, Store, check, postgres,
        sqlite,
    };
    use super::*;
    use foliostream::domain::account::AccountKind;
    use foliostream::domain::activity::Activity;
    use foliostream::domain::alert::{Memory, Rearming, Rule};
    use foliostream::domain::instrument::{Details, Instrument};
    use foliostream::domain::quote::Quote;
    use foliostream::domain::source::SourceName;
    use foliostream::wire::epoch::Epoch;
    use foliostream::wire::views::NotificationView;
    use foliostream::words::{Language, Words};

    /// Checks that the steps are the folder's files, all of them and in order.
    fn are_all_of(folder: &str, steps: &[Step]) {
        let path = format!("{}/../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<String> =
            std::fs::read_dir(path).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let named: Vec<String> = steps.iter().map(|(version, name, _)| format!("{version:04}_{name}.sql")).collect();
        assert_eq!(named, files);
    }

    /// A ledger as it stood before activities had a date of their own: two dates, two times, one of them a microsecond off.
    const BEFORE_BOOKS: [&str; 2] = [
        "INSERT INTO portfolios (portfolio_id, name, currency, created_at_us) VALUES ('a', 'A', 'EUR', 1), ('b', 'B', 'EUR', 2)",
        "INSERT INTO activities (portfolio_id, kind, time_us, quantity, price, amount, fee, tax, currency, exchange_rate, converted) \
         VALUES ('a', 'deposit', 1793577600000000, '0', '0', '5', '0', '0', 'EUR', '1', FALSE), \
         ('a', 'interest', 1793577600000001, '0', '0', '5', '0', '0', 'EUR', '1', FALSE), \
         ('b', 'interest', 1793612345678901, '0', '0', '5', '0', '0', 'EUR', '1', FALSE), \
         ('b', 'fee', -86400000000, '0', '0', '5', '0', '0', 'EUR', '1', TRUE)",
    ];

    async fn sqlite_before(version: i64, folder: &Path, rows: &[&'static str]) {
        let url = format!("sqlite://{}?mode=rwc", folder.join("foliostream.db").display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let steps: Vec<Step> = sqlite::STEPS.into_iter().filter(|step| step.0 < version).collect();
        migrator(&steps).run_direct(None, &mut connection, false).await.unwrap();
        for row in rows {
            sqlx::query(*row).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    }

    async fn postgres_before(version: i64, rows: &[&'static str]) -> Database {
        let database = Database::new(None).await;
        let mut connection = database.connect().await;
        let steps: Vec<Step> = postgres::STEPS.into_iter().filter(|step| step.0 < version).collect();
        migrator(&steps).run_direct(None, &mut connection, false).await.unwrap();
        for row in rows {
            sqlx::query(*row).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        database
    }

    fn version_of(steps: &[Step], name: &str) -> i64 {
        steps.iter().find(|step| step.1 == name).unwrap().0
    }

    async fn has_dates_and_counts_the_cash_that_counted(store: &Store) {
        for (portfolio, dates, counts) in [("a", [true, false], Some(true)), ("b", [true, false], None)] {
            let activities = store.activities(portfolio).await.unwrap();
            let found: Vec<bool> = activities.iter().map(|activity| activity.date_only).collect();
            assert_eq!(found, dates, "{portfolio}");
            let plain = |activity: &foliostream::domain::activity::Activity| {
                activity.revision == 1 && !activity.exchange_rate_estimated && !activity.opens_short
            };
            assert!(activities.iter().all(plain), "{activities:?}");
            assert_eq!(store.portfolio(portfolio).await.unwrap().unwrap().track_cash, counts);
        }
    }

    #[tokio::test]
    async fn a_ledger_from_before_dates_is_brought_up_to_date_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "books"), folder.path(), &BEFORE_BOOKS).await;
        let place = Place::Folder(folder);
        let store = place.open().await;
        has_dates_and_counts_the_cash_that_counted(&store).await;
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn a_ledger_from_before_dates_is_brought_up_to_date_in_postgresql() {
        let before = postgres_before(version_of(&postgres::STEPS, "books"), &BEFORE_BOOKS).await;
        let place = Place::Database(before);
        let store = place.open().await;
        has_dates_and_counts_the_cash_that_counted(&store).await;
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    /// An installation as it stood before terms had marks: five have begun, and two notifications were told.
    const BEFORE_TERMS: [&str; 2] = [
        "UPDATE counters SET value = 5 WHERE name = 'epoch'",
        "INSERT INTO notifications (alert_id, ticker, condition, threshold, price, previous_price, message, time_us, fired_at_us, gap, read) \
         VALUES (1, 'A', 'crosses_above', '150', '151', '149', 'm', 1, 1, FALSE, FALSE), \
         (1, 'A', 'crosses_above', '150', '151', '149', 'm', 2, 2, FALSE, TRUE)",
    ];

    async fn goes_on_with_marks(place: Place) {
        let store = place.open().await;
        let term = store.begin_term().await.unwrap();
        assert!(term.number() == 6 && term.mark() != 0 && store.has_had(term).await.unwrap(), "{term}");
        for (seen, known) in [(1, 1), (2, 2), (9, 2)] {
            assert_eq!(store.notification_seen(Epoch::from(5), seen).await.unwrap(), Some(known));
        }
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn terms_from_before_marks_are_gone_on_from_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "terms"), folder.path(), &BEFORE_TERMS).await;
        goes_on_with_marks(Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "terms"), &BEFORE_TERMS).await;
        goes_on_with_marks(Place::Database(before)).await;
    }

    /// An alert in its cooldown, and what it told: as an engine left them that did not write down how far it had come.
    const BEFORE_APPLIED: [&str; 2] = [
        "INSERT INTO alerts (ticker, condition, threshold, repeat, cooldown_s, state, last_price, created_at_us, revision) \
         VALUES ('A', 'crosses_above', '150', 'every', 0, 'cooling', '151', 1, 2)",
        "INSERT INTO notifications (alert_id, ticker, condition, threshold, price, message, time_us, fired_at_us, gap) \
         VALUES (1, 'A', 'crosses_above', '150', '151', 'm', 2, 2, FALSE)",
    ];

    async fn goes_on_with_nothing_applied(place: &Place) {
        let store = place.open().await;
        assert_eq!((store.applied_calls().await.unwrap(), store.last_entry().await.unwrap()), (vec![], None));
        let epoch = store.begin_epoch().await.unwrap();
        let alert = store.own().alerts().await.unwrap().remove(0);
        let rearming = Rearming { revision: 2, memory: Memory::default() };
        let decided = Decided {
            number: 1,
            records: vec![Record::rearmed(alert.id, rearming)],
            last_entry: Some("5-0".to_owned()),
            ..Decided::default()
        };
        assert!(matches!(store.store_decided(epoch, &decided).await.unwrap().as_slice(), [Recorded::Changed(_)]));
        assert_eq!((store.last_n().await.unwrap(), store.last_entry().await.unwrap().as_deref()), (1, Some("5-0")));
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn alerts_from_before_applied_orders_go_on_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "applied"), folder.path(), &BEFORE_APPLIED).await;
        goes_on_with_nothing_applied(&Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "applied"), &BEFORE_APPLIED).await;
        goes_on_with_nothing_applied(&Place::Database(before)).await;
    }

    /// Alerts of every condition as they stood before rules were data, with what they had seen; the last number given is gone.
    const BEFORE_RULES: [&str; 2] = [
        "INSERT INTO alerts (ticker, condition, threshold, repeat, cooldown_s, note, state, last_price, left_level, created_at_us, revision) \
         VALUES ('A', 'price_above', '150.00', 'once', 0, 'it''s {\"v\":2}', 'armed', NULL, FALSE, 1, 1), \
         ('EURUSD=X', 'price_below', '0.0001', 'every', 60, NULL, 'cooling', '1.0500', TRUE, 2, 7), \
         ('A', 'crosses_above', '150', 'every', 0, NULL, 'armed', '149.80', FALSE, 3, 2), \
         ('..', 'crosses_below', '12345678901234567890123456.78', 'once', 0, NULL, 'paused', '1', FALSE, 4, 1), \
         ('^N', 'day_change_above_percent', '5.0', 'once', 0, NULL, 'triggered', '151', TRUE, 5, 3), \
         ('A', 'day_change_below_percent', '-2.50', 'once', 0, NULL, 'expired', NULL, TRUE, 6, 1), \
         ('A', 'price_above', '1', 'once', 0, NULL, 'armed', NULL, FALSE, 7, 1)",
        "DELETE FROM alerts WHERE alert_id = 7",
    ];

    async fn has_rules_and_what_they_remember(place: &Place) {
        let store = place.open().await;
        let alerts = store.own().alerts().await.unwrap();
        let rules: Vec<String> = alerts.iter().map(|alert| serde_json::to_string(&alert.rule).unwrap()).collect();
        assert_eq!(
            rules,
            [
                r#"{"kind":"price_above","ticker":"A","level":"150.00"}"#,
                r#"{"kind":"price_below","ticker":"EURUSD=X","level":"0.0001"}"#,
                r#"{"kind":"crosses_above","ticker":"A","level":"150"}"#,
                r#"{"kind":"crosses_below","ticker":"..","level":"12345678901234567890123456.78"}"#,
                r#"{"kind":"day_change_above_percent","ticker":"^N","percent":"5.0"}"#,
                r#"{"kind":"day_change_below_percent","ticker":"A","percent":"-2.50"}"#,
            ]
        );
        let memories: Vec<_> = alerts
            .iter()
            .map(|alert| (alert.memory.last_price.map(|price| price.to_string()), alert.memory.left_level))
            .collect();
        let seen = |price: &str, left_level| (Some(price.to_owned()), left_level);
        assert_eq!(
            memories,
            [(None, false), seen("1.0500", true), seen("149.80", false), seen("1", false), seen("151", true), (None, true)]
        );
        assert_eq!(alerts[0].note.as_deref(), Some("it's {\"v\":2}"));
        let revisions: Vec<i64> = alerts.iter().map(|alert| alert.revision).collect();
        assert_eq!(revisions, [1, 7, 2, 1, 3, 1]);
        for text in [r#"{"v":1,"kind":"price_above","ticker":"A","level":"150.00"}"#, r#"{"v":1}"#] {
            let query = statement("SELECT count(*) AS number FROM alerts WHERE alert_id = 1 AND $1 IN (rule, memory)").bind(text);
            assert_eq!(query.number(&mut store.read().await.unwrap()).await.unwrap(), 1, "{text}");
        }
        let rule: Rule = serde_json::from_str(&rules[0]).unwrap();
        let next = store.own().create_alert(&NewAlert { rule, ..new_alert() }, at(1)).await.unwrap();
        assert_eq!(next.id.0, 8, "no number is given again");
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    /// An installation of one user, with something of everything that now has an owner.
    const BEFORE_OWNERS: [&str; 5] = [
        "INSERT INTO portfolios (portfolio_id, name, currency, created_at_us, track_cash) VALUES ('a', 'A', 'EUR', 1, TRUE)",
        "INSERT INTO activities (portfolio_id, kind, time_us, quantity, price, amount, fee, tax, currency, exchange_rate, converted) \
         VALUES ('a', 'deposit', 1, '0', '0', '5', '0', '0', 'EUR', '1', FALSE)",
        "INSERT INTO alerts (ticker, condition, threshold, repeat, cooldown_s, state, created_at_us) \
         VALUES ('A', 'crosses_above', '150.0', 'every', 0, 'armed', 1)",
        "INSERT INTO notifications (alert_id, ticker, condition, threshold, price, message, time_us, fired_at_us, gap) \
         VALUES (1, 'A', 'crosses_above', '150', '151', 'm', 2, 2, FALSE)",
        "INSERT INTO idempotency_keys (key, asked, answer, created_at_us) VALUES ('k', 'asked', 'answer', 4102444800000000)",
    ];

    async fn is_the_local_users(place: &Place) {
        let store = place.open().await;
        let own = store.own();
        assert_eq!((own.portfolios().await.unwrap().len(), own.activities("a").await.unwrap().len()), (1, 1));
        assert_eq!(own.portfolios().await.unwrap()[0].owner, *own.owner());
        let alerts = own.alerts().await.unwrap();
        assert_eq!((alerts.len(), alerts[0].rule.threshold().to_string()), (1, "150.0".to_owned()));
        assert_eq!((own.unread_count().await.unwrap(), own.newest_notifications(9).await.unwrap().len()), (1, 1));
        let once = Once { key: "k".to_owned(), asked: "asked".to_owned(), now: at(0) };
        assert_eq!(own.earlier(&once).await.unwrap().unwrap().answer, "answer");
        let other = "other".parse().unwrap();
        let others = store.of(&other);
        assert_eq!((others.portfolios().await.unwrap().len(), others.alerts().await.unwrap().len()), (0, 0));
        assert_eq!((others.unread_count().await.unwrap(), others.earlier(&once).await.unwrap()), (0, None));
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn what_was_there_before_owners_is_the_local_users_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "owners"), folder.path(), &BEFORE_OWNERS).await;
        is_the_local_users(&Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "owners"), &BEFORE_OWNERS).await;
        is_the_local_users(&Place::Database(before)).await;
    }

    #[tokio::test]
    async fn alerts_from_before_rules_were_data_keep_their_digits_and_what_they_saw_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "rules"), folder.path(), &BEFORE_RULES).await;
        has_rules_and_what_they_remember(&Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "rules"), &BEFORE_RULES).await;
        has_rules_and_what_they_remember(&Place::Database(before)).await;
    }

    /// Quotes as they stood before they said what they come from: both were pushed.
    const BEFORE_SOURCES: [&str; 1] = [
        "INSERT INTO quotes (ticker, price, ask, currency, time_us, received_at_us, session_start_us, session, freshness) VALUES \
         ('A', '1.50', '1.51', 'EUR', 3, 4, 2, 'open', 'live'), ('SAP.DE', '208.0', NULL, 'EUR', 3, 4, 2, 'closed', 'closed')",
    ];

    async fn goes_on_with_pushed_quotes(place: &Place) {
        let store = place.open().await;
        let told: Vec<_> =
            store.quotes().await.unwrap().into_iter().map(|quote| (quote.price.to_string(), quote.source)).collect();
        assert_eq!(told, [("1.50".to_owned(), SourceName::PUSHED), ("208.0".to_owned(), SourceName::PUSHED)]);
        let newer = Quote { source: "twelve_data".parse().unwrap(), delay_s: 900, ..quote("A", "1.60") };
        let epoch = store.begin_epoch().await.unwrap();
        store.save_quotes(epoch, std::slice::from_ref(&newer)).await.unwrap();
        assert_eq!(store.quotes().await.unwrap()[0], newer);
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn quotes_from_before_sources_are_pushed_ones_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "sources"), folder.path(), &BEFORE_SOURCES).await;
        goes_on_with_pushed_quotes(&Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "sources"), &BEFORE_SOURCES).await;
        goes_on_with_pushed_quotes(&Place::Database(before)).await;
    }

    /// Notifications as they stood before their parts were kept.
    const BEFORE_PARTS: [&str; 1] = [
        "INSERT INTO notifications (alert_id, ticker, condition, threshold, price, previous_price, message, time_us, fired_at_us, gap) \
         VALUES (1, 'A', 'crosses_above', '150', '151', '149', 'A crossed above 150.00 USD: 151.00 after 149.00 (sell)', 2, 2, FALSE)",
    ];

    async fn keeps_the_sentence_it_was_told_with(place: &Place) {
        let store = place.open().await;
        let told = store.own().newest_notifications(1).await.unwrap().remove(0);
        let parts = (told.currency, told.note.as_deref(), told.change_percent);
        assert_eq!(parts, (None, None, None));
        let view = NotificationView::from(told);
        for language in Language::ALL {
            assert_eq!(view.sentence(Words::of(language)), "A crossed above 150.00 USD: 151.00 after 149.00 (sell)");
        }
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let epoch = store.begin_epoch().await.unwrap();
        store.record_firing(epoch, &firing(&alert, "151"), "because").await.unwrap();
        let told = store.own().newest_notifications(1).await.unwrap().remove(0);
        assert_eq!((told.message.as_str(), told.currency.is_some()), ("because", true));
        assert!(NotificationView::from(told).sentence(Words::of(Language::German)).contains("gestiegen"));
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn notifications_from_before_their_parts_keep_their_sentence_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "notification_parts"), folder.path(), &BEFORE_PARTS).await;
        keeps_the_sentence_it_was_told_with(&Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "notification_parts"), &BEFORE_PARTS).await;
        keeps_the_sentence_it_was_told_with(&Place::Database(before)).await;
    }

    async fn keeps_its_inbox_and_takes_notes(place: &Place) {
        let store = place.open().await;
        assert_eq!(store.own().newest_notifications(9).await.unwrap().len(), 1);
        store.own().delete_notification(1, true).await.unwrap().unwrap();
        assert_eq!(store.own().newest_notifications(9).await.unwrap(), []);
        store.own().set_instrument_note(&ticker("A"), Some("sell at 200"), at(1)).await.unwrap();
        assert_eq!(store.own().instrument_note(&ticker("A")).await.unwrap().as_deref(), Some("sell at 200"));
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn an_inbox_from_before_deletions_is_whole_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "inbox_and_notes"), folder.path(), &BEFORE_PARTS).await;
        keeps_its_inbox_and_takes_notes(&Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "inbox_and_notes"), &BEFORE_PARTS).await;
        keeps_its_inbox_and_takes_notes(&Place::Database(before)).await;
    }

    /// An instrument as it stood before more was known of it, with a bar.
    const BEFORE_DETAILS: [&str; 2] = [
        "INSERT INTO instruments (ticker, name, currency, class, price_decimals) VALUES ('A', 'Alpha', 'GBp', 'share', 3), ('B', 'B', 'EUR', 'other', 2)",
        "INSERT INTO bars (ticker, day, open, high, low, close) VALUES ('A', '2026-11-02', '1', '3', '1', '2.50')",
    ];

    async fn keeps_its_instruments_and_takes_details_and_dated_prices(place: &Place) {
        let store = place.open().await;
        let before = store.instruments().await.unwrap();
        assert_eq!((before.len(), before[0].name.as_str(), &before[0].details), (2, "Alpha", &Details::default()));
        let details = Details { isin: "US0378331005".parse().ok(), ..Details::default() };
        let changed = Instrument { details, ..before[0].clone() };
        store.change_instrument(&changed).await.unwrap();
        store.set_dated_prices(&ticker("A"), &["2026-11-03".parse().unwrap()].map(|day| (day, Some(3.into())))).await.unwrap();
        let bars = store.bars(&ticker("A"), "2026-11-02".parse().unwrap(), "2026-11-03".parse().unwrap()).await.unwrap();
        assert_eq!(bars.iter().map(|bar| bar.close.to_string()).collect::<Vec<_>>(), ["2.50", "3"]);
        assert_eq!(store.instrument(&ticker("A")).await.unwrap(), Some(changed));
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn instruments_from_before_details_are_whole_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "made_instruments"), folder.path(), &BEFORE_DETAILS).await;
        keeps_its_instruments_and_takes_details_and_dated_prices(&Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "made_instruments"), &BEFORE_DETAILS).await;
        keeps_its_instruments_and_takes_details_and_dated_prices(&Place::Database(before)).await;
    }

    /// A portfolio with an entry, as they stood before imports.
    const BEFORE_IMPORTS: [&str; 2] = [
        "INSERT INTO portfolios (portfolio_id, name, currency, revision, created_at_us, owner) VALUES ('p', 'P', 'EUR', 2, 1, 'local')",
        "INSERT INTO activities (portfolio_id, kind, time_us, quantity, price, amount, fee, tax, currency, exchange_rate, converted) \
         VALUES ('p', 'deposit', 1, '0', '0', '5', '0', '0', 'EUR', '1', FALSE)",
    ];

    async fn keeps_its_ledger_and_takes_accounts_and_histories(place: &Place) {
        let store = place.open().await;
        let own = store.own();
        let before = own.activities("p").await.unwrap().remove(0);
        assert_eq!((before.account, before.tags.len(), before.amount.to_string()), (None, 0, "5".to_owned()));
        let history = own.entry_history("p", before.id).await.unwrap().unwrap();
        assert_eq!((history.entered, history.changes), ((None, None), Vec::new()));
        let account = NewAccount { name: "Depot".to_owned(), currency: None, kind: AccountKind::Broker };
        let account = own.create_account("p", &account, None).await.unwrap().id;
        let filed = NewActivity { account: Some(account), tags: vec!["long".to_owned()], ..NewActivity::from(before.clone()) };
        own.replace_activity("p", 2, before.id, &filed, CHANGED).await.unwrap();
        assert_eq!(own.activities("p").await.unwrap(), [Activity { revision: 2, ..filed.with_id(before.id) }]);
        assert_eq!(own.entry_history("p", before.id).await.unwrap().unwrap().changes[0].before, NewActivity::from(before));
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn ledgers_from_before_accounts_are_whole_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "accounts_and_history"), folder.path(), &BEFORE_IMPORTS).await;
        keeps_its_ledger_and_takes_accounts_and_histories(&Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "accounts_and_history"), &BEFORE_IMPORTS).await;
        keeps_its_ledger_and_takes_accounts_and_histories(&Place::Database(before)).await;
    }

    async fn keeps_its_ledger_and_takes_imports(place: &Place) {
        let store = place.open().await;
        let own = store.own();
        assert_eq!((own.activities("p").await.unwrap().len(), own.imports().await.unwrap()), (1, Vec::new()));
        let row = ImportRow {
            import_id: "i".to_owned(),
            portfolio_id: "p".to_owned(),
            created_at: at(1),
            file_name: "f".to_owned(),
            choices: "{}".to_owned(),
            format: "columns".to_owned(),
            state: ImportState::Open,
            finished_at: None,
            entries: 0,
        };
        own.keep_import(&row, b"file").await.unwrap();
        assert_eq!(own.imports().await.unwrap(), [row]);
        store.close().await;
        assert_eq!(check(&place.address()).await.unwrap().problems, [""; 0]);
    }

    #[tokio::test]
    async fn ledgers_from_before_imports_are_whole_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_before(version_of(&sqlite::STEPS, "imports"), folder.path(), &BEFORE_IMPORTS).await;
        keeps_its_ledger_and_takes_imports(&Place::Folder(folder)).await;
        let before = postgres_before(version_of(&postgres::STEPS, "imports"), &BEFORE_IMPORTS).await;
        keeps_its_ledger_and_takes_imports(&Place::Database(before)).await;
    }

    #[test]
    fn every_file_of_a_schema_is_a_step() {
        are_all_of("sqlite", &sqlite::STEPS);
        are_all_of("postgres", &postgres::STEPS);
    }
}
