//! Where streams stand, and how far their consumers have come.

use async_nats::jetstream::consumer;
use frontdesk_ports::{Backlog, LogError, StreamPosition};
use futures_util::future::try_join_all;

use crate::{
    client::{Client, Connection, Unavailable},
    topology::{Queue, QueueSource, StreamName},
};

/// Where every message stream stands by the consumers of one queue.
pub(crate) async fn of_queue(client: &Client, queue: Queue) -> Result<Vec<StreamPosition>, LogError> {
    let connection = client.connection()?;
    let (queues, numbers) = ([queue], 0..client.topology.message_streams);
    Ok(try_join_all(numbers.map(|number| of_messages(client, &connection, number, &queues))).await?)
}

/// Where one message stream stands by the slowest consumer of `queues`.
pub(super) async fn of_messages(
    client: &Client,
    connection: &Connection,
    number: u16,
    queues: &[Queue],
) -> Result<StreamPosition, Unavailable> {
    let consumers = queues.iter().map(|queue| format!("{}-{number}", queue.name())).collect();
    of_stream(connection, client.topology.name(StreamName::Messages(number)), consumers).await
}

/// Where the ack stream stands by the consumer of receipts.
pub(crate) async fn of_acks(client: &Client) -> Result<StreamPosition, LogError> {
    let consumers = consumers_of(QueueSource::Receipts);
    Ok(of_stream(&*client.connection()?, client.topology.name(StreamName::Acks), consumers).await?)
}

/// The consumers of the queues over one stream that is not a message stream.
pub(super) fn consumers_of(source: QueueSource) -> Vec<String> {
    Queue::all().filter(|queue| queue.source() == source).map(|queue| queue.name().to_owned()).collect()
}

/// Where a stream stands by the slowest of `consumers`.
pub(super) async fn of_stream(
    connection: &Connection,
    name: String,
    consumers: Vec<String>,
) -> Result<StreamPosition, Unavailable> {
    let stream = connection.jetstream.get_stream(&name).await.map_err(Unavailable::new)?;
    let consumer = |name: String| {
        let stream = &stream;
        async move { stream.consumer_info(name).await.map_err(Unavailable::new) }
    };
    let consumers = try_join_all(consumers.into_iter().map(consumer)).await?;
    let state = &stream.cached_info().state;
    Ok(StreamPosition {
        stream: name,
        first_seq: state.first_sequence.max(1),
        last_seq: state.last_sequence,
        // The consumers were asked later, and may have processed more.
        processed_seq: consumers.iter().map(floor).fold(state.last_sequence, u64::min),
        crowded: is_crowded(state.bytes, stream.cached_info().config.max_bytes),
    })
}

/// How far `queue` has come in one stream, in one request: the consumer knows how many records follow the last
/// delivered one, and no record is ever removed from the middle.
pub(crate) async fn backlog(client: &Client, stream: &str, queue: Queue) -> Result<Backlog, LogError> {
    let parts = client.topology.parts(queue);
    let Some((stream, consumer)) = parts.into_iter().find(|(name, _)| name == stream) else {
        return Err(LogError::Unavailable(format!("{stream:?} is not a message stream").into()));
    };
    let connection = client.connection()?;
    let stream = connection.jetstream.get_stream_no_info(stream).await.map_err(Unavailable::new)?;
    let info = stream.consumer_info(consumer).await.map_err(Unavailable::new)?;
    Ok(Backlog {
        last_seq: info.delivered.stream_sequence + info.num_pending,
        processed_seq: floor(&info),
        unprocessed: info.num_pending + info.num_ack_pending as u64,
    })
}

/// The lowest sequence up to which every record was acknowledged by these consumers.
pub(super) async fn floor_of(client: &Client, parts: &[(String, String)]) -> Result<u64, LogError> {
    let connection = client.connection()?;
    let floors = parts.iter().map(|(stream, consumer)| {
        let connection = &connection;
        async move {
            let stream = connection.jetstream.get_stream_no_info(stream).await.map_err(Unavailable::new)?;
            Ok::<u64, Unavailable>(floor(&stream.consumer_info(consumer).await.map_err(Unavailable::new)?))
        }
    });
    Ok(try_join_all(floors).await?.into_iter().min().unwrap_or_default())
}

/// The sequence up to which every record was acknowledged. The broker's floor may lag while no acknowledgement is
/// pending; then every delivered record was acknowledged.
fn floor(consumer: &consumer::Info) -> u64 {
    if consumer.num_ack_pending == 0 {
        consumer.ack_floor.stream_sequence.max(consumer.delivered.stream_sequence)
    } else {
        consumer.ack_floor.stream_sequence
    }
}

/// Whether more than three quarters of a stream's `max_bytes` are used; -1 is no limit.
fn is_crowded(bytes: u64, max_bytes: i64) -> bool {
    u64::try_from(max_bytes).is_ok_and(|max_bytes| bytes > max_bytes / 4 * 3)
}
