//! The agent who asks.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use frontdesk_application::Requester;
use frontdesk_domain::{
    AgentId, ConversationId, ConversationKey, Permission, Principal, Resource, Role, TenantId, policy,
};

use super::{authenticator::renewed, bearer, live::Standing};
use crate::{
    http::{Code, Problem},
    state::ApiState,
};

/// A signed-in agent, with the role that it holds now. Asking for one in a handler is what makes a route need a token.
#[derive(Debug, Clone)]
pub(crate) struct Staff {
    pub(crate) tenant: TenantId,
    pub(crate) agent: AgentId,
    pub(crate) role: Role,
    pub(crate) name: String,
}

impl Staff {
    /// Refuses unless the agent's role allows `permission`.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Problem> {
        if policy::allows(self.principal(), permission, &Resource::Tenant) {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden, "your role does not allow this"))
    }

    /// The agent, as one who asks for something.
    pub(crate) const fn principal(&self) -> Principal {
        Principal::Agent(self.agent, self.role)
    }

    /// The agent, as one who asks for an act.
    pub(crate) const fn requester(&self) -> Requester {
        Requester::Agent { tenant: self.tenant, agent: self.agent, role: self.role }
    }

    /// The full name of one of its tenant's conversations.
    pub(crate) const fn key(&self, conversation: ConversationId) -> ConversationKey {
        ConversationKey { tenant: self.tenant, conversation }
    }

    async fn of(state: ApiState, token: Option<String>) -> Result<Self, Problem> {
        let token = token.ok_or_else(Problem::unauthenticated)?;
        let mut identity = state.tokens.verify_access(&token).map_err(|_| Problem::unauthenticated())?;
        let login = identity.login().ok_or_else(Problem::unauthenticated)?;
        match state.live.standing(login).await {
            Standing::Live(agent) if agent.tenant == identity.tenant => identity = renewed(&identity, &agent),
            Standing::Live(_) | Standing::Ended => return Err(Problem::unauthenticated()),
            Standing::Unknown => {}
        }
        match identity.principal {
            Principal::Agent(agent, role) => Ok(Self { tenant: identity.tenant, agent, role, name: identity.name }),
            _ => Err(Problem::unauthenticated()),
        }
    }
}

impl FromRequest for Staff {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = ApiState::of(request);
        let token = bearer(request).map(str::to_owned);
        Box::pin(async move { Self::of(state?, token).await })
    }
}
