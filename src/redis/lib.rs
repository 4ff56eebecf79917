//! Presence, sessions and rate limits on Redis, with an in-memory twin for one node.
