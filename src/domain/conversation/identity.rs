//! Whether a request was seen before: the same id and content get the same answer for ever.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{command::Digest, event::Entry};
use crate::{ids::ClientId, member::Member, timestamp::Timestamp};

/// What a sender is told about an entry of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The entry's number.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
}

/// What is known of a request's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Certainly new.
    New,
    /// Logged before, with the same content.
    Same(Answer),
    /// Logged before, with other content.
    Reused,
    /// Older than what is remembered here: the store must be asked.
    Unknown,
}

/// The ids of logged requests: the newest in full, of the older ones only the highest of each sender.
///
/// Ids are UUIDv7, so a sender's fresh id is nearly always higher than any it used before: then it is certainly new, and
/// nobody has to be asked. Anything else costs one look-up by the store's unique key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    highest: Vec<(Member, ClientId)>,
    #[serde(skip)]
    recent: VecDeque<Seen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    sender: Member,
    client_id: ClientId,
    digest: Digest,
    answer: Answer,
}

/// How many ids are remembered in full.
const RECENT: usize = 64;

impl Identity {
    pub(super) fn check(&self, sender: Member, client_id: ClientId, digest: Digest) -> Known {
        if let Some(seen) = self
            .recent
            .iter()
            .rev()
            .find(|seen| seen.sender == sender && seen.client_id == client_id)
        {
            return if seen.digest == digest {
                Known::Same(seen.answer)
            } else {
                Known::Reused
            };
        }
        match self.highest.iter().find(|(member, _)| *member == sender) {
            Some((_, highest)) if client_id <= *highest => Known::Unknown,
            _ => Known::New,
        }
    }

    pub(super) fn remember(&mut self, entry: &Entry) {
        let (sender, client_id) = (entry.author.member, entry.client_id);
        match self.highest.iter_mut().find(|(member, _)| *member == sender) {
            Some((_, highest)) => *highest = (*highest).max(client_id),
            None => self.highest.push((sender, client_id)),
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        let answer = Answer {
            seq: entry.seq,
            at: entry.at,
        };
        self.recent.push_back(Seen {
            sender,
            client_id,
            digest: entry.digest,
            answer,
        });
    }
}
