//! The directory: tenants, inboxes, agents, roles, contacts, log-ins and definitions, each with a port of its own.

mod agents;
mod contacts;
mod inboxes;
mod logins;
mod roles;
mod tenants;

pub use agents::{Agents, PasswordHash};
pub use contacts::Contacts;
pub use inboxes::Inboxes;
pub use logins::{LiveLogin, Login, Logins, Renewal, Rotation};
pub use roles::{RoleDeletion, Roles};
pub use tenants::Tenants;

use crate::definitions::Definitions;

/// All ports of the directory, for what passes them on. What needs one aggregate takes the port of that one.
///
/// Every look-up names the tenant, except those that begin with a public id.
pub trait Directory: Tenants + Inboxes + Agents + Roles + Contacts + Logins + Definitions {}

impl<T: Tenants + Inboxes + Agents + Roles + Contacts + Logins + Definitions + ?Sized> Directory for T {}
