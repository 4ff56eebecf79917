//! Change notices: published without storing, to all processes of the installation.

use frontdesk_domain::TenantId;
use frontdesk_ports::{LogError, LogStream, Notice, NoticeEvent, NoticeKind};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    client::{Client, Received, Subscription, bounded, count_undecodable},
    subjects::Subjects,
};

/// What the payload says; tenant and kind are in the subject.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    object: Uuid,
    version: u64,
}

/// Hands a notice to the connection.
pub(crate) async fn publish(client: &Client, notice: &Notice) -> Result<(), LogError> {
    let connection = client.connection()?;
    let subject = client.subjects().notice(notice.tenant, &notice.kind);
    let payload = Payload { object: notice.object, version: notice.version };
    let payload = serde_json::to_vec(&payload).map_err(|error| LogError::Unavailable(error.into()))?;
    Ok(bounded(SEND_TIMEOUT, connection.client.publish(subject, payload.into())).await?)
}

/// Every notice from now on. [`NoticeEvent::Missed`] after a lost connection, and after the client dropped messages
/// because a buffer was full.
pub(crate) async fn subscribe(client: &Client) -> Result<LogStream<NoticeEvent>, LogError> {
    let subjects = client.subjects().clone();
    let reconnects = client.connections.reconnects.watch();
    let subscription = Subscription::open(client, subjects.notices()).await?;
    let listener = Listener { subscription, reconnects, subjects };
    Ok(Box::pin(stream::unfold(listener, |mut listener| async move {
        listener.next().await.map(|event| (event, listener))
    })))
}

struct Listener {
    subscription: Subscription,
    reconnects: watch::Receiver<u64>,
    subjects: Subjects,
}

impl Listener {
    async fn next(&mut self) -> Option<NoticeEvent> {
        loop {
            let received = tokio::select! {
                received = self.subscription.next() => received?,
                Ok(()) = self.reconnects.changed() => return Some(NoticeEvent::Missed),
            };
            let message = match received {
                Received::Message(message) => message,
                Received::Resumed(_) => return Some(NoticeEvent::Missed),
            };
            match decode(&self.subjects, &message.subject, &message.payload) {
                Some(notice) => return Some(NoticeEvent::Changed(notice)),
                None => count_undecodable(&message.subject),
            }
        }
    }
}

fn decode(subjects: &Subjects, subject: &str, payload: &[u8]) -> Option<Notice> {
    let (tenant, kind): (TenantId, NoticeKind) = subjects.parse_notice(subject)?;
    let Payload { object, version } = serde_json::from_slice(payload).ok()?;
    Some(Notice { tenant, kind, object, version })
}

/// Longest wait for room in the client's send queue.
const SEND_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::Token;

    #[test]
    fn the_bytes_of_a_notice_are_pinned_and_unknown_fields_are_ignored() {
        let subjects = Subjects::new(Token::usual_prefix());
        let (tenant, object) = (TenantId(Uuid::from_u128(1)), Uuid::from_u128(2));
        let notice = Notice { tenant, kind: NoticeKind::SETTINGS, object, version: 7 };
        let subject = subjects.notice(tenant, &notice.kind);
        assert_eq!(subject, "desk.notice.00000000-0000-0000-0000-000000000001.settings");
        let payload = br#"{"object":"00000000-0000-0000-0000-000000000002","version":7}"#;
        assert_eq!(serde_json::to_vec(&Payload { object, version: 7 }).unwrap(), payload);
        let later = br#"{"object":"00000000-0000-0000-0000-000000000002","version":7,"by":"x"}"#;
        assert_eq!(decode(&subjects, &subject, later), Some(notice));
        assert_eq!(decode(&subjects, "desk.notice.x.settings", payload), None);
        assert_eq!(decode(&subjects, &subject, b"{}"), None);
    }
}
