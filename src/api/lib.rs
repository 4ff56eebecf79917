//! REST under `/api/v1` with its OpenAPI description, authentication, the handshakes of sockets, and the pages.
//!
//! [`configure`] mounts everything that the public listener serves; [`ApiState`] holds what it needs. Handlers
//! authenticate, check the form of what they are given and ask a port; rules live in `domain`. Nothing here names a
//! database or a broker, and nothing here runs a socket: the server gives an implementation of [`Sockets`]. Only the
//! server may depend on this crate.

mod agents;
mod audit;
mod auth;
mod cache;
mod calendars;
mod commands;
mod contacts;
mod conversations;
mod dead_letters;
mod docs;
mod health;
mod http;
mod identity_secrets;
mod inboxes;
mod ledger;
mod me;
mod messages;
mod mount;
mod openapi;
mod pages;
mod ports;
mod roles;
mod routes;
mod settings;
mod skills;
mod socket;
mod state;
mod teams;
mod views;
mod widget;

pub use auth::{
    Issued, KeyError, Keys, MAX_PASSWORD_BYTES, PasswordError, Passwords, TokenAuthenticator, TokenRefused, Tokens,
    hash_password,
};
pub use http::{Code, ConnectionPermit, PROBLEM_JSON, Problem, Rate};
pub use mount::configure;
pub use openapi::openapi;
pub use ports::{
    CheckRefused, CheckState, Ledger, LedgerAway, LedgerCheck, LedgerFigures, LedgerFinding, LedgerRepairs, LookedAt,
    Readiness, ReadinessReport, Sockets, UpgradeRequest,
};
pub use socket::{CONSOLE_SOCKET, WIDGET_SOCKET};
pub use state::{ApiParts, ApiSettings, ApiState, Limits};
