//! Creating what is missing and refusing what differs.

use async_nats::{
    ServerInfo,
    jetstream::{
        Context, ErrorCode,
        consumer::{IntoConsumerConfig as _, pull},
        response::Response,
        stream,
    },
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{StreamName, Topology, compare};
use crate::error::SetupError;

impl Topology {
    /// Creates the streams and consumers that are missing and checks the others; a stream that differs is never changed, and
    /// nothing at all is at a broker of another desk.
    ///
    /// # Errors
    /// [`SetupError`], with one line for the operator.
    pub async fn ensure(&self, broker: &Context) -> Result<(), SetupError> {
        let streams = self.streams_with_what_is_there(broker).await?;
        for (wanted, found) in &streams {
            match found {
                Some(found) if wanted.name == self.name(StreamName::Dead) => {
                    adjust_stream(broker, wanted, found, "subjects").await?;
                }
                Some(found) if wanted.name == self.name(StreamName::Acks) => {
                    adjust_stream(broker, wanted, found, "republish").await?;
                }
                Some(found) if wanted.name == self.name(StreamName::Inbound) => {
                    adjust_stream(broker, wanted, found, "duplicate_window").await?;
                }
                Some(found) => check_stream(wanted, found)?,
                None => create_stream(broker, wanted).await?,
            }
        }
        // Only now, when all of them are as they should be.
        for (wanted, found) in &streams {
            if let Some(found) = found {
                self.adopt(broker, &wanted.name, found).await?;
            }
        }
        for (stream, wanted) in self.consumers() {
            ensure_consumer(broker, &stream, &wanted).await?;
        }
        Ok(())
    }

    /// Checks streams and consumers without the right to make any, as a worker does.
    ///
    /// # Errors
    /// [`SetupError`], with one line for the operator.
    pub async fn verify(&self, broker: &Context) -> Result<(), SetupError> {
        for (wanted, found) in self.streams_with_what_is_there(broker).await? {
            let missing = || SetupError::Missing(format!("stream {}", wanted.name));
            check_stream(&wanted, &found.ok_or_else(missing)?)?;
        }
        for (stream, wanted) in self.consumers() {
            let missing = || SetupError::Missing(format!("consumer {} of stream {stream}", name(&wanted)));
            consumer_config(broker, &stream, name(&wanted)).await?.ok_or_else(missing)?;
        }
        Ok(())
    }
}

impl Topology {
    /// Each stream as it must be and as it is, if it is; none of them is another desk's.
    async fn streams_with_what_is_there(
        &self,
        broker: &Context,
    ) -> Result<Vec<(stream::Config, Option<Value>)>, SetupError> {
        let mut streams = Vec::new();
        for wanted in self.streams() {
            let found = stream_config(broker, &wanted.name).await?;
            found.as_ref().map_or(Ok(()), |found| self.check_owner(&wanted.name, found))?;
            streams.push((wanted, found));
        }
        Ok(streams)
    }
}

/// Makes a consumer, or sees to it that the one that is there is as wanted.
pub(crate) async fn ensure_consumer(broker: &Context, stream: &str, wanted: &pull::Config) -> Result<(), SetupError> {
    match consumer_config(broker, stream, name(wanted)).await? {
        Some(found) => adjust_consumer(broker, stream, wanted, &found).await,
        None => create_consumer(broker, stream, wanted).await,
    }
}

/// Removes a consumer if it is there.
pub(crate) async fn delete_consumer(broker: &Context, stream: &str, consumer: &str) -> Result<(), SetupError> {
    let request = format!("CONSUMER.DELETE.{stream}.{consumer}");
    match ask(broker, request.clone(), &json!({})).await? {
        Err(error) if error.error_code() != ErrorCode::CONSUMER_NOT_FOUND => {
            Err(SetupError::Refused { what: request, source: error.into() })
        }
        Ok(_) | Err(_) => Ok(()),
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
    check(format!("stream {}", wanted.name), &as_json(wanted), found, &[])
}

/// Refuses the first difference in a field that may not be adjusted.
fn check(what: String, wanted: &Value, found: &Value, adjustable: &[&str]) -> Result<(), SetupError> {
    let differences = compare::differences(wanted, found);
    let fixed = differences.into_iter().find(|difference| !adjustable.contains(&difference.field.as_str()));
    fixed.map_or(Ok(()), |compare::Difference { field, wanted, found }| {
        Err(SetupError::Differs { what, field, wanted, found })
    })
}

/// How long and how much a consumer waits may follow the settings: that changes neither what it delivers nor to whom.
async fn adjust_consumer(
    broker: &Context,
    stream: &str,
    wanted: &pull::Config,
    found: &Value,
) -> Result<(), SetupError> {
    let what = format!("consumer {} of stream {stream}", name(wanted));
    let config = as_json(&wanted.into_consumer_config());
    check(what.clone(), &config, found, &ADJUSTABLE)?;
    let differences = compare::differences(&config, found);
    for compare::Difference { field, wanted, found } in &differences {
        tracing::info!(consumer = what, field, from = found, to = wanted, "adjusting a consumer of the broker");
    }
    if !differences.is_empty() {
        create(broker, what, consumer_request(stream, wanted), &consumer_body(stream, wanted, "update")).await?;
    }
    Ok(())
}

/// What a stream takes in or repeats, or how long it knows ids, may follow the version: that removes nothing of what is there. Older
/// versions kept the broker's notices among the dead letters, and no two streams may take in the same subject.
async fn adjust_stream(
    broker: &Context,
    wanted: &stream::Config,
    found: &Value,
    field: &str,
) -> Result<(), SetupError> {
    let (what, config) = (format!("stream {}", wanted.name), as_json(wanted));
    check(what.clone(), &config, found, &[field])?;
    if !compare::differences(&config, found).is_empty() {
        tracing::info!(stream = wanted.name, field, "adjusting a stream of the broker");
        create(broker, what, format!("STREAM.UPDATE.{}", wanted.name), &config).await?;
    }
    Ok(())
}

async fn create_stream(broker: &Context, wanted: &stream::Config) -> Result<(), SetupError> {
    let what = format!("stream {}", wanted.name);
    tracing::info!(stream = wanted.name, "creating a stream");
    let made = create(broker, what, format!("STREAM.CREATE.{}", wanted.name), &as_json(wanted)).await?;
    // An older broker drops options that it does not know and reports success.
    check_stream(wanted, &made)
}

async fn create_consumer(broker: &Context, stream: &str, wanted: &pull::Config) -> Result<(), SetupError> {
    let what = format!("consumer {} of stream {stream}", name(wanted));
    let body = consumer_body(stream, wanted, "create");
    let made = create(broker, what.clone(), consumer_request(stream, wanted), &body).await?;
    check(what, &body["config"], &made, &[])
}

fn consumer_request(stream: &str, consumer: &pull::Config) -> String {
    format!("CONSUMER.CREATE.{stream}.{}", name(consumer))
}

fn consumer_body(stream: &str, consumer: &pull::Config, action: &str) -> Value {
    json!({"stream_name": stream, "config": as_json(&consumer.into_consumer_config()), "action": action})
}

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
async fn consumer_config(broker: &Context, stream: &str, consumer: &str) -> Result<Option<Value>, SetupError> {
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
async fn ask(
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

fn name(consumer: &pull::Config) -> &str {
    consumer.durable_name.as_deref().unwrap_or_default()
}

fn as_json(config: &impl Serialize) -> Value {
    serde_json::to_value(config).expect("a configuration is plain data")
}

/// A cluster's code for "not now".
const BUSY: usize = 503;

/// Fields of a consumer that follow the settings.
const ADJUSTABLE: [&str; 6] =
    ["ack_wait", "max_ack_pending", "max_deliver", "priority_groups", "priority_policy", "priority_timeout"];
