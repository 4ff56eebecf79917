//! What all workers are made of: a worker is a [`Worker`], made from a [`WorkerContext`], and is started by
//! [`Workers`].
//!
//! A worker that takes from a queue asks the context for its [`Queue`](queue::Queue), takes a batch, does its work
//! while the broker is reminded, and settles each delivery with a [`Disposition`].

pub(crate) mod backoff;
pub(crate) mod bisect;
mod context;
mod disposition;
mod error;
mod projection;
pub(crate) mod queue;
pub(crate) mod registry;
mod runner;
mod status;
pub(crate) mod steps;
pub(crate) mod telemetry;
mod worker;

pub use context::{QueueOpener, WorkerContext, WorkerPorts};
pub(crate) use disposition::{Disposition, delay_after};
pub use error::WorkerError;
pub use projection::Projection;
pub use runner::Workers;
pub use status::{RoleHealth, Status};
pub use steps::StepOutcome;
pub use worker::{DeadLetterUnit, Worker};
