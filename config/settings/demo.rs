//! `[demo]`: the example tenant.

use serde::{Deserialize, Serialize};

/// A tenant with example inboxes, agents and conversations.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DemoSettings {
    /// Whether it is made at start when it does not exist yet. Default false.
    pub enabled: bool,
}
