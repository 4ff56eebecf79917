//! What every [`Directory`] promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod channels;
mod contacts;
mod logins;
mod people;

use frontdesk_domain::{
    Agent, AgentId, Contact, ContactId, Inbox, InboxId, InboxKind, Role, Tenant, TenantId, Timestamp,
};
use uuid::Uuid;

pub use channels::*;
pub use contacts::*;
pub use logins::*;
pub use people::*;

#[cfg(doc)]
use crate::directory::Directory;

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty implementation: a box, or a guard of the database behind it.
#[macro_export]
macro_rules! directory_contract {
    ($fresh:path) => {
        $crate::directory_contract! { @each $fresh:
            a_tenant_stays_as_it_was_made
            tenants_are_listed_from_the_oldest
            an_inbox_is_found_by_its_public_id_and_can_be_changed
            inboxes_are_listed_by_name_and_tenant
            an_inbox_id_of_another_tenant_is_taken
            agents_come_back_as_they_were_put
            agents_are_listed_by_name_and_tenant
            an_address_logs_in_one_agent_of_the_whole_desk
            an_agent_may_move_to_a_free_address_and_leaves_its_old_one
            nothing_is_found_under_an_address_that_was_only_part_of_one
            contacts_come_back_as_they_were_put
            contacts_of_another_tenant_are_not_there
            contacts_are_listed_from_the_newest_page_by_page
            contacts_are_searched_literally_in_name_and_address
            a_search_finds_no_contact_of_another_tenant
            a_search_is_paged_like_the_list
            a_foreign_cursor_of_contacts_is_refused
            who_writes_from_an_address_is_met_once
            a_contact_has_one_identity_at_most
            an_address_means_somebody_in_one_inbox_of_one_tenant_only
            of_many_who_meet_somebody_at_once_all_meet_the_same
            only_its_own_tenant_ends_a_log_in
            a_log_in_id_is_taken_once
            live_log_ins_are_those_neither_ended_nor_expired_of_active_agents
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::directory::$promise(&*made).await;
            }
        )*
    };
}

fn tenant(name: &str, created_at: i64) -> Tenant {
    Tenant { id: TenantId(Uuid::new_v4()), name: name.to_owned(), created_at: Timestamp(created_at) }
}

fn inbox(tenant: TenantId, name: &str) -> Inbox {
    Inbox {
        id: InboxId(Uuid::new_v4()),
        tenant,
        kind: InboxKind::WEB,
        active: true,
        name: name.to_owned(),
        greeting: "你好!\nHow can we help?".to_owned(),
        origins: vec!["https://shop.example".to_owned(), "https://\"odd\".example".to_owned()],
        created_at: Timestamp(1_700_000_000_000),
    }
}

fn agent(tenant: TenantId, name: &str) -> Agent {
    let id = AgentId(Uuid::new_v4());
    Agent {
        id,
        tenant,
        email: format!("{id}@example.test"),
        name: name.to_owned(),
        role: Role::Supervisor,
        active: true,
        created_at: Timestamp(1_700_000_000_000),
    }
}

fn contact(tenant: TenantId, name: &str, created_at: i64) -> Contact {
    Contact {
        id: ContactId(Uuid::new_v4()),
        tenant,
        inbox: InboxId(Uuid::new_v4()),
        name: name.to_owned(),
        email: String::new(),
        created_at: Timestamp(created_at),
    }
}

fn some_tenant() -> TenantId {
    TenantId(Uuid::new_v4())
}
