//! Files messages of one contact in the order in which the broker stored them.
//!
//! A message that is retried is delivered again after those that follow it, and so is one that a worker held when it
//! died. So a message is next when every message before it was seen and none of its contact among those is unfiled.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use frontdesk_domain::ContactId;

/// The messages that were delivered and are not filed.
#[derive(Default)]
pub(super) struct Sequencer {
    /// Everything up to here is filed, or waits below. Grows only.
    seen_up_to: u64,
    /// What was seen beyond that.
    beyond: BTreeSet<u64>,
    /// Since when something has been missing in between.
    gap_since: Option<Duration>,
    waiting: HashMap<ContactId, BTreeMap<u64, Waiting>>,
}

/// A message that is not filed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Waiting {
    /// When its inbox's quota lets it be filed.
    pub(super) turn: Option<Duration>,
    /// When it is delivered again, as far as is known.
    pub(super) back_at: Duration,
}

impl Sequencer {
    /// Adds a message that was delivered; without a contact if it cannot be decoded.
    pub(super) fn saw(&mut self, log_seq: u64, contact: Option<ContactId>) {
        if let Some(contact) = contact {
            self.waiting.entry(contact).or_default().entry(log_seq).or_default();
        }
        if log_seq == self.seen_up_to + 1 {
            self.move_up_to(log_seq);
        } else if log_seq > self.seen_up_to {
            self.beyond.insert(log_seq);
        }
    }

    /// Whether nothing of `contact` is to be filed before this one, as far as is known.
    pub(super) fn is_next(&self, log_seq: u64, contact: ContactId) -> bool {
        log_seq <= self.seen_up_to && self.first_of(contact).is_none_or(|(first, _)| first >= log_seq)
    }

    /// The first message of `contact` that waits.
    pub(super) fn first_of(&self, contact: ContactId) -> Option<(u64, Waiting)> {
        self.waiting.get(&contact)?.first_key_value().map(|(log_seq, waiting)| (*log_seq, *waiting))
    }

    /// What is known of a message that waits.
    pub(super) fn waiting(&mut self, log_seq: u64, contact: ContactId) -> Option<&mut Waiting> {
        self.waiting.get_mut(&contact)?.get_mut(&log_seq)
    }

    /// It is filed or became a dead letter.
    pub(super) fn done(&mut self, log_seq: u64, contact: ContactId) {
        if let Some(of_contact) = self.waiting.get_mut(&contact) {
            of_contact.remove(&log_seq);
            if of_contact.is_empty() {
                self.waiting.remove(&contact);
            }
        }
    }

    /// Every message up to `floor` is settled, by any worker. A message that was missing for longer than any retry is
    /// delayed was settled too.
    pub(super) fn learn(&mut self, floor: u64, now: Duration, longest_absence: Duration) {
        self.waiting.retain(|_, of_contact| {
            *of_contact = of_contact.split_off(&floor.saturating_add(1));
            !of_contact.is_empty()
        });
        self.move_up_to(floor);
        let Some(last) = self.beyond.last().copied() else { return };
        if now.saturating_sub(*self.gap_since.get_or_insert(now)) >= longest_absence {
            self.move_up_to(last);
        }
    }

    /// How many messages wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.values().map(BTreeMap::len).sum()
    }

    /// Everything up to here was seen or is settled, and perhaps more that follows it.
    fn move_up_to(&mut self, log_seq: u64) {
        if log_seq <= self.seen_up_to {
            return;
        }
        self.seen_up_to = log_seq;
        self.beyond = self.beyond.split_off(&log_seq.saturating_add(1));
        while self.beyond.first() == Some(&self.seen_up_to.saturating_add(1)) {
            self.beyond.pop_first();
            self.seen_up_to += 1;
        }
        // What is missing now has been missed for less long.
        self.gap_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const KIM: ContactId = ContactId(Uuid::from_u128(1));
    const LIN: ContactId = ContactId(Uuid::from_u128(2));
    const ABSENCE: Duration = Duration::from_secs(15);

    #[test]
    fn a_retried_message_is_waited_for_by_its_contact_and_by_no_other() {
        let mut sequencer = Sequencer::default();
        for (log_seq, contact) in [(1, KIM), (2, LIN), (3, KIM)] {
            sequencer.saw(log_seq, Some(contact));
        }
        assert_eq!(
            (sequencer.is_next(1, KIM), sequencer.is_next(2, LIN), sequencer.is_next(3, KIM)),
            (true, true, false)
        );
        sequencer.done(2, LIN);
        sequencer.saw(4, Some(LIN));
        assert!(sequencer.is_next(4, LIN) && !sequencer.is_next(3, KIM));
        sequencer.done(1, KIM);
        assert!(sequencer.is_next(3, KIM) && sequencer.len() == 2);
    }

    #[test]
    fn what_a_worker_that_is_gone_held_is_waited_for() {
        let mut sequencer = Sequencer::default();
        let at = Duration::from_secs;
        // Records 11 and 12 are in other hands.
        sequencer.learn(10, at(0), ABSENCE);
        sequencer.saw(13, Some(KIM));
        sequencer.saw(14, None);
        sequencer.learn(10, at(0), ABSENCE);
        assert!(!sequencer.is_next(13, KIM), "one of them may be Kim's");
        sequencer.saw(12, Some(LIN));
        assert!(!sequencer.is_next(12, LIN));
        sequencer.learn(11, at(1), ABSENCE);
        assert!(sequencer.is_next(12, LIN) && sequencer.is_next(13, KIM), "12 is Lin's, 11 was filed");
        sequencer.saw(11, Some(KIM));
        assert!(
            sequencer.is_next(11, KIM) && !sequencer.is_next(13, KIM),
            "the word for it was lost: it is filed once more"
        );
    }

    #[test]
    fn what_never_comes_again_was_filed() {
        let mut sequencer = Sequencer::default();
        let at = Duration::from_secs;
        sequencer.saw(3, Some(KIM));
        sequencer.learn(0, at(1), ABSENCE);
        sequencer.learn(0, at(15), ABSENCE);
        assert!(!sequencer.is_next(3, KIM));
        sequencer.learn(0, at(16), ABSENCE);
        assert!(sequencer.is_next(3, KIM));
    }

    #[test]
    fn what_another_worker_filed_meanwhile_delays_nothing() {
        let mut sequencer = Sequencer::default();
        sequencer.saw(1, Some(KIM));
        sequencer.saw(2, Some(KIM));
        sequencer.learn(1, Duration::ZERO, ABSENCE);
        assert!(sequencer.is_next(2, KIM));
        sequencer.learn(u64::MAX, Duration::ZERO, ABSENCE);
        assert_eq!(sequencer.len(), 0);
    }
}
