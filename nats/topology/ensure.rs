//! Creating what is missing and refusing what differs.

use async_nats::{
    ServerInfo,
    jetstream::{Context, ErrorCode, consumer::pull, response::Response, stream},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Topology, compare};
use crate::error::SetupError;

impl Topology {
    /// Creates the streams and consumers that are missing and checks the others; a stream that differs is never changed.
    ///
    /// # Errors
    /// [`SetupError`], with one line for the operator.
    pub async fn ensure(&self, broker: &Context) -> Result<(), SetupError> {
        for wanted in self.streams() {
            match stream_config(broker, &wanted.name).await? {
                Some(found) => check_stream(&wanted, &found)?,
                None => create_stream(broker, wanted).await?,
            }
        }
        for (stream, wanted) in self.consumers() {
            match consumer_config(broker, &stream, name(&wanted)).await? {
                Some(found) => adjust_consumer(broker, &stream, wanted, &found).await?,
                None => create_consumer(broker, &stream, wanted).await?,
            }
        }
        Ok(())
    }

    /// Checks streams and consumers without the right to make any, as a worker does.
    ///
    /// # Errors
    /// [`SetupError`], with one line for the operator.
    pub async fn verify(&self, broker: &Context) -> Result<(), SetupError> {
        for wanted in self.streams() {
            let missing = || SetupError::Missing(format!("stream {}", wanted.name));
            let found = stream_config(broker, &wanted.name).await?.ok_or_else(missing)?;
            check_stream(&wanted, &found)?;
        }
        for (stream, wanted) in self.consumers() {
            let missing = || SetupError::Missing(format!("consumer {} of stream {stream}", name(&wanted)));
            consumer_config(broker, &stream, name(&wanted)).await?.ok_or_else(missing)?;
        }
        Ok(())
    }
}

/// Refuses a broker that would accept our streams and silently not do what they say.
pub(crate) fn check_server(info: &ServerInfo) -> Result<(), SetupError> {
    let numbers = |version: &str| {
        let mut parts = version.split('.').map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    };
    if numbers(&info.version) < numbers(crate::supervisor::OLDEST_VERSION) {
        return Err(SetupError::TooOld { found: info.version.clone() });
    }
    if !info.jetstream {
        return Err(SetupError::NoJetStream);
    }
    Ok(())
}

fn check_stream(wanted: &stream::Config, found: &Value) -> Result<(), SetupError> {
    match compare::differences(&as_json(wanted), found).into_iter().next() {
        None => Ok(()),
        Some(compare::Difference { field, wanted: value, found }) => {
            Err(SetupError::Differs { what: format!("stream {}", wanted.name), field, wanted: value, found })
        }
    }
}

/// How long and how much a consumer waits may follow the settings: that changes neither what it delivers nor to whom.
async fn adjust_consumer(
    broker: &Context,
    stream: &str,
    wanted: pull::Config,
    found: &Value,
) -> Result<(), SetupError> {
    use async_nats::jetstream::consumer::IntoConsumerConfig as _;
    let differences = compare::differences(&as_json(&(&wanted).into_consumer_config()), found);
    let what = format!("consumer {} of stream {stream}", name(&wanted));
    if let Some(fixed) = differences.iter().find(|difference| !ADJUSTABLE.contains(&difference.field.as_str())) {
        let compare::Difference { field, wanted, found } = fixed.clone();
        return Err(SetupError::Differs { what, field, wanted, found });
    }
    for compare::Difference { field, wanted, found } in &differences {
        tracing::info!(consumer = what, field, from = found, to = wanted, "adjusting a consumer of the broker");
    }
    if !differences.is_empty() {
        let updated = broker.update_consumer_on_stream(wanted, stream).await;
        updated.map_err(|source| SetupError::Refused { what, source: source.into() })?;
    }
    Ok(())
}

async fn create_stream(broker: &Context, wanted: stream::Config) -> Result<(), SetupError> {
    let what = format!("stream {}", wanted.name);
    tracing::info!(stream = wanted.name, "creating a stream");
    let created = broker
        .create_stream(&wanted)
        .await
        .map_err(|source| SetupError::Refused { what: what.clone(), source: source.into() })?;
    // An older broker drops options that it does not know and reports success.
    check_stream(&wanted, &as_json(&created.cached_info().config))
}

async fn create_consumer(broker: &Context, stream: &str, wanted: pull::Config) -> Result<(), SetupError> {
    let what = format!("consumer {} of stream {stream}", name(&wanted));
    let created = broker.create_consumer_strict_on_stream(wanted, stream).await;
    created.map(|_| ()).map_err(|source| SetupError::Refused { what, source: source.into() })
}

async fn stream_config(broker: &Context, stream: &str) -> Result<Option<Value>, SetupError> {
    config(broker, format!("STREAM.INFO.{stream}"), ErrorCode::STREAM_NOT_FOUND).await
}

async fn consumer_config(broker: &Context, stream: &str, consumer: &str) -> Result<Option<Value>, SetupError> {
    config(broker, format!("CONSUMER.INFO.{stream}.{consumer}"), ErrorCode::CONSUMER_NOT_FOUND).await
}

/// The configuration as the broker sends it, with fields that this client does not know.
async fn config(broker: &Context, request: String, missing: ErrorCode) -> Result<Option<Value>, SetupError> {
    let answer = broker.request(request.clone(), &json!({})).await;
    match answer.map_err(|source| SetupError::NoAnswer { request: request.clone(), source: source.into() })? {
        Response::Ok::<Value>(mut info) => Ok(Some(info["config"].take())),
        Response::Err { error } if error.error_code() == missing => Ok(None),
        Response::Err { error } => Err(SetupError::Refused { what: request, source: error.into() }),
    }
}

fn name(consumer: &pull::Config) -> &str {
    consumer.durable_name.as_deref().unwrap_or_default()
}

fn as_json(config: &impl Serialize) -> Value {
    serde_json::to_value(config).expect("a configuration is plain data")
}

/// Fields of a consumer that follow the settings.
const ADJUSTABLE: [&str; 3] = ["ack_wait", "max_ack_pending", "max_deliver"];
