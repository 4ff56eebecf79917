//! V7: states only grow, and none that anybody was told is gone in the end. Two nodes may know of a receipt one after
//! the other, so what is compared is what one socket was told, and what is there in the end.

use std::collections::HashMap;

use super::{
    super::history::{State, What},
    Findings, Rule,
    accepted::line,
    index::Index,
};

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    let mut marks: HashMap<(&str, &str, &State), (u64, u64)> = HashMap::new();
    let receipts = receipts(index);
    for at in index.lines {
        if matches!(at.what, What::Connected { .. }) {
            marks.retain(|(by, ..), _| *by != at.by);
        }
        let What::Mark { conversation, state, up_to } = &at.what else { continue };
        let (seen_at, highest) = marks.entry((&at.by, conversation, state)).or_insert((at.n, 0));
        if up_to < highest {
            let what = format!("{} was told {state:?} up to {highest}, and then up to {up_to}", at.by);
            found.add(Rule::V7, what, [conversation.clone(), line(*seen_at), line(at.n)]);
        } else {
            (*seen_at, *highest) = (at.n, *up_to);
        }
        let there = match state {
            State::Persisted => index.truth.get(conversation.as_str()).map_or(0, |entries| entries.len() as u64),
            State::Delivered(member) => receipts.get(&(conversation, member)).map_or(0, |receipt| receipt.0),
            State::Read(member) => receipts.get(&(conversation, member)).map_or(0, |receipt| receipt.1),
        };
        if *up_to > there {
            let what = format!("{state:?} up to {up_to}, and in the end it is {there}");
            found.add(Rule::V7, what, [conversation.clone(), line(at.n)]);
        }
    }
}

/// How far each member came in each conversation, as the database says in the end.
fn receipts<'a>(index: &Index<'a>) -> HashMap<(&'a String, &'a String), (u64, u64)> {
    let each = index.lines.iter().filter_map(|at| match &at.what {
        What::Receipt { conversation, member, delivered, read } => Some(((conversation, member), (*delivered, *read))),
        _ => None,
    });
    each.collect()
}
