//! V12: after healing all goes back to where it was. And: whether the faults had any effect.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::history::{GHOST, LEAVES, NO_ANSWER, UNREACHABLE, What, When},
    Findings, Rule,
    accepted::line,
    figures::{Fault, settled_us},
    index::Index,
};

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    let mut healed = None;
    let mut drained = None;
    let mut memory: BTreeMap<&str, u64> = BTreeMap::new();
    let mut restarting = false;
    for at in index.lines {
        match &at.what {
            What::FaultBegan { target, .. } => restarting = target.starts_with("Restart"),
            What::FaultEnded { .. } => restarting = false,
            What::Lost { why } if restarting && !is_farewell(why) => {
                found.add(Rule::Farewell, format!("{} lost its socket: {why}", at.by), [line(at.n)]);
            }
            What::Healed {} => healed = Some(at),
            What::Drained {} if drained.is_none() => drained = Some(at),
            What::NotDrained { conversation } => {
                found.add(Rule::V12, "what was accepted is not in the database", [conversation.clone(), line(at.n)]);
            }
            What::Memory { node, bytes, when: When::Before } => {
                memory.insert(node, *bytes);
            }
            What::Memory { node, bytes, when: When::After } => {
                let before = memory.get(node.as_str()).copied().unwrap_or_default();
                if *bytes > before * GROWTH + SLACK {
                    let what = format!("{node} holds {bytes} bytes, before the faults it held {before}");
                    found.add(Rule::V12, what, [line(at.n)]);
                }
            }
            _ => {}
        }
    }
    check_settled(index, found);
    match (healed, drained) {
        (Some(healed), Some(drained)) if drained.us.saturating_sub(healed.us) > WITHIN_US => {
            let seconds = (drained.us - healed.us) / 1_000_000;
            found.add(Rule::V12, format!("the backlog took {seconds} s"), [line(healed.n), line(drained.n)]);
        }
        (Some(healed), None) => found.add(Rule::V12, "the backlog never became empty", [line(healed.n)]),
        _ => {}
    }
}

/// Every request is answered in the end, and soon after no fault is on any more.
fn check_settled(index: &Index<'_>, found: &mut Findings) {
    let faults = Fault::all(index);
    for ((_, _, id), op) in &index.ops {
        if op.accepted.is_empty() && op.rejected.len() < op.attempts && op.unsettled_at_the_end() {
            found.add(Rule::V12, "it was never answered", [(*id).to_owned(), line(op.begun.0)]);
        }
        let took = settled_us(op, &faults).unwrap_or_default();
        if took > SETTLED_WITHIN_US {
            let what = format!("it took {} s until it was answered", took / 1_000_000);
            found.add(Rule::V12, what, [(*id).to_owned(), line(op.begun.0)]);
        }
    }
}

/// Whether a socket ended as it should while a node restarts, or for a reason of the client's own.
fn is_farewell(why: &str) -> bool {
    why.starts_with(UNREACHABLE) || [NO_ANSWER, GHOST, LEAVES, "closed 1012", "closed 1001"].contains(&why)
}

/// At least one fault of each class was seen to have had its effect.
pub(super) fn check_hits(index: &Index<'_>, found: &mut Findings) {
    let (mut begun, mut hit) = (BTreeSet::new(), BTreeSet::new());
    for at in index.lines {
        match &at.what {
            What::FaultBegan { class, .. } => {
                begun.insert(class.as_str());
            }
            What::FaultEnded { class, hit: true, .. } => {
                hit.insert(class.as_str());
            }
            _ => {}
        }
    }
    if begun.is_empty() {
        found.add(Rule::NeverHit, "there was no fault", []);
    }
    for class in begun.difference(&hit) {
        found.add(Rule::NeverHit, "no fault of this class had an effect", [(*class).to_owned()]);
    }
}

const WITHIN_US: u64 = 30_000_000;
const SETTLED_WITHIN_US: u64 = 10_000_000;
const GROWTH: u64 = 3;
const SLACK: u64 = 256 * 1024 * 1024;
