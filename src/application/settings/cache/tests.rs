use frontdesk_domain::{InboxId, Timestamp, audit::Actor};
use frontdesk_memory::{MemoryNotices, MemoryStore};
use frontdesk_ports::{ManualClock, Notices as _, SettingsVersion, Transactions as _};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::notices::deliver;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    cache: Arc<SettingsCache>,
    notices: Arc<MemoryNotices>,
}

impl World {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(ManualClock::default());
        let cache = Arc::new(SettingsCache::new(store.clone(), clock.clone()));
        Self { store, clock, cache, notices: Arc::new(MemoryNotices::new()) }
    }

    /// Writes a version with this title; tells of it.
    async fn set_title(&self, scope: SettingsScope, version: u64, title: &str) {
        let version = SettingsVersion {
            scope,
            version,
            at: Timestamp(1),
            actor: Actor::operator("test"),
            document: json!({"widget": {"title": title}}),
            restored_from: None,
        };
        let mut transaction = self.store.begin().await.unwrap();
        transaction.insert_settings(TENANT, &version).await.unwrap();
        transaction.commit().await.unwrap();
        let object = scope.id(TENANT);
        let notice = Notice { tenant: TENANT, kind: NoticeKind::SETTINGS, object, version: version.version };
        self.notices.publish(&notice).await.unwrap();
    }

    async fn title(&self, scope: SettingsScope) -> String {
        self.cache.effective(TENANT, scope).await.unwrap().settings.widget.title
    }

    /// Lets the task that follows the notices run until there is nothing more to do.
    async fn settle(&self) {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    async fn follow(&self) -> tokio::task::JoinHandle<()> {
        let listeners: Vec<Arc<dyn NoticeListener>> = vec![self.cache.clone()];
        let subscription = self.notices.subscribe().await.unwrap();
        let task = tokio::spawn(async move { deliver(subscription, &listeners).await });
        self.settle().await;
        task
    }
}

#[tokio::test]
async fn a_change_holds_as_soon_as_its_notice_comes_and_is_inherited_by_inboxes() {
    let world = World::new();
    let inbox = SettingsScope::Inbox(InboxId(Uuid::from_u128(2)));
    let task = world.follow().await;
    assert_eq!(world.title(inbox).await, "");
    world.set_title(SettingsScope::Tenant, 1, "tenant").await;
    world.settle().await;
    assert_eq!(world.title(inbox).await, "tenant");
    world.set_title(inbox, 1, "inbox").await;
    world.settle().await;
    assert_eq!((world.title(inbox).await, world.title(SettingsScope::Tenant).await), ("inbox".into(), "tenant".into()));
    task.abort();
}

#[tokio::test]
async fn when_its_notice_is_lost_a_change_holds_after_the_age_limit() {
    let world = World::new();
    let task = world.follow().await;
    assert_eq!(world.title(SettingsScope::Tenant).await, "");
    world.notices.set_losing(true);
    world.set_title(SettingsScope::Tenant, 1, "new").await;
    world.settle().await;
    world.clock.advance(MAX_AGE - Duration::from_millis(1));
    assert_eq!(world.title(SettingsScope::Tenant).await, "", "nothing told of it");
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(world.title(SettingsScope::Tenant).await, "new");
    task.abort();
}

#[tokio::test]
async fn after_a_lost_connection_everything_is_read_again() {
    let world = World::new();
    let task = world.follow().await;
    assert_eq!(world.title(SettingsScope::Tenant).await, "");
    world.notices.set_losing(true);
    world.set_title(SettingsScope::Tenant, 1, "new").await;
    world.notices.reconnect();
    world.settle().await;
    assert_eq!(world.title(SettingsScope::Tenant).await, "new");
    task.abort();
}

#[tokio::test]
async fn while_the_database_is_away_the_last_known_settings_hold() {
    let world = World::new();
    let task = world.follow().await;
    world.set_title(SettingsScope::Tenant, 1, "known").await;
    world.settle().await;
    assert_eq!(world.title(SettingsScope::Tenant).await, "known");
    world.store.set_available(false);
    world.clock.advance(MAX_AGE * 2);
    assert_eq!(world.title(SettingsScope::Tenant).await, "known");
    world.notices.reconnect();
    world.settle().await;
    assert_eq!(world.title(SettingsScope::Tenant).await, "known");
    let never_read = SettingsScope::Inbox(InboxId(Uuid::from_u128(9)));
    assert!(world.cache.effective(TENANT, never_read).await.is_err());
    task.abort();
}

#[tokio::test]
async fn a_full_cache_still_answers_and_stays_full() {
    let mut world = World::new();
    Arc::get_mut(&mut world.cache).unwrap().capacity = 2;
    world.set_title(SettingsScope::Tenant, 1, "tenant").await;
    for number in 0..5 {
        let inbox = SettingsScope::Inbox(InboxId(Uuid::from_u128(number)));
        assert_eq!(world.title(inbox).await, "tenant");
    }
    assert_eq!(world.cache.held().entries.len(), 2);
}
