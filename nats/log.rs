//! The message log: appending and reading records, live records, acknowledgements and signals, and whether
//! subscriptions still deliver.

pub(crate) mod acks;
pub(crate) mod append;
pub(crate) mod feed;
pub(crate) mod heartbeat;
pub(crate) mod live;
pub(crate) mod liveness;
pub(crate) mod notices;
pub(crate) mod read;
mod record;
pub(crate) mod signals;
