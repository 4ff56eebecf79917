//! A node of the model: the product's state machine, and the operation that its owner does for it.

use std::{sync::Arc, time::Duration};

use frontdesk_actors::conversation::{ConversationMachine, Loaded, MachineSettings, Tail};
use frontdesk_domain::Conversation;
use frontdesk_ports::Record;

use super::{COMMAND_TIMEOUT, Op};

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) machine: ConversationMachine<Op>,
    /// What its owner does for it.
    pub(super) work: Option<Work>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Work {
    /// `lost`: beyond the publishes of this model; nothing more comes of it.
    Appending {
        op: Op,
        upon: u64,
        lost: bool,
    },
    Reading {
        last_seq: u64,
    },
}

impl Node {
    /// A node that has just read the log.
    pub(super) fn on(log: &[Arc<Record>]) -> Self {
        let mut state = Conversation::default();
        log.iter().for_each(|record| state.apply(&record.envelope.entry));
        let tail = Tail { log_seq: log.last().map_or(0, |record| record.log_seq), known_at: Duration::ZERO };
        let entries = log.iter().map(|record| record.envelope.entry.clone()).collect();
        let loaded = Loaded { state, tail, persisted_seq: 0, entries, receipts: vec![] };
        let settings = MachineSettings {
            queue_capacity: 4,
            command_timeout: COMMAND_TIMEOUT,
            recent_entries: 4,
            retention: Duration::from_secs(3_600),
        };
        Self { machine: ConversationMachine::new(loaded, settings), work: None }
    }
}
