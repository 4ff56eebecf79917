//! V1, V2 and V3: what was accepted is there, nothing else is, and each once.

use std::collections::HashMap;

use super::{
    super::history::{Kind, Seen, What},
    Findings, Rule,
    index::{Index, Op, OpKey},
};

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    let mut places: HashMap<OpKey<'_>, u64> = HashMap::new();
    for (conversation, entries) in &index.truth {
        for entry in *entries {
            let key = (*conversation, entry.sender.as_str(), entry.id.as_str());
            let before = *places.entry(key).or_insert(entry.seq);
            if before != entry.seq {
                let what = format!("one request stands twice, at {before} and {}", entry.seq);
                found.add(Rule::V3, what, [entry.id.clone(), (*conversation).to_owned()]);
            }
            check_origin(index, conversation, entry, found);
        }
    }
    for ((_, sender, id), op) in &index.ops {
        check_answers(id, op, found);
        let Some(yes) = op.accepted.first() else { continue };
        // A conversation without a final history is one that could not be read.
        let place = places.get(&(yes.conversation, *sender, *id));
        match place {
            Some(seq) if *seq == yes.seq => {}
            Some(seq) => {
                let what = format!("accepted as {}, stands at {seq}", yes.seq);
                found.add(Rule::V3, what, [(*id).to_owned(), line(yes.n)]);
            }
            None => {
                let what = format!("accepted as {} of {}, and is not there", yes.seq, yes.conversation);
                found.add(Rule::V1, what, [(*id).to_owned(), line(yes.n)]);
            }
        }
    }
    check_reuse(index, found);
}

/// V2: a client asked for this entry, and was not told that it is refused.
fn check_origin(index: &Index<'_>, conversation: &str, entry: &Seen, found: &mut Findings) {
    let ids = || [entry.id.clone(), format!("{conversation}:{}", entry.seq)];
    let whose = index.conversations.get(conversation);
    if entry.sender.starts_with("c-") && whose.is_some_and(|whose| whose.contact != entry.sender) {
        found.add(Rule::V2, "a contact wrote into another's conversation", ids());
    }
    let Some(op) = index.op(conversation, entry) else {
        return found.add(Rule::V2, "no client sent this", ids());
    };
    if entry.kind == "declined" {
        if let Some(yes) = op.accepted.first() {
            found.add(Rule::V3, "accepted, and logged as declined", [entry.id.clone(), line(yes.n)]);
        }
        return;
    }
    let asked = match op.request.kind {
        // It was so already.
        Kind::Claim | Kind::Unassign if entry.kind == "unchanged" => "unchanged",
        Kind::Open => "opened",
        Kind::Say => "message_sent",
        Kind::Note => "note_added",
        Kind::Claim => "assigned",
        Kind::Unassign => "unassigned",
    };
    if asked != entry.kind || op.request.text != entry.text {
        let what = format!("asked was for {asked} {:?}, logged was {} {:?}", op.request.text, entry.kind, entry.text);
        found.add(Rule::V2, what, ids());
    }
    let each_time = op.rejected.len() >= op.attempts;
    let refused = op.rejected.iter().find(|(_, _, retryable)| each_time || !retryable);
    if let Some((n, code, _)) = refused.filter(|_| op.accepted.is_empty()) {
        found.add(Rule::V2, format!("rejected ({code}), and is there"), [entry.id.clone(), line(*n)]);
    }
}

/// V3: the same answer for ever.
fn check_answers(id: &str, op: &Op<'_>, found: &mut Findings) {
    let Some(first) = op.accepted.first() else { return };
    if let Some(other) = op.accepted.iter().find(|yes| (yes.seq, yes.conversation) != (first.seq, first.conversation)) {
        let what = format!("accepted as {} and as {}", first.seq, other.seq);
        found.add(Rule::V3, what, [id.to_owned(), line(first.n), line(other.n)]);
    }
    let refused = op.rejected.iter().find(|(n, _, retryable)| *n > first.n && !retryable);
    if let Some((n, code, _)) = refused {
        found.add(Rule::V3, format!("accepted, and later rejected ({code})"), [id.to_owned(), line(first.n), line(*n)]);
    }
}

fn check_reuse(index: &Index<'_>, found: &mut Findings) {
    for entry in index.lines {
        if let What::Reuse { id, code, retryable, .. } = &entry.what
            && code.as_deref() != Some("id_reuse")
            && !retryable
        {
            let what = format!("an id used for another text was answered {code:?}");
            found.add(Rule::V3, what, [id.clone(), line(entry.n)]);
        }
    }
}

/// How a line of the record is named.
pub(super) fn line(n: u64) -> String {
    format!("line {n}")
}
