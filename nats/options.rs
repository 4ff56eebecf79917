//! How to reach a broker, and what is expected of it.

use std::time::Duration;

use frontdesk_config::{BrokerMode, BrokerSettings, SyncInterval, WorkersSettings};
use frontdesk_domain::PARTITIONS;
use frontdesk_protocol::socket::Durability;
use secrecy::SecretString;

use crate::{
    error::SetupError,
    local_user::LocalUser,
    subjects::{Subjects, Token},
    topology::Topology,
};

/// How to reach a broker, and what is expected of it.
#[derive(Debug, Clone)]
pub struct NatsOptions {
    /// Which desk this is, as its database says. A broker whose streams are another desk's is not used.
    pub desk: String,
    /// Servers, such as `nats://10.0.0.5:4222`; each attempt tries the next one.
    pub urls: Vec<String>,
    /// Name and password at the broker; `None` connects without.
    pub credentials: Option<(String, SecretString)>,
    /// Where answers are sent. The broker lets each user listen on its own only.
    pub inbox_prefix: String,
    /// First token of every subject.
    pub subject_prefix: String,
    /// Over how many streams the 64 partitions are spread.
    pub message_streams: u16,
    /// Copies of each stream.
    pub replicas: usize,
    /// Room for each message stream, in bytes.
    pub message_stream_bytes: u64,
    /// Room for all other streams together, in bytes.
    pub other_bytes: u64,
    /// What it takes to lose an acknowledged record, given how the broker is set up.
    pub durability: Durability,
    /// How long records stay after the database holds them.
    pub retain: Duration,
    /// How long they stay in a stream that is nearly full. At most `retain`.
    pub retain_at_least: Duration,
    /// How long an acknowledgement may take. At most 2 s.
    pub ack_timeout: Duration,
    /// How long a delivery may stay unanswered before it is handed out again.
    pub ack_wait: Duration,
    /// Appends that may wait for the broker at once; more wait for a place, and are refused when none comes free.
    pub max_in_flight: usize,
    /// Whether missing streams and consumers are made, which only the core user may do, or just looked for.
    pub creates_missing: bool,
    /// How long the first connection may take, all attempts together.
    pub patience: Duration,
}

impl NatsOptions {
    /// As the settings say, for an external broker; add [`Self::with_local`] for an embedded one.
    #[must_use]
    pub fn new(desk: String, broker: &BrokerSettings, workers: &WorkersSettings) -> Self {
        let user = broker.credentials_user.clone();
        Self {
            desk,
            urls: broker.urls.clone(),
            inbox_prefix: user.as_ref().map_or_else(|| "_INBOX".to_owned(), |user| format!("_INBOX.{user}")),
            credentials: user.zip(broker.credentials_password.clone()),
            subject_prefix: broker.subject_prefix.clone(),
            message_streams: broker.message_streams,
            replicas: broker.replicas,
            message_stream_bytes: broker.stream_max_bytes,
            other_bytes: broker.bytes_beside_messages(),
            durability: durability(broker),
            retain: broker.retain,
            retain_at_least: broker.retain_at_least.min(broker.retain),
            ack_timeout: broker.ack_timeout,
            ack_wait: workers.persist_ack_wait,
            max_in_flight: 1024,
            creates_missing: true,
            patience: Duration::from_secs(10),
        }
    }

    /// The same, at a local broker as one of its users.
    #[must_use]
    pub fn with_local(mut self, url: &str, user: &LocalUser) -> Self {
        self.urls = vec![url.to_owned()];
        self.credentials = Some((user.name.clone(), user.password.clone()));
        self.inbox_prefix.clone_from(&user.inbox_prefix);
        self
    }

    /// What the broker must hold.
    ///
    /// # Errors
    /// [`SetupError::Prefix`] when the prefix is no token, [`SetupError::Streams`] when the number of streams cannot
    /// be.
    pub fn topology(&self) -> Result<Topology, SetupError> {
        if self.message_streams > PARTITIONS || !self.message_streams.is_power_of_two() {
            return Err(SetupError::Streams(self.message_streams));
        }
        Ok(Topology {
            desk: self.desk.clone(),
            subjects: Subjects::new(Token::new(&self.subject_prefix)?),
            message_streams: self.message_streams,
            replicas: self.replicas,
            message_stream_bytes: self.message_stream_bytes,
            other_bytes: self.other_bytes,
            ack_wait: self.ack_wait,
        })
    }
}

/// A majority of disks, one synced disk, or the operating system. An external broker's own configuration decides; we
/// can only repeat what the settings say about it.
fn durability(broker: &BrokerSettings) -> Durability {
    match (broker.replicas, broker.sync_interval, broker.mode) {
        (3.., _, BrokerMode::External) => Durability::Quorum,
        (_, SyncInterval::Always, _) => Durability::Disk,
        _ => Durability::Os,
    }
}
