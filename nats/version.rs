//! The version of the broker that the log needs.

/// The oldest version of `nats-server` that supports all stream options the log relies on. Older ones accept newer
/// options and ignore them.
pub(crate) const OLDEST_VERSION: &str = "2.12";
