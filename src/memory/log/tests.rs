use std::{sync::Arc, time::Duration};

use super::{AppendFault, MemoryLog};
use frontdesk_ports::{
    contract::log::{LogUnderTest, message, some_conversation},
    error::LogError,
    log::{AppendError, Liveness as _, MessageLog as _},
};

async fn fresh() -> LogUnderTest {
    let log = MemoryLog::new();
    let ack_wait = Duration::from_millis(400);
    log.set_ack_wait(ack_wait);
    let other = log.clone();
    LogUnderTest {
        feed: Arc::new(log.clone()),
        other_feed: Arc::new(other.clone()),
        dead_letter_sink: Arc::new(log.clone()),
        dead_letters: Arc::new(log.clone()),
        trim: Arc::new(log.clone()),
        persist: log.persist_work(),
        other_persist: other.persist_work(),
        push: log.push_work(),
        receipts: log.receipts_work(),
        log: Arc::new(log),
        other: Arc::new(other),
        ack_wait,
        keep: Box::new(()),
    }
}

frontdesk_ports::log_contract!(fresh);

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_record_behind() {
    let (log, key) = (MemoryLog::new(), some_conversation());
    log.fail_next_append(AppendFault::AnswerLost);
    log.fail_next_append(AppendFault::Lost);
    let envelope = message(key, 1, "there?");
    assert!(matches!(log.append(&envelope, 0).await, Err(AppendError::Unknown(_))));
    let place = log.last(key).await.unwrap().unwrap().log_seq;
    assert!(matches!(log.append(&message(key, 2, "x"), place).await, Err(AppendError::Unknown(_))));
    assert_eq!(log.last(key).await.unwrap().unwrap().log_seq, place);
    log.append(&message(key, 2, "x"), place).await.unwrap();
}

#[tokio::test]
async fn nothing_works_while_it_is_unavailable_and_everything_after() {
    let (log, key) = (MemoryLog::new(), some_conversation());
    log.set_unavailable(true);
    assert!(matches!(log.append(&message(key, 1, "a"), 0).await, Err(AppendError::Unavailable(_))));
    assert!(matches!(log.last(key).await, Err(LogError::Unavailable(_))));
    assert!(log.persist_work().take(1, Duration::ZERO).await.is_err());
    log.set_unavailable(false);
    log.append(&message(key, 1, "a"), 0).await.unwrap();
}

#[tokio::test]
async fn a_held_append_has_no_effect_until_it_is_released() {
    let (log, key) = (MemoryLog::new(), some_conversation());
    log.hold_appends(true);
    let held = tokio::spawn({
        let log = log.clone();
        async move { log.append(&message(key, 1, "a"), 0).await }
    });
    tokio::task::yield_now().await;
    assert_eq!(log.last(key).await.unwrap(), None);
    log.hold_appends(false);
    held.await.unwrap().unwrap();
    assert!(log.last(key).await.unwrap().is_some());
}

#[tokio::test]
async fn a_record_that_nobody_can_read_is_an_error_once_it_is_the_first() {
    let (log, key) = (MemoryLog::new(), some_conversation());
    let place = log.append(&message(key, 1, "a"), 0).await.unwrap();
    let poison = log.append_raw(key, b"\xc1".as_slice().into());
    assert_eq!(log.read(key, 0, 10).await.unwrap().len(), 1);
    for found in [log.read(key, place, 10).await.map(|_| ()), log.last(key).await.map(|_| ())] {
        assert!(matches!(found, Err(LogError::Poison { log_seq, .. }) if log_seq == poison));
    }
}

#[tokio::test]
async fn what_was_lost_in_silence_counts_as_a_reconnect_once_it_delivers_again() {
    let (log, key) = (MemoryLog::new(), some_conversation());
    let reconnects = log.reconnects();
    log.set_live_paused(true);
    log.append(&message(key, 1, "unheard"), 0).await.unwrap();
    assert_eq!(*reconnects.borrow(), 0);
    log.set_live_paused(false);
    assert_eq!(*reconnects.borrow(), 1);
}
