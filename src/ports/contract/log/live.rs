//! What is heard at once: records, acknowledgements, signals, feed.

use frontdesk_domain::{
    AgentId, ContactId, ConversationId, ConversationSummary, EntryAuthor, InboxId, Partition, ReceiptKind, Status,
    TenantId, Timestamp,
};
use frontdesk_protocol::{Ack, AckKind, FeedItem};
use uuid::Uuid;

use super::{LogUnderTest, fill, neighbour, next, some_agent, some_conversation, text};
use crate::{
    feed::FeedTarget,
    log::{AckRecord, Log, Signal},
};

/// The writer's own node hears a record as every other does.
pub async fn live_records_come_in_order_and_to_every_handle(t: LogUnderTest) {
    let key = some_conversation();
    let mut here = t.log.live(Partition::of(&key)).await.unwrap();
    let mut there = t.other.live(Partition::of(&key)).await.unwrap();
    let long = "long".repeat(400);
    let places = fill(&*t.log, key, &["one", "two", &long]).await;
    for live in [&mut here, &mut there] {
        for (place, wanted) in places.iter().zip(["one", "two", &long]) {
            let record = next(live).await;
            assert_eq!((record.log_seq, text(&record.envelope)), (*place, wanted));
            assert_eq!(record.envelope.key(), key);
        }
    }
}

/// The first record heard is the first of the own partition, whatever was appended before.
pub async fn live_records_of_other_partitions_stay_away(t: LogUnderTest) {
    let key = some_conversation();
    let mut live = t.log.live(Partition::of(&key)).await.unwrap();
    fill(&*t.other, neighbour(key, false), &["not for us"]).await;
    fill(&*t.other, neighbour(key, true), &["a neighbour"]).await;
    fill(&*t.other, key, &["ours"]).await;
    assert_eq!(text(&next(&mut live).await.envelope), "a neighbour");
    assert_eq!(text(&next(&mut live).await.envelope), "ours");
}

/// Each conversation, kind and member has one value; a later one takes its place.
pub async fn acknowledgements_keep_the_last_value_and_are_heard(t: LogUnderTest) {
    let key = some_conversation();
    let receipt = AckKind::Receipt(some_agent(), ReceiptKind::Read);
    let mut heard = t.other.acks(Partition::of(&key)).await.unwrap();
    let record = |kind, up_to_seq| AckRecord { key, kind, ack: Ack { up_to_seq } };
    let sent = [record(AckKind::Persisted, 3), record(receipt, 2), record(AckKind::Persisted, 7)];
    for record in sent {
        t.log.acknowledge(record).await.unwrap();
    }
    for record in sent {
        assert_eq!(next(&mut heard).await, record);
    }
    assert_eq!(t.other.persisted(key).await.unwrap(), 7);
    assert_eq!(t.other.persisted(neighbour(key, true)).await.unwrap(), 0);
}

/// Of two workers that commit one after the other, the first may tell last.
pub async fn a_persisted_acknowledgement_that_comes_late_lowers_nothing(t: LogUnderTest) {
    let (key, read) = (some_conversation(), AckKind::Receipt(some_agent(), ReceiptKind::Read));
    let tell = async |log: &dyn Log, kind, up_to_seq| {
        log.acknowledge(AckRecord { key, kind, ack: Ack { up_to_seq } }).await.unwrap();
    };
    tell(&*t.log, AckKind::Persisted, 5).await;
    tell(&*t.other, AckKind::Persisted, 9).await;
    for late in [7, 8, 9] {
        tell(&*t.log, AckKind::Persisted, late).await;
        assert_eq!(t.other.persisted(key).await.unwrap(), 9, "after {late}");
    }
    tell(&*t.log, AckKind::Persisted, 10).await;
    tell(&*t.other, AckKind::Persisted, 11).await;
    assert_eq!(t.log.persisted(key).await.unwrap(), 11);
    // Receipts are looked after by the conversations, which repeat the higher one.
    tell(&*t.log, read, 4).await;
    tell(&*t.log, read, 3).await;
    let many = (1..=8_u64).map(|up_to_seq| {
        tell(if up_to_seq % 2 == 0 { &*t.log } else { &*t.other }, AckKind::Persisted, up_to_seq + 11)
    });
    futures_util::future::join_all(many).await;
    assert_eq!(t.log.persisted(key).await.unwrap(), 19);
}

/// One's own included; who comes later hears nothing of it.
pub async fn signals_are_heard_by_all_and_kept_by_none(t: LogUnderTest) {
    let key = some_conversation();
    let partition = Partition::of(&key);
    let mut here = t.log.signals(partition).await.unwrap();
    let mut there = t.other.signals(partition).await.unwrap();
    let typing =
        |active| Signal::Typing { author: EntryAuthor { member: some_agent(), name: "Ada".to_owned() }, active };
    let (started, stopped) = (typing(true), typing(false));
    t.log.signal(key, started.clone()).await;
    assert_eq!(next(&mut here).await, (key, started.clone()));
    assert_eq!(next(&mut there).await, (key, started));
    let mut late = t.other.signals(partition).await.unwrap();
    t.log.signal(key, stopped.clone()).await;
    assert_eq!(next(&mut late).await, (key, stopped));
}

/// To one agent and to everyone; never to another tenant.
pub async fn a_feed_item_reaches_its_tenant_only(t: LogUnderTest) {
    let (tenant, stranger) = (TenantId(Uuid::new_v4()), TenantId(Uuid::new_v4()));
    let mut feed = t.other_feed.subscribe(tenant).await.unwrap();
    let mut elsewhere = t.other_feed.subscribe(stranger).await.unwrap();
    let (one, all) = (FeedTarget::Agent(AgentId(Uuid::new_v4())), FeedTarget::Everyone);
    t.feed.publish(tenant, one, &item(1)).await.unwrap();
    t.feed.publish(tenant, all, &item(2)).await.unwrap();
    t.feed.publish(stranger, all, &item(3)).await.unwrap();
    assert_eq!(next(&mut feed).await, (one, item(1)));
    assert_eq!(next(&mut feed).await, (all, item(2)));
    assert_eq!(next(&mut elsewhere).await, (all, item(3)));
}

fn item(last_seq: u64) -> FeedItem {
    let summary = ConversationSummary {
        conversation: ConversationId(Uuid::from_u128(1)),
        inbox: InboxId(Uuid::from_u128(2)),
        contact: ContactId(Uuid::from_u128(3)),
        contact_name: "Ada".to_owned(),
        status: Status::Open,
        snoozed_until: None,
        assignment: None,
        tags: Vec::new(),
        fields: Default::default(),
        preview: None,
        opened_at: Timestamp(1),
        last_at: Timestamp(2),
        last_seq,
    };
    FeedItem::row(summary)
}
