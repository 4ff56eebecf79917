//! What every implementation of [`Transactions`] and [`AuditTrail`] promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod logins;
mod rows;
mod timers;

use frontdesk_domain::{
    Agent, AgentId, AuditDraft, Inbox, InboxId, InboxKind, Role, TenantId, Timestamp,
    audit::{Actor, FieldChange, Object},
};
use uuid::Uuid;

pub use audit::*;
pub use logins::*;
pub use rows::*;
pub use timers::*;

#[cfg(doc)]
use crate::{audit::AuditTrail, transaction::Transactions};

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty implementation: a box, or a guard of the database behind it.
#[macro_export]
macro_rules! transaction_contract {
    ($fresh:path) => {
        $crate::transaction_contract! { @each $fresh:
            what_a_transaction_wrote_is_there_after_its_commit
            a_dropped_transaction_leaves_nothing
            a_change_names_the_version_it_was_decided_on
            a_change_without_a_password_keeps_the_password
            addresses_and_ids_are_taken_once
            an_inbox_of_another_tenant_is_not_there
            an_inbox_keeps_its_kind_and_is_disabled_and_enabled
            a_tenants_inboxes_are_counted
            a_log_in_ends_once_and_only_for_its_tenant
            a_refresh_token_is_exchanged_once
            a_token_used_again_ends_the_log_in
            an_exchange_that_is_not_committed_changes_nothing
            a_timer_is_set_with_the_commit_only
            all_log_ins_of_an_agent_end_at_once
            whether_an_agent_is_away_is_kept
            an_exchange_can_be_repeated_until_the_next_token_was_used
            of_two_exchanges_at_once_one_wins
            an_ended_or_expired_log_in_is_unknown
            of_two_changes_decided_on_the_same_version_one_wins
            a_role_is_changed_by_those_who_know_its_version
            under_the_lock_of_the_agents_a_rule_over_several_rows_holds
            audit_entries_form_a_chain_for_each_tenant
            entries_added_at_once_are_numbered_without_a_gap
            a_number_of_a_dropped_transaction_is_given_again
            entries_are_filtered_and_listed_from_the_newest_page_by_page
            a_foreign_cursor_of_the_audit_trail_is_refused
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::transaction::$promise(&*made).await;
            }
        )*
    };
}

fn some_tenant() -> TenantId {
    TenantId(Uuid::new_v4())
}

fn owner(tenant: TenantId, name: &str) -> Agent {
    let id = AgentId(Uuid::new_v4());
    Agent {
        id,
        tenant,
        email: format!("{id}@example.test"),
        name: name.to_owned(),
        role: Role::Owner,
        active: true,
        created_at: Timestamp(1_700_000_000_000),
    }
}

fn inbox(tenant: TenantId) -> Inbox {
    Inbox {
        id: InboxId(Uuid::new_v4()),
        tenant,
        kind: InboxKind::WEB,
        active: true,
        name: "Shop".to_owned(),
        greeting: String::new(),
        origins: vec!["https://shop.example".to_owned()],
        created_at: Timestamp(1_700_000_000_000),
    }
}

fn draft(tenant: TenantId, at: i64, act: &'static str) -> AuditDraft {
    AuditDraft {
        tenant,
        at: Timestamp(at),
        actor: Actor::system("contract"),
        act: act.into(),
        object: Object::new("thing", at),
        changes: vec![FieldChange::set("name", "a \"quoted\" 名\u{0}"), FieldChange::secret("password")],
    }
}
