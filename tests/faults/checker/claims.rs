//! V8 and V11: one winner for each claim, and rows that say what the entries come to.

use super::{
    super::history::{Seen, What},
    Findings, Rule,
    accepted::line,
    index::Index,
};

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    for (conversation, entries) in &index.truth {
        let mut holder: Option<&str> = None;
        for entry in *entries {
            let ids = || [entry.id.clone(), format!("{conversation}:{}", entry.seq)];
            match entry.kind.as_str() {
                "assigned" => {
                    if let Some(holder) = holder {
                        found.add(Rule::V8, format!("{:?} claimed what {holder} held", entry.holder), ids());
                    }
                    holder = entry.holder.as_deref();
                }
                "unassigned" => {
                    if holder.is_none() {
                        found.add(Rule::V8, "put back what was not assigned", ids());
                    }
                    holder = None;
                }
                _ => {}
            }
        }
    }
    for at in index.lines {
        let What::Row { conversation, last_seq, status, holder } = &at.what else { continue };
        let Some(entries) = index.truth.get(conversation.as_str()) else { continue };
        let folded = fold(entries);
        if folded != (*last_seq, status.as_str(), holder.as_deref()) {
            let what = format!("the entries come to {folded:?}, the row says {last_seq}, {status}, {holder:?}");
            found.add(Rule::V11, what, [conversation.clone(), line(at.n)]);
        }
    }
}

fn fold(entries: &[Seen]) -> (u64, &str, Option<&str>) {
    let (mut status, mut holder) = ("open", None);
    for entry in entries {
        match entry.kind.as_str() {
            "assigned" => holder = entry.holder.as_deref(),
            "unassigned" => holder = None,
            "resolved" => status = "resolved",
            "reopened" => status = "open",
            "message_sent" if entry.sender.starts_with("c-") => status = "open",
            _ => {}
        }
    }
    (entries.last().map_or(0, |entry| entry.seq), status, holder)
}
