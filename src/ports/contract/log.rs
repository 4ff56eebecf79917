//! What every [`Log`], [`Feed`], [`DeadLetterSink`], [`Trim`] and their work queues promise.
//!
//! An implementation runs all of it with [`log_contract!`](crate::log_contract), giving an async function that makes a
//! fresh [`LogUnderTest`].
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dead;
mod live;
mod work;
mod writing;

use std::{any::Any, sync::Arc, time::Duration};

use frontdesk_domain::{
    AgentId, ClientId, Command, ContactId, ConversationId, ConversationKey, Entry, EntryAuthor, Event, MessageText,
    Participant, Partition, TenantId, Timestamp,
};
use frontdesk_protocol::Envelope;
use futures_util::StreamExt as _;
use uuid::Uuid;

use crate::{
    dead_letter::{DeadLetterSink, DeadLetterStore},
    feed::Feed,
    log::{Log, LogStream},
    work::{Trim, WorkSource},
};

pub use dead::*;
pub use live::*;
pub use work::*;
pub use writing::*;

/// An empty log of an implementation, through two handles.
pub struct LogUnderTest {
    /// One handle.
    pub log: Arc<dyn Log>,
    /// Another, as another node has it.
    pub other: Arc<dyn Log>,
    /// The feed through the first.
    pub feed: Arc<dyn Feed>,
    /// The feed through the second.
    pub other_feed: Arc<dyn Feed>,
    /// Takes dead letters.
    pub dead_letter_sink: Arc<dyn DeadLetterSink>,
    /// Reads and removes stored dead letters.
    pub dead_letters: Arc<dyn DeadLetterStore>,
    /// Removing what is processed.
    pub trim: Arc<dyn Trim>,
    /// One worker of the queue for the database.
    pub persist: Arc<dyn WorkSource>,
    /// Another worker of the same queue.
    pub other_persist: Arc<dyn WorkSource>,
    /// The queue for agents and bridges.
    pub push: Arc<dyn WorkSource>,
    /// The queue of receipts.
    pub receipts: Arc<dyn WorkSource>,
    /// After how long an unanswered delivery comes again. Short: tests wait for it.
    pub ack_wait: Duration,
    /// Whatever must live as long, such as a server.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives a [`LogUnderTest`].
#[macro_export]
macro_rules! log_contract {
    ($fresh:path) => {
        $crate::log_contract! { @each $fresh:
            an_empty_conversation_has_no_last_record
            records_are_read_back_as_they_were_appended
            reading_keeps_to_its_conversation_its_start_and_its_limit
            an_append_upon_an_older_record_is_refused_and_stores_nothing
            of_many_that_append_at_once_one_wins
            the_same_record_twice_is_stored_once
            the_same_client_id_of_two_senders_is_two_records
            a_long_record_survives_and_one_too_large_is_refused
            live_records_come_in_order_and_to_every_handle
            live_records_of_other_partitions_stay_away
            acknowledgements_keep_the_last_value_and_are_heard
            a_persisted_acknowledgement_that_comes_late_lowers_nothing
            signals_are_heard_by_all_and_kept_by_none
            a_feed_item_reaches_its_tenant_only
            work_comes_in_order_and_to_every_queue
            work_taken_is_not_handed_to_a_second_worker
            acknowledged_work_does_not_come_again
            work_to_be_retried_comes_again_after_the_delay
            work_dropped_without_a_word_comes_again
            an_empty_queue_gives_nothing_after_the_wait
            waiting_workers_hear_of_new_work_at_once
            receipts_are_queued_without_the_databases_own_reports
            records_are_processed_once_every_queue_is_through
            a_trimmed_conversation_goes_on
            storing_a_dead_letter_twice_is_safe
            dead_letters_are_listed_in_pages_and_to_their_tenant_only
            a_dead_letter_keeps_its_kind_and_what_it_is_about
            a_dead_letter_that_failed_again_says_so_and_is_still_one
            a_removed_dead_letter_is_gone_and_no_other
            dead_letters_of_a_conversation_come_in_the_order_of_the_log
            a_dead_letter_of_the_persist_queue_is_not_trimmed
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                $crate::contract::log::$promise($fresh().await).await;
            }
        )*
    };
}

/// A conversation that no other test has.
#[must_use]
pub fn some_conversation() -> ConversationKey {
    ConversationKey { tenant: TenantId(Uuid::new_v4()), conversation: ConversationId(Uuid::new_v4()) }
}

/// A message numbered `seq` with this text, under a fresh client id.
///
/// # Panics
/// When `text` is no message.
#[must_use]
pub fn message(key: ConversationKey, seq: u64, text: &str) -> Envelope {
    let text = MessageText::new(text).expect("a test writes valid messages");
    let event = Event::message(text);
    let entry = Entry {
        seq,
        prev_public: seq - 1,
        visibility: event.visibility(),
        at: Timestamp(1_700_000_000_000),
        author: EntryAuthor { member: Participant::Contact(ContactId(Uuid::from_u128(1))), name: "Ada 李".to_owned() },
        client_id: ClientId(Uuid::new_v4()),
        digest: Command::Claim.digest(),
        event,
        unknown: Default::default(),
    };
    Envelope::new(key, entry, None)
}

fn some_agent() -> Participant {
    Participant::Agent(AgentId(Uuid::new_v4()))
}

/// Another conversation of the same partition, or of another one.
fn neighbour(key: ConversationKey, same_partition: bool) -> ConversationKey {
    let partition = Partition::of(&key);
    let mut candidates = std::iter::repeat_with(some_conversation);
    candidates.find(|other| (Partition::of(other) == partition) == same_partition).expect("endless")
}

/// Appends `texts` one after another and gives their places in the log.
async fn fill(log: &dyn Log, key: ConversationKey, texts: &[&str]) -> Vec<u64> {
    let mut places = Vec::new();
    for (text, seq) in texts.iter().zip(1..) {
        let expected = places.last().copied().unwrap_or_default();
        places.push(log.append(&message(key, seq, text), expected).await.expect("there is no other writer"));
    }
    places
}

/// The next item, which must come soon.
async fn next<T>(stream: &mut LogStream<T>) -> T {
    let soon = tokio::time::timeout(Duration::from_secs(5), stream.next()).await;
    soon.expect("an item comes within 5 s").expect("the subscription goes on")
}

/// The text of a record's message.
fn text(envelope: &Envelope) -> &str {
    envelope.entry.event.text().unwrap_or_default()
}
