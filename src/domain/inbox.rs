//! An inbox: a channel endpoint that contacts write to.

mod kind;

use serde::{Deserialize, Serialize};

pub use kind::{InboxKind, InboxKindError};

use crate::{
    ids::{InboxId, TenantId},
    origin::Origin,
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
    /// Web origins (`https://shop.example`) that may open the widget, as browsers write them. Empty: none may.
    pub origins: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Inbox {
    /// Most inboxes of one tenant.
    pub const MAX_PER_TENANT: u64 = 500;

    /// Most origins of one inbox.
    pub const MAX_ORIGINS: usize = 50;

    /// Whether a page of `origin` may open the widget of this inbox. Compared as a whole, never by prefix.
    #[must_use]
    pub fn allows_origin(&self, origin: &Origin) -> bool {
        self.kind.has_widget() && self.allowed_origins().any(|allowed| allowed == *origin)
    }

    /// The origins that may open the widget. Older versions stored some as they were typed, so each is read anew; what
    /// no browser sends is left out.
    pub fn allowed_origins(&self) -> impl Iterator<Item = Origin> {
        self.origins.iter().filter_map(|origin| origin.parse().ok())
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
            origins: ["https://shop.example", "null", "https://B\u{fc}cher.example:443", "https://*.example"]
                .map(Into::into)
                .into(),
            created_at: Timestamp(0),
        };
        let allows = |inbox: &Inbox, origin: &str| inbox.allows_origin(&origin.parse().unwrap());
        assert!(allows(&inbox, "https://shop.example"));
        assert!(allows(&inbox, "https://xn--bcher-kva.example"), "stored as it was typed, sent as browsers do");
        for stranger in
            ["http://shop.example", "https://shop.example.evil", "https://shop.example:444", "https://a.example"]
        {
            assert!(!allows(&inbox, stranger), "{stranger}");
        }
        let by_bridge = Inbox { kind: InboxKind::API, ..inbox };
        assert!(!allows(&by_bridge, "https://shop.example"), "only web inboxes have a widget");
    }
}
