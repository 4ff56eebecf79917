//! An inbox: a channel endpoint that contacts write to.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{InboxId, TenantId},
    timestamp::Timestamp,
};

/// A channel endpoint. Only web inboxes exist so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// Its id; public, it stands in the widget's script tag.
    pub id: InboxId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name; contacts see it as the widget's title.
    pub name: String,
    /// First line that a contact reads before writing.
    pub greeting: String,
    /// Web origins (`https://shop.example`) that may open the widget. Empty: none may.
    pub origins: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Inbox {
    /// Whether a page of `origin` may use this inbox. Compared as a whole, never by prefix.
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        origin != "null" && self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn only_the_very_origin_is_allowed() {
        let inbox = Inbox {
            id: InboxId(Uuid::nil()),
            tenant: TenantId(Uuid::nil()),
            name: "Shop".into(),
            greeting: String::new(),
            origins: vec!["https://shop.example".into(), "null".into()],
            created_at: Timestamp(0),
        };
        assert!(inbox.allows_origin("https://shop.example"));
        for stranger in ["null", "", "http://shop.example", "https://shop.example.evil", "https://shop.example:444"] {
            assert!(!inbox.allows_origin(stranger), "{stranger}");
        }
    }
}
