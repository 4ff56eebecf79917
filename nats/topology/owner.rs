//! Whose streams these are: each says in its metadata to which desk it belongs.
//!
//! Every broker has streams of the same names, so an address that is wrong by a digit, or a port that another broker took over,
//! would mix the conversations of two desks, and nothing else would tell.

use std::collections::HashMap;

use async_nats::jetstream::Context;
use serde_json::{Value, json};

use super::{
    Topology,
    ensure::{create, stream_config},
};
use crate::error::SetupError;

impl Topology {
    /// What every stream says of itself.
    pub(super) fn metadata(&self) -> HashMap<String, String> {
        HashMap::from([(DESK.to_owned(), self.desk.clone())])
    }

    /// Refuses a stream that says that it is another desk's. One that says nothing was made by a version that did not either.
    pub(super) fn check_owner(&self, stream: &str, found: &Value) -> Result<(), SetupError> {
        match owner(found) {
            Some(theirs) if theirs != self.desk => {
                let (stream, theirs, ours) = (stream.to_owned(), theirs.to_owned(), self.desk.clone());
                Err(SetupError::OtherDesk { stream, theirs, ours })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Writes on a stream that says nothing that it is ours, and leaves the rest of it as it is.
    pub(super) async fn adopt(&self, broker: &Context, stream: &str, found: &Value) -> Result<(), SetupError> {
        if owner(found).is_some() {
            return Ok(());
        }
        tracing::info!(stream, "writing on a stream of the broker to which desk it belongs");
        let mut config = found.clone();
        if config["metadata"].is_null() {
            config["metadata"] = json!({});
        }
        config["metadata"][DESK] = self.desk.clone().into();
        create(broker, format!("stream {stream}"), format!("STREAM.UPDATE.{stream}"), &config).await.map(drop)
    }

    /// Refuses a broker that is another desk's, by the first stream that answers: one whose servers are choosing a leader does
    /// not. One without any streams has nothing of anybody's.
    ///
    /// # Errors
    /// [`SetupError::OtherDesk`]; or why no stream answers, and then nobody knows.
    pub(crate) async fn check_broker(&self, broker: &Context) -> Result<(), SetupError> {
        let streams = self.message_stream_names();
        let mut silence = Ok(());
        for stream in streams.iter().cycle().take(streams.len().max(LEAST_QUESTIONS)) {
            match stream_config(broker, stream).await {
                Ok(found) => return found.map_or(Ok(()), |found| self.check_owner(stream, &found)),
                Err(error) if error.is_transient() => silence = Err(error),
                Err(error) => return Err(error),
            }
        }
        silence
    }
}

fn owner(config: &Value) -> Option<&str> {
    config["metadata"][DESK].as_str()
}

/// The metadata's key for the id of the desk.
const DESK: &str = "frontdesk.desk";

/// How often a broker is asked at least before it is given up as silent.
const LEAST_QUESTIONS: usize = 4;
