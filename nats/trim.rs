//! Removing records behind the slowest worker.

use async_nats::jetstream::consumer;
use frontdesk_ports::{Backlog, LogError, StreamPosition};
use futures_util::future::try_join_all;

use crate::{
    dead,
    link::Link,
    log::Shared,
    topology::{Queue, QueueSource, StreamName},
};

/// Where every stream of channel 1 stands, and up to where it may be trimmed.
pub(crate) async fn positions(shared: &Shared) -> Result<Vec<StreamPosition>, LogError> {
    let link = shared.links.reach()?;
    let numbers = 0..shared.topology.message_streams;
    try_join_all(numbers.map(|number| trimmable(shared, &link, number))).await
}

/// The same, and how far one queue has come.
pub(crate) async fn positions_of(shared: &Shared, queue: Queue) -> Result<Vec<StreamPosition>, LogError> {
    let link = shared.links.reach()?;
    let (queues, numbers) = ([queue], 0..shared.topology.message_streams);
    try_join_all(numbers.map(|number| position(shared, &link, number, &queues))).await
}

/// The queues that must have processed an entry before it may be removed.
fn queues_of_entries() -> Vec<Queue> {
    Queue::all().filter(|queue| queue.source() == QueueSource::Entries).collect()
}

/// The consumers of the queues over one stream that is not of entries.
fn consumers_of(source: QueueSource) -> Vec<String> {
    Queue::all().filter(|queue| queue.source() == source).map(|queue| queue.name().to_owned()).collect()
}

/// Removes records of one of our streams, never beyond what is processed: a mistake here would lose what was accepted.
pub(crate) async fn trim(shared: &Shared, stream: &str, up_to_seq: u64) -> Result<(), LogError> {
    let names = shared.topology.message_stream_names();
    let Some(number) = (0..).zip(&names).find_map(|(number, name)| (name == stream).then_some(number)) else {
        return Err(LogError::Unavailable(format!("{stream:?} is no stream of messages").into()));
    };
    let link = shared.links.reach()?;
    let at = trimmable(shared, &link, number).await?;
    if up_to_seq > at.processed_seq {
        tracing::error!(stream, up_to_seq, processed_seq = at.processed_seq, "refusing to trim what is not processed");
    }
    let up_to_seq = up_to_seq.min(at.processed_seq);
    if up_to_seq < at.first_seq {
        return Ok(());
    }
    let handle = link.broker.get_stream_no_info(stream).await.map_err(unavailable)?;
    let purged = handle.purge().sequence(up_to_seq + 1).await.map_err(unavailable)?;
    metrics::counter!("desk_log_trimmed_total").increment(purged.purged);
    Ok(())
}

/// Removes from what bridges brought in all that was filed or parked. Nothing is kept for a while as in channel 1: whoever takes
/// from there knows a message by its name, and not by what lies in the stream.
pub(crate) async fn trim_inbound(shared: &Shared) -> Result<u64, LogError> {
    let link = shared.links.reach()?;
    let consumers = consumers_of(QueueSource::Inbound);
    let at = stand(&link, shared.topology.name(StreamName::Inbound), consumers).await?;
    if at.processed_seq < at.first_seq {
        return Ok(0);
    }
    let stream = link.broker.get_stream_no_info(&at.stream).await.map_err(unavailable)?;
    let purged = stream.purge().sequence(at.processed_seq + 1).await.map_err(unavailable)?;
    Ok(purged.purged)
}

/// Up to where every record of these parts was acknowledged.
pub(crate) async fn floor_of(shared: &Shared, parts: &[(String, String)]) -> Result<u64, LogError> {
    let link = shared.links.reach()?;
    let floors = parts.iter().map(|(stream, consumer)| {
        let link = &link;
        async move {
            let stream = link.broker.get_stream_no_info(stream).await.map_err(unavailable)?;
            Ok::<u64, LogError>(floor(&stream.consumer_info(consumer).await.map_err(unavailable)?))
        }
    });
    Ok(try_join_all(floors).await?.into_iter().min().unwrap_or_default())
}

/// How far `queue` has come in one of the streams. The consumer alone is asked: it knows how many records follow the one that it
/// handed out last, and no record is ever removed from the middle.
pub(crate) async fn backlog(shared: &Shared, stream: &str, queue: Queue) -> Result<Backlog, LogError> {
    let parts = shared.topology.parts(queue);
    let Some((stream, consumer)) = parts.into_iter().find(|(name, _)| name == stream) else {
        return Err(LogError::Unavailable(format!("{stream:?} is no stream of messages").into()));
    };
    let link = shared.links.reach()?;
    let stream = link.broker.get_stream_no_info(stream).await.map_err(unavailable)?;
    let info = stream.consumer_info(consumer).await.map_err(unavailable)?;
    Ok(Backlog {
        last_seq: info.delivered.stream_sequence + info.num_pending,
        processed_seq: floor(&info),
        unprocessed: info.num_pending + info.num_ack_pending as u64,
    })
}

/// Where a stream stands. What is parked for want of a database that takes it counts as not processed.
async fn trimmable(shared: &Shared, link: &Link, number: u16) -> Result<StreamPosition, LogError> {
    let at = position(shared, link, number, &queues_of_entries()).await?;
    // Asked after the consumers: a record is parked before it is acknowledged, so none is overlooked.
    let parked = dead::first_unpersisted(shared, link, &at.stream).await?;
    let processed_seq = parked.map_or(at.processed_seq, |parked| at.processed_seq.min(parked.saturating_sub(1)));
    Ok(StreamPosition { processed_seq, ..at })
}

/// Where channel 2 stands, and how far its receipts have come.
pub(crate) async fn acknowledgement_position(shared: &Shared) -> Result<StreamPosition, LogError> {
    let link = shared.links.reach()?;
    let consumers = consumers_of(QueueSource::Receipts);
    stand(&link, shared.topology.name(StreamName::Acks), consumers).await
}

async fn position(shared: &Shared, link: &Link, number: u16, queues: &[Queue]) -> Result<StreamPosition, LogError> {
    let consumers = queues.iter().map(|queue| format!("{}-{number}", queue.name())).collect();
    stand(link, shared.topology.name(StreamName::Messages(number)), consumers).await
}

async fn stand(link: &Link, name: String, consumers: Vec<String>) -> Result<StreamPosition, LogError> {
    let stream = link.broker.get_stream(&name).await.map_err(unavailable)?;
    let consumer = |name: String| {
        let stream = &stream;
        async move { stream.consumer_info(name).await.map_err(unavailable) }
    };
    let consumers = try_join_all(consumers.into_iter().map(consumer)).await?;
    let state = &stream.cached_info().state;
    Ok(StreamPosition {
        stream: name,
        first_seq: state.first_sequence.max(1),
        last_seq: state.last_sequence,
        // The consumers were asked later, and may have seen more.
        processed_seq: consumers.iter().map(floor).fold(state.last_sequence, u64::min),
        crowded: is_crowded(state.bytes, stream.cached_info().config.max_bytes),
    })
}

/// Whether more than three quarters of a stream's room are taken; -1 is no bound.
fn is_crowded(bytes: u64, max_bytes: i64) -> bool {
    u64::try_from(max_bytes).is_ok_and(|max_bytes| bytes > max_bytes / 4 * 3)
}

/// Everything up to here was acknowledged. The floor itself may lag while nothing is outstanding; then all that was
/// handed out was acknowledged.
fn floor(consumer: &consumer::Info) -> u64 {
    if consumer.num_ack_pending == 0 {
        consumer.ack_floor.stream_sequence.max(consumer.delivered.stream_sequence)
    } else {
        consumer.ack_floor.stream_sequence
    }
}

fn unavailable<E: Into<frontdesk_ports::BoxError>>(error: E) -> LogError {
    LogError::Unavailable(error.into())
}
