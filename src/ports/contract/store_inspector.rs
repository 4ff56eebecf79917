//! What every [`StoreInspector`] promises.
//!
//! A database runs all of it with [`store_inspector_contract!`](crate::store_inspector_contract).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use frontdesk_domain::{
    AgentId, ConversationKey, Participant, ReceiptKind, TenantId, Timestamp, Watermark, conversation::UnknownFields,
};
use uuid::Uuid;

use super::store::Script;
use crate::{
    content_hash::content_hash,
    log_inspector::TenantFilter,
    store::{ConversationStore, ReceiptUpdate},
    store_inspector::{IntegrityRecord, StoreInspector, TenantCounts},
};

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty database.
#[macro_export]
macro_rules! store_inspector_contract {
    ($fresh:path) => {
        $crate::store_inspector_contract! { @each $fresh:
            conversations_of_a_tenant_come_in_pages_without_those_of_others
            progress_is_that_of_the_conversations_asked_for
            entries_come_in_pages_as_they_were_logged
            counts_are_those_of_one_tenant
            an_integrity_record_adds_up_repairs_and_keeps_the_last_check
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::store_inspector::$promise(&*made).await;
            }
        )*
    };
}

/// Three tenants, of which the one in the middle is asked for.
pub async fn conversations_of_a_tenant_come_in_pages_without_those_of_others<S>(store: &S)
where
    S: ConversationStore + StoreInspector,
{
    let mut scripts: Vec<_> = (0..9).map(|_| Script::chat(1)).collect();
    for (number, script) in scripts.iter_mut().enumerate() {
        script.key.tenant = TenantId(Uuid::from_u128(1 + number as u128 % 3));
        for record in &mut script.records {
            record.envelope.tenant = script.key.tenant;
        }
        store.persist(&script.records).await.unwrap();
    }
    let keys_of = |wanted: TenantFilter| {
        let all = scripts.iter().map(|script| script.key);
        let mut keys: Vec<_> = all.filter(|key| wanted.is_none_or(|tenant| key.tenant == tenant)).collect();
        keys.sort_unstable();
        keys
    };
    for scope in [Some(TenantId(Uuid::from_u128(2))), Some(TenantId(Uuid::from_u128(9))), None] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.conversations_after(scope, after, Timestamp(i64::MIN), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.key);
            found.extend(page.iter().map(|held| held.key));
        }
        assert_eq!(found, keys_of(scope), "{scope:?}");
    }
}

/// Entries and receipts, either without the other, or none.
pub async fn progress_is_that_of_the_conversations_asked_for<S>(store: &S)
where
    S: ConversationStore + StoreInspector,
{
    let [both, entries, receipts, neither, other] = [3, 2, 1, 1, 4].map(Script::chat);
    for script in [&both, &entries, &other] {
        script.persist(store).await;
    }
    let agent = Participant::Agent(AgentId(Uuid::new_v4()));
    let raise = |key, kind, up_to_seq| ReceiptUpdate { key, member: agent, kind, up_to_seq };
    let updates = [
        raise(both.key, ReceiptKind::Delivered, 4),
        raise(both.key, ReceiptKind::Read, 2),
        raise(receipts.key, ReceiptKind::Read, 7),
        raise(other.key, ReceiptKind::Read, 1),
    ];
    store.raise_receipts(&updates).await.unwrap();
    let keys: Vec<_> = [&both, &entries, &receipts, &neither].map(|script| script.key).to_vec();
    let states = store.progress(&keys).await.unwrap();
    assert_eq!(states.len(), 4);
    let state = |key: ConversationKey| states.iter().find(|state| state.key == key).unwrap();
    assert_eq!((state(both.key).last_seq, state(both.key).last_at), (4, both.record(4).envelope.entry.at));
    assert_eq!(state(both.key).receipts, [(agent, Watermark { delivered: 4, read: 2 })]);
    assert_eq!((state(entries.key).last_seq, state(entries.key).receipts.len()), (3, 0));
    assert_eq!(state(receipts.key).receipts, [(agent, Watermark { delivered: 7, read: 7 })]);
    assert_eq!((state(receipts.key).last_seq, state(neither.key).last_seq), (0, 0));
    assert_eq!(store.progress(&[]).await.unwrap(), []);
}

/// With what only a newer version knows: a check hashes them anew.
pub async fn entries_come_in_pages_as_they_were_logged<S>(store: &S)
where
    S: ConversationStore + StoreInspector,
{
    let mut script = Script::chat(4);
    let fields = |json| serde_json::from_value(json).unwrap();
    let known = script.record(3).envelope.entry.event;
    let mut of_event = serde_json::to_value(&known).unwrap();
    of_event["format"] = "markdown".into();
    script.records[2].envelope.entry.unknown =
        UnknownFields::of(fields(serde_json::json!({"urgency": 2})), fields(of_event), &known);
    script.persist(store).await;
    Script::chat(2).persist(store).await;
    for record in &script.records {
        let page = store.entries_after(script.key, record.envelope.entry.seq - 1, 1).await.unwrap();
        let [held] = &page[..] else { panic!("{page:?}") };
        assert_eq!(held.entry.as_ref(), Some(&record.envelope.entry));
        assert_eq!((held.seq, held.hash), (record.envelope.entry.seq, content_hash(&record.envelope)));
    }
    assert_eq!(store.entries_after(script.key, 5, 1).await.unwrap().len(), 0);
}

/// Every entry of every conversation, and nothing of a neighbour.
pub async fn counts_are_those_of_one_tenant<S>(store: &S)
where
    S: ConversationStore + StoreInspector,
{
    let (mut one, two, other) = (Script::chat(3), Script::chat(5), Script::chat(1));
    one.key.tenant = two.key.tenant;
    one.records.iter_mut().for_each(|record| record.envelope.tenant = two.key.tenant);
    for script in [&one, &two, &other] {
        script.persist(store).await;
    }
    assert_eq!(store.counts(two.key.tenant).await.unwrap(), TenantCounts { conversations: 2, entries: 10 });
    assert_eq!(store.counts(TenantId(Uuid::new_v4())).await.unwrap(), TenantCounts::default());
}

/// From the beginning on, for each tenant by itself.
pub async fn an_integrity_record_adds_up_repairs_and_keeps_the_last_check<S: StoreInspector>(store: &S) {
    let (tenant, other) = (TenantId(Uuid::new_v4()), TenantId(Uuid::new_v4()));
    assert_eq!(store.integrity_record(tenant).await.unwrap(), IntegrityRecord::default());
    store.add_repairs(tenant, 3, 1, Timestamp(10)).await.unwrap();
    store.put_check(tenant, "first").await.unwrap();
    store.put_check(other, "theirs").await.unwrap();
    store.add_repairs(tenant, 0, 2, Timestamp(20)).await.unwrap();
    store.put_check(tenant, "second").await.unwrap();
    let expected = IntegrityRecord {
        repaired_entries: 3,
        repaired_acknowledgements: 3,
        repaired_at: Some(Timestamp(20)),
        last_check: Some("second".to_owned()),
    };
    assert_eq!(store.integrity_record(tenant).await.unwrap(), expected);
    let theirs = IntegrityRecord { last_check: Some("theirs".to_owned()), ..IntegrityRecord::default() };
    assert_eq!(store.integrity_record(other).await.unwrap(), theirs);
}
