//! Who a token speaks for, for those who hold sockets.

use std::sync::Arc;

use async_trait::async_trait;
use frontdesk_domain::{Agent, LoginId, Principal};
use frontdesk_ports::{AuthError, Authenticator, Clock, Identity, Logins, Recheck, TokenAudience};

use super::tokens::Tokens;

/// Checks tokens by their signature alone, and again by the log-in while a socket lives.
pub struct TokenAuthenticator {
    tokens: Arc<Tokens>,
    logins: Arc<dyn Logins>,
    clock: Arc<dyn Clock>,
}

impl TokenAuthenticator {
    /// Checks tokens of `tokens`, and log-ins in `logins`.
    #[must_use]
    pub fn new(tokens: Arc<Tokens>, logins: Arc<dyn Logins>, clock: Arc<dyn Clock>) -> Self {
        Self { tokens, logins, clock }
    }
}

#[async_trait]
impl Authenticator for TokenAuthenticator {
    async fn authenticate(&self, token: &str, audience: TokenAudience) -> Result<Identity, AuthError> {
        let verified = match audience {
            TokenAudience::Console => self.tokens.verify_access(token),
            TokenAudience::Widget(_) => self.tokens.verify_visitor(token),
        };
        let identity = verified.map_err(|_| AuthError::Refused)?;
        match audience {
            TokenAudience::Widget(inbox) if identity.inbox() != Some(inbox) => Err(AuthError::Refused),
            _ => Ok(identity),
        }
    }

    async fn recheck(&self, identities: &[Identity]) -> Result<Recheck, AuthError> {
        let now = self.clock.now();
        let mut logins: Vec<LoginId> = identities.iter().filter_map(Identity::login).collect();
        logins.sort_unstable();
        logins.dedup();
        let live = if logins.is_empty() { Vec::new() } else { self.logins.live_logins(&logins, now).await? };
        let mut found = Recheck::default();
        for (index, identity) in identities.iter().enumerate() {
            if identity.expires_at <= now {
                found.ended.push(index);
            } else if let Some(login) = identity.login() {
                match live.iter().find(|(id, _)| *id == login) {
                    None => found.ended.push(index),
                    Some((_, agent)) => {
                        let current = renewed(identity, agent);
                        if current != *identity {
                            found.changed.push((index, current));
                        }
                    }
                }
            }
        }
        Ok(found)
    }
}

/// `identity`, with the role and name that its agent has now.
pub(crate) fn renewed(identity: &Identity, agent: &Agent) -> Identity {
    Identity { principal: Principal::Agent(agent.id, agent.role), name: agent.name.clone(), ..identity.clone() }
}
