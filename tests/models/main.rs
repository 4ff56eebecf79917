//! Small models of protocols, looked through state by state.

mod append;
mod liveness;
