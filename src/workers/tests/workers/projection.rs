//! The state of a conversation at each entry, whatever was delivered in which order.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use frontdesk_domain::{Command, Conversation, Status};
use frontdesk_ports::{MessageLog as _, Record, Trim as _};
use frontdesk_workers::{Projection, Worker as _, WorkerError};

use super::desk::{Desk, NO_WAIT, Talk, agent};

/// Number of the entry, status before it if known, and number and status of the state given with it.
type Visit = (u64, Option<Status>, u64, Status);

fn projection(desk: &Desk) -> Projection {
    Projection::new(Arc::new(desk.log.clone()), desk.ports.database.conversations.clone(), 10)
}

async fn records(desk: &Desk, talk: &Talk) -> Vec<Record> {
    desk.log.read(talk.key, 0, 100).await.unwrap()
}

async fn advance(
    projection: &Projection,
    talk: &Talk,
    records: &[Record],
) -> (Vec<Visit>, Result<Conversation, WorkerError>) {
    let mut visits = Vec::new();
    let conversation = projection
        .advance(
            talk.key,
            records,
            |state| state.status,
            |entry, before, after| {
                visits.push((entry.seq, before, after.last_seq, after.status));
            },
        )
        .await;
    (visits, conversation)
}

/// Opened, said, resolved, said again, which opens it again.
async fn reopened(desk: &Desk) -> Talk {
    let mut talk = Talk::open(desk).await;
    talk.hear("hello").await;
    talk.agent_does(agent(), Command::Resolve).await;
    talk.hear("still there?").await;
    talk
}

#[tokio::test]
async fn each_entry_is_visited_with_the_state_before_and_after_it() {
    let desk = Desk::new();
    let talk = reopened(&desk).await;
    let (visits, conversation) = advance(&projection(&desk), &talk, &records(&desk, &talk).await).await;
    let (open, resolved) = (Status::Open, Status::Resolved);
    let expected = [
        (1, Some(Conversation::default().status), 1, open),
        (2, Some(open), 2, open),
        (3, Some(open), 3, resolved),
        (4, Some(resolved), 4, open),
    ];
    assert_eq!((visits.as_slice(), conversation.unwrap()), (&expected[..], talk.state));
}

#[tokio::test]
async fn entries_that_were_not_given_are_read_from_the_log_and_not_visited() {
    let desk = Desk::new();
    let talk = reopened(&desk).await;
    let (projection, records) = (projection(&desk), records(&desk, &talk).await);
    desk.store.set_available(false);
    let (visits, conversation) = advance(&projection, &talk, &records[3..]).await;
    assert_eq!(visits, [(4, Some(Status::Resolved), 4, Status::Open)]);
    assert_eq!(conversation.unwrap(), talk.state, "the log is enough while the database is away");
}

#[tokio::test]
async fn an_entry_that_comes_late_is_visited_without_a_state_before_it() {
    let desk = Desk::new();
    let talk = reopened(&desk).await;
    let (projection, records) = (projection(&desk), records(&desk, &talk).await);
    advance(&projection, &talk, &records).await.1.unwrap();
    let (visits, conversation) = advance(&projection, &talk, &records[2..]).await;
    assert_eq!(visits, [(3, None, 4, Status::Open), (4, None, 4, Status::Open)]);
    assert_eq!(conversation.unwrap(), talk.state);
}

#[tokio::test]
async fn what_the_log_does_not_hold_any_more_comes_from_the_database() {
    let desk = Desk::new();
    let mut talk = reopened(&desk).await;
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let position = desk.position(&talk).await;
    desk.log.trim(&position.stream, position.last_seq).await.unwrap();
    talk.append_first("on a log that was trimmed").await;
    let last = records(&desk, &talk).await;
    let projection = projection(&desk);

    desk.store.set_available(false);
    let (visits, failed) = advance(&projection, &talk, &last).await;
    assert!(visits.is_empty() && matches!(failed, Err(WorkerError::Store(_))), "{visits:?} {failed:?}");
    desk.store.set_available(true);
    let (visits, conversation) = advance(&projection, &talk, &last).await;
    assert_eq!(visits, [(5, Some(Status::Open), 5, Status::Open)]);
    assert_eq!(conversation.unwrap(), talk.state);
}

#[tokio::test]
async fn an_entry_that_neither_log_nor_database_holds_is_named() {
    let desk = Desk::new();
    let mut talk = reopened(&desk).await;
    let position = desk.position(&talk).await;
    desk.log.trim(&position.stream, position.last_seq).await.unwrap();
    talk.append_first("after a loss").await;
    let (visits, failed) = advance(&projection(&desk), &talk, &records(&desk, &talk).await).await;
    let is_named = matches!(failed, Err(WorkerError::Missing { key, seq: 1 }) if key == talk.key);
    assert!(visits.is_empty() && is_named, "{visits:?} {failed:?}");
}
