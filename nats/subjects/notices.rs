//! Subjects of change notices.

use frontdesk_domain::TenantId;
use frontdesk_ports::NoticeKind;

use super::Subjects;

impl Subjects {
    /// Where changes of a tenant's objects of one kind are told.
    #[must_use]
    pub fn notice(&self, tenant: TenantId, kind: &NoticeKind) -> String {
        format!("{}.notice.{tenant}.{}", self.prefix, kind.as_str())
    }

    /// Matches the subjects of all change notices.
    #[must_use]
    pub fn notices(&self) -> String {
        self.all("notice")
    }

    /// The tenant and kind of a `notice` subject; `None` for other subjects.
    #[must_use]
    pub fn parse_notice(&self, subject: &str) -> Option<(TenantId, NoticeKind)> {
        match *self.tokens(subject)? {
            ["notice", tenant, kind] => Some((tenant.parse().ok()?, NoticeKind::parse(kind)?)),
            _ => None,
        }
    }
}
