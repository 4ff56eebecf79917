//! `[auth]`: signing in.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::values::empty_is_none;

/// Lifetimes of tokens, and what a guess at a password costs.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// File with the signing keys; see [`crate::Settings::key_file`]. Default: not set.
    #[serde(deserialize_with = "empty_is_none")]
    pub key_file: Option<PathBuf>,
    /// How long an agent's access token is good. Default "15m".
    #[serde(with = "humantime_serde")]
    pub access_ttl: Duration,
    /// How long an agent stays signed in without using the console. Default "30d".
    #[serde(with = "humantime_serde")]
    pub refresh_ttl: Duration,
    /// How long a returning visitor is recognised. Default "30d".
    #[serde(with = "humantime_serde")]
    pub visitor_ttl: Duration,
    /// Failed attempts to sign in, per account and per address; right ones do not count. Default 10.
    pub login_attempts_per_minute: u32,
    /// Memory for one password check, in KiB. Default 19456.
    pub argon2_memory_kib: u32,
    /// Passes over that memory. Default 2.
    pub argon2_iterations: u32,
}
