//! What the server of a tenant's site signed about a visitor.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use frontdesk_domain::{IdentitySecret, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::tokens::LEEWAY_MS;

/// A visitor whom the site proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProvenIdentity {
    /// The visitor's id on the site.
    pub(crate) id: String,
    /// Name that the proof tells, if it does.
    pub(crate) name: Option<String>,
    /// E-mail address that the proof tells, if it does.
    pub(crate) email: Option<String>,
}

/// How the site proves a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdentityProof<'a> {
    /// A JWT (HS256) with `sub` and `exp`; `name` and `email` are optional.
    Jwt(&'a str),
    /// The id, and HMAC-SHA256 of it in hexadecimal digits.
    Hash { id: &'a str, hash: &'a str },
}

/// The proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the identity is not proven")]
pub(crate) struct NotProven;

/// What a site says in a JWT.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    nbf: Option<i64>,
    name: Option<String>,
    email: Option<String>,
}

impl IdentityProof<'_> {
    /// Whom it proves, by any of `secrets`.
    pub(crate) fn check(self, secrets: &[IdentitySecret], now: Timestamp) -> Result<ProvenIdentity, NotProven> {
        let proven = match self {
            Self::Jwt(token) => secrets.iter().find_map(|secret| claims(token, secret)).and_then(|claims| {
                let in_force = claims.exp.saturating_mul(1000).saturating_add(LEEWAY_MS) > now.0
                    && claims.nbf.is_none_or(|nbf| nbf.saturating_mul(1000).saturating_sub(LEEWAY_MS) <= now.0);
                let Claims { sub: id, name, email, .. } = claims;
                in_force.then_some(ProvenIdentity { id, name, email })
            }),
            Self::Hash { id, hash } => {
                let signature = bytes_of_hex(hash).map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).ok_or(NotProven)?;
                let signed = secrets.iter().any(|secret| is_signed(&signature, id, secret));
                signed.then(|| ProvenIdentity { id: id.to_owned(), name: None, email: None })
            }
        };
        proven.filter(|proven| is_usable(&proven.id)).ok_or(NotProven)
    }
}

/// The claims of `token`, if it is signed with `secret`. The algorithm is ours to say, never the token's.
fn claims(token: &str, secret: &IdentitySecret) -> Option<Claims> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_required_spec_claims(&["exp", "sub"]);
    // The moments are compared by our own clock; the secret is of one inbox, so there is no other audience.
    rules.validate_exp = false;
    rules.validate_aud = false;
    let key = DecodingKey::from_secret(secret.secret.as_bytes());
    jsonwebtoken::decode::<Claims>(token, &key, &rules).ok().map(|token| token.claims)
}

/// Whether `signature` (base64url) is that of `id`, compared in constant time.
fn is_signed(signature: &str, id: &str, secret: &IdentitySecret) -> bool {
    let key = DecodingKey::from_secret(secret.secret.as_bytes());
    jsonwebtoken::crypto::verify(signature, id.as_bytes(), &key, Algorithm::HS256).unwrap_or_default()
}

/// Whether an id can be told apart from others by people, too.
fn is_usable(id: &str) -> bool {
    !id.trim().is_empty() && id.len() <= MAX_ID_BYTES && !id.contains(char::is_control)
}

/// The 32 bytes that 64 hexadecimal digits stand for.
fn bytes_of_hex(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Longer texts are no proofs.
const MAX_TOKEN_BYTES: usize = 4_096;

/// Longest id of a visitor, in bytes.
const MAX_ID_BYTES: usize = 200;

#[cfg(test)]
mod tests {
    use frontdesk_domain::{IdentitySecretId, InboxId};
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn secret(text: &str) -> IdentitySecret {
        let id = Uuid::from_u128(1);
        IdentitySecret::new(IdentitySecretId(id), InboxId(id), text.to_owned(), Timestamp(0))
    }

    fn jwt(secret: &str, algorithm: Algorithm, claims: &Value) -> String {
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    #[test]
    fn a_signed_token_proves_its_subject_by_the_old_and_the_new_secret() {
        let secrets = [secret("old"), secret("new")];
        let claims = json!({ "sub": "42", "exp": NOW.0 / 1000 + 60, "name": "Ada", "aud": "anything" });
        for by in ["old", "new"] {
            let token = jwt(by, Algorithm::HS256, &claims);
            let proven = IdentityProof::Jwt(&token).check(&secrets, NOW).unwrap();
            assert_eq!((proven.id.as_str(), proven.name.as_deref(), proven.email), ("42", Some("Ada"), None));
        }
    }

    #[test]
    fn a_token_that_is_over_not_ours_incomplete_or_of_another_algorithm_proves_nothing() {
        let whole = json!({ "sub": "42", "exp": NOW.0 / 1000 + 60 });
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#),
            URL_SAFE_NO_PAD.encode(whole.to_string())
        );
        let with = |claims: Value| jwt("ours", Algorithm::HS256, &claims);
        for (why, token) in [
            ("another secret", jwt("theirs", Algorithm::HS256, &whole)),
            ("another algorithm", jwt("ours", Algorithm::HS512, &whole)),
            ("no algorithm", unsigned),
            ("over", with(json!({ "sub": "42", "exp": NOW.0 / 1000 - 60 }))),
            ("not yet", with(json!({ "sub": "42", "exp": NOW.0 / 1000 + 60, "nbf": NOW.0 / 1000 + 60 }))),
            ("no end", with(json!({ "sub": "42" }))),
            ("no subject", with(json!({ "exp": NOW.0 / 1000 + 60 }))),
            ("a blank subject", with(json!({ "sub": " ", "exp": NOW.0 / 1000 + 60 }))),
            ("a subject with a control character", with(json!({ "sub": "4\u{0}2", "exp": NOW.0 / 1000 + 60 }))),
            ("a long subject", with(json!({ "sub": "4".repeat(201), "exp": NOW.0 / 1000 + 60 }))),
            ("no token", "x".to_owned()),
            ("a long token", "x".repeat(5_000)),
        ] {
            assert_eq!(IdentityProof::Jwt(&token).check(&[secret("ours")], NOW), Err(NotProven), "{why}");
        }
        assert_eq!(IdentityProof::Jwt(&with(whole)).check(&[], NOW), Err(NotProven), "no secret is set");
    }

    #[test]
    fn a_hash_proves_its_id_and_no_other() {
        // printf %s 42 | openssl dgst -sha256 -hmac tea
        let hash = "ff58ba0aa6a2347c4da175279c8c6fa410c8de3cf251c37fd1150c3f3756207e";
        let check = |id: &str, hash: &str| IdentityProof::Hash { id, hash }.check(&[secret("tea")], NOW);
        assert_eq!(check("42", hash).unwrap().id, "42");
        assert_eq!(check("42", &hash.to_uppercase()).unwrap().id, "42");
        for (id, hash) in
            [("43", hash), ("42", ""), ("42", &hash[1..]), ("42", &"0".repeat(64)), ("42", &"é".repeat(32)), ("", hash)]
        {
            assert_eq!(check(id, hash), Err(NotProven), "{id} {hash}");
        }
    }
}
