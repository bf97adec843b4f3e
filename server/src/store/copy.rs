//! Moving an installation from one database to another, whole or not at all.

use super::error::StoreError;
use super::statement::{Change, Connection, Reading, statement};
use super::sums::{Adding, TableSum};
use super::tables::{TABLES, Table};
use super::{Address, Result, Sharing, Store, postgres, sqlite};

/// One table as it was read, and as it stands where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    /// The table's rows and their sum in the source.
    pub source: TableSum,
    /// The table's rows and their sum in the target.
    pub target: TableSum,
}

/// Copies everything into an empty database: ids, revisions, settings, the epoch, and the numbers already given. The target's
/// schema may exist; it is one transaction there, and one moment of the source.
///
/// Fails as opening does, with `NotEmpty`, and with `Differs` where the target then reads otherwise than the source.
pub(crate) async fn copy(from: &Address, to: &Address) -> Result<Vec<Copied>> {
    must_exist(from).await?;
    let source = Store::at(from, Sharing::Alone).await.map_err(|error| error.at("--from"))?;
    let target = Store::at(to, Sharing::Alone).await.map_err(|error| error.at("--to"))?;
    let outcome = copy_all(&source, &target).await;
    source.close().await;
    target.close().await;
    outcome
}

/// Refuses a source that opening would only create.
async fn must_exist(from: &Address) -> Result<()> {
    let version = match from {
        Address::Folder(folder) => sqlite::look(folder).await?.1,
        Address::Postgres(options) => postgres::look(options).await.map_err(|error| error.at("--from"))?.1,
    };
    if version == 0 {
        return Err(StoreError::Refused { option: "--from", reason: "there is nothing to copy".to_owned() });
    }
    Ok(())
}

async fn copy_all(source: &Store, target: &Store) -> Result<Vec<Copied>> {
    copy_from(&mut source.read().await?, target).await
}

/// Copies everything that a reading sees, as it is at one moment, into an empty database: one transaction there.
///
/// Fails with `NotEmpty`, and with `Differs` where the target then reads otherwise.
pub(super) async fn copy_from(reading: &mut Reading, target: &Store) -> Result<Vec<Copied>> {
    reading.hold().await?;
    let mut change = target.begin().await?;
    change.wait_for_others().await?;
    must_be_empty(&mut change).await?;
    let mut copied = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        let read = copy_table(table, reading, &mut change).await?;
        let written = table.sum(Connection::from(&mut change)).await?;
        if read != written {
            return Err(StoreError::Differs { table: table.name });
        }
        copied.push(Copied { source: read, target: written });
    }
    change.commit().await?;
    reading.let_go().await?;
    Ok(copied)
}

/// Refuses a target that has anything but its schema: a server has never run on it.
async fn must_be_empty(change: &mut Change) -> Result<()> {
    for table in &TABLES {
        let used = match table.name {
            "counters" => statement("SELECT count(*) AS number FROM counters WHERE value <> 0").number(&mut *change).await? > 0,
            _ => !table.page(None, &mut *change).await?.is_empty(),
        };
        if used {
            return Err(StoreError::NotEmpty { table: table.name });
        }
    }
    // The schema's own row, which the source's replaces.
    statement("DELETE FROM counters").run(change).await.map(drop)
}

async fn copy_table(table: &Table, reading: &mut Reading, change: &mut Change) -> Result<TableSum> {
    let mut adding = Adding::default();
    let mut page = table.page(None, &mut *reading).await?;
    while let Some(last) = page.last().cloned() {
        adding.add(&page);
        table.insert(page, Connection::from(&mut *change)).await?;
        page = table.page(Some(&last), &mut *reading).await?;
    }
    if table.is_numbered {
        let given = table.last_number(Connection::from(&mut *reading)).await?;
        table.set_last_number(given, Connection::from(change)).await?;
    }
    Ok(adding.of(table.name))
}

#[cfg(test)]
mod tests {
    use super::super::testing::postgres_server::Database;
    use super::super::testing::{
        CHANGED, EPOCH, HOSTILE_TEXTS, Kind, Place, at, buy, change, firing, new_alert, new_portfolio, quote, ticker,
    };
    use super::*;
    use crate::store::{AppliedCall, Decided, NewAccount, NewActivity, NewAlert, check};
    use foliostream::domain::account::AccountKind;
    use foliostream::domain::instrument::{AssetClass, Details, Instrument};
    use foliostream::domain::money::Currency;
    use jiff::civil::date;
    use rust_decimal::Decimal;

    /// An installation with something in every table, whose last alert is gone.
    async fn installation(kind: Kind) -> Place {
        let (place, store) = kind.store().await;
        let applied = AppliedCall { call_id: "o".to_owned(), ticks: 3, accepted: 2, ignored: 1, whole: true };
        let progress = Decided { calls: vec![applied], last_entry: Some("7-1".to_owned()), ..Decided::default() };
        store.store_decided(EPOCH, &progress).await.unwrap();
        store.record_bars(EPOCH, &[2, 1].map(|day| (ticker("B"), date(2026, 11, day), Decimal::TEN))).await.unwrap();
        store.save_quotes(EPOCH, &[quote("b", "1.10"), quote("B", "2")]).await.unwrap();
        store.set_setting("demo", "").await.unwrap();
        store.own().set_instrument_note(&ticker("B"), Some(HOSTILE_TEXTS[2]), at(2)).await.unwrap();
        store.own().delete_notification(3, true).await.unwrap();
        let instrument = Instrument {
            ticker: ticker("B"),
            name: HOSTILE_TEXTS[0].to_owned(),
            currency: Currency::GBX,
            class: AssetClass::Other,
            price_decimals: 3,
            details: Details {
                isin: "US0378331005".parse().ok(),
                sector: Some(HOSTILE_TEXTS[1].to_owned()),
                country: Some(HOSTILE_TEXTS[2].to_owned()),
            },
        };
        store.upsert_instruments(&[instrument]).await.unwrap();
        store.set_dated_prices(&ticker("B"), &[(date(2026, 11, 1), Some(Decimal::TEN))]).await.unwrap();
        store.own().create_portfolio(&new_portfolio("main", HOSTILE_TEXTS[1], Currency::EUR, None, at(0)), None).await.unwrap();
        let many = HOSTILE_TEXTS.iter().cycle().take(1_100);
        let many: Vec<_> = many.map(|text| NewActivity { note: Some((*text).to_owned()), ..buy("1.50", "2", 3) }).collect();
        let (ids, _) = store.own().add_activities("main", 1, &many).await.unwrap();
        let account = NewAccount { name: HOSTILE_TEXTS[0].to_owned(), currency: None, kind: AccountKind::Wallet };
        let account = store.own().create_account("main", &account, None).await.unwrap().id;
        let filed = NewActivity { account: Some(account), tags: vec![HOSTILE_TEXTS[1].to_owned()], ..many[0].clone() };
        store.own().replace_activity("main", 2, ids[0], &filed, CHANGED).await.unwrap();
        let import = "INSERT INTO imports (import_id, owner, portfolio_id, created_at_us, file_name, file, choices, format, state, entries) \
             VALUES ('1', 'local', 'main', 1, 'books.csv', NULL, '{}', 'columns', 'committed', 1)";
        change(&store, statement(import)).await;
        let job = "INSERT INTO jobs (job_id, owner, kind, about, state, done, created_at_us, heard_at_us) VALUES ('1', 'local', 'import', '1', 'queued', 0, 1, 1)";
        change(&store, statement(job)).await;
        change(&store, statement("INSERT INTO imported SELECT min(activity_id), '1', 7, 'ref' FROM activities")).await;
        for text in HOSTILE_TEXTS {
            let alert = NewAlert { note: Some(text.to_owned()), ..new_alert() };
            let alert = store.own().create_alert(&alert, at(1)).await.unwrap();
            store.record_firing(EPOCH, &firing(&alert, "151"), text).await.unwrap();
        }
        store.own().read_notification(2).await.unwrap();
        change(&store, statement("INSERT INTO idempotency_keys (owner, key, asked, answer, created_at_us) VALUES ('local', 'key', 'asked', 'answer', 1)")).await;
        let last = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        store.own().delete_alert(last.id, None).await.unwrap();
        for _ in 0..3 {
            store.begin_epoch().await.unwrap();
        }
        store.close().await;
        place
    }

    async fn empty(kind: Kind) -> Place {
        match kind {
            Kind::Sqlite => kind.place().await,
            Kind::Postgres => Place::Database(Database::new(None).await),
        }
    }

    async fn sums(place: &Place) -> Vec<TableSum> {
        let checked = check(&place.address()).await.unwrap();
        assert_eq!(checked.problems, [""; 0]);
        checked.tables
    }

    /// Numbers, epochs and rows go on where they were.
    async fn goes_on(place: &Place) {
        let store = place.open().await;
        let term = store.begin_term().await.unwrap();
        assert_eq!(term.number(), 4);
        let alerts = store.own().alerts().await.unwrap();
        let notes: Vec<_> = alerts.iter().filter_map(|alert| alert.note.as_deref()).collect();
        assert_eq!(notes, HOSTILE_TEXTS);
        let next = store.own().create_alert(&new_alert(), at(2)).await.unwrap();
        assert_eq!(next.id.0, alerts.last().unwrap().id.0 + 2, "the number of what was deleted is not given again");
        store.record_firing(4, &firing(&next, "151"), "m").await.unwrap();
        assert_eq!(store.last_n().await.unwrap(), HOSTILE_TEXTS.len() as i64 + 1);
        assert_eq!(store.activities("main").await.unwrap().len(), 1_100);
        store.close().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_installation_that_moves_to_the_other_database_and_back_is_the_same() {
        let first = installation(Kind::Sqlite).await;
        let (second, third) = (empty(Kind::Postgres).await, empty(Kind::Sqlite).await);
        let there = copy(&first.address(), &second.address()).await.unwrap();
        assert!(there.iter().all(|table| table.source == table.target && table.source.rows > 0), "{there:?}");
        let back = copy(&second.address(), &third.address()).await.unwrap();
        assert_eq!(there, back);
        assert_eq!((sums(&first).await, sums(&second).await), (sums(&second).await, sums(&third).await));
        goes_on(&second).await;
        goes_on(&third).await;
        assert_ne!(sums(&first).await, sums(&second).await);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_copy_there_and_back_knows_the_terms_of_its_source_and_none_that_began_after() {
        let first = installation(Kind::Sqlite).await;
        let source = first.open().await;
        let common = source.begin_term().await.unwrap();
        let told = source.last_n().await.unwrap();
        source.close().await;
        let (second, third) = (empty(Kind::Postgres).await, empty(Kind::Sqlite).await);
        copy(&first.address(), &second.address()).await.unwrap();
        copy(&second.address(), &third.address()).await.unwrap();
        let source = first.open().await;
        let stray = source.begin_term().await.unwrap();
        source.close().await;
        for place in [second, third] {
            let store = place.open().await;
            let own = store.begin_term().await.unwrap();
            assert_eq!((own.number(), store.has_had(own).await.unwrap()), (stray.number(), true));
            assert_ne!(own, stray, "two terms of one number");
            assert!(store.has_had(common).await.unwrap(), "a term of before the copy");
            assert!(!store.has_had(stray).await.unwrap(), "a term of the source after it");
            for term in [common, stray] {
                assert_eq!(store.notification_seen(term, told + 9).await.unwrap(), Some(told), "{term}");
            }
            store.close().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_database_moves_to_another_of_its_kind() {
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let (first, second) = (installation(kind).await, kind.place().await);
            copy(&first.address(), &second.address()).await.unwrap();
            assert_eq!(sums(&first).await, sums(&second).await);
        }
    }

    #[tokio::test]
    async fn a_target_that_was_used_is_refused_and_left_as_it_is() {
        let source = installation(Kind::Sqlite).await;
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let (target, store) = kind.store().await;
            store.set_setting("key", "value").await.unwrap();
            store.close().await;
            let before = sums(&target).await;
            let refusal = copy(&source.address(), &target.address()).await.unwrap_err();
            assert!(matches!(refusal, StoreError::NotEmpty { table: "settings" }), "{refusal}");
            assert_eq!(sums(&target).await, before);
            let store = target.open().await;
            store.begin_epoch().await.unwrap();
            store.close().await;
            let refusal = copy(&source.address(), &target.address()).await.unwrap_err();
            assert!(matches!(refusal, StoreError::NotEmpty { table: "counters" }), "{refusal}");
        }
    }

    #[tokio::test]
    async fn a_source_that_is_not_there_or_has_no_schema_is_not_made() {
        let target = empty(Kind::Sqlite).await;
        let nothing = empty(Kind::Sqlite).await;
        let refusal = copy(&nothing.address(), &target.address()).await.unwrap_err();
        assert!(refusal.to_string().contains("there is no database"), "{refusal}");
        let nothing = empty(Kind::Postgres).await;
        let refusal = copy(&nothing.address(), &target.address()).await.unwrap_err();
        assert_eq!(refusal.to_string(), "--from: there is nothing to copy");
    }
}
