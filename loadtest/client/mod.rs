//! Contacts and agents, as many as there should be, and cheap.

mod frame;
mod listener;
mod participant;
mod rest;
mod socket;
mod watch;

pub(crate) use frame::{Frame, Names};
pub(crate) use listener::{Listener, reconnect_delay};
pub(crate) use participant::{Answer, Participant, id};
pub(crate) use rest::{Posted, Rest};
pub(crate) use socket::{Dialer, SocketTarget, Whole, connect};
