use frontdesk_domain::{
    Audience, BotId, ClientId, ConversationId, ConversationKey, Entry, EntryAuthor, Event, MessageText, Participant,
    TenantId, Timestamp,
};
use uuid::Uuid;

use super::Script;
use crate::store::{ConversationStore, EntryRange, Persisted};

/// Nothing is nothing, not an error.
pub async fn a_conversation_that_nobody_wrote_is_not_there(store: &dyn ConversationStore) {
    let (tenant, conversation) = (TenantId(Uuid::new_v4()), ConversationId(Uuid::new_v4()));
    let key = ConversationKey { tenant, conversation };
    let sender = Script::opened().contact;
    assert_eq!(store.load(key).await.unwrap(), None);
    assert_eq!(store.entries(key, EntryRange::After(0), Audience::Staff, 10).await.unwrap(), []);
    let found = store.find_request(key, Participant::Contact(sender), ClientId(Uuid::new_v4())).await.unwrap();
    assert_eq!(found, None);
    assert_eq!(store.receipts(key).await.unwrap(), []);
}

/// A worker that took nothing may say so.
pub async fn an_empty_batch_is_harmless(store: &dyn ConversationStore) {
    assert!(store.persist(&[]).await.unwrap().is_empty());
    store.raise_receipts(&[]).await.unwrap();
}

/// What is loaded is the fold of what was written, batch after batch.
pub async fn a_batch_is_written_in_order_and_loads_as_its_fold(store: &dyn ConversationStore) {
    let mut script = Script::chat(3);
    script.persist(store).await;
    assert_eq!(store.load(script.key).await.unwrap(), Some(script.snapshot()));
    script.act(Event::Resolved);
    script.note("that was easy");
    let answer = store.persist(&script.records[4..]).await.unwrap();
    assert_eq!(answer[&script.key], script.persisted_with(2));
    assert_holds(store, &script).await;
}

/// Larger than any worker takes, and than one statement of some databases may be.
pub async fn a_batch_of_thousands_is_written_at_once(store: &dyn ConversationStore) {
    let long = Script::chat(2_500);
    let answer = store.persist(&long.records).await.unwrap();
    assert_eq!(answer[&long.key], long.persisted_with(2_501));
    assert_holds(store, &long).await;
    let short: Vec<_> = (0..2_100).map(|_| Script::chat(1)).collect();
    let records: Vec<_> = short.iter().flat_map(|script| script.records.clone()).collect();
    let answer = store.persist(&records).await.unwrap();
    assert!(answer.len() == 2_100 && answer.values().all(|persisted| persisted.written == 2));
    assert_holds(store, &short[2_099]).await;
}

/// Each conversation of a batch is told of on its own.
pub async fn a_batch_of_many_conversations_is_written_at_once(store: &dyn ConversationStore) {
    let scripts: Vec<_> = (0..200).map(|number| Script::chat(number % 4)).collect();
    let batch: Vec<_> = scripts.iter().flat_map(|script| script.records.clone()).collect();
    let answer = store.persist(&batch).await.unwrap();
    assert_eq!(answer.len(), scripts.len());
    for script in &scripts {
        assert_eq!(answer[&script.key], script.all_persisted());
        assert_holds(store, script).await;
    }
}

/// Redelivery reorders.
pub async fn a_batch_may_come_in_any_order(store: &dyn ConversationStore) {
    let script = Script::chat(9);
    let mut batch = script.records.clone();
    batch.reverse();
    batch.swap(2, 7);
    assert_eq!(store.persist(&batch).await.unwrap()[&script.key], script.all_persisted());
    assert_holds(store, &script).await;
}

/// Redelivery repeats, also together with what is new, also within a batch, also when ids do not grow.
pub async fn a_repeated_batch_changes_nothing(store: &dyn ConversationStore) {
    let mut script = Script::chat(2);
    for seq in 4..12 {
        let last = script.record(3).envelope.entry;
        script.log(Entry { seq, prev_public: seq - 1, client_id: ClientId(Uuid::new_v4()), ..last });
    }
    store.persist(&script.records[..5]).await.unwrap();
    let twice = [script.records.clone(), script.records.clone()].concat();
    for written in [6, 0] {
        assert_eq!(store.persist(&twice).await.unwrap()[&script.key], script.persisted_with(written));
        assert_holds(store, &script).await;
    }
}

/// History has no holes, whatever is missing in between.
pub async fn entries_behind_a_hole_wait_until_they_come_with_what_is_missing(store: &dyn ConversationStore) {
    let script = Script::chat(5);
    let late = store.persist(&script.records[2..3]).await.unwrap();
    assert_eq!(late[&script.key], Persisted { waiting: vec![3], ..Persisted::default() });
    assert_eq!(store.load(script.key).await.unwrap(), None, "nothing of it may be seen");

    let holed = [script.record(1), script.record(2), script.record(4), script.record(6)];
    let some = store.persist(&holed).await.unwrap();
    let expected = Persisted { up_to_seq: 2, log_seq: 23, written: 2, waiting: vec![4, 6], contradicting: vec![] };
    assert_eq!(some[&script.key], expected);
    assert_eq!(all_entries(store, &script).await, script.entries_at(1..=2));

    let rest = [script.record(6), script.record(3), script.record(4), script.record(5)];
    assert_eq!(store.persist(&rest).await.unwrap()[&script.key], script.persisted_with(4));
    assert_holds(store, &script).await;
}

/// `ON CONFLICT DO NOTHING` alone would hide this: the database and the log disagree.
pub async fn other_content_under_a_written_number_is_told_and_changes_nothing(store: &dyn ConversationStore) {
    let (mut script, bystander) = (Script::chat(3), Script::chat(1));
    script.persist(store).await;
    let mut other_text = script.record(2);
    other_text.envelope.entry.event = Event::message(MessageText::new("forged").unwrap());
    let mut other_time = script.record(3);
    other_time.envelope.entry.at = Timestamp(0);
    script.say("what follows is written all the same");
    let batch = [other_text, other_time, script.record(1), script.record(5), bystander.record(1), bystander.record(2)];
    let answer = store.persist(&batch).await.unwrap();
    assert_eq!(answer[&script.key], Persisted { contradicting: vec![2, 3], ..script.persisted_with(1) });
    assert_eq!(answer[&bystander.key], bystander.all_persisted());
    assert_holds(store, &script).await;
    assert_holds(store, &bystander).await;
}

/// Should the log ever hold two, the first is the one that everybody was told of.
pub async fn of_two_contents_under_one_new_number_the_first_logged_is_written(store: &dyn ConversationStore) {
    let script = Script::chat(2);
    let mut usurper = script.record(2);
    usurper.log_seq += 1;
    usurper.envelope.entry.client_id = ClientId(Uuid::now_v7());
    let batch = [script.record(1), usurper, script.record(3), script.record(2)];
    let answer = store.persist(&batch).await.unwrap();
    assert_eq!(answer[&script.key], Persisted { contradicting: vec![2], ..script.all_persisted() });
    assert_holds(store, &script).await;
}

/// How an entry came is not what it says.
pub async fn the_same_entry_with_another_trace_is_the_same_entry(store: &dyn ConversationStore) {
    let script = Script::chat(2);
    script.persist(store).await;
    let mut traced = script.record(2);
    traced.envelope.trace = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    assert_eq!(store.persist(&[traced]).await.unwrap()[&script.key], script.persisted_with(0));
    assert_holds(store, &script).await;
}

/// A request that was logged twice is an alarm, in one batch and in two, and never a second entry.
pub async fn a_request_under_two_numbers_is_told_and_what_follows_waits(store: &dyn ConversationStore) {
    for written_before in [2, 0] {
        let mut script = Script::chat(1);
        let sound = script.records.clone();
        store.persist(&sound[..written_before]).await.unwrap();
        let mut again = script.record(2).envelope.entry;
        again.seq = 3;
        script.log(again);
        script.say("after it");
        let answer = store.persist(&script.records).await.unwrap();
        let written = 2 - written_before as u64;
        let stuck = Persisted { up_to_seq: 2, log_seq: 23, written, waiting: vec![4], contradicting: vec![3] };
        assert_eq!(answer[&script.key], stuck);
        assert_eq!(all_entries(store, &script).await, script.entries_at(1..=2));
    }
}

/// Ids are the sender's own: two senders may use the same.
pub async fn the_same_client_id_of_two_senders_is_two_requests(store: &dyn ConversationStore) {
    let mut script = Script::chat(1);
    let theirs = script.record(2).envelope.entry;
    let member = Participant::Agent(script.agent);
    let author = EntryAuthor { member, name: "Grace".to_owned() };
    script.log(Entry { seq: 3, prev_public: 2, author, ..theirs });
    script.persist(store).await;
    assert_holds(store, &script).await;
}

/// Bots, parts of the server, integrations and kinds of a newer version write as contacts and agents do.
pub async fn participants_of_every_kind_write_and_are_found_again(store: &dyn ConversationStore) {
    let mut script = Script::chat(1);
    let id = Uuid::new_v4();
    let kinds = ["contact", "agent", "bot", "system", "integration", "oracle_2"];
    let all = kinds.map(|kind| Participant::new(kind, id).expect("a kind"));
    for participant in all {
        let text = MessageText::new(participant.kind()).unwrap();
        script.add(participant, Event::message(text));
    }
    script.persist(store).await;
    assert_holds(store, &script).await;
    for (participant, record) in all.into_iter().zip(&script.records[2..]) {
        let entry = &record.envelope.entry;
        let found = store.find_request(script.key, participant, entry.client_id).await.unwrap();
        assert_eq!(found.map(|found| found.outcome), Some(entry.outcome()), "{participant}");
        let other = store.find_request(script.key, Participant::Bot(BotId(Uuid::nil())), entry.client_id).await;
        assert_eq!(other.unwrap(), None);
    }
}

/// All entries of `script`'s conversation in the store.
pub(super) async fn all_entries(store: &dyn ConversationStore, script: &Script) -> Vec<Entry> {
    store.entries(script.key, EntryRange::After(0), Audience::Staff, 10_000).await.unwrap()
}

/// The store holds exactly what `script` says.
pub(super) async fn assert_holds(store: &dyn ConversationStore, script: &Script) {
    assert_eq!(all_entries(store, script).await, script.entries());
    assert_eq!(store.load(script.key).await.unwrap(), Some(script.snapshot()));
}
