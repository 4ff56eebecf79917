//! Talking to the broker: one connection that is replaced when it is lost, and publishing, reading and subscribing over
//! it.

mod backoff;
mod connection;
mod payload;
mod publish;
mod read;
mod reconnects;
mod stream_record;
mod subscription;
mod unavailable;

use std::sync::Arc;

use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    error::SetupError,
    options::NatsOptions,
    subjects::{Subjects, Token},
    topology::Topology,
};

pub(crate) use backoff::Backoff;
pub(crate) use connection::{Connection, Connections, NotConnected};
pub(crate) use payload::{pack, unpack_or_raw};
pub(crate) use publish::{PublishFailure, publish, publish_stored};
pub(crate) use read::{LeaderRead, read_from_any, read_from_leader};
pub(crate) use stream_record::{SUBJECT_HEADER, StreamRecord, numeric_header};
pub(crate) use subscription::{Decoded, Received, Subscription, count_undecodable};
pub(crate) use unavailable::{BoxError, Unavailable, bounded};

/// The connection and what every request needs; shared by all clones of the log.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) connections: Connections,
    pub(crate) topology: Topology,
    pub(crate) options: NatsOptions,
    /// One permit for each append that may wait for the broker.
    pub(crate) append_slots: Arc<Semaphore>,
    /// Identifies this process in the subjects of heartbeats.
    pub(crate) node: Token,
}

impl Client {
    /// Connects, and stays connected from then on.
    ///
    /// # Errors
    /// [`SetupError`] when no server answers within [`NatsOptions::patience`], refuses the user, or is unsuitable.
    pub(crate) async fn connect(options: NatsOptions) -> Result<Self, SetupError> {
        let topology = options.topology()?;
        let connections = Connections::connect(&options).await?;
        let append_slots = Arc::new(Semaphore::new(options.max_in_flight));
        let node = Token::new(&Uuid::new_v4().to_string()).expect("a UUID has letters, digits and hyphens only");
        Ok(Self { connections, topology, options, append_slots, node })
    }

    /// The present connection.
    ///
    /// # Errors
    /// [`Unavailable`] while there is none.
    pub(crate) fn connection(&self) -> Result<Arc<Connection>, Unavailable> {
        self.connections.get().map_err(Unavailable::new)
    }

    pub(crate) const fn subjects(&self) -> &Subjects {
        &self.topology.subjects
    }
}
