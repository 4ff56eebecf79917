//! `[redis]`: what is shared between nodes and may be lost.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::values::{empty_is_none, hidden};

/// Where presence, typing and rate limits are kept.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RedisSettings {
    /// Address of the Redis server, with its password. Default: not set, so it is all kept in memory.
    #[serde(deserialize_with = "empty_is_none", serialize_with = "hidden")]
    pub url: Option<SecretString>,
    /// Longest wait for an answer. Default "100ms", which is also the most.
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
}
