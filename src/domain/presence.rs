//! Whether agents and contacts are connected.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether an agent is there to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// Connected and available.
    Online,
    /// Connected, but not answering.
    Away,
    /// Without a connection.
    Offline,
    /// The store of presence does not answer.
    Unknown,
}
