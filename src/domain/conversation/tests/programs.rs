//! What programs may do: the timers, the router, bots, integrations.

use super::*;

#[test]
fn the_timer_ends_the_snooze_that_it_was_set_for_and_no_other() {
    let mut desk = opened();
    run(&mut desk, 2, ADA, Command::Snooze { until: Timestamp(1_000) }).unwrap();
    run(&mut desk, 3, ADA, Command::Snooze { until: Timestamp(2_000) }).unwrap();
    assert_eq!(run(&mut desk, 4, TIMERS, Command::EndSnooze { until: Timestamp(1_000) }), Ok(4));
    assert_eq!(desk.conversation.status, Status::Snoozed, "a later snooze stays");
    let contacts_have = desk.conversation.last_public_seq;
    assert_eq!(run(&mut desk, 5, TIMERS, Command::EndSnooze { until: Timestamp(2_000) }), Ok(5));
    assert_eq!((desk.conversation.status, desk.conversation.snoozed_until), (Status::Open, None));
    assert_eq!(desk.conversation.last_public_seq, contacts_have, "contacts never learnt of the snooze");
    let agent = run(&mut desk, 6, EVE, Command::EndSnooze { until: Timestamp(2_000) });
    assert_eq!(agent, Err(Rejection::Forbidden), "agents reopen");
}

#[test]
fn the_router_assigns_and_takes_back() {
    let mut desk = opened();
    let to = |n| Command::Assign { agent: AgentId(Uuid::from_u128(n)), name: "Ada".into() };
    run(&mut desk, 2, ROUTING, to(10)).unwrap();
    assert_eq!(desk.conversation.assignee(), Some(AgentId(Uuid::from_u128(10))));
    run(&mut desk, 3, ROUTING, to(11)).unwrap();
    run(&mut desk, 4, ROUTING, Command::Unassign).unwrap();
    assert_eq!(desk.conversation.assignee(), None);
    assert_eq!(run(&mut Desk::default(), 5, ROUTING, to(10)), Err(Rejection::NotFound));
}

#[test]
fn a_conversation_is_released_from_the_holder_that_was_meant_and_from_no_other() {
    let mut desk = opened();
    let holder = |n| Command::Release { holder: AgentId(Uuid::from_u128(n)) };
    run(&mut desk, 2, ADA, Command::Claim).unwrap();
    let ada = desk.conversation.assignee().unwrap();
    assert_eq!(run(&mut desk, 3, ROUTING, holder(99)), Ok(3));
    assert_eq!(desk.conversation.assignee(), Some(ada), "another one holds it by now");
    assert_eq!(run(&mut desk, 4, ADA, Command::Release { holder: ada }), Err(Rejection::Forbidden), "agents unassign");
    assert_eq!(run(&mut desk, 5, ROUTING, Command::Release { holder: ada }), Ok(4));
    assert_eq!(desk.conversation.assignee(), None);
    assert_eq!(run(&mut desk, 6, ROUTING, Command::Release { holder: ada }), Ok(5), "again changes nothing");
    run(&mut desk, 7, BOB, Command::Claim).unwrap();
}

#[test]
fn a_bot_answers_until_an_agent_holds_the_conversation() {
    let mut desk = opened();
    run(&mut desk, 2, BOT, Command::say(text("how can I help?"))).unwrap();
    run(&mut desk, 3, ADA, Command::Claim).unwrap();
    let late = run(&mut desk, 4, BOT, Command::say(text("me again")));
    assert!(matches!(late, Err(Rejection::AlreadyClaimed { .. })));
    run(&mut desk, 5, BOT, Command::note(text("asked for a refund"))).unwrap();
}

#[test]
fn programs_are_refused_what_only_people_do() {
    let mut desk = opened();
    let open = Command::open(InboxId(Uuid::nil()));
    let transfer = Command::Transfer { agent: AgentId(Uuid::from_u128(10)), name: "Ada".into() };
    for principal in [TIMERS, ROUTING, BOT, CRM] {
        for command in [open.clone(), Command::Claim, transfer.clone(), Command::Pend] {
            assert_eq!(run(&mut desk, 2, principal.clone(), command.clone()), Err(Rejection::Forbidden), "{command:?}");
        }
    }
    for (principal, command) in [
        (TIMERS, Command::say(text("hi"))),
        (CRM, Command::say(text("hi"))),
        (BOT, Command::EndSnooze { until: Timestamp(1) }),
        (CRM, Command::Unassign),
    ] {
        assert_eq!(run(&mut desk, 2, principal, command.clone()), Err(Rejection::Forbidden), "{command:?}");
    }
    run(&mut desk, 3, CRM, Command::Tag { tag: Tag::new("vip").unwrap() }).unwrap();
}
