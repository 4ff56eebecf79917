//! What an accepted entry survives.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What it takes to lose an accepted entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// A power loss: it is with the operating system.
    Os,
    /// The loss of a disk: it was synced.
    Disk,
    /// The loss of a majority of disks.
    Quorum,
}
