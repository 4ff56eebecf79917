//! No statement reads a table from end to end, whenever its plan was made.

use frontdesk_domain::{Audience, Reach, TenantId, Timestamp};
use frontdesk_ports::{
    ChangePosition, ConversationFilter, ConversationStore as _, EntryRange, PageRequest, Record, StoreInspector as _,
};
use frontdesk_postgres::PostgresStore;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use crate::{records::opened, support::fresh};

/// From the sixth time on, the server keeps the plan of a statement that is prepared.
const OFTEN: usize = 8;

const ANSWERS: &str = "the database answers";

#[tokio::test]
async fn a_plan_made_while_the_tables_were_small_goes_by_their_indexes() {
    let store = fresh().await;
    let mut beside = PgConnection::connect(&store.url).await.unwrap();
    // Making an index reads a table too.
    let before = reads_until_closed(&store, &mut beside).await;
    let store = PostgresStore::connect(&store.url.clone().into(), 4).await.unwrap();
    let tenant = TenantId(Uuid::new_v4());
    for _ in 0..OFTEN {
        work(&store, tenant).await;
    }
    let after = reads_until_closed(&store, &mut beside).await;
    assert!(after.by_index > before.by_index, "nothing was read at all");
    assert_eq!(after.of_all, before.of_all, "tables read from end to end, and how often");
}

/// What workers and readers do all the time.
async fn work(store: &PostgresStore, tenant: TenantId) {
    let records: Vec<Record> = (0..4).map(|_| opened(tenant)).collect();
    store.persist(&records).await.expect(ANSWERS);
    // Handed out again: each is compared with what is there.
    store.persist(&records).await.expect(ANSWERS);
    assert_eq!(store.known(&records).await.expect(ANSWERS).len(), records.len());
    let (key, entry) = (records[0].envelope.key(), &records[0].envelope.entry);
    assert!(store.load(key).await.expect(ANSWERS).is_some());
    assert!(store.find_request(key, entry.author.member, entry.client_id).await.expect(ANSWERS).is_some());
    for range in [EntryRange::After(0), EntryRange::Before(9)] {
        assert_eq!(store.entries(key, range, Audience::Staff, 10).await.expect(ANSWERS).len(), 1);
    }
    let page = PageRequest { cursor: None, limit: 10 };
    assert!(
        !store
            .list(tenant, &ConversationFilter::within(Reach::Everything), &page)
            .await
            .expect(ANSWERS)
            .items
            .is_empty()
    );
    assert!(store.changed_since(tenant, ChangePosition::START, 10, 100).await.expect(ANSWERS).is_some());
    assert!(!store.conversations_after(Some(tenant), None, Timestamp(0), 10).await.expect(ANSWERS).is_empty());
    assert_eq!(store.entries_after(key, 0, 10).await.expect(ANSWERS).len(), 1);
    store.progress(&[key]).await.expect(ANSWERS);
    store.receipts(key).await.expect(ANSWERS);
}

/// What was read of the tables that grow with what people say.
struct Reads {
    by_index: i64,
    /// How often each table was read from end to end.
    of_all: Vec<(String, i64)>,
}

/// A connection of the store counts what it read when it closes.
async fn reads_until_closed(store: &PostgresStore, beside: &mut PgConnection) -> Reads {
    store.close().await;
    let open = "select count(*) from pg_stat_activity
                where application_name = 'frontdesk' and datname = current_database()";
    while sqlx::query_scalar::<_, i64>(open).fetch_one(&mut *beside).await.expect(ANSWERS) > 0 {}
    let read = "select relname::text, seq_scan, idx_scan from pg_stat_user_tables
                where relname in ('conversations', 'entries', 'receipts') order by relname";
    let found: Vec<(String, i64, i64)> = sqlx::query_as(read).fetch_all(beside).await.expect(ANSWERS);
    let by_index = found.iter().map(|(_, _, by_index)| by_index).sum();
    Reads { by_index, of_all: found.into_iter().map(|(table, of_all, _)| (table, of_all)).collect() }
}
