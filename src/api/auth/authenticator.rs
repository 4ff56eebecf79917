//! Who a token speaks for, for those who hold sockets.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use frontdesk_application::Memberships;
use frontdesk_domain::{Agent, LoginId, Principal};
use frontdesk_ports::{AuthError, Authenticator, Clock, Identity, LiveLogin, Logins, Recheck, TokenAudience};

use super::tokens::Tokens;

/// Checks tokens by their signature and log-in, and the log-in again while a socket lives. While the database is away,
/// the signature must do.
pub struct TokenAuthenticator {
    tokens: Arc<Tokens>,
    logins: Arc<dyn Logins>,
    memberships: Arc<Memberships>,
    clock: Arc<dyn Clock>,
}

impl TokenAuthenticator {
    /// Checks tokens of `tokens`, log-ins in `logins`, and where agents belong in `memberships`.
    #[must_use]
    pub fn new(
        tokens: Arc<Tokens>,
        logins: Arc<dyn Logins>,
        memberships: Arc<Memberships>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { tokens, logins, memberships, clock }
    }

    /// `identity`, with where its agent belongs now.
    async fn placed(&self, mut identity: Identity) -> Result<Identity, AuthError> {
        if let Principal::Agent(agent, role, membership) = &mut identity.principal {
            *membership = self.memberships.of(identity.tenant, *agent, *role).await?;
        }
        Ok(identity)
    }
}

#[async_trait]
impl Authenticator for TokenAuthenticator {
    async fn authenticate(&self, token: &str, audience: TokenAudience) -> Result<Identity, AuthError> {
        let verified = match audience {
            TokenAudience::Console => self.tokens.verify_access(token),
            TokenAudience::Widget(_) => self.tokens.verify_visitor(token),
        };
        let mut identity = verified.map_err(|_| AuthError::Refused)?;
        if let Some(login) = identity.login() {
            // The token may be older than a change of role, or than the end of its log-in.
            match self.logins.live_logins(&[login], self.clock.now()).await {
                Ok(live) => {
                    let mut live = live.into_iter();
                    let live = live.find(|live| live.login == login && live.agent.tenant == identity.tenant);
                    let live = live.ok_or(AuthError::Refused)?;
                    identity = now_as(&identity, &live);
                }
                // What the token says must do until the next check.
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(error.into()),
            }
        }
        match audience {
            TokenAudience::Widget(inbox) if identity.inbox() != Some(inbox) => Err(AuthError::Refused),
            _ => self.placed(identity).await,
        }
    }

    async fn recheck(&self, identities: &[Identity]) -> Result<Recheck, AuthError> {
        let now = self.clock.now();
        let mut logins: Vec<LoginId> = identities.iter().filter_map(Identity::login).collect();
        logins.sort_unstable();
        logins.dedup();
        let live = if logins.is_empty() { Vec::new() } else { self.logins.live_logins(&logins, now).await? };
        let live: HashMap<LoginId, LiveLogin> = live.into_iter().map(|live| (live.login, live)).collect();
        let mut found = Recheck::default();
        for (index, identity) in identities.iter().enumerate() {
            if identity.expires_at <= now {
                found.ended.push(index);
            } else if let Some(login) = identity.login() {
                match live.get(&login) {
                    None => found.ended.push(index),
                    Some(live) => match self.placed(now_as(identity, live)).await {
                        Ok(current) if current == *identity => {}
                        Ok(current) => found.changed.push((index, current)),
                        // It keeps what it had until the next check; the others are checked now.
                        Err(error) => {
                            tracing::warn!(error = &error as &dyn std::error::Error, tenant = %identity.tenant,
                                "the teams of an agent could not be read to renew its rights");
                        }
                    },
                }
            }
        }
        Ok(found)
    }
}

/// `identity`, as its log-in stands now. Where its agent belongs is not known yet.
fn now_as(identity: &Identity, live: &LiveLogin) -> Identity {
    Identity { away: live.away, ..renewed(identity, &live.agent) }
}

/// `identity`, with the role and name that its agent has now. Where it belongs is not known yet.
pub(crate) fn renewed(identity: &Identity, agent: &Agent) -> Identity {
    Identity { principal: Principal::agent(agent.id, agent.role), name: agent.name.as_str().into(), ..identity.clone() }
}
