use frontdesk_domain::{
    AssignmentKind, Audience, ClientId, ContactId, Event, MessageText, Participant, Rejection, Tag, TenantId,
    Timestamp, conversation::UnknownFields,
};
use uuid::Uuid;

use super::{
    Script,
    persisting::{all_entries, assert_holds},
};
use crate::store::{ConversationStore, EntryRange, RequestRecord};

/// The tenant is part of the name: a look-up with another one finds nothing.
pub async fn the_same_conversation_id_in_two_tenants_is_two_conversations(store: &dyn ConversationStore) {
    let (mine, theirs) = (Script::chat(2), Script::chat(4));
    let twin = theirs.renamed(|key| key.conversation = mine.key.conversation);
    mine.persist(store).await;
    twin.persist(store).await;
    assert_holds(store, &mine).await;
    assert_holds(store, &twin).await;
    let stranger = mine.renamed(|key| key.tenant = TenantId(Uuid::new_v4()));
    assert_eq!(store.load(stranger.key).await.unwrap(), None);
    assert_eq!(all_entries(store, &stranger).await, []);
}

/// Nothing is lost between the log and the rows, not even what only a newer version understands.
pub async fn entries_of_every_kind_come_back_as_they_were(store: &dyn ConversationStore) {
    let mut script = Script::opened();
    let (agent, other) = (script.agent, Script::opened().agent);
    let tag = Tag::new("vip 重要").unwrap();
    let newer = serde_json::json!({"kind": "merged", "into": [1, 2.5, null, {"a": "nul \0 and \u{1f388}"}]});
    let serde_json::Value::Object(fields) = newer else { unreachable!("an object") };
    let assigned = |from, how| Event::Assigned { agent, agent_name: "Grace \"\u{0}\" Müller".to_owned(), from, how };
    for event in [
        Event::note(MessageText::new("tab\tline\nend\r\n").unwrap()),
        assigned(None, AssignmentKind::Claimed),
        assigned(Some(other), AssignmentKind::Transferred),
        assigned(Some(agent), AssignmentKind::Assigned),
        Event::Unassigned { from: agent },
        Event::Pended,
        Event::Tagged { tag: tag.clone() },
        Event::Snoozed { until: Timestamp(i64::MAX) },
        Event::Unknown(fields),
    ] {
        script.act(event);
    }
    script.persist(store).await;
    assert_holds(store, &script).await;
    for event in [Event::Reopened, Event::Untagged { tag }, Event::Resolved] {
        script.act(event);
    }
    let fields = |json| serde_json::from_value(json).expect("a map");
    let of_event = fields(serde_json::json!({"kind": "resolved", "why": "done", "by": ["a", 1]}));
    let newer = UnknownFields::of(fields(serde_json::json!({"urgency": {"level": 2}})), of_event, &Event::Resolved);
    assert!(!newer.is_empty());
    script.records.last_mut().expect("just acted").envelope.entry.unknown = newer;
    script.persist(store).await;
    assert_holds(store, &script).await;
}

/// Neither quotes nor escapes nor length mean anything.
pub async fn whatever_stands_in_a_text_is_only_text(store: &dyn ConversationStore) {
    let mut script = Script::opened();
    let longest = "字".repeat(MessageText::MAX_BYTES / 3);
    let odd = [
        "'; drop table entries; --",
        r#"{"json":"\u0000"}"#,
        "\\",
        "\u{202e}right to left\u{200d}\u{feff}",
        "e\u{301} is not é",
        "\u{10ffff}\u{fffd}",
        "$1 ?1 %s {}",
        &longest,
    ];
    for text in odd {
        script.say(text);
    }
    script.persist(store).await;
    assert_holds(store, &script).await;
}

/// What a client asks that fell behind.
pub async fn entries_after_a_number_ascend_up_to_the_limit(store: &dyn ConversationStore) {
    let script = Script::chat(9);
    script.persist(store).await;
    for (after, limit, expected) in
        [(0, 3, 1..4), (4, 100, 5..11), (9, 5, 10..11), (10, 5, 1..1), (u64::MAX, 5, 1..1), (2, 0, 1..1)]
    {
        let found = store.entries(script.key, EntryRange::After(after), Audience::Staff, limit).await.unwrap();
        assert_eq!(found, script.entries_at(expected), "after {after}, {limit} at most");
    }
}

/// What a reader asks who scrolls up.
pub async fn entries_before_a_number_are_the_last_ones_and_ascend(store: &dyn ConversationStore) {
    let script = Script::chat(9);
    script.persist(store).await;
    for (before, limit, expected) in
        [(u64::MAX, 3, 8..11), (8, 3, 5..8), (3, 100, 1..3), (1, 5, 1..1), (0, 5, 1..1), (5, 0, 1..1)]
    {
        let found = store.entries(script.key, EntryRange::Before(before), Audience::Staff, limit).await.unwrap();
        assert_eq!(found, script.entries_at(expected), "before {before}, {limit} at most");
    }
}

/// Hidden entries do not count towards the limit, so a page of notes is never an empty page.
pub async fn contacts_are_given_public_entries_only_and_as_many_as_they_asked_for(store: &dyn ConversationStore) {
    let mut script = Script::chat(1);
    for number in 0..5 {
        script.note(&format!("note {number}"));
    }
    script.say("hello?");
    script.note("still not claimed");
    script.persist(store).await;
    let contact = async |range, limit| store.entries(script.key, range, Audience::Contact, limit).await.unwrap();
    assert_eq!(contact(EntryRange::After(0), 10).await, script.entries_at([1, 2, 8]));
    assert_eq!(contact(EntryRange::After(1), 2).await, script.entries_at([2, 8]));
    assert_eq!(contact(EntryRange::Before(9), 2).await, script.entries_at([2, 8]));
    assert_eq!(contact(EntryRange::Before(8), 1).await, script.entries_at([2]));
}

/// The answer to a repeated request is the first answer, for ever, also when that was a refusal.
pub async fn a_request_is_found_by_its_sender_in_its_conversation_only(store: &dyn ConversationStore) {
    let (mut script, other) = (Script::chat(3), Script::chat(3));
    script.add(Participant::Contact(script.contact), Event::Declined { reason: Rejection::NotClaimed });
    script.persist(store).await;
    other.persist(store).await;
    let sender = Participant::Contact(script.contact);
    for entry in script.entries() {
        let found = store.find_request(script.key, sender, entry.client_id).await.unwrap();
        assert_eq!(found, Some(RequestRecord { outcome: entry.outcome(), digest: entry.digest }));
    }
    let client_id = script.entries()[1].client_id;
    let stranger = script.renamed(|key| key.tenant = TenantId(Uuid::new_v4())).key;
    for (key, sender, client_id) in [
        (other.key, sender, client_id),
        (stranger, sender, client_id),
        (script.key, Participant::Contact(other.contact), client_id),
        (script.key, Participant::Agent(frontdesk_domain::AgentId(script.contact.0)), client_id),
        (script.key, sender, ClientId(Uuid::new_v4())),
    ] {
        assert_eq!(store.find_request(key, sender, client_id).await.unwrap(), None);
    }
}

/// Last opened, not last written to.
pub async fn the_conversation_that_a_contact_opened_last_is_found(store: &dyn ConversationStore) {
    let (tenant, contact) = (TenantId(Uuid::new_v4()), ContactId(Uuid::new_v4()));
    assert_eq!(store.latest_of_contact(tenant, contact).await.unwrap(), None);
    let mut first = Script::opened_in(tenant, contact, 1_000);
    let second = Script::opened_in(tenant, contact, 1_005);
    for _ in 0..10 {
        first.say("the old one goes on");
    }
    for script in [&second, &first, &Script::opened_in(tenant, ContactId(Uuid::new_v4()), 9_000)] {
        script.persist(store).await;
    }
    assert_eq!(store.latest_of_contact(tenant, contact).await.unwrap(), Some(second.key.conversation));
    assert_eq!(store.latest_of_contact(TenantId(Uuid::new_v4()), contact).await.unwrap(), None);
}
