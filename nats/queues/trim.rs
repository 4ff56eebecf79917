//! Removing records that all workers have processed.

use frontdesk_ports::{LogError, StreamPosition};
use futures_util::future::try_join_all;

use super::{dead_letters, positions};
use crate::{
    client::{Client, Connection, Unavailable},
    topology::{Queue, QueueSource, StreamName},
};

/// Where every message stream stands; up to `processed_seq` it may be trimmed.
pub(crate) async fn positions(client: &Client) -> Result<Vec<StreamPosition>, LogError> {
    let connection = client.connection()?;
    let numbers = 0..client.topology.message_streams;
    try_join_all(numbers.map(|number| trimmable(client, &connection, number))).await
}

/// Removes records of a message stream, never beyond what is processed, whatever the caller asks for: a mistake here
/// would lose accepted messages.
pub(crate) async fn trim(client: &Client, stream: &str, up_to_seq: u64) -> Result<(), LogError> {
    let names = client.topology.message_stream_names();
    let Some(number) = (0..).zip(&names).find_map(|(number, name)| (name == stream).then_some(number)) else {
        return Err(LogError::Unavailable(format!("{stream:?} is not a message stream").into()));
    };
    let connection = client.connection()?;
    let at = trimmable(client, &connection, number).await?;
    if up_to_seq > at.processed_seq {
        tracing::error!(stream, up_to_seq, processed_seq = at.processed_seq, "refusing to trim unprocessed records");
    }
    let up_to_seq = up_to_seq.min(at.processed_seq);
    if up_to_seq < at.first_seq {
        return Ok(());
    }
    let handle = connection.jetstream.get_stream_no_info(stream).await.map_err(Unavailable::new)?;
    let purged = handle.purge().sequence(up_to_seq + 1).await.map_err(Unavailable::new)?;
    metrics::counter!("desk_log_trimmed_total").increment(purged.purged);
    Ok(())
}

/// Removes all bridge messages that were stored or became dead letters, and returns their number. None is retained as
/// in message streams: ingest recognises a repeated message by its id, not by the stream.
pub(crate) async fn trim_inbound(client: &Client) -> Result<u64, LogError> {
    let connection = client.connection()?;
    let consumers = positions::consumers_of(QueueSource::Inbound);
    let at = positions::of_stream(&connection, client.topology.name(StreamName::Inbound), consumers).await?;
    if at.processed_seq < at.first_seq {
        return Ok(0);
    }
    let stream = connection.jetstream.get_stream_no_info(&at.stream).await.map_err(Unavailable::new)?;
    let purged = stream.purge().sequence(at.processed_seq + 1).await.map_err(Unavailable::new)?;
    Ok(purged.purged)
}

/// Where a message stream stands. A record counts as not processed while it is a dead letter of the database's queue.
async fn trimmable(client: &Client, connection: &Connection, number: u16) -> Result<StreamPosition, LogError> {
    let at = positions::of_messages(client, connection, number, &queues_of_entries()).await?;
    // After the consumers: a record becomes a dead letter before it is acknowledged, so none is missed.
    let dead = dead_letters::first_unpersisted(client, connection, &at.stream).await?;
    let processed_seq = dead.map_or(at.processed_seq, |dead| at.processed_seq.min(dead.saturating_sub(1)));
    Ok(StreamPosition { processed_seq, ..at })
}

/// The queues that must have processed an entry before it may be removed.
fn queues_of_entries() -> Vec<Queue> {
    Queue::all().filter(|queue| queue.source() == QueueSource::Entries).collect()
}
