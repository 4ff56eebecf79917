//! The actor's entry in the deadline list of its thread.

use std::{
    cell::RefCell,
    sync::{Arc, atomic::Ordering},
    thread::LocalKey,
    time::Duration,
};

use actix::{AsyncContext, Context, Handler};

use super::{SessionActor, env};
use crate::session::deadlines::{DeadlineList, HasDeadlines, Timer, Wake};

thread_local! {
    static DEADLINES: RefCell<DeadlineList<SessionActor>> = RefCell::default();
}

impl HasDeadlines for SessionActor {
    fn list() -> &'static LocalKey<RefCell<DeadlineList<Self>>> {
        &DEADLINES
    }
}

impl SessionActor {
    /// Begins to keep deadlines.
    pub(super) fn start_timer(&mut self, ctx: &Context<Self>) {
        let every = self.machine.intervals(&self.node.ports().session).scan;
        self.timer = Some(Timer::start(&ctx.address(), Arc::clone(&self.lagging), every, every));
    }

    /// Is woken when the next thing is due.
    pub(super) fn sleep(&self) {
        if let Some(timer) = &self.timer {
            timer.wake_after(self.machine.poll_timeout(env(&self.node)));
        }
    }

    /// Is woken at the next scan of the deadline list.
    pub(super) fn wake_soon(&self) {
        if let Some(timer) = &self.timer {
            timer.wake_within(Duration::ZERO);
        }
    }
}

impl Handler<Wake> for SessionActor {
    type Result = ();

    fn handle(&mut self, Wake: Wake, ctx: &mut Self::Context) {
        if self.lagging.load(Ordering::Acquire) {
            return self.lag(ctx);
        }
        self.pass_receipts();
        while let Some(act) = self.machine.poll_deadline(env(&self.node)) {
            self.carry_on(Some(act), ctx);
        }
        self.flush(ctx);
        self.sleep();
    }
}
