//! Presence, sessions and rate limits on Redis: what is shared between nodes and may be lost.
//!
//! Nothing here is needed for a message to get through. Each call waits at most the timeout for Redis, and while Redis
//! is away one call a second does: the others are told so at once. Presence and sessions then answer with an error,
//! which callers show as "unknown"; rates are counted by the node itself. Only the wiring may depend on this crate; all
//! others go through the ports.

mod breaker;
mod connection;
mod presence;
mod rates;
mod sessions;

use std::time::Duration;

use frontdesk_memory::MemoryPresence;

use connection::Connection;
pub use connection::RedisUrlError;

/// Presence, sessions and rate limits on one Redis.
pub struct RedisPresence {
    redis: Connection,
    /// Counts rates while Redis is away.
    fallback: MemoryPresence,
}

impl RedisPresence {
    /// Gets ready to use the Redis at `url`; connects when it is first needed, so a Redis that is down does not delay
    /// the start.
    ///
    /// # Errors
    /// [`RedisUrlError`]; it never quotes the address, which may hold a password.
    pub fn connect(url: &str, timeout: Duration, fallback: MemoryPresence) -> Result<Self, RedisUrlError> {
        Ok(Self { redis: Connection::new(url, timeout)?, fallback })
    }
}
