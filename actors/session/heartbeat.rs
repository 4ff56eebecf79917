//! Whether the peer is still there: an empty socket says nothing for hours.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use actix::{AsyncContext, Context, Handler};
use frontdesk_domain::Author;
use frontdesk_ports::SessionRecord;
use frontdesk_protocol::socket::{CloseCode, ServerFrame};

use super::{
    actor::{Phase, SessionActor, Shut},
    wheel::{Look, Spoke},
};

impl SessionActor {
    /// Looks after the socket from now on.
    pub(super) fn beat(&mut self, ctx: &Context<Self>) {
        let every = self.look_every();
        self.spoke = Some(Spoke::take(ctx.address(), Arc::clone(&self.lagging), every, every));
    }

    /// How exact deadlines are.
    fn look_every(&self) -> Duration {
        (self.node.desk().session.heartbeat_deadline / 2).clamp(Duration::from_millis(100), Duration::from_secs(5))
    }

    /// Notes that the peer was heard.
    pub(super) fn heard(&mut self) {
        self.heard_at = self.node.desk().clock.monotonic();
        self.pinged_at = None;
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let desk = Arc::clone(self.node.desk());
        let (settings, now) = (&desk.session, desk.clock.monotonic());
        if self.lagging.load(Ordering::Acquire) {
            return self.lag(ctx);
        }
        let Phase::Known(identity) = &self.phase else { return self.look_soon() };
        let mut left = Duration::MAX;
        if matches!(identity.author, Author::Contact(_)) {
            let until = identity.expires_at.0.saturating_sub(desk.clock.now().0);
            left = match u64::try_from(until) {
                Ok(until @ 1..) => Duration::from_millis(until),
                _ => {
                    let shut = Shut { code: CloseCode::Unauthorised, reason: "expired", retry_in_ms: None };
                    return self.close(shut, ctx);
                }
            };
        }
        self.pass_receipts();
        if now.saturating_sub(self.presence_said_at) >= settings.heartbeat {
            self.say_present();
        }
        match self.pinged_at {
            Some(at) if now.saturating_sub(at) >= settings.heartbeat_deadline => {
                let shut = Shut { code: CloseCode::HeartbeatTimeout, reason: "heartbeat", retry_in_ms: None };
                return self.close(shut, ctx);
            }
            None if now.saturating_sub(self.heard_at) >= settings.heartbeat => {
                self.pinged_at = Some(now);
                self.tell(&ServerFrame::Ping {}, ctx);
            }
            _ => {}
        }
        let silent = match self.pinged_at {
            Some(at) => at + settings.heartbeat_deadline,
            None => self.heard_at + settings.heartbeat,
        };
        left = left.min(silent.min(self.presence_said_at + settings.heartbeat).saturating_sub(now));
        if let Some(spoke) = &self.spoke {
            spoke.wake_after(left.min(A_WHILE));
        }
    }

    /// Says that this session is there, for a little longer than two heartbeats.
    pub(super) fn say_present(&mut self) {
        let said = self.present();
        actix_rt::spawn(said);
    }

    /// The work of [`Self::say_present`].
    pub(super) fn present(&mut self) -> impl Future<Output = ()> + use<> {
        let desk = Arc::clone(self.node.desk());
        self.presence_said_at = desk.clock.monotonic();
        let (who, session, state, since) = (self.identity().cloned(), self.id, self.presence, self.since);
        async move {
            let Some(identity) = who else { return };
            let (tenant, member) = (identity.tenant, identity.author.member());
            let ttl = (desk.session.heartbeat + desk.session.heartbeat_deadline) * 2;
            let record = SessionRecord { session, tenant, member, node: desk.node.clone(), since };
            let said =
                desk.presence.set(tenant, member, session, state, ttl).await.and(desk.sessions.put(&record, ttl).await);
            if let Err(error) = said {
                tracing::debug!(session.id = %session, error = %error, "presence is unknown for now");
            }
        }
    }
}

impl Handler<Look> for SessionActor {
    type Result = ();

    fn handle(&mut self, Look: Look, ctx: &mut Self::Context) {
        self.look(ctx);
        if !self.receipts.is_empty() {
            self.look_soon();
        }
    }
}

impl SessionActor {
    /// Looks again at the next turn of the wheel.
    pub(super) fn look_soon(&self) {
        if let Some(spoke) = &self.spoke {
            spoke.wake_within(Duration::ZERO);
        }
    }
}

/// The longest time without a look.
const A_WHILE: Duration = Duration::from_secs(3_600);
