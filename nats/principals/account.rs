//! Accounts of principals in the broker's configuration.

use super::Principal;
use crate::subjects::Subjects;

impl Principal {
    /// Its account, for the broker's configuration.
    #[must_use]
    pub fn account(&self, subjects: &Subjects, password_hash: &str) -> String {
        let services = self.services(subjects);
        let publish: Vec<_> = services.iter().map(|(subject, _)| format!("\"{subject}\"")).collect();
        let import = |(subject, _): &(String, bool)| {
            format!("        {{ service: {{ account: {DESK_ACCOUNT}, subject: \"{subject}\" }} }}\n")
        };
        let imports: String = services.iter().map(import).collect();
        format!(
            "{name}: {{\n    users: [{{\n        user: \"{name}\", password: \"{password_hash}\"\n        \
             permissions: {{ publish: {{ allow: [{}] }}, subscribe: [\"{}.>\"] }}\n    }}]\n    imports: [\n{imports}    ]\n}}\n",
            publish.join(", "),
            self.inbox_prefix(),
            name = self.name,
        )
    }
}

/// What the desk's account must export so that `principals` can work: one line for each subject.
#[must_use]
pub fn exports(principals: &[Principal], subjects: &Subjects) -> String {
    let mut services: std::collections::BTreeMap<(String, bool), Vec<&str>> = std::collections::BTreeMap::new();
    for principal in principals {
        for service in principal.services(subjects) {
            services.entry(service).or_default().push(principal.name());
        }
    }
    let line = |((subject, streams), names): ((String, bool), Vec<&str>)| {
        let response = if streams { ", response_type: stream" } else { "" };
        format!("{{ service: \"{subject}\"{response}, accounts: [{}] }}\n", names.join(", "))
    };
    services.into_iter().map(line).collect()
}

/// The account that holds the streams.
pub const DESK_ACCOUNT: &str = "DESK";

#[cfg(test)]
mod tests {
    use frontdesk_domain::{InboxId, TenantId};
    use uuid::Uuid;

    use super::*;
    use crate::{PrincipalKind, Token};

    #[test]
    fn two_bridges_of_one_inbox_share_its_inbound_subject_and_nothing_else() {
        let kind = PrincipalKind::Bridge { tenant: TenantId(Uuid::nil()), inbox: InboxId(Uuid::nil()) };
        let both = ["one", "two"].map(|name| Principal::new(name, kind).unwrap());
        let exports = exports(&both, &Subjects::new(Token::usual_prefix()));
        assert_eq!(exports.lines().count(), 5, "{exports}");
        let shared: Vec<_> = exports.lines().filter(|line| line.contains("[one, two]")).collect();
        assert!(shared.len() == 1 && shared[0].contains("\"desk.in."), "{exports}");
        assert!(exports.contains("\"$JS.ACK.OUTBOUND.one.>\", accounts: [one]"), "{exports}");
    }
}
