//! A subscription that outlives connections.

use std::{sync::Arc, time::Duration};

use async_nats::{Message, Subscriber, client::RequestErrorKind};
use frontdesk_ports::{LogError, LogStream};
use futures_util::{StreamExt as _, stream};
use tokio::time::sleep;

use crate::{
    interruptions::Broken,
    link::{Link, Links, bounded},
    log::Shared,
};

/// A subscription to one subject, made again on each new connection.
pub(crate) struct Subscription {
    links: Links,
    subject: String,
    nobody: String,
    open: Option<(Arc<Link>, Subscriber)>,
    /// While it hears nothing.
    broken: Option<Broken>,
}

/// What comes of a subscription.
pub(crate) enum Heard {
    /// A message.
    Message(Message),
    /// A new connection; what was published since the old one was cut was not heard.
    Resumed(Arc<Link>),
}

/// What a message is.
pub(crate) enum Decoded<T> {
    /// What was subscribed to.
    Item(T),
    /// A heartbeat, which was noted.
    Beat,
    /// Nothing that this version knows.
    Nothing,
}

impl<T> From<Option<T>> for Decoded<T> {
    fn from(item: Option<T>) -> Self {
        item.map_or(Self::Nothing, Self::Item)
    }
}

impl Subscription {
    /// Subscribes. Once it returns, the broker sends whatever comes.
    pub(crate) async fn open(shared: &Shared, subject: String) -> Result<Self, LogError> {
        let links = shared.links.clone();
        let nobody = shared.subjects().nobody();
        let link = links.reach()?;
        let subscriber = subscribe(&link, &subject, &nobody).await?;
        Ok(Self { links, subject, nobody, open: Some((link, subscriber)), broken: None })
    }

    /// The next message or change. `None` once there will never be a connection again.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        loop {
            let Some((link, subscriber)) = &mut self.open else {
                let link = self.links.after(None).await?;
                match subscribe(&link, &self.subject, &self.nobody).await {
                    Ok(subscriber) => {
                        self.open = Some((Arc::clone(&link), subscriber));
                        self.broken = None;
                        return Some(Heard::Resumed(link));
                    }
                    Err(_) => sleep(Duration::from_millis(100)).await, // this connection seems to be ending as well
                }
                continue;
            };
            tokio::select! {
                message = subscriber.next() => match message {
                    Some(message) => return Some(Heard::Message(message)),
                    None => self.lose(),
                },
                _ = self.links.after(Some(link)) => self.lose(),
            }
        }
    }

    fn lose(&mut self) {
        self.broken = Some(self.links.interruptions.begin());
        self.open = None;
    }

    /// Its messages, decoded. What cannot be decoded is counted and passed over: it matters only now.
    pub(crate) fn decoded<T: Send + 'static>(
        self,
        decode: impl Fn(&Message) -> Decoded<T> + Send + Sync + 'static,
    ) -> LogStream<T> {
        Box::pin(stream::unfold((self, decode), |(mut subscription, decode)| async move {
            loop {
                if let Heard::Message(message) = subscription.next().await? {
                    match decode(&message) {
                        Decoded::Item(item) => return Some((item, (subscription, decode))),
                        Decoded::Beat => {}
                        Decoded::Nothing => undecodable(&message.subject),
                    }
                }
            }
        }))
    }
}

/// Counts a message that is passed over.
pub(crate) fn undecodable(subject: &str) {
    metrics::counter!("desk_broker_undecodable_total").increment(1);
    tracing::warn!(subject, "passing over a message that cannot be decoded");
}

/// Subscribes and waits until the broker knows: it answers a request in vain only after all that was sent before it.
async fn subscribe(link: &Link, subject: &str, nobody: &str) -> Result<Subscriber, LogError> {
    let subscriber = bounded(PATIENCE, link.client.subscribe(subject.to_owned())).await?;
    let asked = tokio::time::timeout(PATIENCE, link.client.request(nobody.to_owned(), "".into())).await;
    match asked.map_err(|elapsed| LogError::Unavailable(elapsed.into()))? {
        Err(error) if error.kind() != RequestErrorKind::NoResponders => Err(LogError::Unavailable(error.into())),
        _ => Ok(subscriber),
    }
}

/// How long the broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
