//! Dead letters: records that no worker could process, each on a subject of its own until it is redelivered or dropped.
//!
//! The stream denies deleting; a letter goes by a purge of its own subject, which only the core user may ask for. A letter
//! that failed again is appended as a newer one on the same subject, and then the older one is purged.

use async_nats::{
    HeaderMap, HeaderValue,
    jetstream::{
        context::{PublishError, PublishErrorKind},
        message::PublishMessage,
    },
};
use frontdesk_domain::{ConversationKey, Timestamp};
use frontdesk_ports::{Clock as _, DeadLetter, LetterId, LetterScope, LogError, ParkedLetter, SystemClock};
use futures_util::TryStreamExt as _;
use tokio::time::timeout;

use crate::{
    link::{Link, bounded},
    log::Shared,
    read::{Ask, from_leader},
    stored::{Stored, fetch, number},
    subjects::{ParkedSubject, Token},
    topology::{PERSISTED, StreamName},
};

/// Parks a record under its consumer, its bytes as they were and everything else in headers. The first of its subject stays:
/// a record that is parked a second time is there already.
pub(crate) async fn park(shared: &Shared, letter: &DeadLetter) -> Result<(), LogError> {
    let now = SystemClock::default().now();
    let parked = ParkedLetter {
        letter: letter.clone(),
        tenant: shared.subjects().tenant(&letter.subject),
        conversation: shared.subjects().conversation_of_record(&letter.subject),
        parked_at: now,
        tried_at: now,
        redeliveries: 0,
        place: 0,
    };
    if !publish(shared, &parked).await? {
        return Ok(());
    }
    metrics::counter!("desk_dead_letter_total", "consumer" => letter.consumer.clone()).increment(1);
    tracing::error!(
        letter.id = %letter.id(),
        stream = letter.stream,
        consumer = letter.consumer,
        log_seq = letter.log_seq,
        "a record that cannot be processed was parked; see `frontdesk dead`"
    );
    Ok(())
}

/// Letters of `scope` above a place.
pub(crate) async fn letters(
    shared: &Shared,
    scope: LetterScope,
    after: u64,
    limit: usize,
) -> Result<Vec<ParkedLetter>, LogError> {
    let tenant = match scope {
        LetterScope::Desk => None,
        LetterScope::Tenant(tenant) => Some(tenant),
    };
    read(shared, &ParkedSubject { tenant, ..ParkedSubject::default() }, after, limit).await
}

/// Letters of a conversation, in the order of the log.
pub(crate) async fn of_conversation(
    shared: &Shared,
    key: ConversationKey,
    consumer: &str,
    limit: usize,
) -> Result<Vec<ParkedLetter>, LogError> {
    let like = ParkedSubject {
        consumer: Some(token(consumer)?),
        tenant: Some(key.tenant),
        conversation: Some(key.conversation),
        ..ParkedSubject::default()
    };
    let mut letters = read(shared, &like, 0, limit).await?;
    // Of one that was replaced a moment ago, the newer comes later.
    letters.sort_by_key(|letter| (letter.letter.log_seq, std::cmp::Reverse(letter.place)));
    letters.dedup_by_key(|letter| letter.letter.log_seq);
    Ok(letters)
}

/// One letter, asked of the stream's leader: a replica may not have it yet, or still.
pub(crate) async fn letter(
    shared: &Shared,
    scope: LetterScope,
    id: &LetterId,
) -> Result<Option<ParkedLetter>, LogError> {
    let link = shared.links.reach()?;
    let tenant = match scope {
        LetterScope::Desk => None,
        LetterScope::Tenant(tenant) => Some(tenant),
    };
    let like = ParkedSubject {
        stream: Some(token(&id.stream)?),
        consumer: Some(token(&id.consumer)?),
        tenant,
        log_seq: Some(id.log_seq),
        ..ParkedSubject::default()
    };
    let last = Ask::Last(shared.subjects().dead_like(&like));
    let found = from_leader(&link, &shared.topology.name(StreamName::Dead), last).await?;
    Ok(found.and_then(|stored| parked(shared, stored)))
}

/// Notes another failure; one that somebody else replaced or removed meanwhile stays as it is.
pub(crate) async fn failed_again(shared: &Shared, letter: &ParkedLetter, reason: &str) -> Result<(), LogError> {
    let newer = ParkedLetter {
        letter: DeadLetter { reason: reason.to_owned(), ..letter.letter.clone() },
        tried_at: SystemClock::default().now(),
        redeliveries: letter.redeliveries.saturating_add(1),
        ..letter.clone()
    };
    if publish(shared, &newer).await? {
        purge(shared, letter, Some(1)).await?;
    }
    Ok(())
}

/// Removes a letter and all that came before it on its subject.
pub(crate) async fn remove(shared: &Shared, letter: &ParkedLetter) -> Result<(), LogError> {
    purge(shared, letter, None).await
}

/// How many subjects hold one.
pub(crate) async fn count(shared: &Shared) -> Result<u64, LogError> {
    let link = shared.links.reach()?;
    let stream = link.broker.get_stream(shared.topology.name(StreamName::Dead)).await.map_err(unavailable)?;
    Ok(stream.cached_info().state.subjects_count)
}

/// The first record of a stream that is parked although the database should have it: neither it nor what follows may leave
/// the log, or a conversation would go on under numbers that were given away.
pub(crate) async fn first_unpersisted(shared: &Shared, link: &Link, stream: &str) -> Result<Option<u64>, LogError> {
    let like = ParkedSubject {
        stream: Some(token(stream)?),
        consumer: Some(token(PERSISTED.name())?),
        ..ParkedSubject::default()
    };
    let dead = link.broker.get_stream_no_info(shared.topology.name(StreamName::Dead)).await.map_err(unavailable)?;
    let info = dead.info_with_subjects(shared.subjects().dead_like(&like)).await.map_err(unavailable)?;
    let subjects = shared.subjects();
    let lowest = info.try_fold(None, async |lowest: Option<u64>, (subject, _)| {
        let log_seq = subjects.parked_seq(&subject);
        Ok(match (lowest, log_seq) {
            (Some(lowest), Some(log_seq)) => Some(lowest.min(log_seq)),
            (lowest, log_seq) => lowest.or(log_seq),
        })
    });
    lowest.await.map_err(unavailable)
}

/// Appends a version of a letter upon the one it replaces; `false` when another is there already.
async fn publish(shared: &Shared, parked: &ParkedLetter) -> Result<bool, LogError> {
    let ParkedLetter { letter, parked_at, tried_at, redeliveries, place, .. } = parked;
    let link = shared.links.reach()?;
    let mut headers = HeaderMap::new();
    headers.insert(SUBJECT, plain(&letter.subject));
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
    let subject = shared.subjects().dead(&subject_of(parked)?);
    let published = async { link.broker.send_publish(subject, message).await?.await };
    match timeout(shared.options.ack_timeout, published).await {
        Ok(Ok(ack)) => Ok(!ack.duplicate),
        Ok(Err(error)) if is_conflict(&error) => Ok(false),
        Ok(Err(error)) => Err(unavailable(error)),
        Err(elapsed) => Err(unavailable(elapsed)),
    }
}

fn is_conflict(error: &PublishError) -> bool {
    error.kind() == PublishErrorKind::WrongLastSequence
}

/// Removes what lies on a letter's subject, except for the newest `keep`.
async fn purge(shared: &Shared, letter: &ParkedLetter, keep: Option<u64>) -> Result<(), LogError> {
    let link = shared.links.reach()?;
    let stream = link.broker.get_stream_no_info(shared.topology.name(StreamName::Dead)).await.map_err(unavailable)?;
    let purge = stream.purge().filter(shared.subjects().dead(&subject_of(letter)?));
    let purged = match keep {
        Some(keep) => bounded(shared.options.ack_timeout, purge.keep(keep).into_future()).await,
        None => bounded(shared.options.ack_timeout, purge.into_future()).await,
    };
    purged.map(drop)
}

/// Letters like `like` above a place, in the order in which they were parked.
async fn read(shared: &Shared, like: &ParkedSubject, after: u64, limit: usize) -> Result<Vec<ParkedLetter>, LogError> {
    let link = shared.links.reach()?;
    let (stream, filter) = (shared.topology.name(StreamName::Dead), shared.subjects().dead_like(like));
    let mut stored = fetch(&link, &stream, &filter, after + 1, limit, shared.options.ack_timeout).await?;
    while shared.options.replicas > 1 && stored.len() < limit {
        let from = stored.last().map_or(after, |last| last.log_seq) + 1;
        match from_leader(&link, &stream, Ask::Next(filter.clone(), from)).await? {
            Some(next) => stored.push(next),
            None => break,
        }
    }
    Ok(stored.into_iter().filter_map(|stored| parked(shared, stored)).collect())
}

/// A stored version of a letter; `None` for what nobody of ours wrote.
fn parked(shared: &Shared, stored: Stored) -> Option<ParkedLetter> {
    let headers = stored.headers.as_ref()?;
    let text = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
    let moment = |name: &str| Some(Timestamp(number(Some(headers), name)?));
    let lies_on = stored.subject()?.to_owned();
    let (subject, mut tokens) = (text(SUBJECT)?, lies_on.split('.').skip(2));
    Some(ParkedLetter {
        tenant: shared.subjects().tenant(&subject),
        conversation: shared.subjects().conversation_of_record(&subject),
        parked_at: moment(PARKED_AT)?,
        tried_at: moment(TRIED_AT)?,
        redeliveries: number(Some(headers), REDELIVERIES)?,
        place: stored.log_seq,
        letter: DeadLetter {
            stream: tokens.next()?.to_owned(),
            consumer: tokens.next()?.to_owned(),
            subject,
            log_seq: number(Some(headers), LOG_SEQ)?,
            reason: text(REASON)?,
            payload: stored.payload,
        },
    })
}

fn subject_of(parked: &ParkedLetter) -> Result<ParkedSubject, LogError> {
    Ok(ParkedSubject {
        stream: Some(token(&parked.letter.stream)?),
        consumer: Some(token(&parked.letter.consumer)?),
        tenant: parked.tenant,
        conversation: parked.conversation.map(|key| key.conversation),
        log_seq: Some(parked.letter.log_seq),
    })
}

fn token(text: &str) -> Result<Token, LogError> {
    Token::new(text).map_err(unavailable)
}

/// As the value of a header: one line of ASCII, and not too long.
fn plain(text: &str) -> HeaderValue {
    let escaped: String = text.chars().take(500).flat_map(char::escape_default).collect();
    HeaderValue::from(escaped)
}

fn unavailable<E: Into<frontdesk_ports::BoxError>>(error: E) -> LogError {
    LogError::Unavailable(error.into())
}

const SUBJECT: &str = "Desk-Subject";
const LOG_SEQ: &str = "Desk-Log-Seq";
const REASON: &str = "Desk-Reason";
const PARKED_AT: &str = "Desk-Parked-At";
const TRIED_AT: &str = "Desk-Tried-At";
const REDELIVERIES: &str = "Desk-Redeliveries";
