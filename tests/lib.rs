//! The harness that system tests stand on: it starts its own servers from installed programs, talks to them as contacts, agents
//! and browsers do, and leaves nothing running.
//!
//! Nothing here shares code with the product beyond the wire contract, and nothing is skipped: a missing program fails the
//! test with the line that gets it.

pub mod harness;
