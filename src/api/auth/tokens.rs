//! Tokens: signed statements of an identity, verified without asking the database.

use std::{sync::Arc, time::Duration};

use frontdesk_domain::{
    Agent, AgentId, Contact, ContactId, Grants, InboxId, LoginId, Principal, Role, TenantId, Timestamp,
};
use frontdesk_ports::{Clock, Identity, TokenBinding};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::keys::Keys;

const ISSUER: &str = "frontdesk";

/// How far two nodes' clocks may lie apart, in milliseconds.
pub(super) const LEEWAY_MS: i64 = 5_000;

/// Longer texts are no tokens of ours.
const MAX_BYTES: usize = 4_096;

/// The token is not ours, not for this place, or over. Clients are told no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct TokenRefused;

/// A token just made.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token as it is sent.
    pub token: String,
    /// How long it is good, in seconds.
    pub expires_in: u64,
}

/// Issues and verifies tokens.
pub struct Tokens {
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
    access_ttl: Duration,
    visitor_ttl: Duration,
}

/// What every token says.
#[derive(Serialize, Deserialize)]
struct Claims<T> {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    #[serde(flatten)]
    rest: T,
}

/// An agent's token, for audience `console`.
#[derive(Serialize, Deserialize)]
struct Access {
    sub: AgentId,
    tenant: TenantId,
    role: Role,
    /// What a role that is not built in allowed when the token was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grants: Option<Grants>,
    name: String,
    login: LoginId,
}

/// A contact's token, for audience `widget`.
#[derive(Serialize, Deserialize)]
struct Visitor {
    sub: ContactId,
    tenant: TenantId,
    inbox: InboxId,
    name: String,
    /// Whom the site of the inbox proved it to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
}

/// Says that an agent signed in to an account from this device before, for audience `device`.
#[derive(Serialize, Deserialize)]
struct Device {
    sub: String,
    jti: String,
}

/// What a token is for. One kind is never taken for another.
trait Kind: Serialize + DeserializeOwned {
    const AUDIENCE: &'static str;
}

impl Kind for Access {
    const AUDIENCE: &'static str = "console";
}

impl Kind for Visitor {
    const AUDIENCE: &'static str = "widget";
}

impl Kind for Device {
    const AUDIENCE: &'static str = "device";
}

impl Tokens {
    /// Tokens signed with `keys`, good for these times.
    #[must_use]
    pub fn new(keys: Arc<Keys>, clock: Arc<dyn Clock>, access_ttl: Duration, visitor_ttl: Duration) -> Self {
        Self { keys, clock, access_ttl, visitor_ttl }
    }

    /// The keys that they are signed with; to be reloaded every few seconds.
    #[must_use]
    pub const fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// A token for `agent`, under `login`.
    #[must_use]
    pub fn issue_access(&self, agent: &Agent, login: LoginId) -> Issued {
        let Agent { id, tenant, role, name, .. } = agent.clone();
        let grants = role.custom().map(|_| role.grants());
        self.issue(Access { sub: id, tenant, role, grants, name, login }, self.access_ttl)
    }

    /// A token for `contact`, bound to its inbox.
    #[must_use]
    pub fn issue_visitor(&self, contact: &Contact) -> Issued {
        self.issue_identified(contact, None)
    }

    /// A token for `contact`, bound to its inbox, whom the site of the inbox proved to be `identity`.
    #[must_use]
    pub fn issue_identified(&self, contact: &Contact, identity: Option<String>) -> Issued {
        let Contact { id, tenant, inbox, name, .. } = contact.clone();
        self.issue(Visitor { sub: id, tenant, inbox, name, identity }, self.visitor_ttl)
    }

    /// A token that says that this device signed in to `account` before.
    pub(super) fn issue_device(&self, account: &str, ttl: Duration) -> Issued {
        let jti = uuid::Uuid::new_v4().as_simple().to_string();
        self.issue(Device { sub: account.to_owned(), jti }, ttl)
    }

    /// Whom an agent's token speaks for.
    ///
    /// # Errors
    /// [`TokenRefused`].
    pub fn verify_access(&self, token: &str) -> Result<Identity, TokenRefused> {
        let (Access { sub, tenant, role, grants, name, login }, expires_at) = self.verify(token)?;
        let role = match role.custom() {
            Some(id) => Role::Custom(id, grants.unwrap_or_default()),
            None => role,
        };
        let principal = Principal::agent(sub, role);
        Ok(Identity {
            tenant,
            principal,
            name: name.into(),
            bound: TokenBinding::Login(login),
            expires_at,
            away: false,
        })
    }

    /// Whom a contact's token speaks for.
    ///
    /// # Errors
    /// [`TokenRefused`].
    pub fn verify_visitor(&self, token: &str) -> Result<Identity, TokenRefused> {
        let (Visitor { sub, tenant, inbox, name, .. }, expires_at) = self.verify(token)?;
        Ok(Identity {
            tenant,
            principal: Principal::Contact(sub),
            name: name.into(),
            bound: TokenBinding::Inbox(inbox),
            expires_at,
            away: false,
        })
    }

    /// Whom the site of an inbox proved the contact of this token to be.
    pub(super) fn identity_of_visitor(&self, token: &str) -> Option<String> {
        self.verify::<Visitor>(token).ok()?.0.identity
    }

    /// The name of the device, if it signed in to `account` before.
    pub(super) fn verify_device(&self, token: &str, account: &str) -> Option<String> {
        let (Device { sub, jti }, _) = self.verify(token).ok()?;
        (sub == account).then_some(jti)
    }

    fn issue<T: Kind>(&self, rest: T, ttl: Duration) -> Issued {
        let (now, expires_in) = (self.clock.now(), ttl.as_secs());
        let iat = now.0.div_euclid(1000);
        let exp = iat.saturating_add(i64::try_from(expires_in).unwrap_or(i64::MAX));
        let claims = Claims { iss: ISSUER.to_owned(), aud: T::AUDIENCE.to_owned(), iat, exp, rest };
        let key = self.keys.signing(now);
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims, &key.encoding).expect("HS256 signs whatever encodes");
        Issued { token, expires_in }
    }

    fn verify<T: Kind>(&self, token: &str) -> Result<(T, Timestamp), TokenRefused> {
        if token.len() > MAX_BYTES {
            return Err(TokenRefused);
        }
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid).ok_or(TokenRefused)?;
        let key = self.keys.find(&kid).ok_or(TokenRefused)?;
        // The algorithm is ours to say, never the token's.
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_required_spec_claims(&["exp", "iss", "aud"]);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[T::AUDIENCE]);
        rules.validate_exp = false; // by our own clock, below
        let claims = jsonwebtoken::decode::<Claims<T>>(token, &key.decoding, &rules).map_err(|_| TokenRefused)?.claims;
        let expires_at = Timestamp(claims.exp.saturating_mul(1000));
        if expires_at.plus_millis(LEEWAY_MS) <= self.clock.now() {
            return Err(TokenRefused);
        }
        Ok((claims.rest, expires_at))
    }
}
