//! Whether the peer is still there: an empty socket says nothing for hours.

use std::{
    cell::RefCell,
    sync::{Arc, atomic::Ordering},
    thread::LocalKey,
    time::Duration,
};

use actix::{AsyncContext, Context, Handler};
use frontdesk_domain::Principal;
use frontdesk_ports::{SessionRecord, TokenAudience};
use frontdesk_protocol::socket::{CloseCode, ServerFrame};

use super::{
    actor::{Phase, SessionActor, Shut},
    deadlines::{DeadlineList, HasDeadlines, Timer, Wake},
    moment::Moment,
};

impl SessionActor {
    /// Looks after the socket from now on.
    pub(super) fn beat(&mut self, ctx: &Context<Self>) {
        let every = self.look_every();
        self.timer = Some(Timer::start(&ctx.address(), Arc::clone(&self.lagging), every, every));
    }

    /// How long the peer may be silent. Agents and contacts differ in how many they are, and who relies on them.
    pub(super) fn heartbeat(&self) -> Duration {
        let settings = &self.node.desk().session;
        match self.audience {
            TokenAudience::Console => settings.agent_heartbeat,
            TokenAudience::Widget(_) => settings.contact_heartbeat,
        }
    }

    /// How exact deadlines are.
    fn look_every(&self) -> Duration {
        (self.node.desk().session.heartbeat_deadline / 2).clamp(Duration::from_millis(100), Duration::from_secs(5))
    }

    /// Notes that the peer was heard.
    pub(super) fn heard(&mut self) {
        self.heard_at = Moment::at(self.node.desk().clock.monotonic());
        if self.pinged_at.take().is_some() {
            // Nothing to look for when the answer would have been due.
            self.rest();
        }
    }

    /// When the peer is pinged: before it has been silent for a heartbeat, although the deadline list is scanned only every so often.
    fn ping_due(&self) -> Duration {
        self.heard_at.time() + silence(self.heartbeat(), self.look_every())
    }

    /// When presence is said at the latest, half-way to its end. An idle session says it with a ping, so it is woken once for both.
    fn presence_due(&self) -> Duration {
        self.presence_said_at.time() + self.heartbeat() + self.look_every()
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
        let silent = self.pinged_at.map_or_else(|| self.ping_due(), |at| at.time() + desk.session.heartbeat_deadline);
        let left = silent.min(self.presence_due()).saturating_sub(desk.clock.monotonic());
        let left = left.min(self.token_left().unwrap_or(A_WHILE)).min(A_WHILE);
        let left = if self.receipts.is_empty() { left } else { Duration::ZERO };
        if let Some(timer) = &self.timer {
            timer.wake_after(left);
        }
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let desk = Arc::clone(self.node.desk());
        let (settings, now) = (&desk.session, desk.clock.monotonic());
        if self.lagging.load(Ordering::Acquire) {
            return self.lag(ctx);
        }
        if !matches!(self.phase, Phase::Known(_)) {
            return self.look_soon();
        }
        if self.token_left().is_some_and(|left| left.is_zero()) {
            return self.close(Shut { code: CloseCode::Unauthorised, reason: "expired", retry_in_ms: None }, ctx);
        }
        self.pass_receipts();
        if now >= self.presence_due() {
            self.say_present();
        }
        match self.pinged_at {
            Some(at) if at.until(now) >= settings.heartbeat_deadline => {
                let shut = Shut { code: CloseCode::HeartbeatTimeout, reason: "heartbeat", retry_in_ms: None };
                return self.close(shut, ctx);
            }
            None if now >= self.ping_due() => {
                self.pinged_at = Some(Moment::at(now));
                self.tell(&ServerFrame::Ping {}, ctx);
                if self.presence_said_at.until(now) >= self.heartbeat() / 2 {
                    self.say_present();
                }
            }
            _ => {}
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
        self.presence_said_at = Moment::at(desk.clock.monotonic());
        let (who, session, state, since) = (self.identity().cloned(), self.id, self.presence, self.since);
        let ttl = (self.heartbeat() + desk.session.heartbeat_deadline) * 2;
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
        self.look(ctx);
    }
}

impl SessionActor {
    /// Is woken at the next scan of the deadline list.
    pub(super) fn look_soon(&self) {
        if let Some(timer) = &self.timer {
            timer.wake_within(Duration::ZERO);
        }
    }
}

/// The longest time without a look.
const A_WHILE: Duration = Duration::from_secs(3_600);

/// How long the peer is silent when a ping is due: shorter than a heartbeat, because the deadline list is scanned only once in
/// `every`.
fn silence(heartbeat: Duration, every: Duration) -> Duration {
    heartbeat.saturating_sub(every.min(heartbeat / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_leaves_within_a_heartbeat_whenever_the_deadlines_are_scanned() {
        let seconds = Duration::from_secs;
        for heartbeat in [seconds(25), seconds(55)] {
            let silence = silence(heartbeat, seconds(5));
            assert!(silence + seconds(5) <= heartbeat && silence * 4 >= heartbeat * 3, "{silence:?} of {heartbeat:?}");
        }
        assert_eq!(silence(seconds(4), seconds(5)), seconds(3), "a coarse scan does not make every wake-up a ping");
    }
}
