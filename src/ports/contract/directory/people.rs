use frontdesk_domain::{Agent, AgentId, Inbox, InboxId, Role, Tenant, TenantId, Timestamp};
use uuid::Uuid;

use super::{agent, inbox, some_tenant, tenant};
use crate::{
    directory::{Directory, PasswordHash},
    error::StoreError,
};

/// Making it again changes nothing: several nodes start at once.
pub async fn a_tenant_stays_as_it_was_made(directory: &dyn Directory) {
    let made = tenant("Ünïted 公司", 5);
    directory.put_tenant(&made).await.unwrap();
    let other = Tenant { name: "other".to_owned(), created_at: Timestamp(9), ..made.clone() };
    directory.put_tenant(&other).await.unwrap();
    assert_eq!(directory.tenants().await.unwrap(), [made]);
}

/// By the moment they were made.
pub async fn tenants_are_listed_from_the_oldest(directory: &dyn Directory) {
    let tenants = [tenant("c", 1), tenant("a", 2), tenant("b", 3)];
    for at in [1, 0, 2] {
        directory.put_tenant(&tenants[at]).await.unwrap();
    }
    assert_eq!(directory.tenants().await.unwrap(), tenants);
}

/// The widget knows no more than the id.
pub async fn an_inbox_is_found_by_its_public_id_and_can_be_changed(directory: &dyn Directory) {
    let mut shop = inbox(some_tenant(), "Shop");
    assert_eq!(directory.inbox(shop.id).await.unwrap(), None);
    directory.put_inbox(&shop).await.unwrap();
    assert_eq!(directory.inbox(shop.id).await.unwrap(), Some(shop.clone()));
    shop.name = "Shop 2".to_owned();
    shop.greeting = String::new();
    shop.origins = vec![];
    directory.put_inbox(&shop).await.unwrap();
    assert_eq!(directory.inbox(shop.id).await.unwrap(), Some(shop));
}

/// The order does not depend on anybody's language.
pub async fn inboxes_are_listed_by_name_and_tenant(directory: &dyn Directory) {
    let mine = some_tenant();
    let sorted = ["B", "a", "b", "Ä"].map(|name| inbox(mine, name));
    for at in [2, 3, 0, 1] {
        directory.put_inbox(&sorted[at]).await.unwrap();
    }
    directory.put_inbox(&inbox(some_tenant(), "theirs")).await.unwrap();
    assert_eq!(directory.inboxes(mine).await.unwrap(), sorted);
    assert_eq!(directory.inboxes(some_tenant()).await.unwrap(), []);
}

/// The id is public, so another tenant can try.
pub async fn an_inbox_id_of_another_tenant_is_taken(directory: &dyn Directory) {
    let shop = inbox(some_tenant(), "Shop");
    directory.put_inbox(&shop).await.unwrap();
    let theft = Inbox { tenant: some_tenant(), name: "Mine now".to_owned(), ..shop.clone() };
    assert!(matches!(directory.put_inbox(&theft).await, Err(StoreError::Taken(_))));
    assert_eq!(directory.inbox(shop.id).await.unwrap(), Some(shop));
    assert_eq!(directory.inboxes(theft.tenant).await.unwrap(), []);
}

/// With every role, active or not, and with the password.
pub async fn agents_come_back_as_they_were_put(directory: &dyn Directory) {
    for role in [Role::Owner, Role::Admin, Role::Supervisor, Role::Agent] {
        let mut ada = Agent { role, ..agent(some_tenant(), "Ada 'the first' 李") };
        for (active, password) in [(true, "$argon2id$1"), (false, "$argon2id$2")] {
            ada.active = active;
            ada.name.push('!');
            let password = PasswordHash(password.to_owned());
            directory.put_agent(&ada, &password).await.unwrap();
            assert_eq!(directory.agent(ada.tenant, ada.id).await.unwrap(), Some(ada.clone()));
            assert_eq!(directory.agent_by_email(&ada.email).await.unwrap(), Some((ada.clone(), password)));
        }
        assert_eq!(directory.agent(some_tenant(), ada.id).await.unwrap(), None);
        assert_eq!(directory.agent(ada.tenant, AgentId(Uuid::new_v4())).await.unwrap(), None);
    }
}

/// The order does not depend on anybody's language.
pub async fn agents_are_listed_by_name_and_tenant(directory: &dyn Directory) {
    let mine = some_tenant();
    let sorted = ["Bob", "Zoë", "ada", "Ångström"].map(|name| agent(mine, name));
    for at in [2, 3, 0, 1] {
        put(directory, &sorted[at]).await.unwrap();
    }
    put(directory, &agent(some_tenant(), "theirs")).await.unwrap();
    assert_eq!(directory.agents(mine).await.unwrap(), sorted);
    assert_eq!(directory.agents(TenantId(Uuid::new_v4())).await.unwrap(), []);
}

/// Whatever tenant the other one is of; and the refused one is not half there.
pub async fn an_address_logs_in_one_agent_of_the_whole_desk(directory: &dyn Directory) {
    let (ada, other) = (agent(some_tenant(), "Ada"), agent(some_tenant(), "Other"));
    put(directory, &ada).await.unwrap();
    let namesake = Agent { email: ada.email.clone(), ..other.clone() };
    assert!(matches!(put(directory, &namesake).await, Err(StoreError::Taken("this e-mail address"))));
    assert_eq!(directory.agent(other.tenant, other.id).await.unwrap(), None);
    put(directory, &other).await.unwrap();
    assert!(matches!(put(directory, &namesake).await, Err(StoreError::Taken("this e-mail address"))));
    assert_eq!(directory.agent(other.tenant, other.id).await.unwrap(), Some(other));
    put(directory, &ada).await.expect("one's own address is not taken");
}

/// Another agent may have it then.
pub async fn an_agent_may_move_to_a_free_address_and_leaves_its_old_one(directory: &dyn Directory) {
    let mut ada = agent(some_tenant(), "Ada");
    put(directory, &ada).await.unwrap();
    let old = std::mem::replace(&mut ada.email, "ada@new.example.test".to_owned());
    put(directory, &ada).await.unwrap();
    assert_eq!(directory.agent_by_email(&old).await.unwrap(), None);
    let heir = Agent { email: old, ..agent(some_tenant(), "Heir") };
    put(directory, &heir).await.unwrap();
    assert_eq!(directory.agent_by_email(&heir.email).await.unwrap().unwrap().0, heir);
}

/// No pattern logs anybody in.
pub async fn nothing_is_found_under_an_address_that_was_only_part_of_one(directory: &dyn Directory) {
    let ada = agent(some_tenant(), "Ada");
    put(directory, &ada).await.unwrap();
    for text in ["", "%", "_", "example.test", "' or 1=1 --", "a\0b", &ada.email.to_uppercase()] {
        assert_eq!(directory.agent_by_email(text).await.unwrap(), None, "{text:?}");
    }
    assert_eq!(directory.inbox(InboxId(ada.id.0)).await.unwrap(), None);
}

async fn put(directory: &dyn Directory, agent: &Agent) -> Result<(), StoreError> {
    directory.put_agent(agent, &PasswordHash("$argon2id$".to_owned())).await
}
