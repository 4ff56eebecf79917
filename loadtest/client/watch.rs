//! A conversation, as one person sees it: each entry once, in order, without holes.

use std::{collections::VecDeque, sync::Arc};

use frontdesk_protocol::socket::ClientFrame;
use uuid::Uuid;

use super::{
    frame::{Frame, Said},
    participant::{Participant, id},
};
use crate::{clock::Micros, ledger::Conversation, recorder::Event};

/// A conversation that a person looks at.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    pub(super) conversation: Arc<Conversation>,
    /// This person's number in it: the author of its messages.
    author: u16,
    /// Number of the last entry that it holds.
    pub(super) last_seq: u64,
    /// What was asked for by number: live entries up to here may have been overtaken by the answer.
    asked_up_to: u64,
    /// Something is missing, and was asked for.
    pub(super) catching_up: bool,
    epoch: Option<String>,
    /// Own messages that are accepted and, as far as known, not in the database yet: (seq, index).
    unfiled: VecDeque<(u64, usize)>,
    persisted: u64,
}

impl Watch {
    /// Of which everything up to `last_seq` is held.
    pub(super) fn new(conversation: &Arc<Conversation>, author: u16, last_seq: u64) -> Self {
        Self {
            conversation: Arc::clone(conversation),
            author,
            last_seq,
            asked_up_to: 0,
            catching_up: false,
            epoch: None,
            unfiled: VecDeque::new(),
            persisted: 0,
        }
    }

    /// What to say on a new socket.
    pub(super) fn resume(&self) -> ClientFrame {
        ClientFrame::Resume {
            conversation: id(self.conversation.id),
            epoch: self.epoch.clone(),
            last_seq: self.last_seq,
        }
    }

    /// The answer to a message of one's own; gives its index. `None`: it was no message.
    pub(super) fn accepted(&mut self, name: Uuid, seq: u64, at: Micros, participant: &Participant) -> Option<usize> {
        let index = self.conversation.index(participant.names, name)?;
        if self.conversation.accepted(index, seq, at, &participant.recorder) {
            self.unfiled.push_back((seq, index));
            self.persisted(0, at, participant);
        }
        Some(index)
    }

    /// The database holds everything up to a number.
    pub(super) fn persisted(&mut self, up_to_seq: u64, at: Micros, participant: &Participant) -> Option<ClientFrame> {
        self.persisted = self.persisted.max(up_to_seq);
        while let Some((_, index)) = self.unfiled.pop_front_if(|(seq, _)| *seq <= self.persisted) {
            self.conversation.persisted(index, at, &participant.recorder);
        }
        None
    }

    /// An entry that was told as it happened.
    pub(super) fn live(&mut self, entry: &Said, at: Micros, participant: &Participant) -> Option<ClientFrame> {
        if self.catching_up {
            // The answer will hold it, or the next look will show that it is missing.
            return None;
        }
        if entry.seq <= self.last_seq {
            if entry.seq > self.asked_up_to {
                self.complain(participant, &format!("entry {} came again after {}", entry.seq, self.last_seq));
            }
            return None;
        }
        if entry.prev > self.last_seq {
            let what = format!(
                "{}: what came after {} was left out before {}",
                self.conversation.id, self.last_seq, entry.seq
            );
            participant.recorder.gap(&participant.who, &what);
            self.catching_up = true;
            return Some(self.range());
        }
        if entry.prev < self.last_seq {
            self.complain(
                participant,
                &format!("entry {} names {} before it, not {}", entry.seq, entry.prev, self.last_seq),
            );
        }
        self.take(entry, at, participant)
    }

    /// Entries that were asked for, by `resume` or `range`.
    pub(super) fn caught_up(
        &mut self,
        frame: &Frame<'_>,
        at: Micros,
        participant: &Participant,
    ) -> Option<ClientFrame> {
        if let Some(epoch) = &frame.epoch {
            if self.epoch.as_ref().is_some_and(|before| before != epoch) {
                self.complain(participant, "its history began anew");
            }
            self.epoch = Some(epoch.clone());
        }
        let mut reply = None;
        for entry in &frame.entries {
            if entry.seq <= self.last_seq {
                if frame.kind == "recovered" && !self.catching_up {
                    self.complain(
                        participant,
                        &format!("resumed after {} and was told {} again", self.last_seq, entry.seq),
                    );
                }
                continue;
            }
            if entry.prev != self.last_seq {
                self.complain(
                    participant,
                    &format!("after {} came {} (before it: {})", self.last_seq, entry.seq, entry.prev),
                );
            }
            reply = self.take(entry, at, participant).or(reply);
        }
        self.asked_up_to = self.asked_up_to.max(self.last_seq);
        self.catching_up = frame.more;
        if frame.more { Some(self.range()) } else { reply }
    }

    /// The server cannot continue what is held: everything after it is asked for.
    pub(super) fn reset(&mut self, frame: &Frame<'_>, participant: &Participant) -> Option<ClientFrame> {
        participant.recorder.count(Event::Reset);
        self.epoch.clone_from(&frame.epoch);
        self.catching_up = true;
        Some(self.range())
    }

    fn take(&mut self, entry: &Said, at: Micros, participant: &Participant) -> Option<ClientFrame> {
        self.last_seq = entry.seq;
        let index = self.conversation.index(participant.names, entry.client_id)?;
        let message = self.conversation.message(index)?;
        if message.author == self.author {
            return None;
        }
        self.conversation.arrived(index, entry.seq, at, &participant.recorder);
        participant
            .receipts
            .then(|| ClientFrame::Delivered { conversation: id(self.conversation.id), up_to_seq: entry.seq })
    }

    fn range(&self) -> ClientFrame {
        ClientFrame::Range {
            conversation: id(self.conversation.id),
            after_seq: Some(self.last_seq),
            before_seq: None,
            limit: Some(50),
        }
    }

    fn complain(&self, participant: &Participant, what: &str) {
        participant.recorder.complain(format!("{}: {}: {what}", participant.who, self.conversation.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::Names,
        recorder::{Hop, Recorder},
    };

    struct Seen {
        watch: Watch,
        participant: Arc<Participant>,
    }

    impl Seen {
        /// A participant that has two entries, in a conversation where another one sent three messages.
        fn new() -> Self {
            let conversation = Arc::new(Conversation::new(Uuid::from_u128(9), 0, 2, Hop::Delivered));
            for _ in 0..3 {
                conversation.plan(1, 0, 0);
            }
            let recorder = Arc::new(Recorder::new(0, false));
            let participant =
                Participant::new("a participant".to_owned(), Names { epoch_ms: 5, generator: 0 }, &recorder, false);
            Self { watch: Watch::new(&conversation, 0, 2), participant }
        }

        fn entry(&self, seq: u64, index: usize) -> Said {
            Said { seq, prev: seq - 1, client_id: self.participant.names.name(0, index, 0) }
        }

        fn live(&mut self, seq: u64, index: usize) -> Option<ClientFrame> {
            let entry = self.entry(seq, index);
            self.watch.live(&entry, 1, &self.participant)
        }

        fn range(&mut self, entries: &[(u64, usize)], more: bool) -> Option<ClientFrame> {
            let entries = entries.iter().map(|(seq, index)| self.entry(*seq, *index)).collect();
            let mut frame = Frame::read_test(r#"{"type":"range"}"#);
            (frame.entries, frame.more) = (entries, more);
            self.watch.caught_up(&frame, 1, &self.participant)
        }

        fn complaints(&self) -> usize {
            self.participant.recorder.complaints().len()
        }

        fn arrivals(&self) -> [u16; 3] {
            [0, 1, 2].map(|index| self.watch.conversation.message(index).unwrap().arrivals)
        }
    }

    #[test]
    fn what_comes_in_order_is_taken_once_each() {
        let mut seen = Seen::new();
        (0..3).for_each(|index| drop(seen.live(3 + index as u64, index)));
        assert_eq!((seen.complaints(), seen.arrivals()), (0, [1, 1, 1]));
    }

    #[test]
    fn an_entry_that_comes_again_is_a_complaint() {
        let mut seen = Seen::new();
        seen.live(3, 0);
        seen.live(3, 0);
        assert_eq!(seen.complaints(), 1);
    }

    #[test]
    fn a_swap_is_a_gap_that_is_asked_for_and_then_a_complaint() {
        let mut seen = Seen::new();
        assert!(matches!(seen.live(4, 1), Some(ClientFrame::Range { after_seq: Some(2), .. })));
        assert!(seen.live(3, 0).is_none());
        seen.range(&[(3, 0), (4, 1)], false);
        assert_eq!((seen.complaints(), seen.arrivals()), (0, [1, 1, 0]));
        seen.live(4, 1);
        assert_eq!(seen.complaints(), 0, "the answer may overtake what is told live");
        seen.live(5, 2);
        seen.live(5, 2);
        assert_eq!(seen.complaints(), 1);
    }

    #[test]
    fn a_hole_in_what_was_asked_for_is_a_complaint() {
        let mut seen = Seen::new();
        seen.live(5, 2);
        seen.range(&[(3, 0), (5, 2)], false);
        assert_eq!((seen.complaints(), seen.arrivals()), (1, [1, 0, 1]));
        assert_eq!(seen.participant.recorder.counted(Event::Gap), 1);
    }

    #[test]
    fn more_is_asked_for_until_there_is_no_more() {
        let mut seen = Seen::new();
        seen.live(5, 2);
        assert!(matches!(seen.range(&[(3, 0)], true), Some(ClientFrame::Range { after_seq: Some(3), .. })));
        assert!(seen.range(&[(4, 1), (5, 2)], false).is_none());
        assert_eq!((seen.complaints(), seen.arrivals()), (0, [1, 1, 1]));
    }
}
