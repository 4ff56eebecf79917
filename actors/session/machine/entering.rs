//! The beginning and the end of a session: the token, the welcome, changes of the peer's rights, and closing.

use bytes::Bytes;
use frontdesk_domain::Principal;
use frontdesk_ports::{AuthError, Identity};
use frontdesk_protocol::socket::{CloseCode, PresenceState, ServerFrame, Who};

use super::{Act, Departure, Env, SessionMachine};
use crate::{
    agent::Control,
    session::{closing::Shut, phase::Phase},
};

impl SessionMachine {
    /// `session.hello_timeout` is over since the socket was opened.
    pub(in crate::session) fn handle_hello_timeout(&self) -> Option<Act> {
        let late = self.phase.has_arrived_only();
        late.then_some(Act::Close(Shut::new(CloseCode::HelloTimeout, "no_hello")))
    }

    /// The token was checked.
    pub(in crate::session) fn handle_checked(&self, checked: Result<Identity, AuthError>) -> Option<Act> {
        if !self.phase.has_arrived_only() {
            // The session was closed meanwhile.
            return None;
        }
        Some(match checked {
            Ok(identity) => Act::Enter(Box::new(identity)),
            Err(AuthError::Refused) => Act::Close(Shut::new(CloseCode::Unauthorised, "unauthorised")),
            Err(_) => Act::Close(Shut::for_now("unavailable", 1_000, 4_000)),
        })
    }

    /// Welcomes the peer as `identity`. `epoch`: of the history, as the client sends it back on `resume`.
    pub(in crate::session) fn welcome(&mut self, identity: Identity, epoch: String, env: Env<'_>) -> Act {
        let kind = if matches!(identity.principal, Principal::Agent(..)) { "agent" } else { "contact" };
        metrics::counter!("desk_sessions_total", "kind" => kind).increment(1);
        let who = Who { member: identity.principal.participant(), name: identity.name.to_string() };
        let away = identity.away;
        self.phase = Phase::Known(identity);
        let settings = env.settings;
        let welcome = ServerFrame::Welcome {
            session: self.id,
            epoch,
            who,
            heartbeat_ms: u64::try_from(self.intervals(settings).heartbeat.as_millis()).unwrap_or(u64::MAX),
            deadline_ms: u64::try_from(settings.heartbeat_deadline.as_millis()).unwrap_or(u64::MAX),
            max_frame_bytes: settings.max_frame_bytes as u64,
            now: env.wall,
        };
        self.tell(&welcome, env);
        if away {
            self.take_presence(PresenceState::Away, env);
        }
        self.say_present(env)
    }

    /// The rights of an agent have changed, or ended.
    pub(in crate::session) fn handle_control(&mut self, control: Control, env: Env<'_>) -> Option<Act> {
        match control {
            Control::Ended => Some(Act::Close(Shut::new(CloseCode::Unauthorised, "logged_out"))),
            Control::Changed(identity) => {
                let Phase::Known(known) = &mut self.phase else { return None };
                let before = std::mem::replace(known, *identity);
                let (away, name, role) = (known.away, known.name.to_string(), known.principal.role());
                let rights_changed = *known != Identity { away, ..before.clone() };
                if away != before.away {
                    self.take_presence(if away { PresenceState::Away } else { PresenceState::Online }, env);
                }
                if !rights_changed {
                    let told = away != before.away;
                    return told.then(|| Act::SayPresent(self.subscriptions.all()));
                }
                if let Some(role) = role {
                    self.tell(&ServerFrame::Standing { name, role, grants: role.grants() }, env);
                }
                self.renewed = true;
                self.renew(self.subscriptions.all())
            }
        }
    }

    /// Takes up what the agent chose in another console, now or before, and tells this one.
    fn take_presence(&mut self, state: PresenceState, env: Env<'_>) {
        self.presence = state;
        self.heartbeat.on_present(env.monotonic);
        if let Some(member) = self.identity().map(|identity| identity.principal.participant()) {
            self.tell(&ServerFrame::Presence { member, state }, env);
        }
    }

    /// Ends the session: its last frames, of which `bye` tells the reason. `None` if it is closing already.
    ///
    /// What waits goes out first if the peer reads at all. If it does not, the kernel's time-out ends the socket, and
    /// no more is held for it than the outbox may hold. Follow with [`Self::depart`].
    pub(in crate::session) fn close(&mut self, Shut { reason, retry_in_ms, .. }: Shut) -> Option<Vec<Bytes>> {
        if self.phase.is_closing() {
            return None;
        }
        let mut last = self.outbox.take_all();
        last.push(self.codec.encode(&ServerFrame::Bye { reason: reason.to_owned(), retry_in_ms }));
        Some(last)
    }

    /// Takes and sends nothing more; what must be undone, once.
    pub(in crate::session) fn depart(&mut self) -> Option<Departure> {
        let Phase::Known(identity) = std::mem::replace(&mut self.phase, Phase::Closing) else { return None };
        let (tenant, member) = (identity.tenant, identity.principal.participant());
        Some(Departure { tenant, member, watched: self.subscriptions.take() })
    }
}
