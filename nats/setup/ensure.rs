//! Creating missing streams and consumers, and refusing those that differ.

use async_nats::{
    ServerInfo,
    jetstream::{
        Context, ErrorCode,
        consumer::{IntoConsumerConfig as _, pull},
        stream,
    },
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    compare,
    request::{ask, consumer_config, create, stream_config},
};
use crate::{
    error::SetupError,
    topology::{StreamName, Topology},
    version::OLDEST_VERSION,
};

impl Topology {
    /// Creates the streams and consumers that are missing and checks the others. A stream that differs is never
    /// changed, and at a broker of another installation nothing is.
    ///
    /// # Errors
    /// [`SetupError`], with one line for the operator.
    pub async fn ensure(&self, broker: &Context) -> Result<(), SetupError> {
        let streams = self.existing_streams(broker).await?;
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
        // Only after all of them were checked.
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
        for (wanted, found) in self.existing_streams(broker).await? {
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
    /// Each stream as wanted and as found, if it exists.
    ///
    /// # Errors
    /// [`SetupError::OtherDesk`] when one belongs to another installation.
    async fn existing_streams(&self, broker: &Context) -> Result<Vec<(stream::Config, Option<Value>)>, SetupError> {
        let mut streams = Vec::new();
        for wanted in self.streams() {
            let found = stream_config(broker, &wanted.name).await?;
            found.as_ref().map_or(Ok(()), |found| self.check_owner(&wanted.name, found))?;
            streams.push((wanted, found));
        }
        Ok(streams)
    }
}

/// Creates a consumer, or adjusts the existing one.
pub(crate) async fn ensure_consumer(broker: &Context, stream: &str, wanted: &pull::Config) -> Result<(), SetupError> {
    match consumer_config(broker, stream, name(wanted)).await? {
        Some(found) => adjust_consumer(broker, stream, wanted, &found).await,
        None => create_consumer(broker, stream, wanted).await,
    }
}

/// Deletes a consumer if it exists.
pub(crate) async fn delete_consumer(broker: &Context, stream: &str, consumer: &str) -> Result<(), SetupError> {
    let request = format!("CONSUMER.DELETE.{stream}.{consumer}");
    match ask(broker, request.clone(), &json!({})).await? {
        Err(error) if error.error_code() != ErrorCode::CONSUMER_NOT_FOUND => {
            Err(SetupError::Refused { what: request, source: error.into() })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Refuses a broker that would accept the streams and silently ignore their options.
pub(crate) fn check_server(info: &ServerInfo) -> Result<(), SetupError> {
    let numbers = |version: &str| {
        let mut parts = version.split('.').map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    };
    if numbers(&info.version) < numbers(OLDEST_VERSION) {
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

/// Adjusts the waits and limits of a consumer to the settings: they change neither which records it delivers nor to
/// which worker.
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

/// Adjusts one field of a stream that older versions configured otherwise; that removes no record. (Older versions
/// stored the broker's notices among the dead letters, and no two streams may have the same subject.)
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
    // An older broker ignores options that it does not know and reports success.
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

fn name(consumer: &pull::Config) -> &str {
    consumer.durable_name.as_deref().unwrap_or_default()
}

fn as_json(config: &impl Serialize) -> Value {
    serde_json::to_value(config).expect("a configuration is plain data")
}

/// Fields of a consumer that are adjusted to the settings.
const ADJUSTABLE: [&str; 6] =
    ["ack_wait", "max_ack_pending", "max_deliver", "priority_groups", "priority_policy", "priority_timeout"];
