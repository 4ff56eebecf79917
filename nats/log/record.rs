//! Decoding a record of a message stream.

use frontdesk_ports::{LogError, Record};
use frontdesk_protocol::Envelope;

use crate::client::StreamRecord;

/// The logged envelope in a record of a message stream.
///
/// # Errors
/// [`LogError::Poison`] when it cannot be decoded.
pub(super) fn decode(record: &StreamRecord) -> Result<Record, LogError> {
    match Envelope::decode(&record.unpacked()) {
        Ok(envelope) => Ok(Record { log_seq: record.log_seq, envelope }),
        Err(source) => Err(LogError::Poison { log_seq: record.log_seq, source }),
    }
}
