//! Who takes part, and who vouches for them.

use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

use async_trait::async_trait;
use frontdesk_domain::{
    AgentId, ClientId, Command, ContactId, Grant, Grants, InboxId, LoginId, MessageText, Participant, Permission,
    Principal, Request, Role, RoleId, Scope, TenantId, Timestamp,
};
use frontdesk_ports::{
    AuthError, Authenticator, AwayChoice, Identity, Recheck, StoreError, TokenAudience, TokenBinding,
};
use uuid::Uuid;

/// A contact or an agent.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) principal: Principal,
    pub(crate) name: String,
}

impl Person {
    pub(crate) fn contact(name: &str) -> Self {
        Self { principal: Principal::Contact(ContactId(Uuid::now_v7())), name: name.to_owned() }
    }

    pub(crate) fn agent(name: &str) -> Self {
        Self { principal: Principal::agent(AgentId(Uuid::now_v7()), Role::Agent), name: name.to_owned() }
    }

    pub(crate) fn supervisor(name: &str) -> Self {
        Self { principal: Principal::agent(AgentId(Uuid::now_v7()), Role::Supervisor), name: name.to_owned() }
    }

    /// The same agent with a role that lets it read and answer conversations of `scope` alone.
    pub(crate) fn with_grants(&self, scope: Scope) -> Self {
        let grants = [Permission::Read, Permission::Converse].map(|permission| Grant { permission, scope });
        let role = Role::Custom(RoleId(Uuid::from_u128(9)), grants.into_iter().collect::<Grants>());
        Self { principal: Principal::agent(self.agent_id(), role), name: self.name.clone() }
    }

    pub(crate) fn member(&self) -> Participant {
        self.principal.participant()
    }

    pub(crate) fn agent_id(&self) -> AgentId {
        match self.principal {
            Principal::Agent(id, ..) => id,
            _ => panic!("{} is no agent", self.name),
        }
    }

    /// A request under a fresh id.
    pub(crate) fn asks(&self, command: Command) -> Request {
        self.asks_as(ClientId(Uuid::now_v7()), command)
    }

    pub(crate) fn asks_as(&self, client_id: ClientId, command: Command) -> Request {
        Request { client_id, principal: self.principal.clone(), author_name: self.name.clone(), command, repeat: false }
    }

    pub(crate) fn says(&self, text: &str) -> Request {
        self.asks(say(text))
    }

    pub(crate) fn notes(&self, text: &str) -> Request {
        self.asks(Command::note(MessageText::new(text).unwrap()))
    }

    pub(crate) fn hands_to(&self, other: &Self) -> Request {
        self.asks(Command::Transfer { agent: other.agent_id(), name: other.name.clone() })
    }
}

pub(crate) fn say(text: &str) -> Command {
    Command::say(MessageText::new(text).unwrap())
}

/// Authenticates the persons that were introduced to it; a token is a name.
#[derive(Debug)]
pub(crate) struct Doorkeeper {
    pub(crate) tenant: TenantId,
    pub(crate) inbox: InboxId,
    participants: Mutex<HashMap<String, Person>>,
    ended: Mutex<HashSet<String>>,
    away: Mutex<HashSet<String>>,
    expiring: Mutex<HashMap<String, Timestamp>>,
}

impl Doorkeeper {
    pub(crate) fn new(tenant: TenantId, inbox: InboxId) -> Self {
        let (ended, away) = Default::default();
        Self { tenant, inbox, participants: Mutex::default(), ended, away, expiring: Mutex::default() }
    }

    /// A token that is pondered for ever.
    pub(crate) const PONDERED: &str = "pondered";

    /// A token on which the authenticator panics.
    pub(crate) const FATAL: &str = "fatal";

    /// The tokens of `person` end at `at`.
    pub(crate) fn expire(&self, person: &Person, at: Timestamp) {
        self.expiring.lock().unwrap().insert(person.name.clone(), at);
    }

    pub(crate) fn introduce(&self, person: &Person) {
        self.participants.lock().unwrap().insert(person.name.clone(), person.clone());
    }

    pub(crate) fn log_out(&self, person: &Person) {
        self.ended.lock().unwrap().insert(person.name.clone());
    }
}

/// Kept by name, as the tokens are.
#[async_trait]
impl AwayChoice for Doorkeeper {
    async fn choose_away(&self, _: TenantId, agent: AgentId, away: bool) -> Result<(), StoreError> {
        let participants = self.participants.lock().unwrap();
        let of_agent = |person: &&Person| person.principal.participant() == Participant::Agent(agent);
        let name = participants.values().find(of_agent).expect("an agent that signed in").name.clone();
        let mut held = self.away.lock().unwrap();
        if away {
            held.insert(name)
        } else {
            held.remove(&name)
        };
        Ok(())
    }
}

#[async_trait]
impl Authenticator for Doorkeeper {
    async fn authenticate(&self, token: &str, audience: TokenAudience) -> Result<Identity, AuthError> {
        if token == Self::PONDERED {
            std::future::pending::<()>().await;
        }
        assert_ne!(token, Self::FATAL, "as the test wants it");
        let person = self.participants.lock().unwrap().get(token).cloned().ok_or(AuthError::Refused)?;
        let bound = match (&person.principal, audience) {
            (Principal::Agent(..), TokenAudience::Console) => TokenBinding::Login(LoginId(Uuid::now_v7())),
            (Principal::Contact(_), TokenAudience::Widget(inbox)) => TokenBinding::Inbox(inbox),
            _ => return Err(AuthError::Refused),
        };
        let away = self.away.lock().unwrap().contains(token);
        let expires_at = self.expiring.lock().unwrap().get(token).copied().unwrap_or(Timestamp(i64::MAX));
        Ok(Identity {
            tenant: self.tenant,
            principal: person.principal,
            name: person.name.into(),
            bound,
            expires_at,
            away,
        })
    }

    async fn recheck(&self, identities: &[Identity]) -> Result<Recheck, AuthError> {
        let ended = self.ended.lock().unwrap();
        let names = identities.iter().enumerate().filter(|(_, identity)| ended.contains(&*identity.name));
        let participants = self.participants.lock().unwrap();
        let now = |identity: &Identity| {
            let principal =
                participants.get(&*identity.name).map_or(&identity.principal, |person| &person.principal).clone();
            let away = self.away.lock().unwrap().contains(&*identity.name);
            Identity { principal, away, ..identity.clone() }
        };
        let now = identities.iter().map(now).enumerate().filter(|(index, now)| identities[*index] != *now);
        Ok(Recheck { ended: names.map(|(index, _)| index).collect(), changed: now.collect() })
    }
}
