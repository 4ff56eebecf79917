//! Refresh tokens: a log-in's id, 256 random bits that all tokens of the log-in share, and 256 bits of its own.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use frontdesk_domain::LoginId;
use frontdesk_ports::Renewal;
use sha2::{Digest, Sha256};

/// Neither id nor secret of a refresh token may show up in a log, so it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RefreshToken {
    pub(super) login: LoginId,
    /// The same in all tokens of a log-in: who has it held one of them once. `None` in tokens of earlier versions.
    family: Option<[u8; 32]>,
    secret: [u8; 32],
}

impl RefreshToken {
    /// The first token of `login`.
    pub(super) fn fresh(login: LoginId) -> Result<Self, getrandom::Error> {
        Ok(Self { login, family: Some(random()?), secret: random()? })
    }

    /// The token that is given for this one; the same for the same salt, and of no use to guess without it.
    pub(super) fn next(&self, salt: &[u8; 32]) -> Self {
        let derived = |purpose: &[u8]| -> [u8; 32] {
            Sha256::new().chain_update(salt).chain_update(purpose).chain_update(self.secret).finalize().into()
        };
        Self {
            login: self.login,
            family: Some(self.family.unwrap_or_else(|| derived(b"family"))),
            secret: derived(b"secret"),
        }
    }

    /// A salt for [`Self::next`].
    pub(super) fn salt() -> Result<[u8; 32], getrandom::Error> {
        random()
    }

    /// What the database is told to exchange this token for `next`, which was made with `salt`.
    pub(super) fn renewal(&self, next: &Self, salt: [u8; 32]) -> Renewal {
        Renewal {
            presented: self.hash(),
            presented_family: self.family.map(|family| sha256(&family)),
            next: next.hash(),
            next_family: next.family.map_or([0; 32], |family| sha256(&family)),
            salt,
        }
    }

    /// As it stands in the cookie.
    pub(super) fn encode(&self) -> String {
        let family = self.family.iter().map(|family| family.as_slice());
        let bytes = family.chain([self.secret.as_slice()]).collect::<Vec<_>>().concat();
        format!("{}.{}", self.login, URL_SAFE_NO_PAD.encode(bytes))
    }

    /// From the cookie; `None` for anything that [`Self::encode`] does not write.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let (login, bytes) = text.split_once('.')?;
        let (login, bytes) = (login.parse().ok()?, URL_SAFE_NO_PAD.decode(bytes).ok()?);
        let (secret, family) = bytes.split_last_chunk().map(|(family, secret)| (*secret, family))?;
        let family = if family.is_empty() { None } else { Some(family.try_into().ok()?) };
        Some(Self { login, family, secret })
    }

    /// What is stored of it.
    pub(super) fn hash(&self) -> [u8; 32] {
        sha256(&self.secret)
    }
}

fn random() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> RefreshToken {
        RefreshToken::fresh(LoginId(uuid::Uuid::new_v4())).unwrap()
    }

    #[test]
    fn a_token_survives_the_cookie_and_nothing_else_does() {
        let token = token();
        assert!(RefreshToken::decode(&token.encode()).unwrap() == token);
        let of_an_earlier_version = RefreshToken { family: None, ..token };
        assert!(RefreshToken::decode(&of_an_earlier_version.encode()).unwrap() == of_an_earlier_version);
        for text in ["", ".", "a.b", &format!("{}.", token.login), &format!("{}x", token.encode())] {
            assert!(RefreshToken::decode(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_next_token_follows_from_token_and_salt_and_shares_only_the_family() {
        let token = token();
        let (first, again, other) = (token.next(&[1; 32]), token.next(&[1; 32]), token.next(&[2; 32]));
        assert!(first == again && first != other && first.secret != token.secret);
        assert!(first.family == token.family && first.login == token.login);
        let renewed = RefreshToken { family: None, ..token }.next(&[1; 32]);
        assert!(renewed.family.is_some_and(|family| family != renewed.secret));
    }
}
