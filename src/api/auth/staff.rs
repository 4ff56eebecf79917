//! The agent who asks.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use frontdesk_application::Requester;
use frontdesk_domain::{
    AgentId, ConversationId, ConversationKey, LoginId, Membership, Permission, Principal, Reach, Resource, Role,
    TenantId, policy,
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
    /// The log-in of its token.
    pub(crate) login: LoginId,
    pub(crate) role: Role,
    membership: Membership,
    pub(crate) name: String,
}

impl Staff {
    /// Refuses unless the agent's role allows `permission` for something. Which conversations, [`Self::reach`] says.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Problem> {
        Self::allowed(policy::grants_some(self.role, permission))
    }

    /// Refuses unless the agent's role allows `permission` for everything of the tenant.
    pub(crate) fn require_everywhere(&self, permission: Permission) -> Result<(), Problem> {
        Self::allowed(policy::allows(&self.principal(), permission, &Resource::Tenant))
    }

    fn allowed(allowed: bool) -> Result<(), Problem> {
        if allowed { Ok(()) } else { Err(Problem::new(Code::Forbidden, "your role does not allow this")) }
    }

    /// The conversations that the agent may read.
    pub(crate) fn reach(&self) -> Reach {
        Reach::of(self.agent, self.role, &self.membership, Permission::Read)
    }

    /// The agent, as one who asks for something.
    pub(crate) fn principal(&self) -> Principal {
        Principal::Agent(self.agent, self.role, self.membership.clone())
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
            Principal::Agent(agent, role, _) => {
                let membership = state.memberships.of(identity.tenant, agent, role).await?;
                Ok(Self { tenant: identity.tenant, agent, login, role, membership, name: identity.name.into() })
            }
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
