//! Who is asking: keys, tokens, passwords, log-ins.

mod authenticator;
mod endpoints;
mod identity_proof;
mod key_error;
mod key_file;
mod keys;
mod live;
mod logins;
mod passwords;
mod refresh_token;
mod staff;
mod throttle;
mod tokens;
mod visitor;

pub use authenticator::TokenAuthenticator;
pub use key_error::KeyError;
pub use keys::Keys;
pub(crate) use passwords::MAX_PASSWORD_CHARS;
pub use passwords::{MAX_PASSWORD_BYTES, PasswordError, Passwords, hash_password};
pub use tokens::{Issued, TokenRefused, Tokens};

pub(crate) use endpoints::routes;
pub(crate) use identity_proof::{IdentityProof, NotProven, ProvenIdentity};
pub(crate) use live::LiveLogins;
pub(crate) use staff::Staff;
pub(crate) use visitor::Visitor;

use actix_web::{HttpRequest, http::header};

/// The one bearer token of a request.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}
