//! Sessions over real sockets.

mod bytes;
mod client;
mod drain;
mod feed;
mod frames;
mod hello;
mod limits;
mod permits;
mod server;
mod talk;
