//! What is removed from the log, and when.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_domain::Timestamp;
use frontdesk_ports::{LogError, StreamPosition, Trim};
use frontdesk_workers::{TrimWorker, Worker as _};

use super::desk::{Desk, NO_WAIT, Talk};

const RETAIN: Duration = Duration::from_secs(60);

/// The same in a stream that is crowded.
const LEAST: Duration = Duration::from_secs(10);

/// One stream, which stands where the test says.
struct OneStream(Mutex<StreamPosition>);

impl OneStream {
    fn stands(&self, processed_seq: u64, last_seq: u64) {
        let mut position = self.0.lock().expect("no panic");
        (position.processed_seq, position.last_seq) = (processed_seq, last_seq);
    }

    fn is_crowded(&self, crowded: bool) {
        self.0.lock().expect("no panic").crowded = crowded;
    }

    fn begins_anew(&self) {
        self.0.lock().expect("no panic").first_seq = 1;
    }

    /// The first record that is still there.
    fn first(&self) -> u64 {
        self.0.lock().expect("no panic").first_seq
    }
}

#[async_trait]
impl Trim for OneStream {
    async fn positions(&self) -> Result<Vec<StreamPosition>, LogError> {
        Ok(vec![self.0.lock().expect("no panic").clone()])
    }

    async fn trim(&self, _: &str, up_to_seq: u64) -> Result<(), LogError> {
        let mut position = self.0.lock().expect("no panic");
        assert!(up_to_seq <= position.processed_seq, "never beyond what is processed");
        position.first_seq = up_to_seq + 1;
        Ok(())
    }

    async fn trim_inbound(&self) -> Result<u64, LogError> {
        Ok(0)
    }

    fn retain(&self) -> Duration {
        RETAIN
    }
}

fn trimming(desk: &mut Desk) -> (Arc<OneStream>, TrimWorker) {
    desk.log.set_retention(LEAST);
    let position =
        StreamPosition { stream: "MESSAGES-0".into(), first_seq: 1, last_seq: 0, processed_seq: 0, crowded: false };
    let stream = Arc::new(OneStream(Mutex::new(position)));
    desk.ports.trim = stream.clone();
    let worker = desk.worker::<TrimWorker>();
    (stream, worker)
}

#[tokio::test]
async fn what_is_processed_goes_after_its_time_and_not_before() {
    let mut desk = Desk::new();
    let (stream, worker) = trimming(&mut desk);
    stream.stands(10, 15);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    desk.clock.advance(RETAIN / 2);
    stream.stands(20, 30);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 1, "all of it is too young");
    desk.clock.advance(RETAIN / 2);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 11);
    desk.clock.advance(RETAIN / 2);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 21);
    desk.clock.advance(RETAIN * 100);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 21, "the rest is not processed, however old it is");
}

#[tokio::test]
async fn a_crowded_stream_is_cleared_sooner_but_not_of_what_is_young_or_not_processed() {
    let mut desk = Desk::new();
    let (stream, worker) = trimming(&mut desk);
    stream.stands(10, 15);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    desk.clock.advance(LEAST / 2);
    stream.stands(20, 30);
    stream.is_crowded(true);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 1, "all of it is too young");
    desk.clock.advance(LEAST / 2);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 11);
    stream.is_crowded(false);
    desk.clock.advance(RETAIN / 2);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 11, "there is room again");
    stream.is_crowded(true);
    desk.clock.advance(RETAIN * 100);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 21, "the rest is not processed, however full it is");
}

#[tokio::test]
async fn a_jump_of_the_wall_clock_removes_nothing() {
    let mut desk = Desk::new();
    let (stream, worker) = trimming(&mut desk);
    stream.stands(10, 10);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    desk.clock.jump_to(Timestamp(i64::MAX / 2));
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 1);
    desk.clock.jump_to(Timestamp(0));
    desk.clock.advance(RETAIN);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 11, "and holds nothing back either");
}

#[tokio::test]
async fn a_stream_that_begins_anew_is_not_trimmed_by_what_was_seen_of_the_old_one() {
    let mut desk = Desk::new();
    let (stream, worker) = trimming(&mut desk);
    stream.stands(100, 100);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    desk.clock.advance(RETAIN);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 101);
    stream.begins_anew();
    stream.stands(5, 5);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 1);
    desk.clock.advance(RETAIN);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(stream.first(), 6);
}

#[tokio::test]
async fn what_is_not_in_the_database_is_never_removed() {
    let desk = Desk::new();
    desk.log.set_retention(RETAIN);
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(5).await;
    let worker = desk.worker::<TrimWorker>();
    desk.push_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    desk.clock.advance(RETAIN * 10);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(desk.position(&talk).await.first_seq, 1);
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    desk.clock.advance(RETAIN);
    worker.step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(desk.position(&talk).await.first_seq, 7);
}
