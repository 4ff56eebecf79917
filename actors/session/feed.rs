//! Catching up with all conversations at once: what changed since a cursor.

use std::{sync::Arc, time::Duration};

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use frontdesk_domain::{Principal, TenantId};
use frontdesk_ports::{Changes, FeedCursor, StoreError};
use frontdesk_protocol::{
    ConversationSummary, FeedItem,
    socket::{ErrorCode, MAX_ROWS, ServerFrame, page_bytes},
};

use super::{actor::SessionActor, catching_up::Known};
use crate::{agent::Listening, node::Node};

/// An answer to `feed`.
#[derive(Debug)]
struct Answer {
    outcome: &'static str,
    conversations: Vec<ConversationSummary>,
    cursor: Option<FeedCursor>,
    more: bool,
    reset: bool,
    behind: bool,
}

impl SessionActor {
    /// Answers when there is something to say, within a few seconds; meanwhile the session goes on with everything else.
    pub(super) fn feed(&mut self, cursor: Option<String>, ctx: &mut Context<Self>) {
        let Some(identity) = self.identity() else { return };
        if !matches!(identity.principal, Principal::Agent(..)) {
            return self.tell_error(ErrorCode::Forbidden, "only agents have a feed", None, ctx);
        }
        let (node, tenant) = (Arc::clone(&self.node), identity.tenant);
        let Some(Known { settled, next: former }) = self.catching_up.get_or_insert_default().on_asked() else {
            return self.tell_error(ErrorCode::RateLimited, "the last `feed` is not answered yet", None, ctx);
        };
        self.flow.on_page_asked();
        let answer = async move { answer(&node, tenant, cursor, settled, former).await };
        ctx.spawn(answer.into_actor(self).map(|answer, session, ctx| {
            let Answer { outcome, conversations, cursor, more, reset, behind } = answer;
            metrics::counter!("desk_feed_answers_total", "outcome" => outcome).increment(1);
            metrics::counter!("desk_feed_rows_total").increment(conversations.len() as u64);
            let text = cursor.as_ref().map(ToString::to_string);
            let next = cursor.filter(|_| more).map(|next| (next, behind));
            session.catching_up.get_or_insert_default().on_answered(outcome == "page", next);
            session.tell(&ServerFrame::Feed { conversations, cursor: text, more, reset, behind }, ctx);
            session.page_came();
        }));
    }
}

async fn answer(
    node: &Node,
    tenant: TenantId,
    cursor: Option<String>,
    settled: bool,
    former: Option<(FeedCursor, bool)>,
) -> Answer {
    let desk = node.desk();
    let Some(text) = cursor else { return begin(node, tenant, false).await };
    let Some(cursor) = FeedCursor::parse(&text).filter(|cursor| cursor.epoch == desk.epoch) else {
        return begin(node, tenant, true).await;
    };
    let behind = match former {
        Some((next, behind)) if next == cursor => behind,
        _ => !settled && !caught_up(node, tenant).await,
    };
    let changes = desk.conversations.changed_since(tenant, cursor.position, MAX_ROWS, MOST_CHANGES);
    match bounded(changes).await {
        Some(Some(changes)) => Answer::page(cursor, changes, behind, page_bytes(desk.session.max_frame_bytes)),
        Some(None) => begin(node, tenant, true).await,
        None => Answer::nothing(),
    }
}

/// A cursor that begins with the newest change.
async fn begin(node: &Node, tenant: TenantId, reset: bool) -> Answer {
    let desk = node.desk();
    match bounded(desk.conversations.newest_change(tenant)).await {
        Some(position) => Answer::begin(FeedCursor { epoch: desk.epoch.clone(), position }, reset),
        None => Answer::nothing(),
    }
}

/// Waits until whatever this session has not been told live is in the database: it is listening, and what was logged before
/// that is processed. `false` if that takes too long.
async fn caught_up(node: &Node, tenant: TenantId) -> bool {
    let desk = node.desk();
    let since = desk.clock.monotonic();
    let wait = async {
        let Ok(Some(mut listening)) = node.roster().send(Listening(tenant)).await else { return false };
        if listening.wait_for(|listening| *listening).await.is_err() {
            return false;
        }
        node.host().read_barrier().wait_persisted().await;
        true
    };
    let in_time = tokio::time::timeout(LONGEST_WAIT, wait).await.unwrap_or(false);
    metrics::histogram!("desk_feed_wait_seconds").record(desk.seconds_since(since));
    in_time
}

async fn bounded<T>(read: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    tokio::time::timeout(LONGEST_READ, read).await.ok()?.ok()
}

impl Answer {
    /// What changed, as far as `room` bytes hold it.
    fn page(from: FeedCursor, changes: Changes, behind: bool, mut room: usize) -> Self {
        let mut conversations = Vec::new();
        let (mut position, mut more) = (from.position, changes.more);
        for change in changes.items {
            let FeedItem::Conversation { summary } = change.item;
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
