//! Refresh tokens: a log-in's id and 256 random bits, good for one exchange.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use frontdesk_domain::LoginId;
use frontdesk_ports::{Clock, Login};
use sha2::{Digest, Sha256};

use crate::cache::TimedCache;

/// Neither id nor secret of a refresh token may show up in a log, so it cannot be printed.
#[derive(Clone)]
pub(super) struct RefreshToken {
    pub(super) login: LoginId,
    secret: [u8; 32],
}

impl RefreshToken {
    /// A new token of `login`.
    pub(super) fn fresh(login: LoginId) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        Ok(Self { login, secret })
    }

    /// As it stands in the cookie.
    pub(super) fn encode(&self) -> String {
        format!("{}.{}", self.login, URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// From the cookie; `None` for anything that [`Self::encode`] does not write.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let (login, secret) = text.split_once('.')?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { login: login.parse().ok()?, secret })
    }

    /// What is stored of it.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }
}

/// Exchanges of the last seconds, by the hash of the token that was given in.
pub(crate) struct Refreshes {
    turns: [tokio::sync::Mutex<()>; 16],
    done: TimedCache<[u8; 32], (RefreshToken, Login)>,
}

impl Refreshes {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { turns: Default::default(), done: TimedCache::new(clock, REPEATABLE, MOST) }
    }

    /// Exchanges of one log-in go one after the other.
    pub(super) async fn turn(&self, login: LoginId) -> tokio::sync::MutexGuard<'_, ()> {
        let lane = usize::from(login.0.as_bytes()[15]) % self.turns.len();
        self.turns[lane].lock().await
    }

    /// What came of the exchange of this token moments ago.
    pub(super) fn repeated(&self, presented: &[u8; 32]) -> Option<(RefreshToken, Login)> {
        self.done.get(presented)
    }

    /// Remembers an exchange that was begun at `now` of [`Clock::monotonic`].
    pub(super) fn remember(&self, presented: [u8; 32], now: Duration, next: RefreshToken, login: Login) {
        self.done.put(presented, now, (next, login));
    }

    /// Forgets exchanges of a log-in that was ended.
    pub(super) fn forget(&self, login: LoginId) {
        self.done.retain(|(_, of)| of.id != login);
    }
}

/// How long the exchange of a token may be repeated with the same outcome: for two tabs at once, and for answers that
/// were lost on the way. On the node that made the exchange only.
const REPEATABLE: Duration = Duration::from_secs(10);

/// Most exchanges remembered at once.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_the_cookie_and_nothing_else_does() {
        let token = RefreshToken::fresh(LoginId(uuid::Uuid::new_v4())).unwrap();
        let back = RefreshToken::decode(&token.encode()).unwrap();
        assert!(back.login == token.login && back.hash() == token.hash());
        for text in ["", ".", "a.b", &format!("{}.", token.login), &format!("{}x", token.encode())] {
            assert!(RefreshToken::decode(text).is_none(), "{text}");
        }
    }
}
