//! Contacts and agents, as many as there should be, and cheap.

mod ear;
mod frame;
mod rest;
mod socket;
mod voice;
mod watch;

pub(crate) use ear::{Ear, reconnect_delay};
pub(crate) use frame::{Frame, Names};
pub(crate) use rest::{Posted, Rest};
pub(crate) use socket::{Entrance, Way, Whole, connect};
pub(crate) use voice::{Answer, Voice, id};
