//! Dead letters: records that no worker could process, each on a subject of its own until it is redelivered or dropped.
//!
//! The stream denies deleting; a dead letter is removed by a purge of its subject, which only the core user may
//! request. One that failed again is stored as a newer version on the same subject, and then the older version is
//! purged.

use async_nats::{HeaderMap, HeaderValue, jetstream::message::PublishMessage};
use frontdesk_domain::{ConversationKey, DeadLetterKind, Timestamp, participant::KindName};
use frontdesk_ports::{Clock as _, DeadLetter, DeadLetterId, DeadLetterScope, LogError, StoredDeadLetter, SystemClock};
use futures_util::TryStreamExt as _;

use crate::{
    client::{
        Client, Connection, LeaderRead, PublishFailure, StreamRecord, Unavailable, bounded, numeric_header, publish,
        read_from_any, read_from_leader,
    },
    subjects::{DeadLetterSubject, Token},
    topology::{PERSISTED, StreamName},
};

/// Stores a record under its consumer, with its bytes unchanged and all else in headers. A record that is stored a
/// second time changes nothing.
pub(crate) async fn store(client: &Client, dead_letter: &DeadLetter) -> Result<(), LogError> {
    let stored = StoredDeadLetter::new(dead_letter.clone(), SystemClock::default().now());
    if !store_version(client, &stored).await? {
        return Ok(());
    }
    metrics::counter!("desk_dead_letter_total", "consumer" => dead_letter.consumer.clone()).increment(1);
    tracing::error!(
        dead_letter.id = %dead_letter.id(),
        stream = dead_letter.stream,
        consumer = dead_letter.consumer,
        log_seq = dead_letter.log_seq,
        "a record could not be processed and became a dead letter; see `frontdesk dead list`"
    );
    Ok(())
}

/// Dead letters of `scope` above a place.
pub(crate) async fn list(
    client: &Client,
    scope: DeadLetterScope,
    after: u64,
    limit: usize,
) -> Result<Vec<StoredDeadLetter>, LogError> {
    let tenant = match scope {
        DeadLetterScope::Installation => None,
        DeadLetterScope::Tenant(tenant) => Some(tenant),
    };
    read(client, &DeadLetterSubject { tenant, ..DeadLetterSubject::default() }, after, limit).await
}

/// Dead letters of a conversation, in the order of the log.
pub(crate) async fn of_conversation(
    client: &Client,
    key: ConversationKey,
    consumer: &str,
    limit: usize,
) -> Result<Vec<StoredDeadLetter>, LogError> {
    let like = DeadLetterSubject {
        consumer: Some(token(consumer)?),
        tenant: Some(key.tenant),
        conversation: Some(key.conversation),
        ..DeadLetterSubject::default()
    };
    let mut dead_letters = read(client, &like, 0, limit).await?;
    // One that was just replaced may be there twice; the newer version has the higher place.
    dead_letters.sort_by_key(|dead_letter| (dead_letter.record.log_seq, std::cmp::Reverse(dead_letter.place)));
    dead_letters.dedup_by_key(|dead_letter| dead_letter.record.log_seq);
    Ok(dead_letters)
}

/// One dead letter, from the stream's leader: a replica may not have it yet, or have it still.
pub(crate) async fn find(
    client: &Client,
    scope: DeadLetterScope,
    id: &DeadLetterId,
) -> Result<Option<StoredDeadLetter>, LogError> {
    let connection = client.connection()?;
    let tenant = match scope {
        DeadLetterScope::Installation => None,
        DeadLetterScope::Tenant(tenant) => Some(tenant),
    };
    let like = DeadLetterSubject {
        stream: Some(token(&id.stream)?),
        consumer: Some(token(&id.consumer)?),
        tenant,
        log_seq: Some(id.log_seq),
        ..DeadLetterSubject::default()
    };
    let last = LeaderRead::Last(client.subjects().dead_like(&like));
    let found = read_from_leader(&connection, &client.topology.name(StreamName::Dead), last).await?;
    Ok(found.and_then(|record| decode(client, record)))
}

/// Records another failure. One that another process replaced or removed meanwhile stays unchanged.
pub(crate) async fn failed_again(
    client: &Client,
    dead_letter: &StoredDeadLetter,
    reason: &str,
) -> Result<(), LogError> {
    let newer = StoredDeadLetter {
        record: DeadLetter { reason: reason.to_owned(), ..dead_letter.record.clone() },
        tried_at: SystemClock::default().now(),
        redeliveries: dead_letter.redeliveries.saturating_add(1),
        ..dead_letter.clone()
    };
    if store_version(client, &newer).await? {
        purge(client, dead_letter, Some(1)).await?;
    }
    Ok(())
}

/// Removes a dead letter with all its versions.
pub(crate) async fn remove(client: &Client, dead_letter: &StoredDeadLetter) -> Result<(), LogError> {
    purge(client, dead_letter, None).await
}

/// The number of dead letters, which is the number of their subjects.
pub(crate) async fn count(client: &Client) -> Result<u64, LogError> {
    let connection = client.connection()?;
    let stream =
        connection.jetstream.get_stream(client.topology.name(StreamName::Dead)).await.map_err(Unavailable::new)?;
    Ok(stream.cached_info().state.subjects_count)
}

/// The first record of a stream that is a dead letter of the queue of persist workers. The log must keep it and what
/// follows it: otherwise its conversation would be loaded without it and assign its `seq` again.
pub(crate) async fn first_unpersisted(
    client: &Client,
    connection: &Connection,
    stream: &str,
) -> Result<Option<u64>, LogError> {
    let like = DeadLetterSubject {
        stream: Some(token(stream)?),
        consumer: Some(token(PERSISTED.name())?),
        ..DeadLetterSubject::default()
    };
    let dead = connection
        .jetstream
        .get_stream_no_info(client.topology.name(StreamName::Dead))
        .await
        .map_err(Unavailable::new)?;
    let info = dead.info_with_subjects(client.subjects().dead_like(&like)).await.map_err(Unavailable::new)?;
    let subjects = client.subjects();
    let lowest = info.try_fold(None, async |lowest: Option<u64>, (subject, _)| {
        let log_seq = subjects.dead_seq(&subject);
        Ok(match (lowest, log_seq) {
            (Some(lowest), Some(log_seq)) => Some(lowest.min(log_seq)),
            (lowest, log_seq) => lowest.or(log_seq),
        })
    });
    Ok(lowest.await.map_err(Unavailable::new)?)
}

/// Stores a version in place of the one it replaces; `false` when another version is stored already.
async fn store_version(client: &Client, stored: &StoredDeadLetter) -> Result<bool, LogError> {
    let StoredDeadLetter { record: dead_letter, dead_lettered_at, tried_at, redeliveries, place, .. } = stored;
    let mut headers = HeaderMap::new();
    headers.insert(SUBJECT, plain(dead_letter.subject.as_str()));
    headers.insert(KIND, plain(stored.kind.as_str()));
    if let Some(item) = stored.item {
        headers.insert(ITEM, plain(&item.to_string()));
    }
    headers.insert(LOG_SEQ, HeaderValue::from(dead_letter.log_seq));
    headers.insert(REASON, plain(&dead_letter.reason));
    headers.insert(DEAD_LETTERED_AT, HeaderValue::from(dead_lettered_at.0));
    headers.insert(TRIED_AT, HeaderValue::from(tried_at.0));
    headers.insert(REDELIVERIES, HeaderValue::from(u64::from(*redeliveries)));
    let message = PublishMessage::build()
        .headers(headers)
        .payload(dead_letter.payload.clone())
        .message_id(format!("{}:{redeliveries}", dead_letter.id()))
        .expected_last_subject_sequence(*place);
    let subject = client.subjects().dead(&subject_of(stored)?);
    match publish(client, subject, message).await {
        Ok(ack) => Ok(!ack.duplicate),
        Err(PublishFailure::WrongLastSequence) => Ok(false),
        Err(failure) => Err(LogError::Unavailable(failure.into())),
    }
}

/// Removes all versions of a dead letter except for the newest `keep`.
async fn purge(client: &Client, dead_letter: &StoredDeadLetter, keep: Option<u64>) -> Result<(), LogError> {
    let connection = client.connection()?;
    let stream = connection
        .jetstream
        .get_stream_no_info(client.topology.name(StreamName::Dead))
        .await
        .map_err(Unavailable::new)?;
    let purge = stream.purge().filter(client.subjects().dead(&subject_of(dead_letter)?));
    let purged = match keep {
        Some(keep) => bounded(client.options.ack_timeout, purge.keep(keep).into_future()).await,
        None => bounded(client.options.ack_timeout, purge.into_future()).await,
    };
    Ok(purged.map(drop)?)
}

/// Dead letters that match `like` above a place, in the order in which they were stored.
async fn read(
    client: &Client,
    like: &DeadLetterSubject,
    after: u64,
    limit: usize,
) -> Result<Vec<StoredDeadLetter>, LogError> {
    let connection = client.connection()?;
    let (stream, filter) = (client.topology.name(StreamName::Dead), client.subjects().dead_like(like));
    let mut found = read_from_any(&connection, &stream, &filter, after + 1, limit, client.options.ack_timeout).await?;
    while client.options.replicas > 1 && found.len() < limit {
        let from = found.last().map_or(after, |last| last.log_seq) + 1;
        match read_from_leader(&connection, &stream, LeaderRead::Next(filter.clone(), from)).await? {
            Some(next) => found.push(next),
            None => break,
        }
    }
    Ok(found.into_iter().filter_map(|record| decode(client, record)).collect())
}

/// A stored version of a dead letter; `None` for a record that was not written by [`store_version`].
fn decode(client: &Client, record: StreamRecord) -> Option<StoredDeadLetter> {
    let headers = record.headers.as_ref()?;
    let text = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
    let moment = |name: &str| Some(Timestamp(numeric_header(Some(headers), name)?));
    let address = client.subjects().parse_dead(record.subject()?)?;
    let subject = client.subjects().parse(&text(SUBJECT)?);
    // The versions before stored no kind: theirs is told by the record's subject.
    let (kind, item) = match text(KIND) {
        None => (subject.kind(), subject.item()),
        Some(kind) => (decode_kind(&kind)?, text(ITEM).and_then(|item| item.parse().ok())),
    };
    Some(StoredDeadLetter {
        kind,
        // Not from the record's subject: one that was stored as no tenant's stays so.
        tenant: address.tenant,
        item,
        dead_lettered_at: moment(DEAD_LETTERED_AT)?,
        tried_at: moment(TRIED_AT)?,
        redeliveries: numeric_header(Some(headers), REDELIVERIES)?,
        place: record.log_seq,
        record: DeadLetter {
            stream: address.stream?.to_string(),
            consumer: address.consumer?.to_string(),
            subject,
            log_seq: numeric_header(Some(headers), LOG_SEQ)?,
            reason: text(REASON)?,
            payload: record.payload,
        },
    })
}

/// The kind of this name; one that has no form of a kind is a newer version's.
fn decode_kind(name: &str) -> Option<DeadLetterKind> {
    let unknown = KindName::new("unknown").ok()?;
    Some(KindName::new(name).map_or(DeadLetterKind::Unknown(unknown), DeadLetterKind::named))
}

fn subject_of(stored: &StoredDeadLetter) -> Result<DeadLetterSubject, LogError> {
    Ok(DeadLetterSubject {
        stream: Some(token(&stored.record.stream)?),
        consumer: Some(token(&stored.record.consumer)?),
        tenant: stored.tenant,
        conversation: stored.conversation().map(|key| key.conversation),
        log_seq: Some(stored.record.log_seq),
    })
}

fn token(text: &str) -> Result<Token, LogError> {
    Ok(Token::new(text).map_err(Unavailable::new)?)
}

/// A header value: one line of ASCII, at most 500 characters before escaping.
fn plain(text: &str) -> HeaderValue {
    let escaped: String = text.chars().take(500).flat_map(char::escape_default).collect();
    HeaderValue::from(escaped)
}

const KIND: &str = "Desk-Kind";
const ITEM: &str = "Desk-Item";
const SUBJECT: &str = "Desk-Subject";
const LOG_SEQ: &str = "Desk-Log-Seq";
const REASON: &str = "Desk-Reason";
/// The name of the first versions, whose records lie in streams.
const DEAD_LETTERED_AT: &str = "Desk-Parked-At";
const TRIED_AT: &str = "Desk-Tried-At";
const REDELIVERIES: &str = "Desk-Redeliveries";
