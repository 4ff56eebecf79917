//! Receipts: of those who watch, never backwards, published together.

use std::time::Duration;

use frontdesk_domain::{Partition, ReceiptKind, Watermark};
use frontdesk_ports::{AckRecord, Acks as _, ReceiptUpdate};
use frontdesk_protocol::{Ack, AckKind, socket::ServerFrame};
use futures_util::StreamExt;

use crate::{
    participants::Person,
    recorder::Recorder,
    time::{pass, soon},
    world::{World, accepted},
};

/// A receipt in a frame: whether it is `read`, and up to where.
fn receipt(frame: &ServerFrame) -> Option<(bool, u64)> {
    match frame {
        ServerFrame::Delivered { up_to_seq, .. } => Some((false, *up_to_seq)),
        ServerFrame::Read { up_to_seq, .. } => Some((true, *up_to_seq)),
        _ => None,
    }
}

#[actix_rt::test]
async fn receipts_only_grow_and_never_beyond_what_there_is() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let ada = Person::supervisor("Ada");
    let key = world.open(&here, &contact).await;
    accepted(&here, key, ada.says("two")).await;
    accepted(&here, key, ada.notes("three")).await;
    let of_contact = Recorder::after(&here, key, &contact, None, 2).await.0;
    let mut near = Recorder::after(&here, key, &ada, None, 3).await.0;
    let mut far = Recorder::after(&there, key, &ada, None, 3).await.0;
    of_contact.received(ReceiptKind::Delivered, 1);
    of_contact.received(ReceiptKind::Delivered, 2);
    of_contact.received(ReceiptKind::Delivered, 1);
    of_contact.received(ReceiptKind::Read, 1);
    // Contacts see two entries, so they have read two at most.
    of_contact.received(ReceiptKind::Read, 1_000);
    // Told once it is published, and published together.
    for wanted in [(false, 2), (true, 2)] {
        assert_eq!(near.until(receipt).await, wanted);
    }
    pass(Duration::from_secs(1)).await;
    assert!(near.heard().iter().all(|frame| receipt(frame).is_none()), "nothing goes back or beyond");
    // The other node hears the last value of each kind, in whatever order they were published.
    assert_eq!(far.heard().iter().filter_map(receipt).collect::<Vec<_>>(), [(false, 2), (true, 2)]);
    let (_, resumed) = Recorder::after(&there, key, &ada, None, 3).await;
    assert_eq!(resumed.state.receipts[0].watermark, Watermark { delivered: 2, read: 2 });
}

#[actix_rt::test]
async fn receipts_are_published_together_and_the_last_value_counts() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    for number in 2..=20 {
        accepted(&node, key, contact.says(&format!("{number}"))).await;
    }
    let mut published = world.log.acks(Partition::of(&key)).await.unwrap();
    let recorder = Recorder::new(&node, key, &contact).await;
    for up_to in 1..=20 {
        recorder.received(ReceiptKind::Delivered, up_to);
    }
    let kind = AckKind::Receipt(contact.member(), ReceiptKind::Delivered);
    let record = soon("a receipt", published.next()).await.unwrap();
    assert_eq!(record, AckRecord { key, kind, ack: Ack { up_to_seq: 20 } });
    recorder.received(ReceiptKind::Delivered, 20);
    let more = tokio::time::timeout(Duration::from_secs(5), published.next()).await;
    assert!(more.is_err(), "nothing grew, so nothing is published: {more:?}");
}

#[actix_rt::test]
async fn a_receipt_is_told_only_once_it_is_published() {
    let world = World::begin().await;
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = world.open(&node, &contact).await;
    let of_contact = Recorder::new(&node, key, &contact).await;
    let mut of_staff = Recorder::new(&node, key, &ada).await;
    world.log.set_unavailable(true);
    of_contact.received(ReceiptKind::Delivered, 1);
    pass(Duration::from_secs(3)).await;
    assert!(of_staff.heard().iter().all(|frame| receipt(frame).is_none()), "it could be lost with this node");
    world.log.set_unavailable(false);
    assert_eq!(of_staff.until(receipt).await, (false, 1));
}

#[actix_rt::test]
async fn a_receipt_that_a_stopped_node_publishes_late_does_not_stand() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    accepted(&node, key, contact.says("two")).await;
    let recorder = Recorder::after(&node, key, &contact, None, 2).await.0;
    let mut published = world.log.acks(Partition::of(&key)).await.unwrap();
    let kind = AckKind::Receipt(contact.member(), ReceiptKind::Delivered);
    let record = |up_to_seq| AckRecord { key, kind, ack: Ack { up_to_seq } };
    recorder.received(ReceiptKind::Delivered, 2);
    assert_eq!(soon("the receipt", published.next()).await.unwrap(), record(2));
    world.log.acknowledge(record(1)).await.unwrap();
    assert_eq!(soon("the late one", published.next()).await.unwrap(), record(1));
    assert_eq!(soon("the higher one again", published.next()).await.unwrap(), record(2));
}

#[actix_rt::test]
async fn a_receipt_of_somebody_who_does_not_watch_counts_for_nothing() {
    let world = World::begin().await;
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = world.open(&node, &contact).await;
    let of_contact = Recorder::new(&node, key, &contact).await;
    let mut of_staff = Recorder::new(&node, key, &ada).await;
    of_contact.leave();
    of_contact.received(ReceiptKind::Read, 1);
    pass(Duration::from_secs(1)).await;
    assert!(of_staff.heard().iter().all(|frame| receipt(frame).is_none()));
    assert!(of_staff.resume(None, 1).await.unwrap().state.receipts.is_empty());
}

#[actix_rt::test]
async fn a_receipt_that_comes_before_its_entry_is_kept() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let ada = Person::agent("Ada");
    let key = world.open(&here, &contact).await;
    let mut recorder = Recorder::new(&here, key, &contact).await;
    world.log.set_live_paused(true);
    accepted(&there, key, contact.says("unheard")).await;
    world.log.set_live_paused(false);
    let kind = AckKind::Receipt(ada.member(), ReceiptKind::Read);
    world.log.acknowledge(AckRecord { key, kind, ack: Ack { up_to_seq: 2 } }).await.unwrap();
    assert_eq!(recorder.until(receipt).await, (false, 2));
    assert_eq!(recorder.until(receipt).await, (true, 2));
    pass(Duration::from_secs(1)).await;
    let marks = recorder.resume(None, 2).await.unwrap().state.receipts;
    assert_eq!(marks[0].watermark, Watermark { delivered: 2, read: 2 });
}

#[actix_rt::test]
async fn receipts_are_there_again_after_a_rebuild_and_after_an_interruption() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let ada = Person::agent("Ada");
    let key = world.open(&here, &contact).await;
    let mut recorder = Recorder::new(&here, key, &contact).await;
    // Logged while no subscription was open; by now the database has it.
    let member = ada.member();
    let update = ReceiptUpdate { key, member, kind: ReceiptKind::Read, up_to_seq: 1 };
    frontdesk_ports::ConversationStore::raise_receipts(&*world.store, &[update]).await.unwrap();
    world.log.interrupt();
    assert_eq!(recorder.until(receipt).await, (false, 1));
    assert_eq!(recorder.until(receipt).await, (true, 1));
    let (_, resumed) = Recorder::after(&there, key, &contact, None, 1).await;
    assert_eq!(resumed.state.receipts[0].watermark, Watermark { delivered: 1, read: 1 });
}
