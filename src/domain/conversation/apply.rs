//! Folding entries in.

use super::{
    entry::Entry,
    event::Event,
    state::{Assignment, Conversation, Opening, Preview, Status},
};
use crate::{participant::Participant, visibility::Visibility};

impl Conversation {
    /// Folds one logged entry in. Total: what was logged is never refused.
    ///
    /// The caller hands entries over in order; `entry.seq` is `self.last_seq + 1`.
    pub fn apply(&mut self, entry: &Entry) {
        debug_assert_eq!(entry.seq, self.last_seq + 1, "entries are folded in order");
        self.last_seq = entry.seq;
        if !entry.event.is_answer_only() {
            self.last_at = entry.at;
        }
        if entry.visibility == Visibility::Public {
            self.last_public_seq = entry.seq;
        }
        match &entry.event {
            Event::Opened { inbox, contact } => {
                let contact_name = entry.author.name.clone();
                self.opening = Some(Opening { inbox: *inbox, contact: *contact, contact_name, at: entry.at });
            }
            Event::MessageSent(content) => {
                if matches!(entry.author.member, Participant::Contact(_)) {
                    self.set_status(Status::Open);
                }
                let text = content.text.as_str().chars().take(Preview::MAX_CHARS).collect();
                self.preview = Some(Preview { text, member: entry.author.member, at: entry.at });
            }
            Event::NoteAdded(_) | Event::Unchanged | Event::Declined { .. } | Event::Unknown(_) => {}
            Event::Assigned { agent, agent_name, .. } => {
                let name = agent_name.clone();
                self.assignment = Some(Assignment { agent: *agent, name, at: entry.at, seq: entry.seq });
            }
            Event::Unassigned { .. } => self.assignment = None,
            Event::Resolved => self.set_status(Status::Resolved),
            Event::Reopened => self.set_status(Status::Open),
            Event::Pended => self.set_status(Status::Pending),
            Event::Snoozed { until } => {
                self.set_status(Status::Snoozed);
                self.snoozed_until = Some(*until);
            }
            Event::Tagged { tag } => {
                self.tags.insert(tag.clone());
            }
            Event::Untagged { tag } => {
                self.tags.remove(tag);
            }
            Event::FieldSet(change) => self.fields = self.fields.with(change),
        }
        self.raise_highest_id(entry);
    }

    fn raise_highest_id(&mut self, entry: &Entry) {
        let sender = entry.author.member;
        match self.highest_ids.iter_mut().find(|(member, _)| *member == sender) {
            Some((_, highest)) => *highest = (*highest).max(entry.client_id),
            None => self.highest_ids.push((sender, entry.client_id)),
        }
    }

    fn set_status(&mut self, status: Status) {
        self.status = status;
        self.snoozed_until = None;
    }
}
