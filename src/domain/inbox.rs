//! An inbox: a channel endpoint that contacts write to.

mod kind;

use serde::{Deserialize, Serialize};

pub use kind::{InboxKind, InboxKindError};

use crate::{
    ids::{InboxId, TenantId},
    timestamp::Timestamp,
};

/// A channel endpoint. Names are not unique: a shop may show the same title on its pages and on another channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// Its id; public, it stands in the widget's script tag.
    pub id: InboxId,
    /// The tenant that it belongs to.
    pub tenant: TenantId,
    /// By what it is reached. Never changes.
    pub kind: InboxKind,
    /// Whether it takes new conversations. Those that exist go on either way.
    pub active: bool,
    /// Its name; contacts see it as the widget's title.
    pub name: String,
    /// First line that a contact reads before writing.
    pub greeting: String,
    /// Web origins (`https://shop.example`) that may open the widget. Empty: none may.
    pub origins: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Inbox {
    /// Most inboxes of one tenant.
    pub const MAX_PER_TENANT: u64 = 500;

    /// Whether a page of `origin` may open the widget of this inbox. Compared as a whole, never by prefix.
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.kind.has_widget()
            && origin != "null"
            && self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
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
            kind: InboxKind::WEB,
            active: true,
            name: "Shop".into(),
            greeting: String::new(),
            origins: vec!["https://shop.example".into(), "null".into()],
            created_at: Timestamp(0),
        };
        assert!(inbox.allows_origin("https://shop.example"));
        for stranger in ["null", "", "http://shop.example", "https://shop.example.evil", "https://shop.example:444"] {
            assert!(!inbox.allows_origin(stranger), "{stranger}");
        }
        let by_bridge = Inbox { kind: InboxKind::API, ..inbox };
        assert!(!by_bridge.allows_origin("https://shop.example"), "only web inboxes have a widget");
    }
}
