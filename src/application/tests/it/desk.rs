//! A desk of one tenant on a database of its own, and what its events tell.

use std::sync::Arc;

use frontdesk_application::{Application, Requester, agents, tenants};
use frontdesk_domain::{Inbox, InboxId, InboxKind, Role, Tenant, TenantId, Timestamp};
use frontdesk_ports::{Outbox as _, PasswordHash, SystemClock, WaitingEvent};
use frontdesk_sqlite::SqliteStore;
use serde_json::Value;
use uuid::Uuid;

pub(crate) struct Desk {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) app: Application,
    pub(crate) by: Requester,
    pub(crate) inbox: InboxId,
    _folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) async fn new() -> Self {
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

    pub(crate) async fn events(&self) -> Vec<WaitingEvent> {
        self.store.waiting_events(100).await.unwrap()
    }

    pub(crate) async fn kinds(&self) -> Vec<String> {
        self.events().await.iter().map(|waiting| waiting.event.draft.kind.to_string()).collect()
    }

    /// What the events of an aggregate say: their numbers, kinds and data.
    pub(crate) async fn told_of(&self, kind: &str, id: Uuid) -> Vec<(u64, String, Value)> {
        let events = self.events().await.into_iter().map(|waiting| waiting.event);
        let of = events.filter(|event| event.draft.aggregate.kind == kind && event.draft.aggregate.id == id);
        of.map(|event| (event.number, event.draft.kind.into_owned(), Value::Object(event.draft.data))).collect()
    }
}

pub(crate) fn inbox(id: InboxId, tenant: TenantId) -> Inbox {
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

pub(crate) fn newcomer() -> agents::NewAgent {
    let password = PasswordHash("a hash".to_owned());
    agents::NewAgent { email: "ada@example.test".to_owned(), name: "Ada".to_owned(), role: Role::Agent, password }
}

/// Events of one aggregate, numbered from 1.
pub(crate) fn numbered<const N: usize>(told: [(&str, Value); N]) -> Vec<(u64, String, Value)> {
    (1..).zip(told).map(|(number, (kind, data))| (number, kind.to_owned(), data)).collect()
}
