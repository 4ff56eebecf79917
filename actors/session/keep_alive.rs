//! The deadlines of a session: heartbeat, presence, the end of a token, and receipts that wait.

use std::{
    cell::RefCell,
    sync::{Arc, atomic::Ordering},
    thread::LocalKey,
    time::Duration,
};

use actix::{AsyncContext, Context, Handler};
use frontdesk_domain::Principal;
use frontdesk_ports::SessionRecord;
use frontdesk_protocol::socket::{CloseCode, ServerFrame};

use super::{
    actor::{SessionActor, Shut},
    deadlines::{DeadlineList, HasDeadlines, Timer, Wake},
    heartbeat::{Due, Intervals},
    phase::Phase,
};

impl SessionActor {
    /// Begins to keep deadlines.
    pub(super) fn start_timer(&mut self, ctx: &Context<Self>) {
        let every = self.intervals().scan;
        self.timer = Some(Timer::start(&ctx.address(), Arc::clone(&self.lagging), every, every));
    }

    pub(super) fn intervals(&self) -> Intervals {
        Intervals::of(&self.node.desk().session, self.audience)
    }

    /// Notes that the peer was heard.
    pub(super) fn heard(&mut self) {
        if self.heartbeat.on_heard(self.node.desk().clock.monotonic()) {
            // The deadline of the answer is off.
            self.rest();
        }
    }

    /// How long until the token of a contact ends; agents are looked after by their roster.
    fn token_left(&self) -> Option<Duration> {
        let identity = self.identity().filter(|identity| matches!(identity.principal, Principal::Contact(_)))?;
        let until = identity.expires_at.0.saturating_sub(self.node.desk().clock.now().0);
        Some(Duration::from_millis(u64::try_from(until).unwrap_or_default()))
    }

    /// Sleeps until something is due. Receipts that are held back are tried at each turn.
    fn rest(&self) {
        let desk = self.node.desk();
        let left = self.heartbeat.next(self.intervals()).saturating_sub(desk.clock.monotonic());
        let left = left.min(self.token_left().unwrap_or(A_WHILE)).min(A_WHILE);
        let left = if self.receipts.is_empty() { left } else { Duration::ZERO };
        if let Some(timer) = &self.timer {
            timer.wake_after(left);
        }
    }

    fn on_wake(&mut self, ctx: &mut Context<Self>) {
        let desk = Arc::clone(self.node.desk());
        let (intervals, now) = (self.intervals(), desk.clock.monotonic());
        if self.lagging.load(Ordering::Acquire) {
            return self.lag(ctx);
        }
        if !matches!(self.phase, Phase::Known(_)) {
            return self.wake_soon();
        }
        if self.token_left().is_some_and(|left| left.is_zero()) {
            return self.close(Shut { code: CloseCode::Unauthorised, reason: "expired", retry_in_ms: None }, ctx);
        }
        self.pass_receipts();
        if self.heartbeat.is_presence_due(now, intervals) {
            self.say_present();
        }
        match self.heartbeat.poll(now, intervals) {
            Due::Lost => {
                let shut = Shut { code: CloseCode::HeartbeatTimeout, reason: "heartbeat", retry_in_ms: None };
                return self.close(shut, ctx);
            }
            Due::Ping { with_presence } => {
                self.tell(&ServerFrame::Ping {}, ctx);
                if with_presence {
                    self.say_present();
                }
            }
            Due::Nothing => {}
        }
        self.rest();
    }

    /// Says that this session is there, for a little longer than two heartbeats.
    pub(super) fn say_present(&mut self) {
        let said = self.present();
        actix_rt::spawn(said);
    }

    /// The work of [`Self::say_present`].
    pub(super) fn present(&mut self) -> impl Future<Output = ()> + use<> {
        let desk = Arc::clone(self.node.desk());
        self.heartbeat.on_present(desk.clock.monotonic());
        let (who, session, state, since) = (self.identity().cloned(), self.id, self.presence, self.since);
        let ttl = self.intervals().presence_ttl();
        async move {
            let Some(identity) = who else { return };
            let (tenant, member) = (identity.tenant, identity.principal.participant());
            let record = SessionRecord { session, tenant, member, node: Arc::clone(&desk.node), since };
            // Together they make one write.
            let (said, kept) =
                tokio::join!(desk.presence.set(tenant, member, session, state, ttl), desk.sessions.put(&record, ttl));
            if let Err(error) = said.and(kept) {
                tracing::debug!(session.id = %session, error = %error, "presence is unknown for now");
            }
        }
    }
}

thread_local! {
    static DEADLINES: RefCell<DeadlineList<SessionActor>> = RefCell::default();
}

impl HasDeadlines for SessionActor {
    fn list() -> &'static LocalKey<RefCell<DeadlineList<Self>>> {
        &DEADLINES
    }
}

impl Handler<Wake> for SessionActor {
    type Result = ();

    fn handle(&mut self, Wake: Wake, ctx: &mut Self::Context) {
        self.on_wake(ctx);
    }
}

impl SessionActor {
    /// Is woken at the next scan of the deadline list.
    pub(super) fn wake_soon(&self) {
        if let Some(timer) = &self.timer {
            timer.wake_within(Duration::ZERO);
        }
    }
}

/// Longest time between two wake-ups.
const A_WHILE: Duration = Duration::from_secs(3_600);
