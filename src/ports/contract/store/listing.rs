use frontdesk_domain::{
    AgentId, AssignmentKind, ContactId, ConversationId, ConversationSummary, Event, InboxId, Reach, Status, Tag,
    TenantId, Timestamp,
};
use uuid::Uuid;

use super::Script;
use crate::{
    error::StoreError,
    page::PageRequest,
    store::{AssigneeFilter, ConversationFilter, ConversationStore},
};

/// A row is made of the same state as everything else.
pub async fn a_list_row_shows_how_the_conversation_stands(store: &dyn ConversationStore) {
    let mut script = Script::chat(2);
    script.act(claimed_by(script.agent));
    script.act(Event::Tagged { tag: Tag::new("vip").unwrap() });
    script.act(Event::Snoozed { until: Timestamp(1_800_000_000_000) });
    script.persist(store).await;
    let page = store
        .list(script.key.tenant, &ConversationFilter::within(Reach::Everything), &PageRequest::first(10))
        .await
        .unwrap();
    let expected = ConversationSummary::of(script.key.conversation, &script.conversation).unwrap();
    assert_eq!((page.items, page.next_cursor), (vec![expected], None));
}

/// By the moment of the last entry, then by id; a new entry moves a conversation up.
pub async fn the_conversation_with_the_newest_entry_comes_first(store: &dyn ConversationStore) {
    let tenant = TenantId(Uuid::new_v4());
    let mut scripts = opened(tenant, [3_000, 1_000, 2_000, 2_000, 2_000, -5]);
    persist(store, &scripts).await;
    assert_eq!(ids(store, tenant, &ConversationFilter::within(Reach::Everything)).await, newest_first(&scripts));
    scripts[5].add_at(4_000, Event::Pended);
    scripts[5].persist(store).await;
    let order = ids(store, tenant, &ConversationFilter::within(Reach::Everything)).await;
    assert_eq!(order, newest_first(&scripts));
    assert_eq!(order[0], scripts[5].key.conversation);
}

/// Each filter narrows; together they narrow more.
pub async fn filters_choose_alone_and_together(store: &dyn ConversationStore) {
    let tenant = TenantId(Uuid::new_v4());
    let mut scripts = opened(tenant, (0..24).map(|number| 1_000 + number * 7 % 24));
    let (agents, inboxes) = ([AgentId(Uuid::new_v4()), AgentId(Uuid::new_v4())], [scripts[0].inbox, scripts[1].inbox]);
    for (number, script) in scripts.iter_mut().enumerate() {
        if number % 3 > 0 {
            script.act(claimed_by(agents[number % 3 - 1]));
        }
        match number % 4 {
            1 => _ = script.act(Event::Pended),
            2 => _ = script.act(Event::Snoozed { until: Timestamp(5_000) }),
            3 => _ = script.act(Event::Resolved),
            _ => {}
        }
    }
    persist(store, &scripts).await;
    let statuses = [None, Some(Status::Open), Some(Status::Pending), Some(Status::Snoozed), Some(Status::Resolved)];
    let holders = [
        AssigneeFilter::Any,
        AssigneeFilter::Unassigned,
        AssigneeFilter::Agent(agents[0]),
        AssigneeFilter::Agent(agents[1]),
    ];
    for status in statuses {
        for assignee in holders {
            for inbox in [None, Some(inboxes[0]), Some(InboxId(Uuid::new_v4()))] {
                for contact in [None, Some(scripts[0].contact), Some(ContactId(Uuid::new_v4()))] {
                    let filter = ConversationFilter { status, assignee, inbox, contact, within: Reach::Everything };
                    let chosen = newest_first(scripts.iter().filter(|script| chooses(&filter, script)));
                    assert_eq!(ids(store, tenant, &filter).await, chosen, "{filter:?}");
                }
            }
        }
    }
}

/// By holder, by inbox and by both, with every other filter; rows beyond the reach neither fill pages nor leave a
/// cursor.
pub async fn a_reader_is_listed_what_is_within_reach_in_full_pages(store: &dyn ConversationStore) {
    let tenant = TenantId(Uuid::new_v4());
    let mut scripts = opened(tenant, (0..30).map(|number| 1_000 + number * 7 % 30));
    let agents = [AgentId(Uuid::new_v4()), AgentId(Uuid::new_v4()), AgentId(Uuid::new_v4())];
    for (number, script) in scripts.iter_mut().enumerate() {
        if number % 4 > 0 {
            script.act(claimed_by(agents[number % 4 - 1]));
        }
        if number % 5 == 0 {
            script.act(Event::Pended);
        }
    }
    persist(store, &scripts).await;
    let inboxes: Vec<_> = scripts[..6].iter().map(|script| script.inbox).collect();
    let within = |holders: &[AgentId], inboxes: &[InboxId]| Reach::Within {
        holders: holders.iter().copied().collect(),
        inboxes: inboxes.iter().copied().collect(),
    };
    let reaches = [
        within(&[], &[]),
        within(&agents[..1], &[]),
        within(&agents[..2], &[]),
        within(&[], &inboxes),
        within(&agents[1..2], &inboxes),
        within(&[AgentId(Uuid::new_v4())], &[InboxId(Uuid::new_v4())]),
    ];
    let holders =
        [AssigneeFilter::Any, AssigneeFilter::Unassigned].into_iter().chain(agents.map(AssigneeFilter::Agent));
    for assignee in holders {
        for (status, within) in [None, Some(Status::Open)].into_iter().flat_map(|s| reaches.iter().map(move |r| (s, r)))
        {
            for inbox in [None, Some(inboxes[0])] {
                for contact in [None, Some(scripts[1].contact)] {
                    let filter = ConversationFilter { status, assignee, inbox, contact, within: within.clone() };
                    let chosen = newest_first(scripts.iter().filter(|script| chooses(&filter, script)));
                    assert_eq!(ids(store, tenant, &filter).await, chosen, "{filter:?}");
                }
            }
            let filter = ConversationFilter { status, assignee, ..ConversationFilter::within(within.clone()) };
            let mut left = newest_first(scripts.iter().filter(|script| chooses(&filter, script))).into_iter();
            let mut page = PageRequest::first(2);
            loop {
                let got = store.list(tenant, &filter, &page).await.unwrap();
                let expected: Vec<_> = left.by_ref().take(2).collect();
                assert_eq!(got.items.iter().map(|row| row.conversation).collect::<Vec<_>>(), expected, "{filter:?}");
                assert_eq!(got.next_cursor.is_some(), left.len() > 0, "{filter:?}");
                let Some(cursor) = got.next_cursor else { break };
                page.cursor = Some(cursor);
            }
        }
    }
}

/// Also where many rows share a moment, also with a filter, and no cursor follows the last page.
pub async fn pages_neither_lose_nor_repeat(store: &dyn ConversationStore) {
    let tenant = TenantId(Uuid::new_v4());
    let mut scripts = opened(tenant, (0..25).map(|number| 1_000 + number / 6));
    for script in scripts.iter_mut().step_by(2) {
        script.act(claimed_by(script.agent));
    }
    persist(store, &scripts).await;
    let unheld =
        ConversationFilter { assignee: AssigneeFilter::Unassigned, ..ConversationFilter::within(Reach::Everything) };
    for filter in [ConversationFilter::within(Reach::Everything), unheld] {
        let expected = newest_first(scripts.iter().filter(|script| chooses(&filter, script)));
        for limit in [1, 2, 5, 6, 12, 13, 25, 100] {
            let (mut seen, mut page) = (Vec::new(), PageRequest::first(limit));
            loop {
                let got = store.list(tenant, &filter, &page).await.unwrap();
                assert!(!got.items.is_empty() && got.items.len() <= usize::from(limit));
                seen.extend(got.items.into_iter().map(|row| row.conversation));
                let Some(cursor) = got.next_cursor else { break };
                page.cursor = Some(cursor);
            }
            assert_eq!(seen, expected, "by {limit}");
        }
    }
}

/// Between two pages one conversation moves up and one is opened: the others are where they were.
pub async fn conversations_that_stay_in_place_are_on_exactly_one_page(store: &dyn ConversationStore) {
    let tenant = TenantId(Uuid::new_v4());
    let mut scripts = opened(tenant, (0..10).map(|number| 1_000 + number));
    persist(store, &scripts).await;
    let first =
        store.list(tenant, &ConversationFilter::within(Reach::Everything), &PageRequest::first(4)).await.unwrap();
    scripts[2].add_at(5_000, Event::Pended);
    scripts[2].persist(store).await;
    Script::opened_in(tenant, ContactId(Uuid::new_v4()), 6_000).persist(store).await;
    let page = PageRequest { cursor: first.next_cursor, limit: 10 };
    let rest = store.list(tenant, &ConversationFilter::within(Reach::Everything), &page).await.unwrap();
    let seen: Vec<_> = first.items.iter().chain(&rest.items).map(|row| row.conversation).collect();
    scripts.remove(2);
    assert_eq!(seen, newest_first(&scripts));
}

/// A cursor is the list's own, and whatever else stands there is refused before it reaches the database.
pub async fn a_foreign_cursor_is_refused(store: &dyn ConversationStore) {
    for cursor in ["", "1", "nonsense", "1_2", "' or 1=1", "99999999999999999999_00000000000000000000000000000000"] {
        let page = PageRequest { cursor: Some(cursor.to_owned()), limit: 10 };
        let refused = store.list(TenantId(Uuid::new_v4()), &ConversationFilter::within(Reach::Everything), &page).await;
        assert!(matches!(refused, Err(StoreError::BadCursor)), "{cursor:?}: {refused:?}");
    }
}

/// Not even with another tenant's contact, inbox or agent in the filter.
pub async fn a_list_shows_one_tenant_only(store: &dyn ConversationStore) {
    let (mine, theirs) = (Script::opened(), Script::opened());
    persist(store, [&mine, &theirs]).await;
    assert_eq!(
        ids(store, mine.key.tenant, &ConversationFilter::within(Reach::Everything)).await,
        [mine.key.conversation]
    );
    let contact = Some(theirs.contact);
    let filter =
        ConversationFilter { contact, inbox: Some(theirs.inbox), ..ConversationFilter::within(Reach::Everything) };
    assert_eq!(ids(store, mine.key.tenant, &filter).await, []);
    assert_eq!(ids(store, TenantId(Uuid::new_v4()), &ConversationFilter::within(Reach::Everything)).await, []);
}

fn opened(tenant: TenantId, moments: impl IntoIterator<Item = i64>) -> Vec<Script> {
    let moments = moments.into_iter();
    moments.map(|at| Script::opened_in(tenant, ContactId(Uuid::new_v4()), at)).collect()
}

async fn persist(store: &dyn ConversationStore, scripts: impl IntoIterator<Item = &Script>) {
    let records: Vec<_> = scripts.into_iter().flat_map(|script| script.records.clone()).collect();
    store.persist(&records).await.unwrap();
}

async fn ids(store: &dyn ConversationStore, tenant: TenantId, filter: &ConversationFilter) -> Vec<ConversationId> {
    let page = store.list(tenant, filter, &PageRequest::first(100)).await.unwrap();
    page.items.into_iter().map(|row| row.conversation).collect()
}

fn newest_first<'a>(scripts: impl IntoIterator<Item = &'a Script>) -> Vec<ConversationId> {
    let mut rows: Vec<_> =
        scripts.into_iter().map(|script| (script.conversation.last_at, script.key.conversation)).collect();
    rows.sort();
    rows.into_iter().rev().map(|(_, id)| id).collect()
}

fn chooses(filter: &ConversationFilter, script: &Script) -> bool {
    let holder = script.conversation.assignee();
    filter.status.is_none_or(|status| status == script.conversation.status)
        && filter.inbox.is_none_or(|inbox| inbox == script.inbox)
        && filter.contact.is_none_or(|contact| contact == script.contact)
        && match &filter.within {
            Reach::Everything => true,
            Reach::Within { holders, inboxes } => {
                inboxes.contains(&script.inbox) || holder.is_some_and(|holder| holders.contains(&holder))
            }
        }
        && match filter.assignee {
            AssigneeFilter::Any => true,
            AssigneeFilter::Unassigned => holder.is_none(),
            AssigneeFilter::Agent(agent) => holder == Some(agent),
        }
}

fn claimed_by(agent: AgentId) -> Event {
    Event::Assigned { agent, agent_name: "Ada".to_owned(), from: None, how: AssignmentKind::Claimed }
}
