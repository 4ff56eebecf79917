//! Cutting entries to one page: no more than one frame carries, and never with a hole. No IO.

use std::{collections::BTreeMap, sync::Arc};

use frontdesk_domain::{Audience, Entry, Event};
use frontdesk_ports::EntryRange;
use frontdesk_protocol::socket::EntryView;

/// What lies in `range`, as far as it is known, is not whole: there is no page to be made of it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// A page of entries, ascending, and whether more lie in the direction asked for.
pub(super) type Page = (Vec<EntryView>, bool);

/// Which page, and for whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageOf {
    pub(super) range: EntryRange,
    pub(super) audience: Audience,
    /// Most entries of one page.
    pub(super) limit: usize,
    /// Bytes of entries at most, about, as JSON.
    pub(super) max_bytes: usize,
}

impl PageOf {
    /// Makes the page out of `entries`, which come from memory and database, in any order and some of them twice.
    /// `last_seq` is the number of the last entry that the audience may see.
    ///
    /// Memory and database are read one after the other, so an entry may be in neither by the time they are put
    /// together. That is seen here, and such a page ends before the hole.
    pub(super) fn cut(&self, entries: impl IntoIterator<Item = Arc<Entry>>, last_seq: u64) -> Result<Page, Broken> {
        let inside = entries.into_iter().filter(|entry| self.holds(entry));
        let sorted: BTreeMap<u64, Arc<Entry>> = inside.map(|entry| (entry.seq, entry)).collect();
        match self.range {
            EntryRange::After(seq) => self.forwards(seq, sorted.into_values(), last_seq),
            EntryRange::Before(seq) => self.backwards(seq, sorted.into_values().rev(), last_seq),
        }
    }

    fn holds(&self, entry: &Entry) -> bool {
        entry.visible_to(self.audience)
            && match self.range {
                EntryRange::After(seq) => entry.seq > seq,
                EntryRange::Before(seq) => entry.seq < seq,
            }
    }

    fn forwards(&self, after: u64, entries: impl Iterator<Item = Arc<Entry>>, last_seq: u64) -> Result<Page, Broken> {
        let (mut taken, mut room, mut reached) = (Vec::new(), self.max_bytes, after);
        for entry in entries.take(self.limit) {
            let fits = fits(&entry, &mut room, taken.is_empty());
            if !fits || entry.prev_for(self.audience) > reached {
                break;
            }
            reached = entry.seq;
            taken.extend(EntryView::of(&entry, self.audience));
        }
        let more = reached < last_seq;
        if taken.is_empty() && more { Err(Broken) } else { Ok((taken, more)) }
    }

    fn backwards(&self, before: u64, entries: impl Iterator<Item = Arc<Entry>>, last_seq: u64) -> Result<Page, Broken> {
        let (mut taken, mut room) = (Vec::new(), self.max_bytes);
        // What must come next, where that is known.
        let mut wanted = (before > last_seq).then_some(last_seq).filter(|seq| *seq > 0);
        for entry in entries.take(self.limit) {
            if wanted.is_some_and(|seq| seq != entry.seq) || !fits(&entry, &mut room, taken.is_empty()) {
                break;
            }
            wanted = Some(entry.prev_for(self.audience));
            taken.extend(EntryView::of(&entry, self.audience));
        }
        let more = wanted.is_some_and(|seq| seq > 0);
        if taken.is_empty() && more {
            return Err(Broken);
        }
        taken.reverse();
        Ok((taken, more))
    }
}

/// Takes the room that `entry` needs, if there is. One entry always fits.
fn fits(entry: &Entry, room: &mut usize, first: bool) -> bool {
    let needs = weight(entry);
    let fits = first || needs <= *room;
    *room = room.saturating_sub(needs);
    fits
}

/// About how many bytes an entry takes as JSON, rather more than less.
fn weight(entry: &Entry) -> usize {
    let text = match &entry.event {
        Event::Unknown(fields) => format!("{fields:?}").len(),
        event => event.content().map_or(0, |content| {
            let text = content.text.as_str();
            let parts = content.parts.iter().map(|part| serde_json::to_vec(part).map_or(0, |json| json.len() + 1));
            text.len() + text.bytes().filter(|byte| needs_escape(*byte)).count() + parts.sum::<usize>()
        }),
    };
    ENTRY_BYTES + 2 * entry.author.name.len() + text
}

const fn needs_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

/// What an entry takes besides its texts.
const ENTRY_BYTES: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{AgentId, ClientId, Command, EntryAuthor, MessageText, Participant, Timestamp, Visibility};
    use uuid::Uuid;

    /// Entry 3 of 5 is a note; contacts see 1, 2, 4, 5.
    fn entry(seq: u64) -> Arc<Entry> {
        sized(seq, 10)
    }

    fn sized(seq: u64, bytes: usize) -> Arc<Entry> {
        let text = MessageText::new("\"".repeat(bytes)).unwrap();
        Arc::new(Entry {
            seq,
            prev_public: if seq == 4 { 2 } else { seq - 1 },
            visibility: if seq == 3 { Visibility::Staff } else { Visibility::Public },
            at: Timestamp(0),
            author: EntryAuthor { member: Participant::Agent(AgentId(Uuid::nil())), name: "Ada".into() },
            client_id: ClientId(Uuid::nil()),
            digest: Command::Claim.digest(),
            event: Event::message(text),
            unknown: Default::default(),
        })
    }

    fn cut(range: EntryRange, audience: Audience, limit: usize, seqs: &[u64]) -> Result<(Vec<u64>, bool), Broken> {
        let page = PageOf { range, audience, limit, max_bytes: 48 * 1024 };
        let (views, more) = page.cut(seqs.iter().map(|seq| entry(*seq)), 5)?;
        Ok((views.iter().map(|view| view.seq).collect(), more))
    }

    #[test]
    fn a_page_is_what_was_asked_for_whatever_order_it_comes_in() {
        let (after, before) = (EntryRange::After, EntryRange::Before);
        let all = [4, 5, 1, 2, 3, 4];
        assert_eq!(cut(after(1), Audience::Staff, 50, &all), Ok((vec![2, 3, 4, 5], false)));
        assert_eq!(cut(after(1), Audience::Contact, 2, &all), Ok((vec![2, 4], true)));
        assert_eq!(cut(after(5), Audience::Staff, 50, &all), Ok((vec![], false)));
        assert_eq!(cut(after(u64::MAX), Audience::Staff, 50, &all), Ok((vec![], false)));
        assert_eq!(cut(before(u64::MAX), Audience::Staff, 2, &all), Ok((vec![4, 5], true)));
        assert_eq!(cut(before(5), Audience::Contact, 50, &all), Ok((vec![1, 2, 4], false)));
        assert_eq!(cut(before(1), Audience::Staff, 50, &all), Ok((vec![], false)));
    }

    #[test]
    fn a_page_ends_before_a_hole_and_says_that_more_is_to_come() {
        let (after, before) = (EntryRange::After, EntryRange::Before);
        assert_eq!(cut(after(0), Audience::Staff, 50, &[1, 2, 4, 5]), Ok((vec![1, 2], true)));
        assert_eq!(cut(after(0), Audience::Contact, 50, &[1, 2, 4, 5]), Ok((vec![1, 2, 4, 5], false)));
        assert_eq!(cut(after(1), Audience::Staff, 50, &[3, 4, 5]), Err(Broken));
        assert_eq!(cut(before(u64::MAX), Audience::Staff, 50, &[1, 2, 4, 5]), Ok((vec![4, 5], true)));
        assert_eq!(cut(before(u64::MAX), Audience::Staff, 50, &[1, 2, 3, 4]), Err(Broken));
    }

    #[test]
    fn a_page_fits_into_one_frame_and_holds_one_entry_at_least() {
        let large = || (1..=5).map(|seq| sized(seq, MessageText::MAX_BYTES));
        let page = |range| {
            PageOf { range, audience: Audience::Staff, limit: 50, max_bytes: 48 * 1024 }.cut(large(), 5).unwrap()
        };
        let (forwards, backwards) = (page(EntryRange::After(0)), page(EntryRange::Before(u64::MAX)));
        assert_eq!((forwards.0.len(), forwards.0[0].seq, forwards.1), (1, 1, true));
        assert_eq!((backwards.0.len(), backwards.0[0].seq, backwards.1), (1, 5, true));
        let lighter = (1..=5).map(|seq| sized(seq, 5_000));
        let page = PageOf { range: EntryRange::After(0), audience: Audience::Staff, limit: 50, max_bytes: 48 * 1024 };
        assert_eq!(page.cut(lighter, 5).unwrap().0.len(), 4);
    }
}
