use super::*;
use frontdesk_domain::{ContactId, ConversationId, Participant, ReceiptKind};
use proptest::prelude::*;
use uuid::Uuid;

fn subjects() -> Subjects {
    Subjects::new(Token::new("desk").unwrap())
}

fn key(tenant: u128, conversation: u128) -> ConversationKey {
    ConversationKey {
        tenant: TenantId(Uuid::from_u128(tenant)),
        conversation: ConversationId(Uuid::from_u128(conversation)),
    }
}

/// Whether a subscription to `filter` hears `subject`, by the broker's rules.
fn matches(filter: &str, subject: &str) -> bool {
    let (mut filter, mut subject) = (filter.split('.'), subject.split('.'));
    loop {
        match (filter.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some(wanted), Some(token)) if wanted == "*" || wanted == token => {}
            _ => return false,
        }
    }
}

#[test]
fn subjects_are_as_the_contract_says() {
    let (subjects, key) = (subjects(), key(1, 2));
    let (tenant, conversation) = (key.tenant, key.conversation);
    let partition = Partition::of(&key);
    let member = Participant::Contact(ContactId(Uuid::from_u128(9)));
    let read = AckKind::Receipt(member, ReceiptKind::Read);
    assert_eq!(subjects.message(key), format!("desk.msg.{partition}.{tenant}.{conversation}"));
    assert_eq!(subjects.ack(key, read), format!("desk.ack.{partition}.{tenant}.{conversation}.read.{member}"));
    assert_eq!(subjects.feed(tenant, FeedTarget::Everyone), format!("desk.feed.{tenant}.all"));
    assert_eq!(
        subjects.dead(&DeadLetterSubject {
            stream: Token::new("MESSAGES-0").ok(),
            consumer: Token::new("persist").ok(),
            log_seq: Some(7),
            ..DeadLetterSubject::default()
        }),
        "desk.dead.MESSAGES-0.persist.none.none.7"
    );
}

#[test]
fn a_wrong_partition_another_prefix_or_a_wildcard_is_nobodys() {
    let (subjects, key) = (subjects(), key(1, 2));
    let good = subjects.message(key);
    let partition = Partition::of(&key).number();
    let renumbered = |text: &str| good.replacen(&format!(".{partition}."), &format!(".{text}."), 1);
    for bad in [
        renumbered(&((partition + 1) % 64).to_string()),
        renumbered(&format!("0{partition}")),
        renumbered("*"),
        good.replacen("desk", "desks", 1),
        format!("{good}.x"),
        format!("x.{good}"),
        String::new(),
    ] {
        assert_eq!(subjects.conversation(&bad), None, "{bad}");
    }
    assert_eq!(subjects.conversation(&good), Some(key));
}

proptest! {
    #[test]
    fn no_text_becomes_more_than_one_plain_token(text in any::<String>(), good in "[A-Za-z0-9_-]{1,64}") {
        if let Ok(token) = Token::new(&text) {
            prop_assert!(!token.as_str().is_empty() && token.as_str().len() <= 64);
            prop_assert!(!token.as_str().contains(|c: char| ".*> \t\r\n\0".contains(c) || !c.is_ascii()));
        }
        prop_assert!(Token::new(&good).is_ok());
        for bad in [format!("{good}."), format!("{good}.*"), format!("{good} x"), format!(">{good}"), format!("{good}\r\n")] {
            prop_assert!(Token::new(&bad).is_err());
        }
    }

    #[test]
    fn every_subject_is_parsed_back_and_heard_by_its_own_filters_only(
        tenant in any::<u128>(), conversation in any::<u128>(), who in any::<u128>(), read in any::<bool>(),
    ) {
        let (subjects, key) = (subjects(), key(tenant, conversation));
        let partition = Partition::of(&key);
        let elsewhere = Partition::new((partition.number() + 1) % 64).unwrap();
        let kind = if read { ReceiptKind::Read } else { ReceiptKind::Delivered };
        let receipt = AckKind::Receipt(Participant::Agent(AgentId(Uuid::from_u128(who))), kind);

        let message = subjects.message(key);
        prop_assert_eq!(message.split('.').count(), 5);
        prop_assert_eq!(subjects.conversation(&message), Some(key));
        prop_assert_eq!(subjects.parse(&message).names(), Some(SubjectNames::Entry(key)));
        prop_assert!(matches(&subjects.messages_of(partition), &message) && matches(&subjects.messages(), &message));
        prop_assert!(!matches(&subjects.messages_of(elsewhere), &message) && !matches(&subjects.acks(), &message));
        prop_assert_eq!(subjects.conversation(&subjects.typing(key)), Some(key));

        for ack in [receipt, AckKind::Persisted] {
            let subject = subjects.ack(key, ack);
            prop_assert_eq!(subjects.acknowledgement(&subject), Some((key, ack)));
            // As the broker repeats it.
            let told = subject.replacen(".ack.", ".acked.", 1);
            prop_assert_eq!(subjects.acknowledgement(&told), Some((key, ack)));
            prop_assert!(matches(&subjects.acks(), &subject) && !matches(&subjects.acked(), &subject));
            prop_assert!(matches(&subjects.acked_of(partition), &told) && matches(&subjects.acked(), &told));
            let queued = subjects.receipts().iter().filter(|filter| matches(filter, &subject)).count();
            prop_assert_eq!(queued, usize::from(ack != AckKind::Persisted));
        }
        let probe = subjects.probe(&Token::new("node-1").unwrap());
        prop_assert!(matches(&subjects.acks(), &probe) && !matches(&subjects.acked_of(partition), &probe));

        prop_assert_eq!(subjects.parse(&message).tenant(), Some(key.tenant));
        prop_assert_eq!(subjects.parse(&message).conversation(), Some(key));
        let stored = DeadLetterSubject {
            stream: Token::new("MESSAGES-1").ok(),
            consumer: Token::new("persist").ok(),
            tenant: Some(key.tenant),
            conversation: Some(key.conversation),
            log_seq: Some(7),
        };
        let dead = subjects.dead(&stored);
        prop_assert_eq!(subjects.dead_seq(&dead), Some(7));
        prop_assert!(matches(&subjects.all_dead(), &dead) && matches(&subjects.dead_like(&stored), &dead));
        let of_tenant = DeadLetterSubject { tenant: stored.tenant, ..DeadLetterSubject::default() };
        prop_assert!(matches(&subjects.dead_like(&of_tenant), &dead));
        let of_nobody = subjects.dead(&DeadLetterSubject { tenant: None, ..stored });
        prop_assert!(!matches(&subjects.dead_like(&of_tenant), &of_nobody));

        for target in [FeedTarget::Agent(AgentId(Uuid::from_u128(who))), FeedTarget::Everyone] {
            let subject = subjects.feed(key.tenant, target);
            prop_assert_eq!(subjects.feed_target(&subject), Some((key.tenant, target)));
            prop_assert!(matches(&subjects.feeds_of(key.tenant), &subject));
        }
    }

    #[test]
    fn parsing_never_panics_and_gives_nothing_for_noise(text in any::<String>()) {
        let subjects = subjects();
        prop_assert_eq!(subjects.conversation(&text), None);
        prop_assert_eq!(subjects.acknowledgement(&text), None);
        prop_assert_eq!(subjects.feed_target(&text), None);
    }
}

#[test]
fn subjects_of_records_name_what_workers_take_and_all_others_are_unknown() {
    let (subjects, key, inbox) =
        (subjects(), key(1, 2), InboxKey { tenant: TenantId(Uuid::from_u128(1)), inbox: InboxId(Uuid::from_u128(3)) });
    assert_eq!(subjects.parse(&subjects.message(key)).names(), Some(SubjectNames::Entry(key)));
    let ack = subjects.parse(&subjects.ack(key, AckKind::Persisted));
    assert_eq!(ack.ack(), Ok((key, AckKind::Persisted)));
    assert!(ack.inbox().is_err());
    assert_eq!(subjects.parse(&subjects.inbound(inbox.tenant, inbox.inbox)).inbox(), Ok(inbox));
    let InboxKey { tenant, inbox } = inbox;
    for unknown in [
        String::new(),
        "desk.msg.1.a.b".to_owned(),
        "desk.ack.probe.n1".to_owned(),
        format!("desk.in.x.{tenant}.{inbox}"),
        subjects.message(key).replace("desk.", "other."),
    ] {
        let parsed = subjects.parse(&unknown);
        assert_eq!((parsed.names(), parsed.as_str()), (None, unknown.as_str()));
    }
}

#[test]
fn subjects_of_records_that_no_worker_takes_tell_whose_and_what_they_are() {
    let (subjects, key, id) = (subjects(), key(1, 2), Uuid::from_u128(3));
    let (tenant, item) = (key.tenant, |kind: &str| Some(ItemRef::Other(KindName::new(kind).unwrap(), id)));
    let token = |text: &str| Token::new(text).unwrap();
    let ack = format!("{}.forwarded.x", subjects.ack(key, AckKind::Persisted).trim_end_matches(".persisted.log"));
    let queue = Aggregate { tenant, kind: "queue".into(), id };
    for (subject, kind, about) in [
        (ack, DeadLetterKind::Acknowledgement, Some(ItemRef::Conversation(key.conversation))),
        (subjects.outbound(tenant, InboxId(id)), DeadLetterKind::OutboundMessage, item("inbox")),
        (
            subjects.ticket(tenant, &token(&id.to_string()), &token("opened")),
            DeadLetterKind::TicketEvent,
            item("ticket"),
        ),
        (subjects.ticket(tenant, &token("T-7"), &token("opened")), DeadLetterKind::TicketEvent, None),
        (subjects.event(&queue).unwrap(), DeadLetterKind::Event, item("queue")),
        (format!("desk.in.{tenant}"), DeadLetterKind::Other, None),
    ] {
        let parsed = subjects.parse(&subject);
        assert_eq!((parsed.tenant(), parsed.kind(), parsed.item()), (Some(tenant), kind, about), "{subject}");
        assert!(parsed.ack().is_err() && parsed.inbox().is_err(), "{subject}");
    }
}
