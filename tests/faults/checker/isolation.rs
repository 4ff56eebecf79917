//! V9: no byte of one tenant reaches another.

use std::collections::HashMap;

use super::{
    super::history::{Seen, What},
    Findings, Rule,
    accepted::line,
    index::Index,
};

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    // Each text is written by one request of one tenant.
    let mut written: HashMap<&str, &str> = HashMap::new();
    for op in index.ops.values().filter(|op| !op.request.text.is_empty()) {
        written.insert(&op.request.text, &op.request.tenant);
    }
    let mut observers: HashMap<&str, &str> = HashMap::new();
    for at in index.lines {
        match &at.what {
            What::Connected { tenant, .. } => {
                observers.insert(&at.by, tenant);
            }
            What::Trespass { tenant, conversation, answer, refused: false } => {
                let what = format!("{tenant} asked for another's conversation and got {answer}");
                found.add(Rule::V9, what, [conversation.clone(), line(at.n)]);
            }
            _ => {}
        }
        let (conversation, entries): (&str, &[Seen]) = match &at.what {
            What::Live { conversation, entry } => (conversation, std::slice::from_ref(entry)),
            What::Recovered { conversation, entries, .. }
            | What::Reset { conversation, entries, .. }
            | What::Paged { conversation, entries }
            | What::Final { conversation, entries, .. } => (conversation, entries),
            _ => continue,
        };
        let whose = index.conversations.get(conversation).map(|whose| whose.tenant);
        let observer = observers.get(at.by.as_str()).copied().or(whose);
        for entry in entries {
            let writer = written.get(entry.text.as_str()).copied();
            if let (Some(observer), Some(writer)) = (observer, writer)
                && observer != writer
            {
                let what = format!("{} of {observer} saw what {writer} wrote", at.by);
                found.add(Rule::V9, what, [entry.id.clone(), line(at.n)]);
            }
        }
    }
}
