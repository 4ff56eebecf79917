//! The history, sorted by what is looked for.

use std::collections::{BTreeMap, HashMap};

use super::super::history::{Line, Request, Road, Seen, What};

/// A conversation, a sender and the sender's name for a request. `open` has no conversation yet.
pub(super) type OpKey<'a> = (&'a str, &'a str, &'a str);

/// A request with all its attempts and answers.
#[derive(Debug)]
pub(super) struct Op<'a> {
    pub request: &'a Request,
    /// Line and time of its first attempt.
    pub begun: (u64, u64),
    pub attempts: usize,
    pub accepted: Vec<Yes<'a>>,
    /// Line, code and whether it was retryable.
    pub rejected: Vec<(u64, &'a str, bool)>,
    /// Line and time.
    pub unknown: Vec<(u64, u64)>,
    /// Time of the last answer.
    pub answered_us: Option<u64>,
}

/// A request that was accepted: line of the record, time, entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Yes<'a> {
    pub n: u64,
    pub us: u64,
    pub conversation: &'a str,
    pub seq: u64,
}

/// What the record says of a conversation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose<'a> {
    pub tenant: &'a str,
    pub contact: &'a str,
}

/// The record, sorted by request and conversation.
#[derive(Debug)]
pub(super) struct Index<'a> {
    pub lines: &'a [Line],
    pub ops: HashMap<OpKey<'a>, Op<'a>>,
    pub conversations: BTreeMap<&'a str, Whose<'a>>,
    pub finals: BTreeMap<&'a str, BTreeMap<Road, &'a [Seen]>>,
    /// The final history that staff read; roads are compared with it.
    pub truth: BTreeMap<&'a str, &'a [Seen]>,
}

impl Op<'_> {
    /// Whether the last thing heard of it was nothing.
    pub(super) fn unsettled_at_the_end(&self) -> bool {
        let unknown = self.unknown.last().map_or(0, |(n, _)| *n);
        self.rejected.last().is_none_or(|(n, _, retryable)| *retryable || *n < unknown)
    }
}

impl<'a> Index<'a> {
    pub(super) fn new(lines: &'a [Line]) -> Self {
        let mut index = Self {
            lines,
            ops: HashMap::new(),
            conversations: BTreeMap::new(),
            finals: BTreeMap::new(),
            truth: BTreeMap::new(),
        };
        for line in lines {
            index.take(line);
        }
        for (conversation, roads) in &index.finals {
            let best = [Road::Sql, Road::Rest, Road::Socket].iter().find_map(|road| roads.get(road));
            if let Some(entries) = best {
                index.truth.insert(conversation, entries);
            }
        }
        index
    }

    fn take(&mut self, line: &'a Line) {
        let (n, us) = (line.n, line.us);
        match &line.what {
            What::Began { conversation, tenant, contact } => {
                self.conversations.insert(conversation, Whose { tenant, contact });
            }
            What::Invoke { id, conversation, request } => {
                let op = self.ops.entry((conversation, &request.sender, id)).or_insert_with(|| Op {
                    request,
                    begun: (n, us),
                    attempts: 0,
                    accepted: Vec::new(),
                    rejected: Vec::new(),
                    unknown: Vec::new(),
                    answered_us: None,
                });
                op.attempts += 1;
            }
            What::Accepted { id, sender, conversation, seq } => {
                if let Some(op) = self.op_mut(conversation, sender, id) {
                    op.accepted.push(Yes { n, us, conversation, seq: *seq });
                    op.answered_us = Some(us);
                }
            }
            What::Rejected { id, sender, conversation, code, retryable } => {
                if let Some(op) = self.op_mut(conversation, sender, id) {
                    op.rejected.push((n, code, *retryable));
                    op.answered_us = Some(us);
                }
            }
            What::Unknown { id, sender, conversation } => {
                if let Some(op) = self.op_mut(conversation, sender, id) {
                    op.unknown.push((n, us));
                }
            }
            What::Final { road, conversation, entries } => {
                self.finals.entry(conversation).or_default().insert(*road, entries);
            }
            _ => {}
        }
    }

    fn op_mut(&mut self, conversation: &'a str, sender: &'a str, id: &'a str) -> Option<&mut Op<'a>> {
        let key = [(conversation, sender, id), ("", sender, id)].into_iter().find(|key| self.ops.contains_key(key))?;
        self.ops.get_mut(&key)
    }

    /// The request that asked for an entry of `conversation`.
    pub(super) fn op<'b>(&'b self, conversation: &'b str, entry: &'b Seen) -> Option<&'b Op<'b>> {
        let key = (conversation, entry.sender.as_str(), entry.id.as_str());
        self.ops.get(&key).or_else(|| self.ops.get(&("", key.1, key.2)))
    }

    /// The entry with this number in the final history.
    pub(super) fn entry(&self, conversation: &str, seq: u64) -> Option<&'a Seen> {
        let entries = *self.truth.get(conversation)?;
        let guess = usize::try_from(seq.checked_sub(1)?).ok()?;
        match entries.get(guess) {
            Some(entry) if entry.seq == seq => Some(entry),
            _ => entries.iter().find(|entry| entry.seq == seq),
        }
    }
}
