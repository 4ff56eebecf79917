//! What a page says of its visitor, with or without a proof.

use frontdesk_domain::{Contact, EmailAddress, text::clean_line};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{auth::IdentityProof, http::Problem};

/// A proof of the inbox's site, made with one of the inbox's identity secrets: `jwt`, or `id` and `hash`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityBody {
    /// A JWT (HS256) with `sub`, the visitor's id on the site, and `exp`; optional `nbf`, `name` and `email`.
    jwt: Option<String>,
    /// The visitor's id on the site, 1 to 200 bytes.
    #[schema(example = "42")]
    id: Option<String>,
    /// HMAC-SHA256 of `id` in 64 hexadecimal digits.
    hash: Option<String>,
}

impl IdentityBody {
    /// What it says; of two ways to prove, exactly one.
    pub(super) fn proof(&self) -> Result<IdentityProof<'_>, Problem> {
        match (&self.jwt, &self.id, &self.hash) {
            (Some(jwt), None, None) => Ok(IdentityProof::Jwt(jwt)),
            (None, Some(id), Some(hash)) => Ok(IdentityProof::Hash { id, hash }),
            _ => Err(Problem::invalid("identity: either `jwt`, or `id` and `hash`")),
        }
    }
}

/// What a page says of its visitor, as far as it can be used: pages are made from templates, which print empty and odd
/// values, and no such value may keep the visitor from writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Introduction {
    /// One line, or empty.
    pub(super) name: String,
    /// An address in lower case, or empty.
    pub(super) email: String,
}

impl Introduction {
    pub(super) fn of(name: Option<&str>, email: Option<&str>) -> Self {
        let email = email.and_then(|email| email.parse::<EmailAddress>().ok()).map(String::from);
        Self { name: short_line(name.unwrap_or_default()), email: email.unwrap_or_default() }
    }

    /// Whether it is about another person than `contact`.
    pub(super) fn is_of_another(&self, contact: &Contact) -> bool {
        // As it would be written now: older versions kept domains as they were typed.
        let held = contact.email.parse::<EmailAddress>().map(String::from);
        !self.email.is_empty() && held.is_ok_and(|held| held != self.email)
    }
}

/// Longest name of a contact, in bytes.
const MAX_NAME_BYTES: usize = 100;

/// `text` as one clean line, cut between two characters where it is too long.
fn short_line(text: &str) -> String {
    let mut line = clean_line(text);
    let end = (0..=MAX_NAME_BYTES.min(line.len())).rev().find(|end| line.is_char_boundary(*end));
    line.truncate(end.unwrap_or_default());
    line.trim_end().to_owned()
}
