//! The conversation as an entity of the runtime.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use frontdesk_domain::{Command, ConversationKey, Partition, Rejection, Request};
use frontdesk_ports::commands::ExecuteError;

use super::{
    actor::ConversationActor,
    call::{BUSY_RETRY_MS, Call, ExecuteCall, LONGEST_WAIT, ReadError},
    load::{LoadError, Loaded, load},
};
use crate::{
    ports::HostPorts,
    runtime::{Entity, EntityCall, EntityMetrics, Lease, Limits, Refusal},
};

impl Entity for ConversationActor {
    type Key = ConversationKey;
    type Call = Call;
    type Ports = HostPorts;
    type Loaded = Loaded;
    type LoadError = LoadError;

    const METRICS: EntityMetrics = EntityMetrics {
        shard_full: "desk_shard_mailbox_full_total",
        mailbox_full: "desk_conversation_mailbox_full_total",
        load_seconds: "desk_conversation_load_seconds",
        deaths: "desk_conversation_deaths_total",
        stale: "desk_heartbeat_lost_total",
    };

    fn partition(key: &ConversationKey) -> Partition {
        Partition::of(key)
    }

    fn limits(ports: &HostPorts) -> Limits {
        Limits {
            mailbox: ports.settings.mailbox_capacity,
            waiting: ports.settings.queue_capacity,
            longest_wait: LONGEST_WAIT,
        }
    }

    async fn load(ports: Arc<HostPorts>, key: ConversationKey) -> Result<Loaded, LoadError> {
        load(&ports, key).await
    }

    fn exists(loaded: &Loaded) -> bool {
        loaded.state.opening.is_some()
    }

    fn new(ports: Arc<HostPorts>, lease: Lease<ConversationKey>, loaded: Loaded) -> Self {
        Self::new(ports, lease, loaded)
    }
}

impl EntityCall for Call {
    fn starts(&self) -> bool {
        // A leave or a receipt concerns subscribers, and without an actor there are none.
        !matches!(self, Self::Leave { .. } | Self::Renew { .. } | Self::Receipt(_))
    }

    fn creates(&self) -> bool {
        matches!(self, Self::Execute(ExecuteCall { request: Request { command: Command::Open { .. }, .. }, .. }))
    }

    fn is_resent_by_catching_up(&self) -> bool {
        matches!(self, Self::Live(_) | Self::Ack(_))
    }

    fn waiting_since(&self) -> Option<Duration> {
        if let Self::Execute(call) = self { Some(call.since) } else { None }
    }

    fn refuse(self, why: Refusal) {
        match self {
            Self::Execute(call) => call.reply.send(Err(match why {
                Refusal::Busy => ExecuteError::Overloaded { retry_after_ms: BUSY_RETRY_MS },
                Refusal::Unavailable => ExecuteError::Unavailable,
                Refusal::Absent => ExecuteError::Rejected(Rejection::NotFound),
            })),
            Self::Watch(call) => {
                let _gone = call.refused.send(read_error(why));
            }
            Self::Range(call) => {
                let _gone = call.reply.send(Err(read_error(why)));
            }
            // A session that would be told what it may not see any more closes, and comes back as who it is now.
            Self::Renew { lagging, .. } if why != Refusal::Absent => lagging.store(true, Ordering::Release),
            Self::Renew { .. } => {}
            // A receipt is repeated with the next one; the rest is made up for by a catch-up.
            Self::Receipt(_) | Self::Leave { .. } | Self::Live(_) | Self::Ack(_) | Self::Signal(_) => {}
        }
    }
}

const fn read_error(why: Refusal) -> ReadError {
    match why {
        Refusal::Busy | Refusal::Unavailable => ReadError::Unavailable,
        Refusal::Absent => ReadError::NotFound,
    }
}
