//! Making sure that the broker's streams and consumers are the wanted ones: creates missing ones, refuses those that
//! differ.

mod compare;
mod ensure;
mod owner;
mod request;

pub(crate) use ensure::{check_server, delete_consumer, ensure_consumer};
