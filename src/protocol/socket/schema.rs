//! The protocol, in a form that programs read.

use serde_json::{Value, json};

use super::{ClientFrame, Codec, ServerFrame};

/// JSON Schema (2020-12) of all frames: `$defs/ClientFrame` and `$defs/ServerFrame`, with the subprotocols.
/// `max_frame_bytes` is the limit that the server is set to, for frames in either direction.
#[must_use]
pub fn schema(max_frame_bytes: usize) -> Value {
    let mut generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let client = generator.subschema_for::<ClientFrame>();
    let server = generator.subschema_for::<ServerFrame>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Frontdesk socket protocol v1",
        "description": "Frames between a widget or console and the desk, as JSON text or MessagePack binary frames.",
        "x-subprotocols": Codec::ALL.map(Codec::subprotocol),
        "x-max-frame-bytes": max_frame_bytes,
        "oneOf": [client, server],
        "$defs": generator.definitions(),
    })
}
