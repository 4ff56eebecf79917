//! Changes made to the audit trail with the program's own rights on the database are found.

use std::sync::Arc;

use frontdesk_application::{Application, Requester, audit, inboxes, tenants};
use frontdesk_domain::{Inbox, InboxId, InboxKind, Tenant, TenantId, Timestamp, audit::ChainFault};
use frontdesk_ports::SystemClock;
use frontdesk_sqlite::SqliteStore;
use tokio::process::Command;
use uuid::Uuid;

/// A tenant with a trail of ten entries in a file.
struct Trail {
    folder: tempfile::TempDir,
    tenant: TenantId,
}

impl Trail {
    async fn write() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("desk.db"), 1).await.unwrap());
        let app = Application::new(Arc::clone(&store) as _, Arc::new(SystemClock::default()));
        let tenant = Tenant { id: TenantId(Uuid::new_v4()), name: "Shop".to_owned(), created_at: Timestamp(1) };
        let inbox = Inbox {
            id: InboxId(Uuid::new_v4()),
            tenant: tenant.id,
            kind: InboxKind::WEB,
            active: true,
            name: "Web".to_owned(),
            greeting: String::new(),
            origins: Vec::new(),
            created_at: Timestamp(1),
        };
        let (id, of_inbox) = (tenant.id, inbox.id);
        tenants::set_up(&app, "setup", &tenants::NewTenant { tenant, inbox, agents: Vec::new() }).await.unwrap();
        let by = Requester::Operator { tenant: id, command: "test" };
        for number in 3..=10 {
            let change = inboxes::InboxChange { name: Some(format!("Web {number}")), ..Default::default() };
            inboxes::change(&app, &by, of_inbox, change).await.unwrap();
        }
        store.close().await;
        Self { folder, tenant: id }
    }

    /// What the check finds after `sql` was run on the file.
    async fn after(&self, sql: &str) -> Vec<ChainFault> {
        self.checked_after(sql).await.faults
    }

    async fn checked_after(&self, sql: &str) -> audit::ChainReport {
        let path = self.folder.path().join("desk.db");
        let ran =
            Command::new("sqlite3").arg("-bail").arg(&path).arg(sql).status().await.expect("sqlite3 is installed");
        assert!(ran.success(), "{sql}");
        let store = SqliteStore::open(&path, 1).await.unwrap();
        let reports = audit::check(&store, &[self.tenant]).await.unwrap();
        store.close().await;
        assert_eq!(reports.len(), 1);
        assert_eq!(reports[0].tenant, self.tenant);
        reports.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn a_trail_that_nobody_touched_has_no_fault() {
    assert_eq!(Trail::write().await.after("select 1").await, []);
}

#[tokio::test]
async fn a_row_that_was_changed_is_found() {
    let faults = Trail::write().await.after("update audit set actor_id = 'another' where number = 4").await;
    assert_eq!(faults, [ChainFault::Altered { number: 4 }]);
}

#[tokio::test]
async fn rows_that_were_deleted_are_found() {
    let faults = Trail::write().await.after("delete from audit where number in (4, 5)").await;
    assert_eq!(faults, [ChainFault::Missing { from: 4, to: 5 }]);
}

#[tokio::test]
async fn what_comes_before_the_first_fault_counts_as_verified() {
    for (sql, verified) in [
        ("select 1", 10),
        ("update audit set act = 'nothing' where number in (4, 9)", 3),
        ("delete from audit where number in (6, 7)", 5),
        ("delete from audit where number > 7", 7),
        ("delete from audit where number = 1", 0),
        ("delete from audit", 0),
    ] {
        assert_eq!(Trail::write().await.checked_after(sql).await.verified_up_to, verified, "{sql}");
    }
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_found() {
    let faults = Trail::write().await.after("delete from audit where number > 7").await;
    assert_eq!(faults, [ChainFault::Cut { last: 7, head: 10 }]);
}

#[tokio::test]
async fn a_head_that_was_deleted_or_set_back_is_found() {
    let faults = Trail::write().await.after("delete from audit_heads").await;
    assert_eq!(faults, [ChainFault::WrongHead { last: 10, head: 0 }]);
    let set_back = "update audit_heads set number = 7, hash = (select hash from audit where number = 7)";
    assert_eq!(Trail::write().await.after(set_back).await, [ChainFault::WrongHead { last: 10, head: 7 }]);
}
