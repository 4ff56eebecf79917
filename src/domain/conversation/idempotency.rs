//! Idempotency of requests: the same id and content get the same answer for ever.

use std::collections::VecDeque;

use super::{
    command::{Digest, Request},
    entry::{Answer, Entry},
    rejection::Rejection,
    state::Conversation,
};
use crate::{ids::ClientId, participant::Participant};

/// What is known of a request's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// An id that was certainly never used.
    New,
    /// Logged before, with the same content: as [`Entry::outcome`] says.
    Same(Result<Answer, Rejection>),
    /// Logged before, with other content.
    Reused,
    /// Older than what is remembered here: the store must be asked.
    Unknown,
}

/// The newest logged requests of one conversation.
///
/// Holds every request whose entry the database may not hold yet, and some more, so that an id which is neither here
/// nor in the database was never used.
#[derive(Debug, Clone, Default)]
pub struct RecentRequests {
    seen: VecDeque<Seen>,
    persisted_seq: u64,
}

#[derive(Debug, Clone)]
struct Seen {
    sender: Participant,
    client_id: ClientId,
    digest: Digest,
    seq: u64,
    outcome: Result<Answer, Rejection>,
}

impl RecentRequests {
    /// How many persisted requests are remembered at most.
    pub const KEPT: usize = 64;

    /// Remembers the request that caused `entry`.
    pub fn remember(&mut self, entry: &Entry) {
        let Entry { client_id, digest, seq, .. } = *entry;
        self.seen.push_back(Seen { sender: entry.author.member, client_id, digest, seq, outcome: entry.outcome() });
        self.shrink();
    }

    /// Learns that the database holds every entry up to `seq`.
    pub fn persisted(&mut self, seq: u64) {
        self.persisted_seq = self.persisted_seq.max(seq);
        self.shrink();
    }

    /// How many requests are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// What is known of `request`'s id. `conversation` is the one whose entries were remembered.
    ///
    /// Ids are UUIDv7, so a sender's fresh id is nearly always higher than any it used before: then it is certainly
    /// new, and no look-up is needed. Anything else that is not remembered costs one look-up by the store's unique key.
    #[must_use]
    pub fn check(&self, conversation: &Conversation, request: &Request) -> Known {
        let (sender, client_id) = (request.principal.participant(), request.client_id);
        if let Some(seen) = self.seen.iter().rev().find(|seen| seen.sender == sender && seen.client_id == client_id) {
            let same = seen.digest == request.command.digest();
            return if same { Known::Same(seen.outcome.clone()) } else { Known::Reused };
        }
        match conversation.highest_ids.iter().find(|(member, _)| *member == sender) {
            Some((_, highest)) if client_id <= *highest => Known::Unknown,
            _ => Known::New,
        }
    }

    fn shrink(&mut self) {
        while self.seen.len() > Self::KEPT && self.seen.front().is_some_and(|seen| seen.seq <= self.persisted_seq) {
            self.seen.pop_front();
        }
    }
}
