//! V7: states only grow, and none runs ahead of what is there.

use std::collections::HashMap;

use super::{
    super::history::{State, What},
    Findings, Rule,
    accepted::line,
    index::Index,
};

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    let mut marks: HashMap<(&str, &str, &State), (u64, u64)> = HashMap::new();
    for at in index.lines {
        let What::Mark { conversation, state, up_to } = &at.what else { continue };
        let (seen_at, highest) = marks.entry((&at.by, conversation, state)).or_insert((at.n, 0));
        if up_to < highest {
            let what = format!("{} was told {state:?} up to {highest}, and then up to {up_to}", at.by);
            found.add(Rule::V7, what, [conversation.clone(), line(*seen_at), line(at.n)]);
        } else {
            (*seen_at, *highest) = (at.n, *up_to);
        }
        let there = index.truth.get(conversation.as_str()).map_or(0, |entries| entries.len() as u64);
        if *up_to > there {
            let what = format!("{state:?} up to {up_to}, and only {there} entries are there in the end");
            found.add(Rule::V7, what, [conversation.clone(), line(at.n)]);
        }
    }
}
