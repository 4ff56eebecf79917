//! Contacts, agents and programs in front of the desk. They share nothing with it but the wire.

mod crowd;
mod outbox;
mod person;
mod program;
mod run_state;
mod watching;
mod wire;

pub(crate) use crowd::{Crowd, storm, storm_held};
pub(crate) use program::Rest;
pub(crate) use run_state::{Phase, RunState};
pub(crate) use watching::{entries, seen_event};
pub(crate) use wire::{Endpoint, Ticket, Wire};
