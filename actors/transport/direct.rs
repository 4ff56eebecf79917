//! A socket of our own: an actor that reads and writes the connection itself.
//!
//! While nothing happens it holds no buffer. Bytes are read into one scratch space for each thread; kept are the rest
//! of a frame that has not come whole, and what the kernel does not take of what is written. Unlike the web framework's
//! sockets it runs also while its peer does not read.

mod actor;
mod poll_loop;
mod start;
mod writer;

#[cfg(test)]
pub(crate) use actor::DirectSocket;
pub(super) use start::start;
