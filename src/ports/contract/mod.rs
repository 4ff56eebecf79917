//! Tests that every implementation of a port passes.

pub mod definitions;
pub mod directory;
pub mod event_stream;
pub mod installation;
pub mod log;
pub mod notices;
pub mod outbox;
pub mod presence;
pub mod roles;
pub mod settings;
pub mod store;
pub mod store_inspector;
pub mod timers;
pub mod transaction;
