//! Typed settings, one section per file, with every default in `default.toml`.
//!
//! [`Settings::load`] lays the file an operator wrote and the environment over the defaults that are built into the
//! binary, refuses keys that are not settings, and refuses settings that contradict one another. It opens nothing and
//! connects to nothing. Any crate may depend on this one, and takes the section it needs; this one depends on none of
//! ours but the domain, for origins.

mod error;
mod load;
mod proxies;
mod roles;
mod settings;
mod show;
mod validate;
mod values;

pub use error::ConfigError;
pub use load::{DEFAULT_TOML, ENVIRONMENT_PREFIX};
pub use proxies::{ProxyNetwork, ProxyNetworkError};
pub use roles::{Queue, QueueSource, Role, UnknownRole};
pub use settings::{
    AuthSettings, BrokerMode, BrokerSettings, ConversationSettings, DemoSettings, LogFormat, RedisSettings,
    ServerSettings, SessionSettings, Settings, StoreKind, StoreSettings, SyncInterval, TelemetrySettings, Transport,
    WorkersSettings,
};
