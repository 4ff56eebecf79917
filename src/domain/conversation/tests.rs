//! The invariants of a conversation, over many random histories and in a few named cases.

mod programs;
mod scopes;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    ids::{AgentId, BotId, ClientId, ContactId, InboxId, IntegrationId, RoleId, SystemId, TeamId},
    principal::Principal,
    role::Role,
    settings::InboxRules,
    team::Team,
    text::{MessageText, Tag},
    timestamp::Timestamp,
    visibility::{Audience, Visibility},
};

const CONTACT: Principal = Principal::Contact(ContactId(Uuid::from_u128(1)));
const STRANGER: Principal = Principal::Contact(ContactId(Uuid::from_u128(2)));
const ADA: Principal = Principal::agent(AgentId(Uuid::from_u128(10)), Role::Agent);
const BOB: Principal = Principal::agent(AgentId(Uuid::from_u128(11)), Role::Agent);
const EVE: Principal = Principal::agent(AgentId(Uuid::from_u128(12)), Role::Supervisor);

fn request(id: u128, principal: Principal, command: Command) -> Request {
    Request { client_id: ClientId(Uuid::from_u128(id)), principal, author_name: "Kim".into(), command, repeat: false }
}

fn text(text: &str) -> MessageText {
    MessageText::new(text).unwrap()
}

/// A conversation with its newest requests, as an actor holds them.
#[derive(Default)]
struct Desk {
    conversation: Conversation,
    recent: RecentRequests,
}

impl Desk {
    fn apply(&mut self, entry: &Entry) {
        self.conversation.apply(entry);
        self.recent.remember(entry);
    }

    fn decide(&self, request: &Request, now: Timestamp) -> Result<Decision, Rejection> {
        self.conversation.decide(&self.recent, request, InboxRules::default(), now)
    }
}

/// Decides and folds; gives the entry's seq.
fn run(desk: &mut Desk, id: u128, principal: Principal, command: Command) -> Result<u64, Rejection> {
    match desk.decide(&request(id, principal, command), Timestamp(id as i64))? {
        Decision::Append(entry) => {
            desk.apply(&entry);
            Ok(entry.seq)
        }
        Decision::Settled(outcome) => outcome.map(|answer| answer.seq),
        Decision::AskStore => panic!("no id of these tests is out of order"),
    }
}

fn opened() -> Desk {
    let mut conversation = Desk::default();
    run(&mut conversation, 1, CONTACT, Command::open(InboxId(Uuid::nil()))).unwrap();
    conversation
}

#[test]
fn of_two_claims_one_wins_and_the_other_is_told_who_and_when() {
    let mut conversation = opened();
    assert_eq!(run(&mut conversation, 2, ADA, Command::Claim), Ok(2));
    let Err(Rejection::AlreadyClaimed { agent, at, seq, .. }) = run(&mut conversation, 3, BOB, Command::Claim) else {
        panic!("the second claim must lose");
    };
    assert_eq!((agent, at, seq), (AgentId(Uuid::from_u128(10)), Timestamp(2), 2));
    assert_eq!(
        run(&mut conversation, 4, ADA, Command::Claim),
        Ok(3),
        "the holder's claim changes nothing, and is logged"
    );
    assert_eq!(conversation.conversation.assignment.as_ref().unwrap().seq, 2);
}

#[test]
fn what_changed_nothing_gets_the_same_answer_after_things_changed() {
    let mut conversation = opened();
    let reopen = request(2, EVE, Command::Reopen);
    assert_eq!(run(&mut conversation, 2, EVE, Command::Reopen), Ok(2));
    run(&mut conversation, 3, EVE, Command::Resolve).unwrap();
    let settled = Decision::Settled(Ok(Answer { seq: 2, at: Timestamp(2) }));
    assert_eq!(conversation.decide(&reopen, Timestamp(9)), Ok(settled));
    assert_eq!(conversation.conversation.status, Status::Resolved);
}

#[test]
fn a_repeat_that_is_refused_is_refused_for_ever_in_every_copy() {
    let mut conversation = opened();
    run(&mut conversation, 2, ADA, Command::Claim).unwrap();
    let first = request(3, BOB, Command::Claim);
    let refusal = conversation.decide(&first, Timestamp(3)).unwrap_err();
    assert_eq!(conversation.conversation.last_seq, 2, "what was sent once is refused without a trace");
    let Ok(Decision::Append(entry)) = conversation.decide(&Request { repeat: true, ..first.clone() }, Timestamp(4))
    else {
        panic!("the refusal of a repeat is logged")
    };
    assert_eq!((&entry.event, entry.visibility), (&Event::Declined { reason: refusal.clone() }, Visibility::Staff));
    conversation.apply(&entry);
    assert_eq!(conversation.conversation.last_at, Timestamp(2), "no list changes");
    run(&mut conversation, 5, ADA, Command::Unassign).unwrap();
    // The first copy was on its way all the time.
    assert_eq!(conversation.decide(&first, Timestamp(6)), Ok(Decision::Settled(Err(refusal))));
    assert_eq!(run(&mut conversation, 7, BOB, Command::Claim), Ok(5), "another claim of the same agent is another");
}

#[test]
fn a_message_longer_than_the_inbox_allows_is_refused_to_each_author_and_a_note_too() {
    let mut desk = opened();
    run(&mut desk, 2, ADA, Command::Claim).unwrap();
    let rules = InboxRules { max_message_bytes: 6, ..InboxRules::default() };
    let judged =
        |principal, command| desk.conversation.decide_unseen(&request(3, principal, command), rules, Timestamp(3));
    for (principal, command) in
        [(CONTACT, Command::say as fn(MessageText) -> Command), (ADA, Command::say), (ADA, Command::note)]
    {
        // Six bytes of UTF-8 in two characters.
        assert!(matches!(judged(principal.clone(), command(text("好的"))), Ok(Decision::Append(_))), "{principal:?}");
        let refused = judged(principal.clone(), command(text("好的!")));
        assert_eq!(refused, Err(Rejection::MessageTooLong { max_bytes: 6 }), "{principal:?}");
    }
    assert_eq!(judged(STRANGER, Command::say(text("longer"))), Err(Rejection::NotFound), "a stranger learns nothing");
}

#[test]
fn what_was_accepted_stays_accepted_when_the_limit_is_lowered() {
    let mut desk = opened();
    let said = request(2, CONTACT, Command::say(text("long enough")));
    run(&mut desk, 2, CONTACT, Command::say(text("long enough"))).unwrap();
    let rules = InboxRules { max_message_bytes: 5, ..InboxRules::default() };
    let decide = |request: &Request| desk.conversation.decide(&desk.recent, request, rules, Timestamp(3));
    for repeat in [false, true] {
        let again = decide(&Request { repeat, ..said.clone() });
        assert!(matches!(again, Ok(Decision::Settled(Ok(answer))) if answer.seq == 2), "{again:?}");
    }
    // A repeat of what was never logged: its refusal is, so that no copy on its way can be accepted after it.
    let lost = Request { repeat: true, ..request(3, CONTACT, Command::say(text("lost on its way"))) };
    let Ok(Decision::Append(Entry { event: Event::Declined { reason }, .. })) = decide(&lost) else {
        panic!("the refusal of a repeat is logged")
    };
    assert_eq!(reason, Rejection::MessageTooLong { max_bytes: 5 });
}

#[test]
fn a_refusal_that_no_change_could_lift_is_never_logged() {
    let mut conversation = opened();
    for (principal, command) in [(CONTACT, Command::Resolve), (STRANGER, Command::say(text("hi")))] {
        let repeat = Request { repeat: true, ..request(2, principal, command) };
        assert!(conversation.decide(&repeat, Timestamp(2)).is_err());
    }
    let unopened = Desk::default();
    let repeat = Request { repeat: true, ..request(2, ADA, Command::Claim) };
    assert_eq!(unopened.decide(&repeat, Timestamp(2)), Err(Rejection::NotFound));
    run(&mut conversation, 3, ADA, Command::note(text("still fine"))).unwrap();
}

#[test]
fn only_the_holder_or_a_leader_answers() {
    let mut conversation = opened();
    assert_eq!(run(&mut conversation, 2, ADA, Command::say(text("hi"))), Err(Rejection::NotClaimed));
    run(&mut conversation, 3, ADA, Command::Claim).unwrap();
    run(&mut conversation, 4, ADA, Command::say(text("hi"))).unwrap();
    assert!(matches!(
        run(&mut conversation, 5, BOB, Command::say(text("me too"))),
        Err(Rejection::AlreadyClaimed { .. })
    ));
    run(&mut conversation, 6, EVE, Command::say(text("I lead"))).unwrap();
}

#[test]
fn a_stranger_learns_nothing_and_a_contact_cannot_act_as_staff() {
    let mut conversation = opened();
    assert_eq!(run(&mut conversation, 2, STRANGER, Command::say(text("hi"))), Err(Rejection::NotFound));
    assert_eq!(run(&mut conversation, 2, STRANGER, Command::Resolve), Err(Rejection::NotFound));
    assert_eq!(run(&mut conversation, 3, CONTACT, Command::Resolve), Err(Rejection::Forbidden));
    assert_eq!(run(&mut conversation, 4, CONTACT, Command::note(text("x"))), Err(Rejection::Forbidden));
    let admits = |principal| conversation.conversation.admits(&principal);
    assert!(!admits(STRANGER) && admits(CONTACT) && admits(BOB));
}

#[test]
fn a_repeat_gets_the_first_answer_and_other_content_is_refused() {
    let mut conversation = opened();
    let first = run(&mut conversation, 5, CONTACT, Command::say(text("once")));
    assert_eq!(run(&mut conversation, 5, CONTACT, Command::say(text("once"))), first);
    assert_eq!(run(&mut conversation, 5, CONTACT, Command::say(text("twice"))), Err(Rejection::IdReuse));
    assert_eq!(conversation.conversation.last_seq, 2);
}

#[test]
fn parts_that_are_not_taken_yet_are_refused_and_never_logged() {
    let mut desk = opened();
    let content: Content = serde_json::from_str(r#"{"text":"x","parts":[{"kind":"quote","seq":1}]}"#).unwrap();
    for principal in [CONTACT, EVE] {
        let say = Request { repeat: true, ..request(2, principal, Command::Say { content: content.clone() }) };
        let refused = Err(Rejection::UnsupportedPart { kind: "quote".to_owned() });
        assert_eq!(desk.decide(&say, Timestamp(2)), refused);
    }
    let stranger = run(&mut desk, 3, STRANGER, Command::Say { content: content.clone() });
    assert_eq!(stranger, Err(Rejection::NotFound), "a stranger still learns nothing");
    assert!(run(&mut desk, 4, EVE, Command::Note { content }).is_err());
    assert_eq!(desk.conversation.last_seq, 1);
}

#[test]
fn an_old_id_that_is_not_remembered_is_asked_of_the_store() {
    let mut conversation = opened();
    for id in 100..200 {
        run(&mut conversation, id, CONTACT, Command::say(text("more"))).unwrap();
    }
    let old = request(101, CONTACT, Command::say(text("more")));
    assert!(
        matches!(conversation.decide(&old, Timestamp(0)), Ok(Decision::Settled(_))),
        "the store may not hold it yet"
    );
    conversation.recent.persisted(90);
    assert_eq!(conversation.recent.len(), RecentRequests::KEPT);
    assert_eq!(conversation.decide(&old, Timestamp(0)), Ok(Decision::AskStore));
}

#[test]
fn a_message_of_the_contact_opens_what_was_set_aside() {
    let mut conversation = opened();
    run(&mut conversation, 2, ADA, Command::Claim).unwrap();
    for (id, command) in
        [(10, Command::Resolve), (20, Command::Pend), (30, Command::Snooze { until: Timestamp(1_000) })]
    {
        run(&mut conversation, id, ADA, command).unwrap();
        assert_ne!(conversation.conversation.status, Status::Open);
        run(&mut conversation, id + 1, CONTACT, Command::say(text("still there?"))).unwrap();
        let state = &conversation.conversation;
        assert_eq!((state.status, state.snoozed_until), (Status::Open, None));
    }
}

const TIMERS: Principal = Principal::System(SystemId::TIMERS);
const ROUTING: Principal = Principal::System(SystemId::ROUTING);
const BOT: Principal = Principal::Bot(BotId(Uuid::from_u128(20)));
const CRM: Principal = Principal::Integration(IntegrationId(Uuid::from_u128(21)));

#[test]
fn a_field_holds_its_last_value_and_the_same_value_again_changes_nothing() {
    let mut desk = opened();
    let set = |priority| Command::SetField { change: ConversationField::Priority(priority) };
    run(&mut desk, 2, ADA, set(Some(Priority::High))).unwrap();
    assert_eq!(desk.conversation.fields.priority, Some(Priority::High));
    let before = desk.conversation.last_seq;
    run(&mut desk, 3, ADA, set(Some(Priority::High))).unwrap();
    assert_eq!(desk.conversation.last_seq, before + 1, "the answer is logged");
    run(&mut desk, 4, ADA, set(None)).unwrap();
    assert_eq!(desk.conversation.fields, ConversationFields::default());
    assert_eq!(run(&mut desk, 5, CONTACT, set(Some(Priority::Urgent))), Err(Rejection::Forbidden));
    assert_ne!(set(None).digest(), set(Some(Priority::Low)).digest());
}

fn any_command() -> impl Strategy<Value = Command> {
    let agent = (10_u128..13).prop_map(|n| AgentId(Uuid::from_u128(n)));
    prop_oneof![
        any::<bool>().prop_map(|active| Command::Open { inbox: InboxId(Uuid::nil()), active }),
        "[a-z]{1,8}".prop_map(|t| Command::say(text(&t))),
        "[a-z]{1,8}".prop_map(|t| Command::note(text(&t))),
        Just(Command::Claim),
        agent.clone().prop_map(|agent| Command::Assign { agent, name: "to".into() }),
        agent.clone().prop_map(|agent| Command::Transfer { agent, name: "to".into() }),
        Just(Command::Unassign),
        agent.prop_map(|holder| Command::Release { holder }),
        Just(Command::Resolve),
        Just(Command::Reopen),
        Just(Command::Pend),
        (0_i64..100).prop_map(|until| Command::Snooze { until: Timestamp(until) }),
        (0_i64..100).prop_map(|until| Command::EndSnooze { until: Timestamp(until) }),
        "[a-c]".prop_map(|t| Command::Tag { tag: Tag::new(t).unwrap() }),
        "[a-c]".prop_map(|t| Command::Untag { tag: Tag::new(t).unwrap() }),
        prop_oneof![Just(None), Just(Some(Priority::Low)), Just(Some(Priority::Urgent))]
            .prop_map(|priority| Command::SetField { change: ConversationField::Priority(priority) }),
    ]
}

fn any_principal() -> impl Strategy<Value = Principal> {
    let people = [CONTACT, STRANGER, ADA, BOB, EVE];
    prop::sample::select([&people[..], &[TIMERS, ROUTING, BOT, CRM]].concat())
}

proptest! {
    #[test]
    fn any_history_is_dense_repeatable_and_the_same_from_any_snapshot(
        steps in prop::collection::vec((any_principal(), any_command(), any::<bool>()), 1..80), cut in 0_usize..80,
    ) {
        let mut conversation = Desk::default();
        let mut log: Vec<Entry> = vec![];
        for (n, (principal, command, repeat)) in steps.into_iter().enumerate() {
            let request = Request { repeat, ..request(n as u128 + 1, principal, command) };
            let before = conversation.conversation.clone();
            let decision = conversation.decide(&request, Timestamp(n as i64));
            prop_assert_eq!(&before, &conversation.conversation, "deciding changes nothing");
            if let Ok(Decision::Append(entry)) = decision {
                prop_assert_eq!(entry.seq, log.len() as u64 + 1);
                let public = log.iter().rev().find(|e| e.visible_to(Audience::Contact)).map_or(0, |e| e.seq);
                prop_assert_eq!(entry.prev_public, public);
                conversation.apply(&entry);
                prop_assert_eq!(conversation.decide(&request, Timestamp(9)), Ok(Decision::Settled(entry.outcome())));
                log.push(entry);
            }
        }
        let mut replayed = Conversation::default();
        for (n, entry) in log.iter().enumerate() {
            if n == cut {
                // A snapshot on the way, through the form in which stores keep it.
                replayed = serde_json::from_str(&serde_json::to_string(&replayed).unwrap()).unwrap();
            }
            replayed.apply(entry);
        }
        prop_assert_eq!(serde_json::to_value(&replayed).unwrap(), serde_json::to_value(&conversation.conversation).unwrap());
    }
}
