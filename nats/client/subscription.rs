//! A subscription that outlives connections.

use std::{sync::Arc, time::Duration};

use async_nats::{Message, Subscriber, client::RequestErrorKind};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use tokio::time::sleep;

use super::{Client, Connection, Connections, Unavailable, bounded, reconnects::Outage};

/// A subscription to one subject, renewed on each new connection.
pub(crate) struct Subscription {
    connections: Connections,
    subject: String,
    no_responder: String,
    open: Option<(Arc<Connection>, Subscriber)>,
    /// Set while it receives nothing.
    outage: Option<Outage>,
}

/// What a subscription receives.
pub(crate) enum Received {
    /// A message of the subscribed subject.
    Message(Message),
    /// A new connection; messages published since the old one was cut were missed.
    Resumed(Arc<Connection>),
}

/// A message after decoding, or the notice that some may be missing.
pub(crate) enum Decoded<T> {
    /// An item of the kind that was subscribed to.
    Item(T),
    /// A heartbeat; it was recorded.
    Heartbeat,
    /// This version cannot decode it.
    Unknown,
}

impl<T> From<Option<T>> for Decoded<T> {
    fn from(item: Option<T>) -> Self {
        item.map_or(Self::Unknown, Self::Item)
    }
}

impl Subscription {
    /// Subscribes. Once it returns, the broker delivers every message from then on.
    pub(crate) async fn open(client: &Client, subject: String) -> Result<Self, Unavailable> {
        let connections = client.connections.clone();
        let no_responder = client.subjects().no_responder();
        let connection = client.connection()?;
        let subscriber = subscribe(&connection, &subject, &no_responder).await?;
        Ok(Self { connections, subject, no_responder, open: Some((connection, subscriber)), outage: None })
    }

    /// The next message, or the next new connection. `None` when there will be no connection any more.
    pub(crate) async fn next(&mut self) -> Option<Received> {
        loop {
            let Some((connection, subscriber)) = &mut self.open else {
                let connection = self.connections.after(None).await?;
                match subscribe(&connection, &self.subject, &self.no_responder).await {
                    Ok(subscriber) => {
                        self.open = Some((Arc::clone(&connection), subscriber));
                        self.outage = None;
                        return Some(Received::Resumed(connection));
                    }
                    Err(_) => sleep(Duration::from_millis(100)).await, // this connection was probably cut as well
                }
                continue;
            };
            tokio::select! {
                message = subscriber.next() => match message {
                    Some(message) => return Some(Received::Message(message)),
                    None => self.begin_outage(),
                },
                _ = self.connections.after(Some(connection)) => self.begin_outage(),
            }
        }
    }

    fn begin_outage(&mut self) {
        self.outage = Some(self.connections.reconnects.outage());
        self.open = None;
    }

    /// Its messages, decoded. One that cannot be decoded is counted and skipped.
    pub(crate) fn decoded<T: Send + 'static>(
        self,
        decode: impl Fn(&Message) -> Decoded<T> + Send + Sync + 'static,
    ) -> BoxStream<'static, T> {
        Box::pin(stream::unfold((self, decode), |(mut subscription, decode)| async move {
            loop {
                if let Received::Message(message) = subscription.next().await? {
                    match decode(&message) {
                        Decoded::Item(item) => return Some((item, (subscription, decode))),
                        Decoded::Heartbeat => {}
                        Decoded::Unknown => count_undecodable(&message.subject),
                    }
                }
            }
        }))
    }
}

/// Counts and logs a message that is skipped.
pub(crate) fn count_undecodable(subject: &str) {
    metrics::counter!("desk_broker_undecodable_total").increment(1);
    tracing::warn!(subject, "skipping a message that cannot be decoded");
}

/// Subscribes and waits until the broker has registered it: the broker answers a request that has no responder only
/// after it processed everything sent before.
async fn subscribe(connection: &Connection, subject: &str, no_responder: &str) -> Result<Subscriber, Unavailable> {
    let subscriber = bounded(ANSWER_TIMEOUT, connection.client.subscribe(subject.to_owned())).await?;
    let asked =
        tokio::time::timeout(ANSWER_TIMEOUT, connection.client.request(no_responder.to_owned(), "".into())).await;
    match asked.map_err(Unavailable::new)? {
        Err(error) if error.kind() != RequestErrorKind::NoResponders => Err(Unavailable::new(error)),
        _ => Ok(subscriber),
    }
}

/// Time limit for the broker's answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
