//! The consumers of bridges and integrators.

use frontdesk_ports::LogError;
use futures_util::TryStreamExt as _;

use crate::{
    client::{Client, Unavailable},
    error::SetupError,
    principals::{Principal, PrincipalKind},
    setup::{delete_consumer, ensure_consumer},
    topology::StreamName,
};

/// Creates the consumer of a principal unless it exists. Only the core user may.
pub(crate) async fn add(client: &Client, principal: &Principal) -> Result<(), SetupError> {
    let connection = client.connections.get().map_err(|lost| SetupError::NotReady(lost.into()))?;
    let subjects = client.subjects();
    ensure_consumer(&connection.jetstream, &principal.stream(subjects), &principal.consumer(subjects)).await
}

/// Deletes the consumer of a principal if it exists.
pub(crate) async fn remove(client: &Client, principal: &Principal) -> Result<(), SetupError> {
    let connection = client.connections.get().map_err(|lost| SetupError::NotReady(lost.into()))?;
    delete_consumer(&connection.jetstream, &principal.stream(client.subjects()), principal.name()).await
}

/// All principals that have a consumer, as its name and filter say, by name. Other consumers are skipped.
pub(crate) async fn list(client: &Client) -> Result<Vec<Principal>, LogError> {
    let connection = client.connection()?;
    let subjects = client.subjects();
    let mut principals = Vec::new();
    for stream in [StreamName::Outbound, StreamName::Tickets] {
        let stream = connection.jetstream.get_stream_no_info(stream.under(subjects)).await;
        let stream = stream.map_err(Unavailable::new)?;
        let mut consumers = stream.consumers();
        while let Some(consumer) = consumers.try_next().await.map_err(Unavailable::new)? {
            let kind = PrincipalKind::of_filter(&consumer.config.filter_subject, subjects);
            principals.extend(kind.and_then(|kind| Principal::new(&consumer.name, kind).ok()));
        }
    }
    principals.sort_by(|one, two| one.name().cmp(two.name()));
    Ok(principals)
}
