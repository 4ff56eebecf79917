//! Each known bug, by what people would have been told and shown meanwhile.

use super::{
    super::{Expectations, Rule, check},
    planted::{append, broken, by_staff, history, rewrite},
    simulated::{client, conversation, person},
};
use crate::history::{Line, State, What};

#[test]
fn a_state_that_goes_back_breaks_v7() {
    let mut lines = history();
    for up_to in [3, 2] {
        let state = State::Delivered(person(0, 0));
        append(&mut lines, &client(0, 1), What::Mark { conversation: conversation(0), state, up_to });
    }
    assert_eq!(broken(&lines), [Rule::V7]);
}

#[test]
fn persisted_before_it_is_there_breaks_v7() {
    let mut lines = history();
    let mark = What::Mark { conversation: conversation(0), state: State::Persisted, up_to: 1000 };
    append(&mut lines, &client(0, 1), mark);
    assert_eq!(broken(&lines), [Rule::V7]);
}

#[test]
fn a_receipt_that_is_gone_in_the_end_breaks_v7() {
    let mut lines = history();
    lines.retain(|line| !matches!(line.what, What::Receipt { .. }));
    let state = State::Delivered(person(0, 0));
    append(&mut lines, &client(0, 1), What::Mark { conversation: conversation(0), state, up_to: 2 });
    assert_eq!(broken(&lines), [Rule::V7]);
}

#[test]
fn a_screen_that_never_shows_the_last_entry_breaks_v10() {
    let mut lines = history();
    append(&mut lines, &client(0, 1), What::Held { conversation: conversation(0), last: 2 });
    assert_eq!(broken(&lines), [Rule::V10]);
}

#[test]
fn two_winners_of_one_claim_break_v8() {
    let mut lines = history();
    rewrite(&mut lines, |entries| {
        let back = entries.iter_mut().find(|entry| entry.kind == "unassigned").expect("an agent put it back");
        (back.kind, back.holder) = ("assigned".to_owned(), Some(back.sender.clone()));
    });
    assert!(broken(&lines).contains(&Rule::V8));
}

#[test]
fn anothers_message_on_the_own_socket_breaks_v9() {
    let mut lines = history();
    let of_another = lines.iter().find_map(|line| match &line.what {
        What::Live { conversation: at, entry } if *at == conversation(1) && !entry.text.is_empty() => {
            Some(entry.clone())
        }
        _ => None,
    });
    let entry = of_another.expect("a message was sent there");
    append(&mut lines, &client(0, 1), What::Live { conversation: conversation(1), entry });
    assert!(broken(&lines).contains(&Rule::V9));
}

#[test]
fn an_answer_about_anothers_conversation_breaks_v9() {
    let mut lines = history();
    for line in &mut lines {
        if let What::Trespass { refused, .. } = &mut line.what {
            *refused = false;
        }
    }
    assert_eq!(broken(&lines), [Rule::V9]);
}

#[test]
fn a_message_swallowed_for_another_tenants_breaks_v1() {
    // Ids without the tenant: the second is taken for a repetition of the first, and answered with its number.
    let mut lines = history();
    let (by, sender) = (client(1, 0), person(1, 0));
    let request = crate::history::Request {
        tenant: "tenant-1".to_owned(),
        sender: sender.clone(),
        kind: crate::history::Kind::Say,
        text: "mine".to_owned(),
    };
    let id = "id-2".to_owned();
    append(&mut lines, &by, What::Invoke { id: id.clone(), conversation: conversation(1), request });
    append(&mut lines, &by, What::Accepted { id, sender, conversation: conversation(1), seq: 2 });
    assert!(broken(&lines).contains(&Rule::V1));
}

#[test]
fn a_resume_that_is_off_by_one_breaks_v10() {
    for too_many in [true, false] {
        let mut lines = history();
        let entries = by_staff(&lines);
        let stands = entries.len() as u64;
        let first = if too_many { 1 } else { 3 };
        let mut entries = entries[first..].to_vec();
        entries.iter_mut().for_each(|entry| entry.prev = Some(entry.seq - 1));
        append(&mut lines, &client(0, 1), What::Resume { conversation: conversation(0), last: 2 });
        let recovered = What::Recovered { conversation: conversation(0), last: 2, entries, more: false, stands };
        append(&mut lines, &client(0, 1), recovered);
        assert_eq!(broken(&lines), [Rule::V10]);
    }
}

#[test]
fn a_resume_from_a_stale_memory_breaks_v10() {
    let mut lines = history();
    let (conversation, by) = (conversation(0), client(0, 1));
    append(&mut lines, &by, What::Resume { conversation: conversation.clone(), last: 2 });
    lines.last_mut().expect("it was just added").us += 60_000_000;
    let recovered = What::Recovered { conversation, last: 2, entries: Vec::new(), more: false, stands: 2 };
    append(&mut lines, &by, recovered);
    lines.last_mut().expect("it was just added").us += 60_000_000;
    assert_eq!(broken(&lines), [Rule::V10]);
}

#[test]
fn a_row_that_says_something_else_breaks_v11() {
    let mut lines = history();
    for line in &mut lines {
        if let What::Row { holder, .. } = &mut line.what {
            *holder = Some("a-stranger".to_owned());
        }
    }
    assert_eq!(broken(&lines), [Rule::V11]);
}

#[test]
fn a_backlog_that_stays_breaks_v12() {
    let mut lines = history();
    for line in &mut lines {
        if matches!(line.what, What::Drained {}) {
            line.us += 31_000_000;
        }
    }
    assert_eq!(broken(&lines), [Rule::V12]);
    lines.retain(|line| !matches!(line.what, What::Drained {}));
    assert_eq!(broken(&lines), [Rule::V12]);
}

#[test]
fn a_request_that_is_never_or_late_answered_breaks_v12() {
    let mut lines = history();
    let invoke =
        lines.iter().find(|line| matches!(&line.what, What::Invoke { request, .. } if !request.text.is_empty()));
    let Some(Line { by, what: What::Invoke { conversation, request, .. }, .. }) = invoke.cloned() else {
        unreachable!("a message was sent")
    };
    let (id, sender) = ("forgotten".to_owned(), request.sender.clone());
    let text = "forgotten".to_owned();
    let request = crate::history::Request { text, ..request };
    append(
        &mut lines,
        &by,
        What::Invoke { id: id.clone(), conversation: conversation.clone(), request: request.clone() },
    );
    let unknown = What::Unknown { id: id.clone(), sender: sender.clone(), conversation: conversation.clone() };
    append(&mut lines, &by, unknown);
    assert_eq!(broken(&lines), [Rule::V12]);
    append(&mut lines, &by, What::Invoke { id: id.clone(), conversation: conversation.clone(), request });
    let code = "not_claimed".to_owned();
    append(&mut lines, &by, What::Rejected { id, sender, conversation, code, retryable: false });
    assert!(broken(&lines).is_empty());
    lines.last_mut().expect("it was just added").us += 11_000_000;
    assert_eq!(broken(&lines), [Rule::V12]);
}

#[test]
fn sockets_cut_by_a_node_that_is_told_to_go_break_the_farewell() {
    let mut lines = history();
    let target = "Restart(Gateway)".to_owned();
    append(&mut lines, "nemesis", What::FaultBegan { fault: 2, class: "restart".to_owned(), target });
    append(&mut lines, &client(0, 0), What::Lost { why: "closed 1012".to_owned() });
    append(&mut lines, &client(0, 0), What::Lost { why: "unreachable: refused".to_owned() });
    assert!(broken(&lines).is_empty());
    append(&mut lines, &client(0, 0), What::Lost { why: "cut".to_owned() });
    assert_eq!(broken(&lines), [Rule::Farewell]);
}

#[test]
fn too_few_operations_and_faults_without_effect_are_failures() {
    let mut lines = history();
    let expected = Expectations { accepted: 1000, fault: true };
    assert_eq!(check(&lines, expected).broken(), [Rule::TooFew]);
    for line in &mut lines {
        if let What::FaultEnded { hit, .. } = &mut line.what {
            *hit = false;
        }
    }
    let expected = Expectations { accepted: 1, fault: true };
    assert_eq!(check(&lines, expected).broken(), [Rule::NeverHit]);
    lines.retain(|line| !matches!(line.what, What::FaultBegan { .. } | What::FaultEnded { .. }));
    assert_eq!(check(&lines, expected).broken(), [Rule::NeverHit]);
}
