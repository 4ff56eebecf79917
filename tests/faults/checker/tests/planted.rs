//! Each known bug, by what it would leave behind in the final history.

use super::{
    super::{Rule, check},
    ANY,
    simulated::{Simulated, Step, client, conversation, person},
};
use crate::history::{Line, Road, Seen, What};

/// A valid history in which every kind of request has some, and 0 is the conversation to spoil.
pub(super) fn history() -> Vec<Line> {
    let act = |member, act, outcome| Step { conversation: 0, member, act, outcome };
    let mut steps = vec![act(1, 7, 5), act(0, 0, 5), act(1, 5, 5), act(2, 0, 5), act(0, 9, 5), act(1, 8, 3)];
    steps.extend([act(0, 1, 2), act(0, 2, 1), act(0, 3, 0), act(1, 6, 5), act(2, 7, 5), act(0, 4, 5), act(1, 9, 5)]);
    steps.extend((1..4).map(|conversation| Step { conversation, member: 0, act: 0, outcome: 5 }));
    let lines = Simulated::run(&steps);
    assert!(check(&lines, ANY).is_valid(), "{}", check(&lines, ANY));
    lines
}

/// Changes conversation 0 on every road.
pub(super) fn rewrite(lines: &mut [Line], change: impl Fn(&mut Vec<Seen>)) {
    for line in lines {
        if let What::Final { conversation: at, entries, .. } = &mut line.what
            && *at == conversation(0)
        {
            change(entries);
        }
    }
}

pub(super) fn broken(lines: &[Line]) -> Vec<Rule> {
    check(lines, ANY).broken()
}

/// Adds a line after all others.
pub(super) fn append(lines: &mut Vec<Line>, by: &str, what: What) {
    let n = lines.len() as u64 + 1;
    lines.push(Line { n, us: n * 1000, by: by.to_owned(), what });
}

pub(super) fn by_staff(lines: &[Line]) -> Vec<Seen> {
    let found = lines.iter().find_map(|line| match &line.what {
        What::Final { road: Road::Sql, conversation: at, entries } if *at == conversation(0) => Some(entries.clone()),
        _ => None,
    });
    found.expect("it is there")
}

#[test]
fn an_accepted_message_that_is_lost_breaks_v1() {
    let mut lines = history();
    rewrite(&mut lines, |entries| drop(entries.pop()));
    let verdict = check(&lines, ANY);
    assert!(verdict.broken().contains(&Rule::V1), "{verdict}");
    assert_eq!(verdict.figures.lost, 1);
}

#[test]
fn accepting_before_publishing_breaks_v1_after_a_kill() {
    let mut lines = history();
    let (by, id, sender) = (client(0, 0), "only-accepted".to_owned(), person(0, 0));
    let request = crate::history::Request {
        tenant: "tenant-0".to_owned(),
        sender: sender.clone(),
        kind: crate::history::Kind::Say,
        text: "gone".to_owned(),
    };
    append(&mut lines, &by, What::Invoke { id: id.clone(), conversation: conversation(0), request });
    append(&mut lines, &by, What::Accepted { id, sender, conversation: conversation(0), seq: 99 });
    assert_eq!(broken(&lines), [Rule::V1]);
}

#[test]
fn a_message_that_nobody_sent_breaks_v2() {
    let mut lines = history();
    rewrite(&mut lines, |entries| entries.last_mut().expect("there are some").id = "another".to_owned());
    assert!(broken(&lines).contains(&Rule::V2));
}

#[test]
fn a_refusal_of_what_was_logged_breaks_v2() {
    let mut lines = history();
    let last = by_staff(&lines).pop().expect("there are some");
    for line in &mut lines {
        if let What::Accepted { id, sender, conversation, .. } = &line.what
            && *id == last.id
        {
            let (id, sender, conversation) = (id.clone(), sender.clone(), conversation.clone());
            line.what = What::Rejected { id, sender, conversation, code: "unavailable".to_owned(), retryable: true };
        }
    }
    assert_eq!(broken(&lines), [Rule::V2]);
}

#[test]
fn a_text_that_was_changed_breaks_v2() {
    let mut lines = history();
    rewrite(&mut lines, |entries| entries.last_mut().expect("there are some").text.push('!'));
    assert!(broken(&lines).contains(&Rule::V2));
}

#[test]
fn a_message_logged_twice_breaks_v3() {
    let mut lines = history();
    rewrite(&mut lines, |entries| {
        let last = entries.last().expect("there are some").clone();
        entries.push(Seen { seq: last.seq + 1, prev: Some(last.seq), ..last });
    });
    let verdict = check(&lines, ANY);
    assert!(verdict.broken().contains(&Rule::V3), "{verdict}");
    assert_eq!(verdict.figures.duplicated, 1);
}

#[test]
fn two_answers_to_one_request_break_v3() {
    let mut lines = history();
    let answer = lines.iter().rev().find(|line| matches!(line.what, What::Accepted { .. })).cloned();
    let Line { by, what: What::Accepted { id, sender, conversation, seq }, .. } = answer.expect("there is one") else {
        unreachable!("it was just looked for")
    };
    let mut other = lines.clone();
    let accepted =
        What::Accepted { id: id.clone(), sender: sender.clone(), conversation: conversation.clone(), seq: seq + 1 };
    append(&mut other, &by, accepted);
    assert_eq!(broken(&other), [Rule::V3]);
    let rejected = What::Rejected { id, sender, conversation, code: "id_reuse".to_owned(), retryable: false };
    append(&mut lines, &by, rejected);
    assert_eq!(broken(&lines), [Rule::V3]);
}

#[test]
fn an_id_that_is_taken_for_another_text_breaks_v3() {
    let mut lines = history();
    let reuse = |code: Option<&str>, retryable| What::Reuse {
        id: "id-1".to_owned(),
        conversation: conversation(0),
        code: code.map(ToOwned::to_owned),
        retryable,
    };
    append(&mut lines, &client(0, 0), reuse(Some("id_reuse"), false));
    append(&mut lines, &client(0, 0), reuse(Some("unavailable"), true));
    assert!(broken(&lines).is_empty());
    append(&mut lines, &client(0, 0), reuse(None, false));
    assert_eq!(broken(&lines), [Rule::V3]);
}

#[test]
fn a_hole_breaks_v4() {
    let mut lines = history();
    rewrite(&mut lines, |entries| drop(entries.remove(1)));
    assert!(broken(&lines).contains(&Rule::V4));
}

#[test]
fn one_road_that_shows_less_breaks_v4() {
    let mut lines = history();
    for line in &mut lines {
        if let What::Final { road: Road::Rest, entries, .. } = &mut line.what {
            entries.pop();
        }
    }
    assert_eq!(broken(&lines), [Rule::V4]);
}

#[test]
fn two_messages_under_one_number_break_v4() {
    let mut lines = history();
    let seen = lines.iter_mut().rev().find_map(|line| match &mut line.what {
        What::Live { entry, .. } => Some(entry),
        _ => None,
    });
    seen.expect("an entry was seen").id = "lost-race".to_owned();
    assert_eq!(broken(&lines), [Rule::V4]);
}

#[test]
fn messages_told_backwards_break_v4() {
    let mut lines = history();
    let told: Vec<usize> = (0..lines.len())
        .filter(|at| {
            let live = matches!(&lines[*at].what, What::Live { conversation: c, .. } if *c == conversation(0));
            live && lines[*at].by == client(0, 2)
        })
        .collect();
    let (one, two) = (told[0], told[1]);
    let kept = lines[one].what.clone();
    lines[one].what = lines[two].what.clone();
    lines[two].what = kept;
    assert_eq!(broken(&lines), [Rule::V4]);
}

#[test]
fn an_order_against_what_was_seen_breaks_v5_and_v6() {
    for (first, rule) in [(2, Rule::V5), (0, Rule::V6)] {
        let step = |member| Step { conversation: 0, member, act: 0, outcome: 5 };
        let mut lines = Simulated::run(&[step(first), step(0)]);
        let swap = |seq: u64| {
            if seq == 2 {
                3
            } else if seq == 3 {
                2
            } else {
                seq
            }
        };
        for line in &mut lines {
            match &mut line.what {
                What::Accepted { seq, conversation: at, .. } if *at == conversation(0) => *seq = swap(*seq),
                What::Final { entries, conversation: at, .. } if *at == conversation(0) => {
                    entries[1].seq = swap(entries[1].seq);
                    entries[2].seq = swap(entries[2].seq);
                    entries.swap(1, 2);
                }
                _ => {}
            }
        }
        lines.retain(|line| !matches!(line.what, What::Live { .. }));
        let verdict = check(&lines, ANY);
        assert_eq!(verdict.broken(), [rule], "{verdict}");
        assert_eq!(verdict.figures.misordered, 1);
    }
}
