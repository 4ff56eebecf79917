//! The handshake of the socket protocol: `hello` comes first, and once. No IO.

use frontdesk_ports::{Identity, TokenAudience};
use frontdesk_protocol::socket::ClientFrame;

/// How far a session has come.
pub(super) enum Phase {
    /// The peer has not authenticated yet; the first frame must carry a token of this kind.
    Arrived(TokenAudience),
    /// The peer is this contact or agent.
    Known(Identity),
    /// The session is being closed; nothing more is taken or sent.
    Closing,
}

/// What a frame means in the present phase.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Check this token, which must be of this kind, and answer `welcome` or close.
    Authenticate(String, TokenAudience),
    /// Act on the frame.
    Act(ClientFrame),
    /// The peer says `bye`: close the session.
    Leave,
    /// The frame may not come now, for this reason.
    OutOfOrder(&'static str),
    /// The session is closing anyway.
    Ignore,
}

impl Phase {
    pub(super) fn step(&self, frame: ClientFrame) -> Step {
        match (self, frame) {
            (Self::Closing, _) => Step::Ignore,
            (Self::Arrived(audience), ClientFrame::Hello { token }) => Step::Authenticate(token, *audience),
            (Self::Arrived(_) | Self::Known(_), ClientFrame::Bye {}) => Step::Leave,
            (Self::Arrived(_), _) => Step::OutOfOrder("the first frame must be `hello`"),
            (Self::Known(_), ClientFrame::Hello { .. }) => Step::OutOfOrder("`hello` was said already"),
            (Self::Known(_), frame) => Step::Act(frame),
        }
    }

    pub(super) const fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Known(identity) => Some(identity),
            Self::Arrived(_) | Self::Closing => None,
        }
    }

    /// The peer chose to be away, or not to be.
    pub(super) const fn note_away(&mut self, away: bool) {
        if let Self::Known(identity) = self {
            identity.away = away;
        }
    }

    pub(super) const fn has_arrived_only(&self) -> bool {
        matches!(self, Self::Arrived(_))
    }

    pub(super) const fn is_closing(&self) -> bool {
        matches!(self, Self::Closing)
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_domain::{ContactId, InboxId, Principal, TenantId, Timestamp};
    use frontdesk_ports::TokenBinding;
    use uuid::Uuid;

    use super::*;

    const ARRIVED: Phase = Phase::Arrived(TokenAudience::Console);

    fn known() -> Phase {
        Phase::Known(Identity {
            tenant: TenantId(Uuid::nil()),
            principal: Principal::Contact(ContactId(Uuid::nil())),
            name: "Lin".into(),
            bound: TokenBinding::Inbox(InboxId(Uuid::nil())),
            expires_at: Timestamp(0),
            away: false,
        })
    }

    #[test]
    fn hello_comes_first_and_once() {
        let hello = || ClientFrame::Hello { token: "token".to_owned() };
        assert_eq!(ARRIVED.step(hello()), Step::Authenticate("token".to_owned(), TokenAudience::Console));
        assert!(matches!(ARRIVED.step(ClientFrame::Ping {}), Step::OutOfOrder(_)));
        assert!(matches!(known().step(hello()), Step::OutOfOrder(_)));
        assert_eq!(known().step(ClientFrame::Ping {}), Step::Act(ClientFrame::Ping {}));
    }

    #[test]
    fn a_peer_may_leave_at_any_time_and_a_closing_session_takes_nothing() {
        assert_eq!((ARRIVED.step(ClientFrame::Bye {}), known().step(ClientFrame::Bye {})), (Step::Leave, Step::Leave));
        assert_eq!(Phase::Closing.step(ClientFrame::Ping {}), Step::Ignore);
    }
}
