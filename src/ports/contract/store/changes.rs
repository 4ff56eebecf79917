use std::collections::BTreeMap;

use frontdesk_domain::{ContactId, ConversationId, ConversationKey, ConversationSummary, Event, ItemRef, TenantId};
use futures_util::future::{join, join_all};
use uuid::Uuid;

use super::Script;
use crate::{changes::ChangePosition, store::ConversationStore};

/// One that follows a tenant's changes, page by page, as a console does.
struct Follower<'a> {
    store: &'a dyn ConversationStore,
    tenant: TenantId,
    at: ChangePosition,
}

impl<'a> Follower<'a> {
    async fn new(store: &'a dyn ConversationStore, tenant: TenantId) -> Self {
        Self { store, tenant, at: store.newest_change(tenant).await.unwrap() }
    }

    /// Everything that changed since it was asked last, `limit` at a time.
    async fn read(&mut self, limit: usize) -> Vec<ConversationSummary> {
        let mut read = Vec::new();
        loop {
            let page = self.store.changed_since(self.tenant, self.at, limit, MOST).await.unwrap().unwrap();
            assert!(page.items.len() <= limit && (!page.more || page.items.len() == limit));
            assert!(page.items.iter().is_sorted_by_key(|change| change.position));
            assert!(page.items.iter().all(|change| change.position > self.at));
            self.at = page.items.last().map_or(self.at, |change| change.position);
            read.extend(page.items.iter().filter_map(|change| change.item.conversation()).cloned());
            if !page.more {
                return read;
            }
        }
    }

    async fn ids(&mut self) -> Vec<ConversationId> {
        self.read(3).await.into_iter().map(|summary| summary.conversation).collect()
    }
}

/// And then as the conversation stands.
pub async fn a_change_is_told_once_and_again_only_when_there_is_another(store: &dyn ConversationStore) {
    let tenant = TenantId(Uuid::new_v4());
    let mut follower = Follower::new(store, tenant).await;
    assert_eq!((follower.at, follower.ids().await), (ChangePosition::START, vec![]));
    let (mut one, other) = (opened(tenant), opened(tenant));
    one.persist(store).await;
    other.persist(store).await;
    assert_eq!(follower.ids().await, [one.key.conversation, other.key.conversation]);
    assert_eq!(follower.ids().await, []);
    let newest = store.newest_change(tenant).await.unwrap();
    assert_eq!(store.changed_since(tenant, newest, 10, MOST).await.unwrap().unwrap().items, []);

    one.say("and another thing");
    one.act(Event::Resolved);
    one.persist(store).await;
    let row = ConversationSummary::of(one.key.conversation, &one.conversation).unwrap();
    assert_eq!(follower.read(10).await, [row]);
    assert!(store.newest_change(tenant).await.unwrap() > newest);
    // A reader that begins at the start is told of each once, the one that changed last at the end.
    follower.at = ChangePosition::START;
    assert_eq!(follower.ids().await, [other.key.conversation, one.key.conversation]);
}

/// They share a number; what follows on the next page is told by the conversation.
pub async fn conversations_changed_together_come_on_exactly_one_page(store: &dyn ConversationStore) {
    let tenant = TenantId(Uuid::new_v4());
    let scripts: Vec<_> = (0..20).map(|_| opened(tenant)).collect();
    let batch: Vec<_> = scripts.iter().flat_map(|script| script.records.clone()).collect();
    let mut follower = Follower::new(store, tenant).await;
    store.persist(&batch).await.unwrap();
    let mut expected: Vec<_> = scripts.iter().map(|script| script.key.conversation).collect();
    expected.sort_unstable();
    for limit in [1, 6, 10, 19, 20, 100] {
        follower.at = ChangePosition::START;
        let read = follower.read(limit).await.into_iter().map(|summary| summary.conversation);
        assert_eq!(read.collect::<Vec<_>>(), expected, "by {limit}");
    }
}

/// A repeated one, and one that waits for what is missing.
pub async fn a_batch_that_writes_nothing_is_no_change(store: &dyn ConversationStore) {
    let script = Script::chat(3);
    store.persist(&script.records[..2]).await.unwrap();
    let newest = store.newest_change(script.key.tenant).await.unwrap();
    store.persist(&script.records[..2]).await.unwrap();
    store.persist(&script.records[3..]).await.unwrap();
    assert_eq!(store.newest_change(script.key.tenant).await.unwrap(), newest);
}

/// Also when both change in one batch, and whatever place one comes with.
pub async fn changes_belong_to_one_tenant(store: &dyn ConversationStore) {
    let (mine, theirs) = (Script::opened(), Script::opened());
    for _ in 0..3 {
        Script::opened_in(theirs.key.tenant, ContactId(Uuid::new_v4()), 1_000).persist(store).await;
    }
    store.persist(&[mine.record(1), theirs.record(1)]).await.unwrap();
    let mut follower = Follower { store, tenant: mine.key.tenant, at: ChangePosition::START };
    assert_eq!(follower.ids().await, [mine.key.conversation]);
    // Not even how much the others do can be told from a place.
    assert_eq!(follower.at, ChangePosition { number: 1, item: ItemRef::Conversation(mine.key.conversation) });
    assert_eq!(store.newest_change(mine.key.tenant).await.unwrap(), ChangePosition::behind(1));
    let of_no_tenant = store.changed_since(TenantId(Uuid::new_v4()), ChangePosition::START, 10, MOST).await.unwrap();
    assert_eq!(of_no_tenant.unwrap().items, []);
}

/// A reader that was away for too long, or has a position of a history that is gone, is not told a part of it.
pub async fn too_many_changes_and_a_place_of_the_future_begin_anew(store: &dyn ConversationStore) {
    let tenant = TenantId(Uuid::new_v4());
    for _ in 0..4 {
        opened(tenant).persist(store).await;
    }
    let changes = async |after, most| store.changed_since(tenant, after, 2, most).await.unwrap();
    let page = changes(ChangePosition::START, 4).await.unwrap();
    assert_eq!((page.items.len(), page.more), (2, true));
    assert_eq!(changes(ChangePosition::START, 3).await, None);
    let rest = changes(page.items[1].position, 3).await.unwrap();
    assert_eq!((rest.items.len(), rest.more), (2, false));
    assert!(changes(ChangePosition::behind(4), 3).await.is_some());
    for number in [5, u64::MAX] {
        assert_eq!(changes(ChangePosition::behind(number), 3).await, None, "{number}");
    }
}

/// Numbers become visible in their order, however many write at once.
pub async fn a_reader_beside_many_workers_misses_no_change(store: &dyn ConversationStore) {
    let tenant = TenantId(Uuid::new_v4());
    let mut follower = Follower::new(store, tenant).await;
    let scripts: Vec<_> = (0..24).map(|_| long(tenant)).collect();
    let scripts = &scripts;
    let workers = (0..4_usize).map(|worker| async move {
        for at in 0..12 {
            let mine = scripts.iter().skip(worker).step_by(4).enumerate();
            // Batches of other sizes, so that commits overtake one another where they can.
            let batch: Vec<_> =
                mine.filter(|(n, _)| n % 3 <= worker).map(|(_, script)| script.record(at + 1)).collect();
            store.persist(&batch).await.unwrap();
        }
    });
    let mut seen: BTreeMap<ConversationId, u64> = BTreeMap::new();
    let (working, reading) = (join_all(workers), async {
        while seen.values().sum::<u64>() < expected(scripts) {
            for summary in follower.read(5).await {
                let last = seen.entry(summary.conversation).or_default();
                assert!(summary.last_seq > *last, "nothing is told twice, and nothing older");
                *last = summary.last_seq;
            }
            tokio::task::yield_now().await;
        }
    });
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, join(working, reading)).await.expect("the reader has missed nothing");
}

/// The sum of the last numbers of all conversations that the workers above write.
fn expected(scripts: &[Script]) -> u64 {
    let written = scripts.iter().enumerate().filter(|(n, _)| (n / 4) % 3 <= n % 4);
    written.count() as u64 * 12
}

fn opened(tenant: TenantId) -> Script {
    Script::opened_in(tenant, ContactId(Uuid::new_v4()), 1_700_000_000_000)
}

fn long(tenant: TenantId) -> Script {
    Script::chat(11).renamed(|key: &mut ConversationKey| key.tenant = tenant)
}

/// More than any of these tests changes.
const MOST: usize = 1_000;
