//! The agents whose lists an entry changes.

use std::collections::BTreeSet;

use frontdesk_domain::{AgentId, Conversation, Entry, Event, Participant, Status};
use frontdesk_ports::FeedTarget;

/// The agents whom the entries of a batch concern, in one conversation.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Targets {
    everyone: bool,
    holders: BTreeSet<AgentId>,
    /// Agents from whom an entry took the conversation.
    left: BTreeSet<AgentId>,
    /// Whether an entry gave the conversation to an agent, or opened it again.
    brought: bool,
}

impl Targets {
    /// Adds whom `entry` concerns: everyone when it may move the conversation between lists or it is unassigned, else
    /// its assignee. `before` is the status before it, if known; `after` the conversation with it.
    pub(super) fn add(&mut self, entry: &Entry, before: Option<Status>, after: &Conversation) {
        if entry.event.is_answer_only() {
            return;
        }
        if let Event::Assigned { from: Some(from), .. } | Event::Unassigned { from } = &entry.event {
            self.left.insert(*from);
        }
        let moves = match &entry.event {
            Event::MessageSent(_) => {
                // A contact's message opens the conversation again.
                matches!(entry.author.member, Participant::Contact(_)) && before != Some(Status::Open)
            }
            Event::NoteAdded(_) | Event::Unchanged | Event::Declined { .. } => false,
            Event::Opened { .. }
            | Event::Assigned { .. }
            | Event::Unassigned { .. }
            | Event::Resolved
            | Event::Reopened
            | Event::Pended
            | Event::Snoozed { .. }
            | Event::Tagged { .. }
            | Event::Untagged { .. }
            | Event::FieldSet(_)
            | Event::Unknown(_) => true,
        };
        self.brought |=
            moves && matches!(&entry.event, Event::MessageSent(_) | Event::Assigned { .. } | Event::Reopened);
        match after.assignee() {
            Some(holder) if !moves => {
                self.holders.insert(holder);
            }
            _ => self.everyone = true,
        }
    }

    /// Who held the conversation before and does not hold it after the batch.
    pub(super) fn former_holders(&self, after: &Conversation) -> BTreeSet<AgentId> {
        self.left.iter().filter(|agent| after.assignee() != Some(**agent)).copied().collect()
    }

    /// Whether the one who holds the conversation after the batch has to do something that was not there before.
    pub(super) const fn brought_to_holder(&self) -> bool {
        self.brought
    }

    /// Each once: everyone includes each.
    pub(super) fn iter(&self) -> impl Iterator<Item = FeedTarget> {
        let everyone = self.everyone.then_some(FeedTarget::Everyone);
        let holders = self.holders.iter().filter(|_| !self.everyone).copied().map(FeedTarget::Agent);
        everyone.into_iter().chain(holders)
    }

    /// What they are called in metrics.
    pub(super) const fn name(&self) -> &'static str {
        if self.everyone { "everyone" } else { "agent" }
    }
}
