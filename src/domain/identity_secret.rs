//! Secrets by which the site of a tenant proves to the widget who its visitor is.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    definition::Definition,
    ids::{IdentitySecretId, InboxId},
    timestamp::Timestamp,
};

/// A secret that an inbox shares with the server of its site, which signs the ids of its visitors with it. A
/// definition: see [`Definition`].
///
/// It is kept as it is, because a signature cannot be checked with a hash of the secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentitySecret {
    /// The secret's id.
    pub id: IdentitySecretId,
    /// The inbox whose visitors it proves.
    pub inbox: InboxId,
    /// Its id as text: the name that definitions need.
    name: String,
    /// The key of HMAC-SHA256, as the site writes it down: its UTF-8 bytes are the key.
    pub secret: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl IdentitySecret {
    /// Most secrets of one inbox: the old and the new one while a site changes over.
    pub const MAX_PER_INBOX: usize = 2;

    /// A secret of `inbox`.
    #[must_use]
    pub fn new(id: IdentitySecretId, inbox: InboxId, secret: String, created_at: Timestamp) -> Self {
        Self { id, inbox, name: id.to_string(), secret, created_at }
    }
}

impl Definition for IdentitySecret {
    const KIND: &'static str = "identity_secret";
    const MAX_PER_TENANT: usize = 1_000;

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Without the secret, so that no log shows it.
impl fmt::Debug for IdentitySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentitySecret").field("id", &self.id).field("inbox", &self.inbox).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_of_a_secret_does_not_show_it() {
        let secret = IdentitySecret::new(
            IdentitySecretId(Uuid::from_u128(1)),
            InboxId(Uuid::from_u128(2)),
            "tea-and-scones".to_owned(),
            Timestamp(3),
        );
        assert!(!format!("{secret:?}").contains("scones"));
        let read: IdentitySecret = serde_json::from_str(&serde_json::to_string(&secret).unwrap()).unwrap();
        assert_eq!(read, secret);
    }
}
