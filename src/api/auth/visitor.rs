//! The contact who asks.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use frontdesk_domain::{ContactId, ConversationId, ConversationKey, InboxId, Principal, TenantId};

use super::bearer;
use crate::{http::Problem, state::ApiState};

/// A contact with a visitor token. Asking for one in a handler is what makes a route need such a token.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) tenant: TenantId,
    pub(crate) contact: ContactId,
    pub(crate) inbox: InboxId,
    pub(crate) name: String,
    /// Whom the site of the inbox proved it to be.
    pub(crate) identity: Option<String>,
}

impl Visitor {
    /// Whom `token` speaks for.
    pub(crate) fn of(state: &ApiState, token: &str) -> Option<Self> {
        let identity = state.tokens.verify_visitor(token).ok()?;
        match (&identity.principal, identity.inbox()) {
            (Principal::Contact(contact), Some(inbox)) => {
                let contact = *contact;
                let proven = state.tokens.identity_of_visitor(token);
                Some(Self { tenant: identity.tenant, contact, inbox, name: identity.name.into(), identity: proven })
            }
            _ => None,
        }
    }

    /// The full name of a conversation, if it is one of its tenant's.
    pub(crate) const fn key(&self, conversation: ConversationId) -> ConversationKey {
        ConversationKey { tenant: self.tenant, conversation }
    }
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = ApiState::of(request).and_then(|state| {
            bearer(request).and_then(|token| Self::of(&state, token)).ok_or_else(Problem::unauthenticated)
        });
        ready(visitor)
    }
}
