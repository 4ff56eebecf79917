//! The directory: a file for the port of each aggregate.

mod agents;
mod contacts;
mod inboxes;
mod logins;
pub(crate) mod roles;
mod tenants;

pub(crate) use agents::AgentRow;
pub(crate) use inboxes::InboxRow;
