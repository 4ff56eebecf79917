//! Servers, nodes, and the people in front of them.
//!
//! [`System::up`] is one process with everything embedded; [`System::cluster`] is two gateways and two workers on a
//! broker cluster, Postgres and Redis. Both look the same to a test.

mod broker;
mod browser;
mod cache;
mod client;
mod collector;
mod database;
mod feed;
mod folder;
mod history;
mod nats;
mod node;
mod outbox;
mod participants;
mod ports;
mod process;
pub mod programs;
mod rest;
mod sample;
mod settings;
mod shop;
mod skipped;
mod system;
mod wait;
mod wire;

pub use broker::Broker;
pub use browser::{Browser, Window};
pub use cache::Cache;
pub use client::{HandshakeError, Socket};
pub use collector::Collector;
pub use database::Database;
pub use feed::{CaughtUp, catch_up, feed_cursor};
pub use folder::Folder;
pub use history::{History, seqs, texts};
pub use nats::RawNats;
pub use node::{Node, Role};
pub use outbox::{Outbox, Progress};
pub use participants::{Agent, Contact, Talk, client_id, command, open, resume, say, sees, watch};
pub use process::{Launch, Process};
pub use rest::{Answer, Rest};
pub use sample::Sample;
pub use shop::{Shop, widget_tag};
pub use skipped::skipped;
pub use system::{Demo, OtherTenant, System};
pub use wait::{DEADLINE, eventually, until, within};
pub use wire::{Closed, Coding, field, is, is_for};
