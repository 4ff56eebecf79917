//! What every [`Notices`] promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{any::Any, sync::Arc, time::Duration};

use frontdesk_domain::TenantId;
use futures_util::StreamExt as _;
use uuid::Uuid;

use crate::{
    log::LogStream,
    notices::{Notice, NoticeEvent, NoticeKind, Notices},
};

/// An implementation through two handles.
pub struct NoticesUnderTest {
    /// One handle.
    pub notices: Arc<dyn Notices>,
    /// Another, as another process has it.
    pub other: Arc<dyn Notices>,
    /// Whatever must live as long, such as a server.
    pub keep: Box<dyn Any + Send + Sync>,
}

impl NoticesUnderTest {
    /// The next event of a subscription, within five seconds.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next(stream: &mut LogStream<NoticeEvent>) -> NoticeEvent {
        let next = tokio::time::timeout(Duration::from_secs(5), stream.next()).await;
        next.expect("a notice within 5 s").expect("the subscription goes on")
    }
}

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives a [`NoticesUnderTest`].
#[macro_export]
macro_rules! notices_contract {
    ($fresh:path) => {
        $crate::notices_contract! { @each $fresh:
            a_notice_reaches_every_process_the_own_one_included
            notices_of_all_tenants_and_kinds_are_received_in_the_order_of_their_sender
            a_subscriber_receives_no_earlier_notice
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                $crate::contract::notices::$promise($fresh().await).await;
            }
        )*
    };
}

/// A notice of an object that no other test has.
#[must_use]
pub fn some_notice(kind: NoticeKind, version: u64) -> Notice {
    Notice { tenant: TenantId(Uuid::new_v4()), kind, object: Uuid::new_v4(), version }
}

/// Also with the largest version.
pub async fn a_notice_reaches_every_process_the_own_one_included(t: NoticesUnderTest) {
    let mut here = t.notices.subscribe().await.unwrap();
    let mut there = t.other.subscribe().await.unwrap();
    let notice = some_notice(NoticeKind::SETTINGS, u64::MAX);
    t.notices.publish(&notice).await.unwrap();
    for stream in [&mut here, &mut there] {
        assert_eq!(NoticesUnderTest::next(stream).await, NoticeEvent::Changed(notice.clone()));
    }
}

/// A kind that this version does not know included.
pub async fn notices_of_all_tenants_and_kinds_are_received_in_the_order_of_their_sender(t: NoticesUnderTest) {
    let mut stream = t.other.subscribe().await.unwrap();
    let later = NoticeKind::parse("something_of_a_later_version").unwrap();
    let kinds = [NoticeKind::SETTINGS, NoticeKind::INBOX, later, NoticeKind::SETTINGS];
    let sent: Vec<_> = (1..).zip(kinds).map(|(version, kind)| some_notice(kind, version)).collect();
    for notice in &sent {
        t.notices.publish(notice).await.unwrap();
    }
    for notice in sent {
        assert_eq!(NoticesUnderTest::next(&mut stream).await, NoticeEvent::Changed(notice));
    }
}

/// Notices are not stored.
pub async fn a_subscriber_receives_no_earlier_notice(t: NoticesUnderTest) {
    let mut early = t.notices.subscribe().await.unwrap();
    let (before, after) = (some_notice(NoticeKind::TEAM, 1), some_notice(NoticeKind::TEAM, 2));
    t.notices.publish(&before).await.unwrap();
    assert_eq!(NoticesUnderTest::next(&mut early).await, NoticeEvent::Changed(before));
    let mut late = t.notices.subscribe().await.unwrap();
    t.notices.publish(&after).await.unwrap();
    assert_eq!(NoticesUnderTest::next(&mut late).await, NoticeEvent::Changed(after));
}
