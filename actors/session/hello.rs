//! The first frame: authenticates the peer.

use std::sync::Arc;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use frontdesk_domain::{Participant, Principal};
use frontdesk_ports::{AuthError, Identity};
use frontdesk_protocol::socket::{CloseCode, ServerFrame, Who};

use super::{
    actor::{SessionActor, Shut},
    inbound::Handling,
    phase::Phase,
};
use crate::agent::{Device, Join};

impl SessionActor {
    /// Closes the socket unless the peer authenticates within `session.hello_timeout`.
    pub(super) fn await_hello(&self, ctx: &mut Context<Self>) {
        ctx.run_later(self.node.desk().session.hello_timeout, |session, ctx| {
            if session.phase.has_arrived_only() {
                session.close(Shut { code: CloseCode::HelloTimeout, reason: "no_hello", retry_in_ms: None }, ctx);
            }
        });
    }

    /// Checks the token; the next frame is not read before that is done.
    pub(super) fn hello(&self, token: String) -> Handling {
        let (desk, audience) = (Arc::clone(self.node.desk()), self.audience);
        let check = async move { desk.authenticator.authenticate(&token, audience).await };
        Box::pin(check.into_actor(self).map(|checked, session, ctx| match checked {
            // It may have been given up meanwhile.
            _ if !session.phase.has_arrived_only() => {}
            Ok(identity) => session.welcome(identity, ctx),
            Err(AuthError::Refused) => {
                session.close(Shut { code: CloseCode::Unauthorised, reason: "unauthorised", retry_in_ms: None }, ctx);
            }
            Err(_) => {
                session.close(
                    Shut {
                        reason: "unavailable",
                        retry_in_ms: Some(1_000 + fastrand::u64(..4_000)),
                        ..Shut::lagging()
                    },
                    ctx,
                );
            }
        }))
    }

    fn welcome(&mut self, identity: Identity, ctx: &mut Context<Self>) {
        let desk = Arc::clone(self.node.desk());
        let who = Who { member: identity.principal.participant(), name: identity.name.clone() };
        if let Participant::Agent(agent) = who.member {
            let device = Device { push: ctx.address().recipient(), lagging: Arc::clone(&self.lagging) };
            let control = ctx.address().recipient();
            let join = Join { session: self.id, agent, identity: identity.clone(), device, control };
            if self.node.roster().try_send(join).is_err() {
                return self.close(
                    Shut { reason: "overloaded", retry_in_ms: Some(500 + fastrand::u64(..2_500)), ..Shut::lagging() },
                    ctx,
                );
            }
        }
        let kind = if matches!(identity.principal, Principal::Agent(..)) { "agent" } else { "contact" };
        metrics::counter!("desk_sessions_total", "kind" => kind).increment(1);
        self.phase = Phase::Known(identity);
        self.say_present();
        let welcome = ServerFrame::Welcome {
            session: self.id,
            epoch: desk.epoch.clone(),
            who,
            heartbeat_ms: u64::try_from(self.intervals().heartbeat.as_millis()).unwrap_or(u64::MAX),
            deadline_ms: u64::try_from(desk.session.heartbeat_deadline.as_millis()).unwrap_or(u64::MAX),
            max_frame_bytes: desk.session.max_frame_bytes as u64,
            now: desk.clock.now(),
        };
        self.tell(&welcome, ctx);
    }
}
