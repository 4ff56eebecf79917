//! The conversation as an entity of the runtime.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use frontdesk_domain::{Command, ConversationKey, InboxRules, Partition, Rejection, Request};
use frontdesk_ports::commands::ExecuteError;
use tokio::sync::watch;

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
    type Loaded = (Loaded, Option<watch::Receiver<InboxRules>>);
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

    async fn load(ports: Arc<HostPorts>, key: ConversationKey) -> Result<Self::Loaded, LoadError> {
        let loaded = load(&ports, key).await?;
        let rules = match &loaded.state.opening {
            Some(opening) => Some(ports.inbox_rules.watch(key.tenant, opening.inbox).await),
            None => None,
        };
        Ok((loaded, rules))
    }

    fn exists((loaded, _): &Self::Loaded) -> bool {
        loaded.state.opening.is_some()
    }

    fn new(ports: Arc<HostPorts>, lease: Lease<ConversationKey>, (loaded, rules): Self::Loaded) -> Self {
        Self::new(ports, lease, loaded, rules)
    }
}

impl EntityCall for Call {
    fn starts(&self) -> bool {
        // These concern subscribers, and without an actor there are none.
        !matches!(self, Self::Leave { .. } | Self::Renew { .. } | Self::Receipt(_) | Self::Typing { .. })
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
            // A receipt is repeated with the next one, typing matters only now; the rest is made up for by a catch-up.
            Self::Receipt(_)
            | Self::Leave { .. }
            | Self::Typing { .. }
            | Self::Live(_)
            | Self::Ack(_)
            | Self::Signal(_) => {}
        }
    }
}

const fn read_error(why: Refusal) -> ReadError {
    match why {
        Refusal::Busy | Refusal::Unavailable => ReadError::Unavailable,
        Refusal::Absent => ReadError::NotFound,
    }
}
