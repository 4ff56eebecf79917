//! The log on NATS JetStream: subjects, topology, publisher, consumers, supervisor of a local server.

pub mod supervisor;
