//! Requests to the JetStream API, with configurations as plain JSON, so that fields unknown to the client library are
//! seen.

use async_nats::jetstream::{Context, ErrorCode, response::Response};
use serde_json::{Value, json};

use crate::error::SetupError;

pub(super) async fn create(broker: &Context, what: String, request: String, body: &Value) -> Result<Value, SetupError> {
    ask(broker, request, body).await?.map_err(|error| match error.error_code() {
        // Servers of a cluster that has just begun do not all know one another yet.
        ErrorCode::CLUSTER_NO_PEERS => SetupError::NotReady(error.into()),
        _ => SetupError::Refused { what, source: error.into() },
    })
}

/// The configuration of a stream; `None` when there is none.
pub(super) async fn stream_config(broker: &Context, stream: &str) -> Result<Option<Value>, SetupError> {
    config(broker, format!("STREAM.INFO.{stream}"), ErrorCode::STREAM_NOT_FOUND).await
}

/// The configuration of a consumer; `None` when there is none.
pub(super) async fn consumer_config(
    broker: &Context,
    stream: &str,
    consumer: &str,
) -> Result<Option<Value>, SetupError> {
    config(broker, format!("CONSUMER.INFO.{stream}.{consumer}"), ErrorCode::CONSUMER_NOT_FOUND).await
}

async fn config(broker: &Context, request: String, missing: ErrorCode) -> Result<Option<Value>, SetupError> {
    match ask(broker, request.clone(), &json!({})).await? {
        Ok(config) => Ok(Some(config)),
        Err(error) if error.error_code() == missing => Ok(None),
        Err(error) => Err(SetupError::Refused { what: request, source: error.into() }),
    }
}

/// Asks, and gives the configuration in the answer as the broker sends it, with fields that this client does not know.
pub(super) async fn ask(
    broker: &Context,
    request: String,
    body: &Value,
) -> Result<Result<Value, async_nats::jetstream::Error>, SetupError> {
    let answer = broker.request(request.clone(), body).await;
    match answer.map_err(|source| SetupError::NoAnswer { request, source: source.into() })? {
        Response::Ok::<Value>(mut info) => Ok(Ok(info["config"].take())),
        Response::Err { error } if error.code() == BUSY => Err(SetupError::NotReady(error.into())),
        Response::Err { error } => Ok(Err(error)),
    }
}

/// Status code of a cluster that cannot answer now.
const BUSY: usize = 503;
