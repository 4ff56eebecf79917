//! The append protocol, by the product's own state machine: two nodes write to one conversation, a node may be killed,
//! a client repeats what it got no answer to, the broker may forget ids, and what was sent may arrive late, without an
//! answer or never. A pause is a node that takes no step. Every order of steps is tried.
//!
//! Around the machine stand the broker, the clients and the network. Rules of the broker are left out once each, and
//! mistakes of the machine's owner are made once each, to see that the model finds them.

mod world;

use std::collections::{HashSet, VecDeque};

use world::{Asked, World};

/// The rules of the protocol.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// The broker stores a record only upon the one that its writer expects.
    pub(crate) expectation: bool,
    /// A publish without an answer is reported as unknown, and not as a failure.
    pub(crate) reports_unknown: bool,
    /// A publish that came too late is reported as a conflict, and not as a failure.
    pub(crate) reports_conflicts: bool,
    /// The answer of the machine is sent after the broker's, and not when it publishes.
    pub(crate) waits: bool,
}

const OURS: Rules = Rules { expectation: true, reports_unknown: true, reports_conflicts: true, waits: true };

/// Looks at every state; gives how many there are, or what is wrong in one and the way to it.
fn explore(rules: Rules, asked: Asked) -> Result<usize, String> {
    let first = World::first(asked);
    let mut seen = HashSet::from([first.fingerprint()]);
    let mut ways: Vec<(usize, String)> = vec![(0, "start".to_owned())];
    let mut open = VecDeque::from([(0, first)]);
    while let Some((at, world)) = open.pop_front() {
        if let Some(what) = world.broken() {
            let mut way = vec![format!("{:?}", world.log_names())];
            let mut step = at;
            while step > 0 {
                way.push(ways[step].1.clone());
                step = ways[step].0;
            }
            way.reverse();
            return Err(format!("{what}:\n{}", way.join("\n")));
        }
        for (step, next) in world.next(rules) {
            if seen.insert(next.fingerprint()) {
                open.push_back((ways.len(), next));
                ways.push((at, step));
            }
        }
    }
    Ok(seen.len())
}

#[test]
fn nothing_is_lost_doubled_or_refused_and_there_whatever_happens_when() {
    let states = explore(OURS, Asked::Messages).unwrap_or_else(|way| panic!("{way}"));
    println!("{states} states");
    assert!(states > 10_000, "{states} states are too few to mean anything");
}

#[test]
fn one_of_two_claims_wins_and_the_other_is_refused_whatever_happens_when() {
    let states = explore(OURS, Asked::Claims).unwrap_or_else(|way| panic!("{way}"));
    println!("{states} states");
    assert!(states > 10_000, "{states} states are too few to mean anything");
}

#[test]
fn without_expectation_what_was_ruled_out_lands_all_the_same() {
    let way = explore(Rules { expectation: false, ..OURS }, Asked::Messages).unwrap_err();
    assert!(
        way.starts_with("stands twice") || way.starts_with("refused, and there") || way.starts_with("not dense"),
        "{way}"
    );
}

#[test]
fn taken_for_a_failure_an_unanswered_publish_is_refused_and_there() {
    let way = explore(Rules { reports_unknown: false, ..OURS }, Asked::Messages).unwrap_err();
    assert!(way.starts_with("refused, and there"), "{way}");
}

#[test]
fn taken_for_a_failure_a_conflict_fails_what_the_rules_would_grant() {
    let way = explore(Rules { reports_conflicts: false, ..OURS }, Asked::Messages).unwrap_err();
    assert!(way.starts_with("failed by a conflict"), "{way}");
}

#[test]
fn accepted_before_the_publish_something_is_lost() {
    let way = explore(Rules { waits: false, ..OURS }, Asked::Messages).unwrap_err();
    assert!(way.starts_with("lost") || way.starts_with("misplaced"), "{way}");
}
