//! Catching up with all conversations at once: what changed since a cursor.

use std::time::Duration;

use frontdesk_domain::{Reach, TenantId};
use frontdesk_ports::{Changes, FeedCursor, StoreError};
use frontdesk_protocol::{
    ConversationSummary, FeedItem,
    socket::{MAX_ROWS, ServerFrame, page_bytes},
};

use super::{catching_up::Known, machine::Question};
use crate::{agent::Listening, node::Node};

/// An answer to `feed`.
#[derive(Debug)]
pub(super) struct FeedAnswer {
    outcome: &'static str,
    conversations: Vec<ConversationSummary>,
    cursor: Option<FeedCursor>,
    more: bool,
    reset: bool,
    behind: bool,
}

/// Answers when there is something to say, within a few seconds.
pub(super) async fn answer(node: &Node, Question { tenant, reach, cursor, known }: Question) -> FeedAnswer {
    let answer = find(node, (tenant, reach), cursor, known).await;
    metrics::counter!("desk_feed_answers_total", "outcome" => answer.outcome).increment(1);
    metrics::counter!("desk_feed_rows_total").increment(answer.conversations.len() as u64);
    answer
}

async fn find(
    node: &Node,
    (tenant, reach): (TenantId, Reach),
    cursor: Option<String>,
    Known { settled, relisted, next: former }: Known,
) -> FeedAnswer {
    let ports = node.ports();
    let Some(text) = cursor else { return begin(node, tenant, false).await };
    let Some(cursor) = FeedCursor::parse(&text).filter(|cursor| cursor.epoch == ports.epoch) else {
        return begin(node, tenant, true).await;
    };
    let behind = match former {
        Some((next, behind)) if next == cursor => behind,
        _ => !settled && !caught_up(node, tenant).await,
    };
    let changes = ports.conversations.changed_since(tenant, cursor.position, MAX_ROWS, MOST_CHANGES);
    match bounded(changes).await {
        // One that changed and may not be seen may have been seen before this session. Which ones were is not kept, and
        // nothing may be said of the others: the lists say it, once.
        Some(Some(changes)) if !relisted && !changes.items.iter().all(|change| is_within(&reach, &change.item)) => {
            FeedAnswer { behind, ..begin(node, tenant, true).await }
        }
        Some(Some(changes)) => {
            FeedAnswer::page(cursor, changes, &reach, behind, page_bytes(ports.session.max_frame_bytes))
        }
        Some(None) => begin(node, tenant, true).await,
        None => FeedAnswer::nothing(),
    }
}

fn is_within(reach: &Reach, item: &FeedItem) -> bool {
    item.conversation().is_some_and(|row| reach.has(&row.resource()))
}

/// A cursor that begins with the newest change.
async fn begin(node: &Node, tenant: TenantId, reset: bool) -> FeedAnswer {
    let ports = node.ports();
    match bounded(ports.conversations.newest_change(tenant)).await {
        Some(position) => FeedAnswer::begin(FeedCursor { epoch: ports.epoch.clone(), position }, reset),
        None => FeedAnswer::nothing(),
    }
}

/// Waits until whatever this session has not been told live is in the database: it is listening, and what was logged
/// before that is processed. `false` if that takes too long.
async fn caught_up(node: &Node, tenant: TenantId) -> bool {
    let ports = node.ports();
    let since = ports.clock.monotonic();
    let wait = async {
        let Ok(Some(mut listening)) = node.roster().send(Listening(tenant)).await else { return false };
        if listening.wait_for(|listening| *listening).await.is_err() {
            return false;
        }
        node.host().read_barrier().wait_persisted().await;
        true
    };
    let in_time = tokio::time::timeout(LONGEST_WAIT, wait).await.unwrap_or(false);
    metrics::histogram!("desk_feed_wait_seconds").record(ports.seconds_since(since));
    in_time
}

async fn bounded<T>(read: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    tokio::time::timeout(LONGEST_READ, read).await.ok()?.ok()
}

impl FeedAnswer {
    /// Whether it waited for everything that was logged before the question.
    pub(super) fn is_complete(&self) -> bool {
        self.outcome == "page"
    }

    /// Whether the client reads its lists anew after it.
    pub(super) fn has_lists_read(&self) -> bool {
        matches!(self.outcome, "reset" | "cursor")
    }

    /// Leaves out what is beyond `reach`: rights may have changed since the question.
    pub(super) fn keep_within(&mut self, reach: &Reach) {
        self.conversations.retain(|row| reach.has(&row.resource()));
    }

    /// Where another page begins, if there is one, and whether this one was behind.
    pub(super) fn next(&self) -> Option<(FeedCursor, bool)> {
        self.cursor.clone().filter(|_| self.more).map(|next| (next, self.behind))
    }

    /// The frame that the client gets.
    pub(super) fn into_frame(self) -> ServerFrame {
        let Self { conversations, cursor, more, reset, behind, .. } = self;
        ServerFrame::Feed { conversations, cursor: cursor.as_ref().map(ToString::to_string), more, reset, behind }
    }

    /// What changed within `reach`, as far as `room` bytes hold it.
    fn page(from: FeedCursor, changes: Changes, reach: &Reach, behind: bool, mut room: usize) -> Self {
        let mut conversations = Vec::new();
        let (mut position, mut more) = (from.position, changes.more);
        for change in changes.items {
            if !is_within(reach, &change.item) {
                position = change.position;
                continue;
            }
            let FeedItem::Conversation { summary, .. } = change.item;
            let needs = serde_json::to_vec(&summary).map_or(room, |json| json.len());
            if needs > room && !conversations.is_empty() {
                more = true;
                break;
            }
            room = room.saturating_sub(needs);
            position = change.position;
            conversations.push(summary);
        }
        let outcome = if behind { "behind" } else { "page" };
        let cursor = Some(FeedCursor { position, ..from });
        Self { outcome, conversations, cursor, more, reset: false, behind }
    }

    fn begin(cursor: FeedCursor, reset: bool) -> Self {
        let outcome = if reset { "reset" } else { "cursor" };
        Self { outcome, conversations: vec![], cursor: Some(cursor), more: false, reset, behind: false }
    }

    /// The answer when the database cannot be read.
    fn nothing() -> Self {
        let (outcome, conversations) = ("unavailable", Vec::new());
        Self { outcome, conversations, cursor: None, more: false, reset: false, behind: true }
    }
}

/// Longest wait for the persist worker; after it the page is served and marked `behind`.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Longest wait for one read of the database.
const LONGEST_READ: Duration = Duration::from_secs(5);

/// Changes that are sent at most. A client that missed more is told to read its lists anew, which is cheaper.
const MOST_CHANGES: usize = 2_000;
