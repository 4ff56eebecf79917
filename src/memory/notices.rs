//! Change notices within one process, for tests: they can be told to lose notices.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use frontdesk_ports::{LogError, LogStream, Notice, NoticeEvent, Notices};
use futures_util::stream;
use tokio::sync::broadcast::{self, error::RecvError};

/// Change notices in memory. Handles that share an `Arc` of it are processes of one installation.
#[derive(Debug)]
pub struct MemoryNotices {
    sender: broadcast::Sender<NoticeEvent>,
    losing: AtomicBool,
}

impl MemoryNotices {
    /// A notice board without subscribers.
    #[must_use]
    pub fn new() -> Self {
        Self { sender: broadcast::channel(CAPACITY).0, losing: AtomicBool::new(false) }
    }

    /// While `losing`, notices are accepted and delivered to no one.
    pub fn set_losing(&self, losing: bool) {
        self.losing.store(losing, Ordering::Release);
    }

    /// Tells subscribers that notices may have been missed, as after a lost connection.
    pub fn reconnect(&self) {
        self.send(NoticeEvent::Missed);
    }

    fn send(&self, event: NoticeEvent) {
        // An error means that there is no subscriber.
        let _ = self.sender.send(event);
    }
}

impl Default for MemoryNotices {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Notices for MemoryNotices {
    async fn publish(&self, notice: &Notice) -> Result<(), LogError> {
        if !self.losing.load(Ordering::Acquire) {
            self.send(NoticeEvent::Changed(notice.clone()));
        }
        Ok(())
    }

    async fn subscribe(&self) -> Result<LogStream<NoticeEvent>, LogError> {
        let receiver = self.sender.subscribe();
        Ok(Box::pin(stream::unfold(receiver, |mut receiver| async move {
            match receiver.recv().await {
                Ok(event) => Some((event, receiver)),
                Err(RecvError::Lagged(_)) => Some((NoticeEvent::Missed, receiver)),
                Err(RecvError::Closed) => None,
            }
        })))
    }
}

/// Events that a subscriber may be behind before it is told that it missed some.
const CAPACITY: usize = 64;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use frontdesk_ports::{
        NoticeKind,
        contract::notices::{NoticesUnderTest, some_notice},
    };

    use super::*;

    async fn fresh() -> NoticesUnderTest {
        let notices = Arc::new(MemoryNotices::new());
        NoticesUnderTest { other: Arc::clone(&notices) as _, notices, keep: Box::new(()) }
    }

    frontdesk_ports::notices_contract!(fresh);

    #[tokio::test]
    async fn a_subscriber_that_is_too_far_behind_is_told_that_it_missed_some() {
        let notices = MemoryNotices::new();
        let mut stream = notices.subscribe().await.unwrap();
        for version in 0..=CAPACITY as u64 {
            notices.publish(&some_notice(NoticeKind::TEAM, version)).await.unwrap();
        }
        assert_eq!(NoticesUnderTest::next(&mut stream).await, NoticeEvent::Missed);
    }
}
