//! Tests that every implementation of a port passes.

pub mod log;
pub mod presence;
