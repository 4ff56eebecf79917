//! A socket of our own: an actor that reads and writes the connection itself.
//!
//! While nothing happens it holds no buffer at all. Bytes are read into one scratch space for each thread; what remains of a
//! frame that has not come whole is kept, and what the kernel does not take of what is written. Unlike the web framework's
//! sockets it runs also while its peer does not read.

mod actor;
mod turn;
mod writer;

pub(in crate::session) use actor::TakenSocket;
pub(super) use actor::start;
