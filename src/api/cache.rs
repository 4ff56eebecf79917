//! Answers of the database, remembered for some seconds.

mod identity_secrets;
mod inbox_cache;
mod timed_cache;

pub(crate) use identity_secrets::IdentitySecrets;
pub(crate) use inbox_cache::InboxCache;
pub(crate) use timed_cache::TimedCache;
