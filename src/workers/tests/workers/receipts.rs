//! How far members have come.

use std::time::Duration;

use frontdesk_domain::{Participant, Partition, ReceiptKind, Watermark};
use frontdesk_ports::{AckRecord, Acks as _, ConversationStore as _};
use frontdesk_protocol::{Ack, AckKind};
use frontdesk_workers::{StepOutcome, Worker as _};

use super::{
    desk::{Desk, NO_WAIT, Talk, agent, eventually},
    faults::Given,
};

async fn acknowledge(desk: &Desk, talk: &Talk, member: Participant, kind: ReceiptKind, up_to_seq: u64) {
    let record = AckRecord { key: talk.key, kind: AckKind::Receipt(member, kind), ack: Ack { up_to_seq } };
    desk.log.acknowledge(record).await.expect("the log is there");
}

#[tokio::test]
async fn receipts_of_all_members_reach_the_database() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(9).await;
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let (ada, contact) = (Participant::Agent(agent()), Participant::Contact(talk.contact));
    acknowledge(&desk, &talk, ada, ReceiptKind::Delivered, 3).await;
    acknowledge(&desk, &talk, ada, ReceiptKind::Delivered, 7).await;
    acknowledge(&desk, &talk, ada, ReceiptKind::Read, 5).await;
    acknowledge(&desk, &talk, contact, ReceiptKind::Delivered, 10).await;
    let worker = desk.receipts_worker();
    assert_eq!(worker.step(NO_WAIT, &desk.stop).await.unwrap(), StepOutcome::Worked(3));
    assert_eq!(worker.step(NO_WAIT, &desk.stop).await.unwrap(), StepOutcome::Idle);
    let receipts = desk.store.receipts(talk.key).await.unwrap();
    let of = |member| receipts.iter().find(|(held, _)| *held == member).map(|(_, mark)| *mark);
    assert_eq!(of(ada), Some(Watermark { delivered: 7, read: 5 }));
    assert_eq!(of(contact), Some(Watermark { delivered: 10, read: 0 }));
}

#[tokio::test]
async fn of_several_receipts_the_highest_counts_and_what_is_none_is_dead_lettered() {
    let mut desk = Desk::new();
    let talk = Talk::open(&desk).await;
    let (ada, key) = (Participant::Agent(agent()), talk.key);
    let partition = Partition::of(&key);
    let subject = |kind| format!("desk.ack.{partition}.{}.{}.{kind}.{ada}", key.tenant, key.conversation);
    let ack = |up_to_seq| Ack { up_to_seq }.encode();
    desk.replace_queue(
        "receipts",
        Given::of([
            (subject("delivered"), ack(5)),
            (subject("delivered"), ack(9)),
            (subject("delivered"), ack(3)),
            (subject("devoured"), ack(10)),
            (subject("delivered"), b"nonsense".to_vec()),
            ("desk.ack.delivered".to_owned(), ack(10)),
        ]),
    );
    desk.receipts_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(desk.store.receipts(key).await.unwrap(), [(ada, Watermark { delivered: 9, read: 0 })]);
    let stored: Vec<_> = desk.log.dead_letters().iter().map(|dead_letter| dead_letter.log_seq).collect();
    assert_eq!(stored, [4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn receipts_wait_for_a_database_that_is_away() {
    let desk = Desk::new();
    let talk = Talk::open(&desk).await;
    let ada = Participant::Agent(agent());
    desk.store.set_available(false);
    let running = tokio::spawn(desk.receipts_worker().run(desk.stop.clone()));
    acknowledge(&desk, &talk, ada, ReceiptKind::Read, 1).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    desk.store.set_available(true);
    eventually(async || desk.store.receipts(talk.key).await.unwrap().len() == 1).await;
    desk.stop.cancel();
    running.await.unwrap();
}
