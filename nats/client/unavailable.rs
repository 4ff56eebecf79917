//! The error of the client, and the time limit of calls that have none of their own.

use std::time::Duration;

use tokio::time::timeout;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The broker cannot be reached, did not answer in time, or answered with an error.
#[derive(Debug, thiserror::Error)]
#[error("the broker is unavailable")]
pub(crate) struct Unavailable(#[source] pub(crate) BoxError);

impl Unavailable {
    pub(crate) fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}

/// Limits a call of the client library that has no time limit: its send queue may be full while a connection is down.
pub(crate) async fn bounded<T, E: Into<BoxError>>(
    limit: Duration,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, Unavailable> {
    match timeout(limit, call).await {
        Ok(done) => done.map_err(Unavailable::new),
        Err(elapsed) => Err(Unavailable::new(elapsed)),
    }
}
