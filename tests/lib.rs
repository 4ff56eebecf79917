//! The harness that system tests stand on: it starts its own servers from installed programs, talks to them as
//! contacts, agents and browsers do, and leaves nothing running.
//!
//! Nothing here shares code with the product beyond the wire contract. A missing program fails the test with the line
//! that installs it; a test that the machine does not allow is counted and named at the end of `make test`.

pub mod harness;
