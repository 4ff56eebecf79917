use frontdesk_application::{Application, Requester, settings::write};
use frontdesk_domain::Document;
use frontdesk_memory::{MemoryNotices, MemoryStore};
use frontdesk_ports::{Clock, SystemClock};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::notices::follow;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const INBOX: InboxId = InboxId(Uuid::from_u128(2));

/// A process with its cache, its followed rules and the tasks that keep them current.
struct Process {
    store: Arc<MemoryStore>,
    application: Application,
    rules: Arc<FollowedRules>,
    /// Version of the tenant's settings.
    version: u64,
}

impl Process {
    fn start() -> Self {
        let (store, notices) = (Arc::new(MemoryStore::new()), Arc::new(MemoryNotices::new()));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let application = Application::new(Arc::clone(&store) as _, Arc::clone(&clock));
        let application = application.with_notices(Arc::clone(&notices) as _);
        let cache = Arc::new(SettingsCache::new(Arc::clone(&store) as _, clock));
        let rules = Arc::new(FollowedRules::new(Arc::clone(&cache)));
        let listeners: Vec<Arc<dyn NoticeListener>> = vec![cache, Arc::clone(&rules) as _];
        tokio::spawn(follow(notices, listeners));
        tokio::spawn(Arc::clone(&rules).run());
        Self { store, application, rules, version: 0 }
    }

    /// Sets the limit for the whole tenant, and turns its typing indicator off.
    async fn set_limit(&mut self, max_message_bytes: u32) {
        let by = Requester::Operator { tenant: TENANT, command: "test" };
        let set = json!({"conversation": {"max_message_bytes": max_message_bytes, "typing_indicator": false}});
        let document = Document::parse(set).unwrap();
        let written = write(&self.application, &by, SettingsScope::Tenant, &document, self.version).await.unwrap();
        self.version = written.version;
    }
}

async fn becomes(rules: &mut watch::Receiver<InboxRules>, max_message_bytes: u32) {
    let is_so = rules.wait_for(|rules| rules.max_message_bytes == max_message_bytes);
    tokio::time::timeout(Duration::from_secs(60), is_so).await.expect("the rules change in time").unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_change_reaches_every_conversation_of_the_inbox_without_a_question() {
    let mut process = Process::start();
    let mut rules = process.rules.watch(TENANT, INBOX).await;
    assert_eq!(*rules.borrow(), InboxRules::default());
    // The look that follows the first reading must be over, or it would find the change without any notice.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let begun = tokio::time::Instant::now();
    process.set_limit(200).await;
    becomes(&mut rules, 200).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "by its notice, after {:?}", begun.elapsed());
    let another = process.rules.watch(TENANT, INBOX).await;
    assert_eq!(*another.borrow(), InboxRules { max_message_bytes: 200, typing_indicator: false });
}

#[tokio::test(start_paused = true)]
async fn what_was_set_before_holds_from_the_first_look() {
    let mut process = Process::start();
    process.set_limit(300).await;
    assert_eq!(process.rules.watch(TENANT, INBOX).await.borrow().max_message_bytes, 300);
}

#[tokio::test(start_paused = true)]
async fn without_the_database_the_defaults_hold_until_it_answers() {
    let mut process = Process::start();
    process.set_limit(200).await;
    process.store.set_available(false);
    let mut rules = process.rules.watch(TENANT, INBOX).await;
    assert_eq!(*rules.borrow(), InboxRules::default());
    process.store.set_available(true);
    becomes(&mut rules, 200).await;
}

#[tokio::test(start_paused = true)]
async fn an_inbox_without_conversations_is_not_followed_any_more() {
    let process = Process::start();
    let rules = process.rules.watch(TENANT, INBOX).await;
    process.rules.refresh().await.unwrap();
    assert_eq!(process.rules.watched().len(), 1);
    drop(rules);
    process.rules.refresh().await.unwrap();
    assert_eq!(process.rules.watched().len(), 0);
}
