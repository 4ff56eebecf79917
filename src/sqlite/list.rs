//! Lists of conversations, and the one that a contact opened last.

use frontdesk_domain::{
    AgentId, ContactId, ConversationId, ConversationSummary, InboxId, Reach, Status, TenantId, Timestamp,
};
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
            list_rows!($index, $condition, tenant, status, inbox, contact, holder, at, id, limit, holders, inboxes)
                .fetch_all(pool)
                .await
        };
    }
    match (filter.assignee, contact, status) {
        (AssigneeFilter::Unassigned, Some(_), _) => {
            by!("conversations_by_contact", "contact_id = ?4 and assignee_id is null")
        }
        (_, Some(_), _) => by!("conversations_by_contact", "contact_id = ?4"),
        (AssigneeFilter::Agent(_), ..) => by!("conversations_by_holder", "assignee_id = ?5"),
        _ if inbox.is_some() || filter.within != Reach::Everything => {
            fetch_parts(pool, tenant, filter, start, limit).await
        }
        (AssigneeFilter::Unassigned, _, Some(_)) => by!("conversations_unheld", "assignee_id is null and status = ?2"),
        (AssigneeFilter::Unassigned, ..) => by!("conversations_by_age", "assignee_id is null"),
        (AssigneeFilter::Any, _, Some(_)) => by!("conversations_by_status", "status = ?2"),
        (AssigneeFilter::Any, ..) => by!("conversations_by_age", "true"),
    }
}

/// The newest rows of each holder and of each inbox within reach: in one walk by age, any number of others might be
/// passed over. For any assignee, or none, of any contact.
async fn fetch_parts(
    pool: &SqlitePool,
    tenant: Uuid,
    filter: &ConversationFilter,
    start: ListCursor,
    limit: i64,
) -> Result<Vec<ListRow>, sqlx::Error> {
    let (status, inbox) = (rows::status_column(filter.status), filter.inbox.map(|inbox| inbox.0));
    let (at, id, unassigned) = (start.at.0, start.id, filter.assignee == AssigneeFilter::Unassigned);
    let (holders, inboxes) = filter.parts();
    let statuses: Vec<&str> = status.map_or_else(|| Status::ALL.map(Status::as_str).to_vec(), |status| vec![status]);
    let (mut rows, mut snapshot) = (Vec::new(), pool.begin().await?);
    macro_rules! part {
        ($index:literal, $condition:literal, $status:expr, $inbox:expr, $holder:expr) => {
            list_rows!(
                $index,
                $condition,
                tenant,
                $status,
                $inbox,
                None::<Uuid>,
                $holder,
                at,
                id,
                limit,
                None::<&str>,
                None::<&str>
            )
            .fetch_all(&mut *snapshot)
            .await?
        };
    }
    for AgentId(agent) in holders {
        rows.extend(part!("conversations_by_holder", "assignee_id = ?5", status, inbox, Some(agent)));
    }
    for InboxId(reached) in inboxes {
        for status in &statuses {
            rows.extend(if unassigned {
                part!(
                    "conversations_by_inbox",
                    "inbox_id = ?3 and status = ?2 and assignee_id is null",
                    Some(*status),
                    Some(reached),
                    None::<Uuid>
                )
            } else {
                part!(
                    "conversations_by_inbox",
                    "inbox_id = ?3 and status = ?2",
                    Some(*status),
                    Some(reached),
                    None::<Uuid>
                )
            });
        }
    }
    snapshot.commit().await?;
    Ok(ListCursor::newest(rows, usize::try_from(limit).unwrap_or(usize::MAX), place))
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
