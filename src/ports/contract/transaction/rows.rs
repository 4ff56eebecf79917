use frontdesk_domain::{Agent, CustomRole, Grants, InboxKind, LoginId, Role, RoleId, Tenant, Timestamp};
use futures_util::future::join_all;
use uuid::Uuid;

use super::{draft, inbox, owner, some_tenant};
use crate::{
    audit::AuditTrail,
    directory::{Directory, LiveLogin, Login, PasswordHash},
    error::StoreError,
    transaction::{TenantLock, Transactions},
};

/// Rows and audit entry together.
pub async fn what_a_transaction_wrote_is_there_after_its_commit(store: &(impl Transactions + Directory + AuditTrail)) {
    let tenant = Tenant { id: some_tenant(), name: "Shop".to_owned(), created_at: Timestamp(1) };
    let (agent, inbox) = (owner(tenant.id, "Ada"), inbox(tenant.id));
    let mut transaction = store.begin().await.unwrap();
    assert!(transaction.insert_tenant(&tenant).await.unwrap());
    assert!(!transaction.insert_tenant(&tenant).await.unwrap());
    transaction.insert_agent(&agent, &PasswordHash("hash".to_owned())).await.unwrap();
    transaction.insert_inbox(&inbox).await.unwrap();
    assert_eq!(transaction.agents(tenant.id).await.unwrap(), std::slice::from_ref(&agent));
    let entry = transaction.audit(draft(tenant.id, 1, "tenant.created")).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.tenants().await.unwrap(), std::slice::from_ref(&tenant));
    assert_eq!(store.agent(tenant.id, agent.id).await.unwrap(), Some(agent));
    assert_eq!(store.inbox(inbox.id).await.unwrap(), Some(inbox));
    assert_eq!(store.audit_chain(tenant.id, 0, 10).await.unwrap(), [entry]);
}

/// Neither rows nor audit entries.
pub async fn a_dropped_transaction_leaves_nothing(store: &(impl Transactions + Directory + AuditTrail)) {
    let agent = owner(some_tenant(), "Ada");
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_agent(&agent, &PasswordHash("hash".to_owned())).await.unwrap();
    transaction.audit(draft(agent.tenant, 1, "agent.created")).await.unwrap();
    drop(transaction);
    // The next one waits until the one before is rolled back.
    let mut next = store.begin().await.unwrap();
    assert_eq!(next.agent(agent.tenant, agent.id).await.unwrap(), None);
    drop(next);
    assert_eq!(store.agent(agent.tenant, agent.id).await.unwrap(), None);
    assert_eq!(store.audit_heads().await.unwrap(), []);
    assert_eq!(store.audit_chain(agent.tenant, 0, 10).await.unwrap(), []);
}

/// Any other version is refused, and nothing changes.
pub async fn a_change_names_the_version_it_was_decided_on(store: &(impl Transactions + Directory)) {
    let (agent, inbox) = (owner(some_tenant(), "Ada"), inbox(some_tenant()));
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_agent(&agent, &PasswordHash("hash".to_owned())).await.unwrap();
    transaction.insert_inbox(&inbox).await.unwrap();
    transaction.commit().await.unwrap();
    let renamed = Agent { name: "Ada L.".to_owned(), ..agent.clone() };
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.agent(agent.tenant, agent.id).await.unwrap().unwrap().version, 1);
    assert_eq!(transaction.update_agent(&renamed, None, 1).await.unwrap(), 2);
    assert_eq!(transaction.update_inbox(&inbox, 1).await.unwrap(), 2);
    transaction.commit().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    assert!(matches!(transaction.update_agent(&agent, None, 1).await, Err(StoreError::Conflict)));
    drop(transaction);
    let mut transaction = store.begin().await.unwrap();
    assert!(matches!(transaction.update_inbox(&inbox, 3).await, Err(StoreError::Conflict)));
    drop(transaction);
    let mut transaction = store.begin().await.unwrap();
    let absent = owner(agent.tenant, "Absent");
    assert!(matches!(transaction.update_agent(&absent, None, 1).await, Err(StoreError::Conflict)));
    drop(transaction);
    assert_eq!(store.agent(agent.tenant, agent.id).await.unwrap(), Some(renamed));
}

/// A rename never brings an old password back.
pub async fn a_change_without_a_password_keeps_the_password(store: &(impl Transactions + Directory)) {
    let agent = owner(some_tenant(), "Ada");
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_agent(&agent, &PasswordHash("old".to_owned())).await.unwrap();
    transaction.update_agent(&agent, Some(&PasswordHash("new".to_owned())), 1).await.unwrap();
    let renamed = Agent { name: "Ada L.".to_owned(), ..agent.clone() };
    transaction.update_agent(&renamed, None, 2).await.unwrap();
    transaction.commit().await.unwrap();
    let found = store.agent_by_email(&agent.email).await.unwrap();
    assert_eq!(found, Some((renamed, PasswordHash("new".to_owned()))));
}

/// Each error names what is taken.
pub async fn addresses_and_ids_are_taken_once(store: &(impl Transactions + Directory)) {
    let hash = PasswordHash("hash".to_owned());
    let (agent, inbox) = (owner(some_tenant(), "Ada"), inbox(some_tenant()));
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_agent(&agent, &hash).await.unwrap();
    transaction.insert_inbox(&inbox).await.unwrap();
    transaction.commit().await.unwrap();
    let same_address = Agent { email: agent.email.clone(), ..owner(some_tenant(), "Bob") };
    let mut transaction = store.begin().await.unwrap();
    let refused = transaction.insert_agent(&same_address, &hash).await;
    assert!(matches!(refused, Err(StoreError::Taken(_))), "{refused:?}");
    drop(transaction);
    let mut transaction = store.begin().await.unwrap();
    let elsewhere = frontdesk_domain::Inbox { tenant: some_tenant(), ..inbox };
    let refused = transaction.insert_inbox(&elsewhere).await;
    assert!(matches!(refused, Err(StoreError::Taken(_))), "{refused:?}");
    drop(transaction);
}

/// Not even for changing.
pub async fn an_inbox_of_another_tenant_is_not_there(store: &(impl Transactions + Directory)) {
    let inbox = inbox(some_tenant());
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_inbox(&inbox).await.unwrap();
    transaction.commit().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.inbox(some_tenant(), inbox.id).await.unwrap(), None);
    let elsewhere = frontdesk_domain::Inbox { tenant: some_tenant(), ..inbox.clone() };
    assert!(matches!(transaction.update_inbox(&elsewhere, 1).await, Err(StoreError::Conflict)));
}

/// Also a kind that this version has no rules for.
pub async fn an_inbox_keeps_its_kind_and_is_disabled_and_enabled(store: &(impl Transactions + Directory)) {
    let made = frontdesk_domain::Inbox { kind: InboxKind::new("telegram").unwrap(), ..inbox(some_tenant()) };
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_inbox(&made).await.unwrap();
    transaction.commit().await.unwrap();
    for (version, active) in [(1, false), (2, true)] {
        let wanted = frontdesk_domain::Inbox { active, ..made.clone() };
        let other_kind = frontdesk_domain::Inbox { kind: InboxKind::WEB, ..wanted.clone() };
        let mut transaction = store.begin().await.unwrap();
        transaction.update_inbox(&other_kind, version).await.unwrap();
        assert_eq!(transaction.inbox(made.tenant, made.id).await.unwrap().unwrap().value, wanted);
        transaction.commit().await.unwrap();
        assert_eq!(store.inbox(made.id).await.unwrap().unwrap(), wanted);
        assert_eq!(store.inboxes(made.tenant).await.unwrap(), [wanted]);
    }
}

/// Those of other tenants do not count, those that are disabled do.
pub async fn a_tenants_inboxes_are_counted(store: &(impl Transactions + Directory)) {
    let tenant = some_tenant();
    let mut transaction = store.begin().await.unwrap();
    transaction.lock(TenantLock::inboxes(tenant)).await.unwrap();
    assert_eq!(transaction.inbox_count(tenant).await.unwrap(), 0);
    transaction.insert_inbox(&inbox(tenant)).await.unwrap();
    transaction.insert_inbox(&frontdesk_domain::Inbox { active: false, ..inbox(tenant) }).await.unwrap();
    transaction.insert_inbox(&inbox(some_tenant())).await.unwrap();
    assert_eq!(transaction.inbox_count(tenant).await.unwrap(), 2);
}

/// The second end changes nothing.
pub async fn a_log_in_ends_once_and_only_for_its_tenant(store: &(impl Transactions + Directory)) {
    let agent = owner(some_tenant(), "Ada");
    let login = Login {
        id: LoginId(Uuid::new_v4()),
        tenant: agent.tenant,
        agent: agent.id,
        token_hash: [1; 32],
        expires_at: Timestamp(10),
        revoked: false,
    };
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_agent(&agent, &PasswordHash("hash".to_owned())).await.unwrap();
    transaction.insert_login(&login).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(
        store.live_logins(&[login.id], Timestamp(1)).await.unwrap(),
        [LiveLogin { login: login.id, agent, away: false }]
    );
    let mut transaction = store.begin().await.unwrap();
    assert!(!transaction.end_login(some_tenant(), login.id).await.unwrap());
    assert!(transaction.end_login(login.tenant, login.id).await.unwrap());
    assert!(!transaction.end_login(login.tenant, login.id).await.unwrap());
    transaction.commit().await.unwrap();
    assert_eq!(store.live_logins(&[login.id], Timestamp(1)).await.unwrap(), []);
}

/// The other is told of a conflict.
pub async fn of_two_changes_decided_on_the_same_version_one_wins(store: &(impl Transactions + Directory)) {
    let agent = owner(some_tenant(), "Ada");
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_agent(&agent, &PasswordHash("hash".to_owned())).await.unwrap();
    transaction.commit().await.unwrap();
    let changes = join_all((0..4).map(|number| {
        let renamed = Agent { name: format!("Ada {number}"), ..agent.clone() };
        async move {
            let mut transaction = store.begin().await.unwrap();
            let changed = transaction.update_agent(&renamed, None, 1).await;
            if changed.is_ok() {
                transaction.commit().await.unwrap();
            }
            changed
        }
    }));
    let (won, lost): (Vec<_>, Vec<_>) = changes.await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 3));
    assert!(lost.iter().all(|lost| matches!(lost, Err(StoreError::Conflict))), "{lost:?}");
}

/// Two owners who demote each other at the same moment: one of them stays.
pub async fn under_the_lock_of_the_agents_a_rule_over_several_rows_holds(store: &(impl Transactions + Directory)) {
    let tenant = some_tenant();
    let owners = [owner(tenant, "Ada"), owner(tenant, "Bob")];
    let mut transaction = store.begin().await.unwrap();
    for owner in &owners {
        transaction.insert_agent(owner, &PasswordHash("hash".to_owned())).await.unwrap();
    }
    transaction.commit().await.unwrap();
    join_all(owners.iter().map(|demoted| async move {
        let mut transaction = store.begin().await.unwrap();
        transaction.lock(TenantLock::agents(tenant)).await.unwrap();
        let agents = transaction.agents(tenant).await.unwrap();
        if agents.iter().filter(|agent| agent.role == Role::Owner).count() > 1 {
            let demoted = Agent { role: Role::Agent, ..demoted.clone() };
            transaction.update_agent(&demoted, None, 1).await.unwrap();
            transaction.commit().await.unwrap();
        }
    }))
    .await;
    let left = store.agents(tenant).await.unwrap();
    assert_eq!(left.iter().filter(|agent| agent.role == Role::Owner).count(), 1);
}

/// The other is told of a conflict, and what it wrote is not there.
pub async fn a_role_is_changed_by_those_who_know_its_version(store: &(impl Transactions + Directory)) {
    let (tenant, other) = (some_tenant(), some_tenant());
    let role = CustomRole { id: RoleId(Uuid::now_v7()), name: "Night".to_owned(), grants: Grants::ALL };
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_role(tenant, &role).await.unwrap();
    assert_eq!(transaction.roles(tenant).await.unwrap()[0].version, 1);
    let late = CustomRole { name: "Late".to_owned(), ..role.clone() };
    assert_eq!(transaction.update_role(tenant, &late, 1).await.unwrap(), 2);
    transaction.commit().await.unwrap();
    for (of, version) in [(tenant, 1), (tenant, 3), (other, 2)] {
        let mut transaction = store.begin().await.unwrap();
        let refused = transaction.update_role(of, &role, version).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    let [held] = &store.roles(tenant).await.unwrap()[..] else { panic!("one role") };
    assert_eq!((&held.value, held.version), (&late, 2));
}
