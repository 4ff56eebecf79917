//! A record as it is stored in a stream.

use std::str::FromStr;

use async_nats::{HeaderMap, Message};
use bytes::Bytes;

/// A record of a stream.
#[derive(Debug)]
pub(crate) struct StreamRecord {
    /// Its sequence in the stream.
    pub(crate) log_seq: u64,
    /// Its headers, those of the broker included.
    pub(crate) headers: Option<HeaderMap>,
    /// Its bytes, compressed if the headers say so.
    pub(crate) payload: Bytes,
}

impl StreamRecord {
    /// A message with its stream sequence in a header: fetched directly, or republished on a live subject.
    pub(crate) fn from_message(message: Message) -> Option<Self> {
        let log_seq = numeric_header(message.headers.as_ref(), async_nats::header::NATS_SEQUENCE.as_ref())?;
        Some(Self { log_seq, headers: message.headers, payload: message.payload })
    }

    /// The subject it was published to; known for records that were fetched, from the leader or directly.
    pub(crate) fn subject(&self) -> Option<&str> {
        Some(self.headers.as_ref()?.get_last(SUBJECT_HEADER)?.as_str())
    }

    /// Its bytes, decompressed; as they are when they cannot be.
    pub(crate) fn unpacked(&self) -> Bytes {
        super::unpack_or_raw(self.headers.as_ref(), &self.payload)
    }
}

/// The number in a header; of several values, the last, which the broker added.
pub(crate) fn numeric_header<T: FromStr>(headers: Option<&HeaderMap>, name: &str) -> Option<T> {
    headers?.get_last(name)?.as_str().parse().ok()
}

/// The header with the subject of a fetched record; set here for a record from the leader.
pub(crate) const SUBJECT_HEADER: &str = "Nats-Subject";
