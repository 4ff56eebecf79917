//! V4, V5 and V6: one dense order, the same for all, that agrees with what happened after what.

use std::collections::{BTreeMap, HashMap};

use super::{
    super::history::{Kind, Line, Road, Seen, What},
    Findings, Rule,
    accepted::line,
    index::{Index, Op},
};

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    for (conversation, entries) in &index.truth {
        check_dense(conversation, entries, found);
        check_roads(index, conversation, entries, found);
    }
    for conversation in index.conversations.keys().filter(|conversation| !index.truth.contains_key(*conversation)) {
        found.add(Rule::V4, "its final history could not be read", [(*conversation).to_owned()]);
    }
    check_sightings(index, found);
    check_precedence(index, found);
}

fn check_dense(conversation: &str, entries: &[Seen], found: &mut Findings) {
    for (expected, entry) in (1..).zip(entries) {
        if entry.seq != expected {
            let what = format!("after {} comes {}", expected - 1, entry.seq);
            return found.add(Rule::V4, what, [conversation.to_owned()]);
        }
    }
}

/// All roads show the same.
fn check_roads(index: &Index<'_>, conversation: &str, truth: &[Seen], found: &mut Findings) {
    for road in [Road::Socket, Road::Rest, Road::Sql, Road::Widget] {
        let Some(entries) = index.finals[conversation].get(&road) else {
            found.add(Rule::V4, format!("no final history by {road:?}"), [conversation.to_owned()]);
            continue;
        };
        let public = |entry: &&Seen| road != Road::Widget || entry.is_public();
        let expected: Vec<&Seen> = truth.iter().filter(public).collect();
        let differs = expected.iter().zip(*entries).find(|(one, other)| !one.same(other));
        let what = match differs {
            Some((one, other)) => format!("by {road:?} {} is {other:?}, not {one:?}", other.seq),
            None if expected.len() != entries.len() => {
                format!("by {road:?} there are {} entries, not {}", entries.len(), expected.len())
            }
            None => continue,
        };
        found.add(Rule::V4, what, [conversation.to_owned()]);
    }
}

/// Whatever anybody saw at any time is what stands in the end, and came in order.
fn check_sightings(index: &Index<'_>, found: &mut Findings) {
    let mut live: HashMap<(&str, &str), u64> = HashMap::new();
    let mut staff: HashMap<&str, bool> = HashMap::new();
    for at in index.lines {
        match &at.what {
            What::Connected { member, .. } => {
                staff.insert(&at.by, member.starts_with("a-"));
                live.retain(|(by, _), _| *by != at.by);
            }
            What::Live { conversation, entry } => {
                let last = live.entry((&at.by, conversation)).or_default();
                if entry.seq <= *last {
                    let what = format!("{} told of {} after {last} on one socket", entry.seq, at.by);
                    found.add(Rule::V4, what, [conversation.clone(), line(at.n)]);
                }
                *last = entry.seq;
                check_sighting(index, at, staff.get(at.by.as_str()), conversation, entry, found);
            }
            What::Recovered { conversation, entries, .. }
            | What::Reset { conversation, entries, .. }
            | What::Paged { conversation, entries } => {
                for entry in entries {
                    check_sighting(index, at, staff.get(at.by.as_str()), conversation, entry, found);
                }
            }
            _ => {}
        }
    }
}

fn check_sighting(
    index: &Index<'_>,
    at: &Line,
    staff: Option<&bool>,
    conversation: &str,
    entry: &Seen,
    found: &mut Findings,
) {
    let ids = || [entry.id.clone(), line(at.n)];
    match index.entry(conversation, entry.seq) {
        None => found.add(Rule::V4, format!("{} saw {}, which is not there in the end", at.by, entry.seq), ids()),
        Some(last) if !last.same(entry) => {
            let what = format!("{} saw at {} another entry than stands there in the end", at.by, entry.seq);
            found.add(Rule::V4, what, ids());
        }
        Some(_) => {}
    }
    let (Some(prev), Some(staff)) = (entry.prev, staff) else { return };
    let expected = if *staff { entry.seq - 1 } else { public_before(index, conversation, entry.seq) };
    if prev != expected {
        found.add(Rule::V4, format!("{} says that {prev} is before it, it is {expected}", entry.seq), ids());
    }
}

fn public_before(index: &Index<'_>, conversation: &str, seq: u64) -> u64 {
    let before = (1..seq).rev().filter_map(|seq| index.entry(conversation, seq));
    before.into_iter().find(|entry| entry.is_public()).map_or(0, |entry| entry.seq)
}

/// What was accepted before another was sent has the smaller number.
fn check_precedence(index: &Index<'_>, found: &mut Findings) {
    let mut by_conversation: BTreeMap<&str, Vec<(&str, &Op<'_>)>> = BTreeMap::new();
    for ((conversation, _, id), op) in &index.ops {
        // What is so already gets the number of an older entry.
        if matches!(op.request.kind, Kind::Say | Kind::Note) && !op.accepted.is_empty() {
            by_conversation.entry(conversation).or_default().push((id, op));
        }
    }
    for ops in by_conversation.values_mut() {
        let mut accepted = ops.clone();
        accepted.sort_by_key(|(_, op)| op.accepted[0].n);
        ops.sort_by_key(|(_, op)| op.begun.0);
        let mut before = accepted.into_iter().peekable();
        let mut highest: Option<(&str, &Op<'_>)> = None;
        for (id, op) in ops.iter() {
            while let Some((other, earlier)) = before.next_if(|(_, earlier)| earlier.accepted[0].n < op.begun.0) {
                if highest.is_none_or(|(_, highest)| highest.accepted[0].seq < earlier.accepted[0].seq) {
                    highest = Some((other, earlier));
                }
            }
            let Some((other, earlier)) = highest else { continue };
            let (low, high) = (op.accepted[0].seq, earlier.accepted[0].seq);
            if low <= high {
                let own = earlier.request.sender == op.request.sender;
                let what = format!("sent after {high} was accepted, and got {low}");
                found.add(if own { Rule::V6 } else { Rule::V5 }, what, [(*other).to_owned(), (*id).to_owned()]);
            }
        }
    }
}
