use frontdesk_domain::{AgentId, ConversationKey, Participant, ReceiptKind, TenantId, Watermark};
use uuid::Uuid;

use super::Script;
use crate::store::{ConversationStore, ReceiptUpdate};

/// Whatever comes late or twice, also several of one member in one batch.
pub async fn receipts_only_grow(store: &dyn ConversationStore) {
    let (script, member) = (Script::opened(), Participant::Agent(AgentId(Uuid::new_v4())));
    let delivered = |up_to_seq| update(script.key, member, ReceiptKind::Delivered, up_to_seq);
    for (batch, expected) in [(vec![3], 3), (vec![2], 3), (vec![3], 3), (vec![1, 9, 4], 9), (vec![], 9)] {
        let batch: Vec<_> = batch.into_iter().map(delivered).collect();
        store.raise_receipts(&batch).await.unwrap();
        let marks = store.receipts(script.key).await.unwrap();
        assert_eq!(marks, [(member, Watermark { delivered: expected, read: 0 })]);
    }
}

/// `read <= delivered`, in whatever order the two come.
pub async fn reading_implies_delivery(store: &dyn ConversationStore) {
    let (script, member) = (Script::opened(), Participant::Contact(Script::opened().contact));
    let raise = async |kind, up_to_seq| {
        store.raise_receipts(&[update(script.key, member, kind, up_to_seq)]).await.unwrap();
        store.receipts(script.key).await.unwrap()
    };
    assert_eq!(raise(ReceiptKind::Read, 5).await, [(member, Watermark { delivered: 5, read: 5 })]);
    assert_eq!(raise(ReceiptKind::Delivered, 4).await, [(member, Watermark { delivered: 5, read: 5 })]);
    assert_eq!(raise(ReceiptKind::Delivered, 7).await, [(member, Watermark { delivered: 7, read: 5 })]);
    assert_eq!(raise(ReceiptKind::Read, 6).await, [(member, Watermark { delivered: 7, read: 6 })]);
}

/// Channel 2 may be ahead of the workers.
pub async fn receipts_may_come_before_the_entries(store: &dyn ConversationStore) {
    let script = Script::chat(2);
    let (contact, agent) = (Participant::Contact(script.contact), Participant::Agent(script.agent));
    let batch = [
        update(script.key, contact, ReceiptKind::Read, 3),
        update(script.key, agent, ReceiptKind::Delivered, u64::MAX),
    ];
    store.raise_receipts(&batch).await.unwrap();
    assert_eq!(store.load(script.key).await.unwrap(), None, "a receipt makes no conversation");
    script.persist(store).await;
    let marks = store.receipts(script.key).await.unwrap();
    assert_eq!(marks[0], (contact, Watermark { delivered: 3, read: 3 }));
    assert!(marks[1].0 == agent && marks[1].1.delivered >= 3);
}

/// A contact and an agent with the same id are two members, and two conversations are two.
pub async fn receipts_belong_to_one_conversation_of_one_tenant(store: &dyn ConversationStore) {
    let (script, other) = (Script::opened(), Script::opened());
    let stranger = script.renamed(|key| key.tenant = TenantId(Uuid::new_v4()));
    let (contact, twin) = (Participant::Contact(script.contact), Participant::Agent(AgentId(script.contact.0)));
    let batch = [
        update(script.key, contact, ReceiptKind::Delivered, 1),
        update(script.key, twin, ReceiptKind::Delivered, 2),
        update(other.key, contact, ReceiptKind::Delivered, 3),
    ];
    store.raise_receipts(&batch).await.unwrap();
    let mark = |delivered| Watermark { delivered, read: 0 };
    assert_eq!(store.receipts(script.key).await.unwrap(), [(contact, mark(1)), (twin, mark(2))]);
    assert_eq!(store.receipts(other.key).await.unwrap(), [(contact, mark(3))]);
    assert_eq!(store.receipts(stranger.key).await.unwrap(), []);
}

fn update(key: ConversationKey, member: Participant, kind: ReceiptKind, up_to_seq: u64) -> ReceiptUpdate {
    ReceiptUpdate { key, member, kind, up_to_seq }
}
