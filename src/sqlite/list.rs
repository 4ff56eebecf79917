//! Lists of conversations, and the one that a contact opened last.

use frontdesk_domain::{AgentId, ContactId, ConversationId, ConversationSummary, InboxId, Reach, TenantId, Timestamp};
use frontdesk_ports::{AssigneeFilter, ConversationFilter, Page, PageRequest, StoreError};
use frontdesk_storage::{ListCursor, rows};
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::error::store_error;

/// A row of the list, as far as it is needed.
struct ListRow {
    conversation_id: Uuid,
    last_at_ms: i64,
    state: String,
}

/// The next rows after cursor (6, 7) of tenant (1), with status (2), inbox (3), contact (4) and holder (5) unless null,
/// and unless it is null, with a holder of the list (9) or an inbox of the list (10).
///
/// `$index` is named, because SQLite knows nothing of what the index leaves to do until it has seen the data.
macro_rules! list_rows {
    ($index:literal, $condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ListRow,
            r#"select conversation_id as "conversation_id: uuid::Uuid", last_at_ms, state from conversations indexed by "#
                + $index
                + " where tenant_id = ?1 and opened_at_ms is not null and (?2 is null or status = ?2)
                    and (?3 is null or inbox_id = ?3) and (?4 is null or contact_id = ?4)
                    and (?5 is null or assignee_id = ?5) and (last_at_ms, conversation_id) < (?6, ?7)
                    and (?9 is null or hex(assignee_id) in (select value from json_each(?9))
                        or hex(inbox_id) in (select value from json_each(?10))) and "
                + $condition
                + " order by last_at_ms desc, conversation_id desc limit ?8",
            $($argument),+
        )
    };
}

/// See [`ConversationStore::list`](frontdesk_ports::ConversationStore::list).
pub(crate) async fn list(
    pool: &SqlitePool,
    tenant: TenantId,
    filter: &ConversationFilter,
    page: &PageRequest,
) -> Result<Page<ConversationSummary>, StoreError> {
    let start = ListCursor::resume(page.cursor.as_deref())?;
    let Some(filter) = filter.narrowed() else { return Ok(Page { items: Vec::new(), next_cursor: None }) };
    let found = fetch(pool, tenant, &filter, start, page.rows() + 1).await.map_err(store_error)?;
    let page = Page::cut(found, page, place);
    let summaries =
        page.items.iter().map(|row| rows::summary(row.conversation_id, &row.state)).collect::<Result<_, _>>()?;
    Ok(Page { items: summaries, next_cursor: page.next_cursor })
}

/// Where a row stands in the list.
const fn place(row: &ListRow) -> ListCursor {
    ListCursor { at: Timestamp(row.last_at_ms), id: row.conversation_id }
}

/// Asks by the index that leaves least to be passed over.
async fn fetch(
    pool: &SqlitePool,
    tenant: TenantId,
    filter: &ConversationFilter,
    start: ListCursor,
    limit: usize,
) -> Result<Vec<ListRow>, sqlx::Error> {
    let (tenant, status) = (tenant.0, rows::status_column(filter.status));
    let (inbox, contact) = (filter.inbox.map(|inbox| inbox.0), filter.contact.map(|contact| contact.0));
    let (at, id, limit) = (start.at.0, start.id, i64::try_from(limit).unwrap_or(i64::MAX));
    let holder = match filter.assignee {
        AssigneeFilter::Agent(agent) => Some(agent.0),
        AssigneeFilter::Any | AssigneeFilter::Unassigned => None,
    };
    let (holders, inboxes) = match &filter.within {
        Reach::Everything => (None, None),
        Reach::Within { holders, inboxes } => {
            (Some(hex_list(holders.iter().map(|id| id.0))), Some(hex_list(inboxes.iter().map(|id| id.0))))
        }
    };
    macro_rules! by {
        ($index:literal, $condition:literal) => {
            by!(pool, $index, $condition, inbox, holder, holders, inboxes)
        };
        ($database:expr, $index:literal, $condition:literal, $inbox:expr, $holder:expr, $holders:expr, $inboxes:expr) => {
            list_rows!($index, $condition, tenant, status, $inbox, contact, $holder, at, id, limit, $holders, $inboxes)
                .fetch_all($database)
                .await
        };
    }
    let (unassigned, no_list) = (filter.assignee == AssigneeFilter::Unassigned, None::<&str>);
    match (&filter.within, filter.assignee, contact, status) {
        (_, AssigneeFilter::Unassigned, Some(_), _) => {
            by!("conversations_by_contact", "contact_id = ?4 and assignee_id is null")
        }
        (_, _, Some(_), _) => by!("conversations_by_contact", "contact_id = ?4"),
        (_, AssigneeFilter::Agent(_), ..) => by!("conversations_by_holder", "assignee_id = ?5"),
        // The newest of each part of the reach: in one walk by age, any number of others might be passed over.
        (Reach::Within { holders, inboxes }, ..) => {
            let (mut rows, mut snapshot) = (Vec::new(), pool.begin().await?);
            for AgentId(agent) in holders.iter().filter(|_| !unassigned) {
                let index = by!(
                    &mut *snapshot,
                    "conversations_by_holder",
                    "assignee_id = ?5",
                    inbox,
                    Some(*agent),
                    no_list,
                    no_list
                );
                rows.extend(index?);
            }
            for InboxId(reached) in
                inboxes.iter().filter(|reached| filter.inbox.is_none_or(|wanted| wanted == **reached))
            {
                rows.extend(if unassigned {
                    by!(
                        &mut *snapshot,
                        "conversations_by_inbox",
                        "inbox_id = ?3 and assignee_id is null",
                        Some(*reached),
                        holder,
                        no_list,
                        no_list
                    )?
                } else {
                    by!(
                        &mut *snapshot,
                        "conversations_by_inbox",
                        "inbox_id = ?3",
                        Some(*reached),
                        holder,
                        no_list,
                        no_list
                    )?
                });
            }
            snapshot.commit().await?;
            Ok(ListCursor::newest(rows, usize::try_from(limit).unwrap_or(usize::MAX), place))
        }
        (_, AssigneeFilter::Unassigned, _, Some(_)) => {
            by!("conversations_unheld", "assignee_id is null and status = ?2")
        }
        (_, AssigneeFilter::Unassigned, ..) => by!("conversations_by_age", "assignee_id is null"),
        (_, AssigneeFilter::Any, ..) if inbox.is_some() => by!("conversations_by_inbox", "inbox_id = ?3"),
        (_, AssigneeFilter::Any, _, Some(_)) => by!("conversations_by_status", "status = ?2"),
        (_, AssigneeFilter::Any, ..) => by!("conversations_by_age", "true"),
    }
}

/// A JSON list of ids as `hex` writes a column of them.
fn hex_list(ids: impl Iterator<Item = Uuid>) -> String {
    let ids: Vec<_> = ids.map(|id| format!("\"{:X}\"", id.simple())).collect();
    format!("[{}]", ids.join(","))
}

/// See [`ConversationStore::latest_of_contact`](frontdesk_ports::ConversationStore::latest_of_contact).
pub(crate) async fn latest_of_contact(
    pool: &SqlitePool,
    tenant: TenantId,
    contact: ContactId,
) -> Result<Option<ConversationId>, StoreError> {
    let latest = sqlx::query_scalar!(
        r#"select conversation_id as "conversation_id: uuid::Uuid" from conversations
           where tenant_id = ? and contact_id = ? order by opened_at_ms desc, conversation_id desc limit 1"#,
        tenant.0,
        contact.0
    );
    Ok(latest.fetch_optional(pool).await.map_err(store_error)?.map(ConversationId))
}
