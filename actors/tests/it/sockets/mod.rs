//! Sessions over real sockets.

mod away;
mod bytes;
mod client;
mod drain;
mod feed;
mod frame_limit;
mod frames;
mod hello;
mod limits;
mod permits;
mod scopes;
mod server;
mod talk;
