//! V10: a resume returns exactly what was missing, or says that it begins anew; in the end everybody holds everything.

use std::collections::HashMap;

use super::{
    super::history::{Kind, Seen, What},
    Findings, Rule,
    accepted::line,
    figures::Fault,
    index::Index,
};

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    let accepted = Accepted::of(index);
    let mut asked: HashMap<(&str, &str), u64> = HashMap::new();
    let mut staff: HashMap<&str, bool> = HashMap::new();
    let faults = Fault::all(index);
    for at in index.lines {
        let (conversation, stands) = match &at.what {
            What::Connected { member, .. } => {
                staff.insert(&at.by, member.starts_with("a-"));
                continue;
            }
            What::Resume { conversation, .. } => {
                asked.insert((&at.by, conversation), at.us);
                continue;
            }
            What::Recovered { conversation, last, entries, more, stands } => {
                let begins = entries.first().map_or(*last, |entry| entry.prev.unwrap_or(*last));
                if begins != *last {
                    let what = format!("asked for what came after {last}, got what came after {begins}");
                    found.add(Rule::V10, what, [conversation.clone(), line(at.n)]);
                }
                let ends = entries.last().map_or(*last, |entry| entry.seq);
                if !more && ends != *stands {
                    let what = format!("it stands at {stands}, and what was missing ended with {ends}");
                    found.add(Rule::V10, what, [conversation.clone(), line(at.n)]);
                }
                check_unbroken(conversation, at.n, entries, found);
                (conversation.as_str(), *stands)
            }
            What::Reset { conversation, entries, stands } => {
                check_unbroken(conversation, at.n, entries, found);
                (conversation.as_str(), *stands)
            }
            What::Held { conversation, last } => {
                let staff = staff.get(at.by.as_str()).copied().unwrap_or_default();
                let entries = index.truth.get(conversation.as_str()).copied().unwrap_or_default();
                let ends = entries.iter().rev().find(|entry| staff || entry.is_public()).map_or(0, |entry| entry.seq);
                if *last != ends {
                    let what = format!("{} holds what is up to {last} in the end, and it ends with {ends}", at.by);
                    found.add(Rule::V10, what, [conversation.clone(), line(at.n)]);
                }
                continue;
            }
            _ => continue,
        };
        // While the log cannot be reached, a gateway does not know what it holds: what is missing comes later.
        if faults.iter().any(|fault| fault.began_us <= at.us && at.us <= fault.ended_us + GRACE_US) {
            continue;
        }
        let Some(since) = asked.get(&(at.by.as_str(), conversation)) else { continue };
        let is_staff = staff.get(at.by.as_str()).copied().unwrap_or_default();
        let long_ago = since.saturating_sub(GRACE_US);
        let (seq, n) = accepted.before(conversation, long_ago, is_staff);
        if seq > stands {
            let what = format!("{} was told that it ends with {stands}, long after {seq} was accepted", at.by);
            found.add(Rule::V10, what, [conversation.to_owned(), line(n), line(at.n)]);
        }
    }
}

fn check_unbroken(conversation: &str, n: u64, entries: &[Seen], found: &mut Findings) {
    let broken = entries.windows(2).find(|pair| pair[1].prev.is_some_and(|prev| prev != pair[0].seq));
    if let Some(pair) = broken {
        let what = format!("{} is followed by {}", pair[0].seq, pair[1].seq);
        found.add(Rule::V10, what, [conversation.to_owned(), line(n)]);
    }
}

/// What had been accepted when: for each conversation (and side), times and the highest numbers up to then.
struct Accepted<'a>(HashMap<Side<'a>, Vec<Until>>);

/// A conversation, and whether as staff see it.
type Side<'a> = (&'a str, bool);
/// Time, number and line.
type Until = (u64, u64, u64);

impl<'a> Accepted<'a> {
    fn of(index: &Index<'a>) -> Self {
        let mut all: HashMap<Side<'_>, Vec<Until>> = HashMap::new();
        for op in index.ops.values() {
            for yes in &op.accepted {
                let public = op.request.kind != Kind::Note;
                for staff in [true, false].into_iter().filter(|staff| public || *staff) {
                    all.entry((yes.conversation, staff)).or_default().push((yes.us, yes.seq, yes.n));
                }
            }
        }
        for list in all.values_mut() {
            list.sort_unstable();
            let mut highest = (0, 0);
            for (_, seq, n) in list {
                highest = highest.max((*seq, *n));
                (*seq, *n) = highest;
            }
        }
        Self(all)
    }

    /// The highest number accepted before `us`, and the line that says so.
    fn before(&self, conversation: &str, us: u64, staff: bool) -> (u64, u64) {
        let Some(list) = self.0.get(&(conversation, staff)) else { return (0, 0) };
        let count = list.partition_point(|(at, _, _)| *at < us);
        count.checked_sub(1).map_or((0, 0), |last| (list[last].1, list[last].2))
    }
}

/// What was accepted through another node less than this before may still be on its way to this one; it comes by itself
/// then.
const GRACE_US: u64 = 5_000_000;
