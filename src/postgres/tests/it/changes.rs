//! Changes are numbered in the order of commits.

use frontdesk_domain::{ConversationId, ConversationKey, TenantId};
use frontdesk_ports::{ChangePosition, ConversationStore as _, Record};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use crate::{
    records::opened,
    support::{TestStore, fresh},
};

#[tokio::test]
async fn a_commit_that_was_overtaken_is_not_missed_by_a_reader_in_between() {
    let store = fresh().await;
    let tenant = TenantId(Uuid::new_v4());
    let (slow, quick) = (Record { log_seq: 77, ..opened(tenant) }, opened(tenant));
    // The slow one has done everything but commit when the quick one comes.
    let mut beside = PgConnection::connect(&store.url).await.unwrap();
    let slow_commit = "create function be_slow() returns trigger language plpgsql as $$
             begin perform pg_advisory_xact_lock(1); return new; end $$;
         create constraint trigger be_slow after update on conversations deferrable initially deferred
             for each row when (new.log_seq = 77) execute function be_slow()";
    sqlx::raw_sql(slow_commit).execute(&mut beside).await.unwrap();
    sqlx::query("select pg_advisory_lock(1)").execute(&mut beside).await.unwrap();
    let persist = |record: Record| {
        let store = (*store).clone();
        tokio::spawn(async move { store.persist(&[record]).await.unwrap() })
    };
    let first = persist(slow.clone());
    while waiting(&mut beside).await < 1 {}
    let second = persist(quick.clone());
    while waiting(&mut beside).await < 2 && !second.is_finished() {}

    let (mut seen, at) = changed_since(&store, tenant, ChangePosition::START).await;
    sqlx::query("select pg_advisory_unlock(1)").execute(&mut beside).await.unwrap();
    first.await.unwrap();
    second.await.unwrap();
    seen.extend(changed_since(&store, tenant, at).await.0);
    assert_eq!(seen, [slow.envelope.conversation, quick.envelope.conversation]);
}

#[tokio::test]
async fn tenants_do_not_wait_for_one_another() {
    let store = fresh().await;
    let (busy, other) = (opened(TenantId(Uuid::new_v4())), opened(TenantId(Uuid::new_v4())));
    store.persist(std::slice::from_ref(&busy)).await.unwrap();
    let mut beside = PgConnection::connect(&store.url).await.unwrap();
    let mut transaction = beside.begin().await.unwrap();
    let hold = sqlx::query("select number from changes where tenant_id = $1 for update").bind(busy.envelope.tenant.0);
    hold.execute(&mut *transaction).await.unwrap();
    store.persist(&[other]).await.expect("this tenant's number is not locked");
}

#[tokio::test]
async fn a_worker_of_the_version_before_is_numbered_too() {
    let store = fresh().await;
    let record = opened(TenantId(Uuid::new_v4()));
    let ConversationKey { tenant, conversation } = record.envelope.key();
    store.persist(std::slice::from_ref(&record)).await.unwrap();
    let newest = store.newest_change(tenant).await.unwrap();
    let mut beside = PgConnection::connect(&store.url).await.unwrap();
    let as_before = "update conversations set last_seq = last_seq + 1 where tenant_id = $1 and conversation_id = $2";
    let update = sqlx::query(as_before).bind(tenant.0).bind(conversation.0);
    update.execute(&mut beside).await.unwrap();
    let (seen, at) = changed_since(&store, tenant, newest).await;
    assert_eq!((seen, at.number), (vec![conversation], newest.number + 1));
    // What changes nothing that people see is no change.
    sqlx::query("update conversations set state = state").execute(&mut beside).await.expect("the database answers");
    assert_eq!(store.newest_change(tenant).await.expect("the database answers").number, at.number);
}

/// Until so many calls wait for a lock.
pub(crate) async fn until_waiting(store: &TestStore, count: i64) {
    let mut beside = PgConnection::connect(&store.url).await.expect("the database answers");
    while waiting(&mut beside).await < count {}
}

/// How many calls wait for a lock.
async fn waiting(connection: &mut PgConnection) -> i64 {
    let waiting =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    sqlx::query_scalar(waiting).fetch_one(connection).await.expect("the database answers")
}

/// The conversations that changed after a place, and the place behind the last.
async fn changed_since(
    store: &TestStore,
    tenant: TenantId,
    after: ChangePosition,
) -> (Vec<ConversationId>, ChangePosition) {
    let changes = store
        .changed_since(tenant, after, 100, 100)
        .await
        .expect("the database answers")
        .expect("there is such a place");
    let at = changes.items.last().map_or(after, |change| change.position);
    (changes.items.into_iter().map(|change| change.item.of().conversation().expect("a conversation")).collect(), at)
}
