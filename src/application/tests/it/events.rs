//! Which events the use cases add to the outbox.

use std::sync::Arc;

use frontdesk_application::{ActError, Application, Requester, agents, inboxes, roles, tenants};
use frontdesk_domain::{Grants, Inbox, InboxId, InboxKind, Role, Tenant, TenantId, Timestamp};
use frontdesk_ports::{Outbox as _, PasswordHash, SystemClock, WaitingEvent};
use frontdesk_sqlite::SqliteStore;
use serde_json::json;
use uuid::Uuid;

struct Desk {
    store: Arc<SqliteStore>,
    app: Application,
    by: Requester,
    inbox: InboxId,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("desk.db"), 1).await.unwrap());
        let app = Application::new(Arc::clone(&store) as _, Arc::new(SystemClock::default()));
        let tenant = Tenant { id: TenantId(Uuid::new_v4()), name: "Shop".to_owned(), created_at: Timestamp(1) };
        let by = Requester::Operator { tenant: tenant.id, command: "test" };
        let id = InboxId(Uuid::new_v4());
        let new = tenants::NewTenant { inbox: inbox(id, tenant.id), tenant, agents: Vec::new() };
        tenants::set_up(&app, "setup", &new).await.unwrap();
        Self { store, app, by, inbox: id, _folder: folder }
    }

    async fn events(&self) -> Vec<WaitingEvent> {
        self.store.waiting_events(100).await.unwrap()
    }

    async fn kinds(&self) -> Vec<String> {
        self.events().await.iter().map(|waiting| waiting.event.draft.kind.to_string()).collect()
    }
}

fn inbox(id: InboxId, tenant: TenantId) -> Inbox {
    Inbox {
        id,
        tenant,
        kind: InboxKind::default(),
        active: true,
        name: "Web".to_owned(),
        greeting: "Hello".to_owned(),
        origins: vec!["https://shop.example".to_owned()],
        created_at: Timestamp(1),
    }
}

fn newcomer() -> agents::NewAgent {
    let password = PasswordHash("a hash".to_owned());
    agents::NewAgent { email: "ada@example.test".to_owned(), name: "Ada".to_owned(), role: Role::Agent, password }
}

#[tokio::test]
async fn each_change_of_an_agent_an_inbox_or_a_role_adds_one_event() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    let ada = agents::create(app, by, newcomer()).await.unwrap().value.id;
    let renamed = agents::AgentChange { name: Some("Ada L.".to_owned()), ..Default::default() };
    agents::change(app, by, ada, renamed).await.unwrap();
    let inactive = agents::AgentChange { active: Some(false), ..Default::default() };
    agents::change(app, by, ada, inactive).await.unwrap();
    let active = agents::AgentChange { active: Some(true), ..Default::default() };
    agents::change(app, by, ada, active).await.unwrap();
    let change = inboxes::InboxChange { name: Some("Shop".to_owned()), ..Default::default() };
    inboxes::change(app, by, desk.inbox, change).await.unwrap();
    let role = roles::create(app, by, "Night".to_owned(), Role::Agent.grants()).await.unwrap().id;
    let change = roles::RoleChange { name: Some("Late".to_owned()), ..Default::default() };
    roles::change(app, by, role, change).await.unwrap();
    roles::delete(app, by, role).await.unwrap();
    assert_eq!(
        desk.kinds().await,
        [
            "inbox.created",
            "agent.created",
            "agent.changed",
            "agent.deactivated",
            "agent.changed",
            "inbox.changed",
            "role.created",
            "role.changed",
            "role.deleted",
        ]
    );
    let events = desk.events().await;
    let numbers: Vec<_> = events.iter().map(|waiting| waiting.event.number).collect();
    assert_eq!(numbers, [1, 1, 2, 3, 4, 2, 1, 2, 3]);
    let deactivated = &events[3].event.draft;
    assert_eq!(deactivated.actor.id, "test");
    let data = json!({ "email": "ada@example.test", "name": "Ada L.", "role": "agent", "active": false, "version": 3 });
    assert_eq!(serde_json::Value::Object(deactivated.data.clone()), data);
    assert!(!format!("{events:?}").contains("a hash"), "no secret is told");
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_adds_no_event() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    agents::create(app, by, newcomer()).await.unwrap();
    let taken = agents::create(app, by, newcomer()).await;
    assert!(matches!(taken, Err(ActError::Taken(_))), "{taken:?}");
    let same = inboxes::InboxChange { name: Some("Web".to_owned()), ..Default::default() };
    inboxes::change(app, by, desk.inbox, same).await.unwrap();
    let stale = inboxes::InboxChange { name: Some("Old".to_owned()), expected_version: Some(9), ..Default::default() };
    assert!(matches!(inboxes::change(app, by, desk.inbox, stale).await, Err(ActError::Conflict)));
    assert!(roles::create(app, by, String::new(), Grants::default()).await.is_err());
    assert_eq!(desk.kinds().await, ["inbox.created", "agent.created"]);
}
