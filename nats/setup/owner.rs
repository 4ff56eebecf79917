//! Which installation a stream belongs to: its metadata names it.
//!
//! Every broker has streams of the same names, so a mistyped address, or a port that another broker took over, would
//! mix the conversations of two installations without any other sign.

use async_nats::jetstream::Context;
use serde_json::{Value, json};

use super::request::{create, stream_config};
use crate::{
    error::SetupError,
    topology::{OWNER_KEY, Topology},
};

impl Topology {
    /// Refuses a stream of another installation. A stream without an owner was created by an older version.
    pub(super) fn check_owner(&self, stream: &str, found: &Value) -> Result<(), SetupError> {
        match owner(found) {
            Some(theirs) if theirs != self.desk => {
                let (stream, theirs, ours) = (stream.to_owned(), theirs.to_owned(), self.desk.clone());
                Err(SetupError::OtherDesk { stream, theirs, ours })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Marks a stream without an owner as this installation's, and changes nothing else.
    pub(super) async fn adopt(&self, broker: &Context, stream: &str, found: &Value) -> Result<(), SetupError> {
        if owner(found).is_some() {
            return Ok(());
        }
        tracing::info!(stream, "marking a stream of the broker as belonging to this installation");
        let mut config = found.clone();
        if config["metadata"].is_null() {
            config["metadata"] = json!({});
        }
        config["metadata"][OWNER_KEY] = self.desk.clone().into();
        create(broker, format!("stream {stream}"), format!("STREAM.UPDATE.{stream}"), &config).await.map(drop)
    }

    /// Refuses a broker of another installation, by the first stream that answers: a stream without a leader does not
    /// answer. A broker without streams is accepted.
    ///
    /// # Errors
    /// [`SetupError::OtherDesk`]; or the reason why no stream answered.
    pub(crate) async fn check_broker(&self, broker: &Context) -> Result<(), SetupError> {
        let streams = self.message_stream_names();
        let mut no_answer = Ok(());
        for stream in streams.iter().cycle().take(streams.len().max(LEAST_ATTEMPTS)) {
            match stream_config(broker, stream).await {
                Ok(found) => return found.map_or(Ok(()), |found| self.check_owner(stream, &found)),
                Err(error) if error.is_transient() => no_answer = Err(error),
                Err(error) => return Err(error),
            }
        }
        no_answer
    }
}

fn owner(config: &Value) -> Option<&str> {
    config["metadata"][OWNER_KEY].as_str()
}

/// Requests before a broker that does not answer is reported as such.
const LEAST_ATTEMPTS: usize = 4;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::subjects::{Subjects, Token};

    fn topology() -> Topology {
        Topology {
            desk: "ours".to_owned(),
            subjects: Subjects::new(Token::usual_prefix()),
            message_streams: 2,
            replicas: 1,
            message_stream_bytes: 128 << 20,
            other_bytes: 1 << 30,
            ack_wait: Duration::from_secs(5),
        }
    }

    #[test]
    fn every_stream_names_its_installation_and_one_of_another_is_refused() {
        let ours = topology();
        let theirs = Topology { desk: "theirs".to_owned(), ..topology() };
        for stream in ours.streams() {
            let found = serde_json::to_value(&stream).unwrap();
            ours.check_owner(&stream.name, &found).unwrap();
            let refused = theirs.check_owner(&stream.name, &found).unwrap_err();
            assert!(matches!(refused, SetupError::OtherDesk { theirs, .. } if theirs == "ours"));
            theirs.check_owner(&stream.name, &serde_json::json!({"metadata": {"_nats.ver": "2.15.1"}})).unwrap();
        }
    }
}
