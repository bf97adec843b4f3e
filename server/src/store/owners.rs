//! What statements say of an owner.

/// The condition on activities that their portfolio is `$1` and the user's whose id is bound as the given number.
macro_rules! of_owner {
    ($number:literal) => {
        concat!("portfolio_id = (SELECT portfolio_id FROM portfolios WHERE portfolio_id = $1 AND owner = ", $number, ")")
    };
}

#[cfg(test)]
mod tests {
    use super::super::testing::{CHANGED, EPOCH, Kind, at, buy, contract, firing, new_alert, new_portfolio};
    use super::super::{Answering, LedgerOffset, Once, PortfolioRow, StoreError};
    use foliostream::domain::activity::ActivityId;
    use foliostream::domain::alert::Alert;
    use foliostream::domain::money::Currency;
    use foliostream::domain::user::UserId;

    fn anna() -> UserId {
        "anna".parse().unwrap()
    }

    fn ben() -> UserId {
        "ben".parse().unwrap()
    }

    async fn a_portfolio_and_its_ledger_are_their_owners_alone(kind: Kind) {
        let (_place, store) = kind.store().await;
        let (anna, ben) = (anna(), ben());
        let (hers, his) = (store.of(&anna), store.of(&ben));
        let made = hers.create_portfolio(&new_portfolio("main", "A", Currency::EUR, None, at(0)), None).await.unwrap();
        assert_eq!(made.owner, anna);
        let (ids, _) = hers.add_activities("main", 1, &[buy("1", "2", 0)]).await.unwrap();
        assert_eq!((hers.portfolios().await.unwrap().len(), his.portfolios().await.unwrap().len()), (1, 0));
        assert_eq!(his.portfolio("main").await.unwrap(), None);
        assert_eq!(his.activities("main").await.unwrap(), []);
        assert_eq!(his.estimated_activities("main").await.unwrap(), []);
        assert_eq!(his.activities_page("main", None, 0, 10).await.unwrap(), []);
        assert_eq!(his.activities_count("main", None).await.unwrap(), 0);
        assert_eq!(his.activities_after("main", LedgerOffset::START, 10).await.unwrap(), []);
        assert_eq!(his.activity("main", ids[0]).await.unwrap(), None);
        assert_eq!(his.income_activities("main", at(0)).await.unwrap(), []);
        let is_not_there = |outcome: Result<i64, StoreError>| matches!(outcome, Err(StoreError::NotFound));
        assert!(is_not_there(his.add_activities("main", 2, &[buy("1", "2", 0)]).await.map(|(_, revision)| revision)));
        assert!(is_not_there(his.replace_activity("main", 2, ids[0], &buy("1", "2", 0), CHANGED).await));
        assert!(is_not_there(his.delete_activities("main", 2, &ids, at(9)).await));
        assert!(is_not_there(his.rate_activities("main", 2, &[], at(9)).await));
        assert!(is_not_there(his.change_portfolio("main", Some("Mine"), None).await.map(|row| row.revision)));
        assert!(matches!(his.delete_portfolio("main").await, Err(StoreError::NotFound)));
        assert_eq!((hers.activities("main").await.unwrap().len(), store.all_portfolios().await.unwrap().len()), (1, 1));
    }

    async fn an_alert_and_what_it_tells_are_their_owners_alone(kind: Kind) {
        let (_place, store) = kind.store().await;
        let (anna, ben) = (anna(), ben());
        let (hers, his) = (store.of(&anna), store.of(&ben));
        let alert = hers.create_alert(&new_alert(), at(1)).await.unwrap();
        assert_eq!(alert.owner, anna);
        assert_eq!((his.alerts().await.unwrap().len(), his.alert(alert.id).await.unwrap()), (0, None));
        assert!(matches!(his.update_alert(&alert, false).await, Err(StoreError::NotFound)));
        assert!(matches!(his.delete_alert(alert.id, None).await, Err(StoreError::NotFound)));
        store.record_firing(EPOCH, &firing(&alert, "151"), "hers").await.unwrap();
        assert_eq!((hers.unread_count().await.unwrap(), his.unread_count().await.unwrap()), (1, 0));
        assert_eq!(his.notifications_after(0, 10).await.unwrap(), []);
        assert_eq!(his.newest_notifications(10).await.unwrap(), []);
        assert_eq!(his.unread_newest(10).await.unwrap(), []);
        assert_eq!(his.read_notification(1).await.unwrap(), None);
        assert_eq!(his.read_all().await.unwrap().changed, [0; 0]);
        assert_eq!((hers.unread_count().await.unwrap(), store.last_n().await.unwrap()), (1, 1));
        assert_eq!(store.all_alerts().await.unwrap().iter().map(|alert: &Alert| &alert.owner).collect::<Vec<_>>(), [&anna]);
    }

    async fn two_users_may_choose_one_key(kind: Kind) {
        let (_place, store) = kind.store().await;
        let once = Once { key: "k".to_owned(), asked: "asked".to_owned(), now: at(0) };
        let answer = |row: &PortfolioRow| row.portfolio_id.clone();
        for (owner, id) in [(anna(), "hers"), (ben(), "his")] {
            let new = new_portfolio(id, "A", Currency::EUR, None, at(0));
            let answering = Answering { once: &once, answer: &answer };
            store.of(&owner).create_portfolio(&new, Some(answering)).await.unwrap();
            assert_eq!(store.of(&owner).earlier(&once).await.unwrap().unwrap().answer, id);
        }
        assert_eq!(store.of(&UserId::local()).earlier(&once).await.unwrap(), None);
    }

    async fn limits_are_each_owners_own(kind: Kind) {
        let (_place, store) = kind.store().await;
        let (anna, ben) = (anna(), ben());
        for number in 0..100 {
            let new = new_portfolio(&number.to_string(), "A", Currency::EUR, None, at(0));
            store.of(&anna).create_portfolio(&new, None).await.unwrap();
        }
        let more = new_portfolio("more", "A", Currency::EUR, None, at(0));
        assert!(matches!(store.of(&anna).create_portfolio(&more, None).await, Err(StoreError::Limit { .. })));
        assert_eq!(store.of(&ben).create_portfolio(&more, None).await.unwrap().owner, ben);
        // An id is the installation's: another user's is taken.
        let taken = store.of(&anna).import_portfolio(&new_portfolio("more", "A", Currency::EUR, None, at(0)), &[]).await;
        assert!(matches!(taken, Err(StoreError::Conflict { current: 1 })));
        assert_eq!(store.of(&anna).activity("more", ActivityId(1)).await.unwrap(), None);
    }

    contract! {
        a_portfolio_and_its_ledger_are_their_owners_alone,
        an_alert_and_what_it_tells_are_their_owners_alone,
        two_users_may_choose_one_key,
        limits_are_each_owners_own,
    }
}
