//! Contacts and agents, as many as there should be, and cheap.

mod frame;
mod rest;
mod socket;

pub(crate) use frame::{Frame, client_id, number};
pub(crate) use rest::Rest;
pub(crate) use socket::{Receiver, Sender, connect};
