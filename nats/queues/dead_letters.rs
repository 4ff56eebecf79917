//! Dead letters: records that no worker could process, each on a subject of its own until it is redelivered or dropped.
//!
//! The stream denies deleting; a dead letter is removed by a purge of its subject, which only the core user may request. One that
//! failed again is stored as a newer version on the same subject, and then the older version is purged.

use async_nats::{HeaderMap, HeaderValue, jetstream::message::PublishMessage};
use frontdesk_domain::{ConversationKey, Timestamp};
use frontdesk_ports::{Clock as _, DeadLetter, LetterId, LetterScope, LogError, ParkedLetter, SystemClock};
use futures_util::TryStreamExt as _;

use crate::{
    client::{
        Client, Connection, LeaderRead, PublishFailure, StreamRecord, Unavailable, bounded, numeric_header, publish,
        read_from_any, read_from_leader,
    },
    subjects::{DeadLetterSubject, Token},
    topology::{PERSISTED, StreamName},
};

/// Stores a record under its consumer, with its bytes unchanged and all else in headers. A record that is stored a second time
/// changes nothing.
pub(crate) async fn park(client: &Client, letter: &DeadLetter) -> Result<(), LogError> {
    let now = SystemClock::default().now();
    let parked = ParkedLetter {
        letter: letter.clone(),
        tenant: client.subjects().tenant(letter.subject.as_str()),
        conversation: client.subjects().conversation_of_record(letter.subject.as_str()),
        parked_at: now,
        tried_at: now,
        redeliveries: 0,
        place: 0,
    };
    if !store(client, &parked).await? {
        return Ok(());
    }
    metrics::counter!("desk_dead_letter_total", "consumer" => letter.consumer.clone()).increment(1);
    tracing::error!(
        letter.id = %letter.id(),
        stream = letter.stream,
        consumer = letter.consumer,
        log_seq = letter.log_seq,
        "a record could not be processed and became a dead letter; see `frontdesk dead list`"
    );
    Ok(())
}

/// Dead letters of `scope` above a place.
pub(crate) async fn letters(
    client: &Client,
    scope: LetterScope,
    after: u64,
    limit: usize,
) -> Result<Vec<ParkedLetter>, LogError> {
    let tenant = match scope {
        LetterScope::Desk => None,
        LetterScope::Tenant(tenant) => Some(tenant),
    };
    read(client, &DeadLetterSubject { tenant, ..DeadLetterSubject::default() }, after, limit).await
}

/// Dead letters of a conversation, in the order of the log.
pub(crate) async fn of_conversation(
    client: &Client,
    key: ConversationKey,
    consumer: &str,
    limit: usize,
) -> Result<Vec<ParkedLetter>, LogError> {
    let like = DeadLetterSubject {
        consumer: Some(token(consumer)?),
        tenant: Some(key.tenant),
        conversation: Some(key.conversation),
        ..DeadLetterSubject::default()
    };
    let mut letters = read(client, &like, 0, limit).await?;
    // One that was just replaced may be there twice; the newer version has the higher place.
    letters.sort_by_key(|letter| (letter.letter.log_seq, std::cmp::Reverse(letter.place)));
    letters.dedup_by_key(|letter| letter.letter.log_seq);
    Ok(letters)
}

/// One dead letter, from the stream's leader: a replica may not have it yet, or have it still.
pub(crate) async fn letter(
    client: &Client,
    scope: LetterScope,
    id: &LetterId,
) -> Result<Option<ParkedLetter>, LogError> {
    let connection = client.connection()?;
    let tenant = match scope {
        LetterScope::Desk => None,
        LetterScope::Tenant(tenant) => Some(tenant),
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
    Ok(found.and_then(|record| parked(client, record)))
}

/// Records another failure. One that another process replaced or removed meanwhile stays unchanged.
pub(crate) async fn failed_again(client: &Client, letter: &ParkedLetter, reason: &str) -> Result<(), LogError> {
    let newer = ParkedLetter {
        letter: DeadLetter { reason: reason.to_owned(), ..letter.letter.clone() },
        tried_at: SystemClock::default().now(),
        redeliveries: letter.redeliveries.saturating_add(1),
        ..letter.clone()
    };
    if store(client, &newer).await? {
        purge(client, letter, Some(1)).await?;
    }
    Ok(())
}

/// Removes a dead letter with all its versions.
pub(crate) async fn remove(client: &Client, letter: &ParkedLetter) -> Result<(), LogError> {
    purge(client, letter, None).await
}

/// The number of dead letters, which is the number of their subjects.
pub(crate) async fn count(client: &Client) -> Result<u64, LogError> {
    let connection = client.connection()?;
    let stream =
        connection.jetstream.get_stream(client.topology.name(StreamName::Dead)).await.map_err(Unavailable::new)?;
    Ok(stream.cached_info().state.subjects_count)
}

/// The first record of a stream that is a dead letter of the database's queue. Neither it nor later records may be trimmed: its
/// conversation would be loaded without it and assign its `seq` again.
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
async fn store(client: &Client, parked: &ParkedLetter) -> Result<bool, LogError> {
    let ParkedLetter { letter, parked_at, tried_at, redeliveries, place, .. } = parked;
    let mut headers = HeaderMap::new();
    headers.insert(SUBJECT, plain(letter.subject.as_str()));
    headers.insert(LOG_SEQ, HeaderValue::from(letter.log_seq));
    headers.insert(REASON, plain(&letter.reason));
    headers.insert(PARKED_AT, HeaderValue::from(parked_at.0));
    headers.insert(TRIED_AT, HeaderValue::from(tried_at.0));
    headers.insert(REDELIVERIES, HeaderValue::from(u64::from(*redeliveries)));
    let message = PublishMessage::build()
        .headers(headers)
        .payload(letter.payload.clone())
        .message_id(format!("{}:{redeliveries}", letter.id()))
        .expected_last_subject_sequence(*place);
    let subject = client.subjects().dead(&subject_of(parked)?);
    match publish(client, subject, message).await {
        Ok(ack) => Ok(!ack.duplicate),
        Err(PublishFailure::WrongLastSequence) => Ok(false),
        Err(failure) => Err(LogError::Unavailable(failure.into())),
    }
}

/// Removes all versions of a dead letter except for the newest `keep`.
async fn purge(client: &Client, letter: &ParkedLetter, keep: Option<u64>) -> Result<(), LogError> {
    let connection = client.connection()?;
    let stream = connection
        .jetstream
        .get_stream_no_info(client.topology.name(StreamName::Dead))
        .await
        .map_err(Unavailable::new)?;
    let purge = stream.purge().filter(client.subjects().dead(&subject_of(letter)?));
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
) -> Result<Vec<ParkedLetter>, LogError> {
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
    Ok(found.into_iter().filter_map(|record| parked(client, record)).collect())
}

/// A stored version of a dead letter; `None` for a record that was not written by [`store`].
fn parked(client: &Client, record: StreamRecord) -> Option<ParkedLetter> {
    let headers = record.headers.as_ref()?;
    let text = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
    let moment = |name: &str| Some(Timestamp(numeric_header(Some(headers), name)?));
    let (stream, consumer) = client.subjects().dead_record(record.subject()?)?;
    let subject = text(SUBJECT)?;
    Some(ParkedLetter {
        tenant: client.subjects().tenant(&subject),
        conversation: client.subjects().conversation_of_record(&subject),
        parked_at: moment(PARKED_AT)?,
        tried_at: moment(TRIED_AT)?,
        redeliveries: numeric_header(Some(headers), REDELIVERIES)?,
        place: record.log_seq,
        letter: DeadLetter {
            stream,
            consumer,
            subject: client.subjects().parse(&subject),
            log_seq: numeric_header(Some(headers), LOG_SEQ)?,
            reason: text(REASON)?,
            payload: record.payload,
        },
    })
}

fn subject_of(parked: &ParkedLetter) -> Result<DeadLetterSubject, LogError> {
    Ok(DeadLetterSubject {
        stream: Some(token(&parked.letter.stream)?),
        consumer: Some(token(&parked.letter.consumer)?),
        tenant: parked.tenant,
        conversation: parked.conversation.map(|key| key.conversation),
        log_seq: Some(parked.letter.log_seq),
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

const SUBJECT: &str = "Desk-Subject";
const LOG_SEQ: &str = "Desk-Log-Seq";
const REASON: &str = "Desk-Reason";
const PARKED_AT: &str = "Desk-Parked-At";
const TRIED_AT: &str = "Desk-Tried-At";
const REDELIVERIES: &str = "Desk-Redeliveries";
