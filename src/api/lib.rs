//! REST under `/api/v1` with its OpenAPI description, authentication, the doors for sockets, and the pages.
//!
//! [`configure`] mounts everything that the public listener serves; [`ApiState`] holds what it needs. Handlers authenticate,
//! check the form of what they are given and ask a port; rules live in `domain`. Nothing here names a database or a broker, and
//! nothing here runs a socket: the server gives an implementation of [`Sockets`]. Only the server may depend on this crate.

mod address;
mod agents;
mod audit;
mod auth;
mod calendars;
mod commands;
mod connections;
mod contacts;
mod conversations;
mod dead_letters;
mod described_problems;
mod docs;
mod extract;
mod health;
mod inbox_cache;
mod inboxes;
mod ledger;
mod me;
mod messages;
mod middleware;
mod openapi;
mod origin;
mod pages;
mod problem;
mod rates;
mod roles;
mod routes;
mod settings;
mod skills;
mod socket;
mod state;
mod teams;
mod timed_cache;
mod views;
mod widget;

pub use auth::{
    Issued, KeyError, Keys, MAX_PASSWORD_BYTES, PasswordError, Passwords, TokenAuthenticator, TokenRefused, Tokens,
    hash_password,
};
pub use connections::ConnectionPermit;
pub use health::{Readiness, ReadinessReport};
pub use ledger::{
    CheckRefused, CheckState, Ledger, LedgerAway, LedgerCheck, LedgerFigures, LedgerFinding, LedgerRepairs, LookedAt,
};
pub use openapi::openapi;
pub use problem::{Code, PROBLEM_JSON, Problem};
pub use rates::Rate;
pub use routes::configure;
pub use socket::{CONSOLE_SOCKET, Sockets, UpgradeRequest, WIDGET_SOCKET};
pub use state::{ApiParts, ApiSettings, ApiState, Limits};
