use frontdesk_domain::{AgentId, Timer, Timestamp};
use uuid::Uuid;

use super::some_tenant;
use crate::{timers::Timers, transaction::Transactions};

/// Not with a transaction that is dropped; a later generation replaces the one before, an earlier one changes nothing.
pub async fn a_timer_is_set_with_the_commit_only(store: &(impl Transactions + Timers)) {
    let (tenant, agent) = (some_tenant(), AgentId(Uuid::new_v4()));
    let timer = |at| Timer::release_agent(tenant, agent, Timestamp(at));
    let key = timer(1).key;
    let mut dropped = store.begin().await.unwrap();
    dropped.set_timer(&timer(5)).await.unwrap();
    drop(dropped);
    assert_eq!(store.timer(&key).await.unwrap(), None);
    for (at, expected) in [(5, 5), (9, 9), (7, 9)] {
        let mut transaction = store.begin().await.unwrap();
        transaction.set_timer(&timer(at)).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(store.timer(&key).await.unwrap(), Some(timer(expected)));
    }
}
