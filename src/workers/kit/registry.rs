//! A worker as the runner and redelivery see it: by its role, without its type.

use std::{future::Future, pin::Pin, time::Duration};

use frontdesk_config::Role;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    context::WorkerContext,
    error::WorkerError,
    steps::StepOutcome,
    worker::{DeadLetterUnit, Worker},
};

/// How to make and run the workers of one role.
#[derive(Clone, Copy)]
pub(crate) struct Registration {
    pub(crate) role: Role,
    pub(crate) dead_letters: DeadLetterUnit,
    spawn: fn(&WorkerContext, CancellationToken) -> JoinHandle<()>,
    make: fn(&WorkerContext) -> Box<dyn Steps>,
}

/// A worker whose steps are taken one by one.
pub(crate) trait Steps: Send + Sync {
    fn step<'a>(&'a self, wait: Duration, stop: &'a CancellationToken) -> Step<'a>;
}

pub(crate) type Step<'a> = Pin<Box<dyn Future<Output = Result<StepOutcome, WorkerError>> + Send + 'a>>;

impl Registration {
    /// Of the workers of type `W`.
    pub(crate) const fn of<W: Worker>() -> Self {
        Self {
            role: W::ROLE,
            dead_letters: W::DEAD_LETTERS,
            spawn: |context, stop| tokio::spawn(W::new(context).run(stop)),
            make: |context| Box::new(W::new(context)),
        }
    }

    /// Starts one that works until `stop`.
    pub(crate) fn spawn(&self, context: &WorkerContext, stop: CancellationToken) -> JoinHandle<()> {
        (self.spawn)(context, stop)
    }

    /// Makes one to take steps with.
    pub(crate) fn make(&self, context: &WorkerContext) -> Box<dyn Steps> {
        (self.make)(context)
    }
}

impl<W: Worker> Steps for W {
    fn step<'a>(&'a self, wait: Duration, stop: &'a CancellationToken) -> Step<'a> {
        Box::pin(Worker::step(self, wait, stop))
    }
}
