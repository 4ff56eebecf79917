//! Lists of conversations, and the one that a contact opened last.

use frontdesk_domain::{ContactId, ConversationId, ConversationSummary, Reach, Status, TenantId, Timestamp};
use frontdesk_ports::{AssigneeFilter, ConversationFilter, Page, PageRequest, StoreError};
use frontdesk_storage::{ListCursor, rows};
use sqlx::PgPool;
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
/// `$condition` says again what is not null, so that the index for it can be chosen before the parameters are known.
macro_rules! list_rows {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ListRow,
            "select conversation_id, last_at_ms, state from conversations
             where tenant_id = $1 and opened_at_ms is not null and ($2::text is null or status = $2)
                 and ($3::uuid is null or inbox_id = $3) and ($4::uuid is null or contact_id = $4)
                 and ($5::uuid is null or assignee_id = $5) and (last_at_ms, conversation_id) < ($6, $7)
                 and ($9::uuid[] is null or assignee_id = any($9) or inbox_id = any($10::uuid[])) and "
                + $condition
                + " order by last_at_ms desc, conversation_id desc limit $8",
            $($argument),+
        )
    };
}

/// The newest rows of each holder (4) and of each inbox (5), some of them twice: in one walk by age, any number of
/// others might be passed over. After cursor (7, 8) of tenant (1), enough for (9) different ones; those of holders with
/// status (2) and inbox (3) unless null; those of inboxes with a status of the list (10), and without a holder if (6).
macro_rules! within {
    ($($argument:expr),+) => {
        sqlx::query_as!(
            ListRow,
            r#"select found.conversation_id as "conversation_id!", found.last_at_ms as "last_at_ms!", found.state as "state!"
            from (
                select row.* from unnest($4::uuid[]) as reached (id) cross join lateral (
                    select conversation_id, last_at_ms, state from conversations
                    where tenant_id = $1 and assignee_id = reached.id and opened_at_ms is not null
                        and ($2::text is null or status = $2) and ($3::uuid is null or inbox_id = $3)
                        and (last_at_ms, conversation_id) < ($7, $8)
                    order by last_at_ms desc, conversation_id desc limit $9
                ) as row
                union all
                select row.* from unnest($5::uuid[]) as reached (id)
                cross join unnest($10::text[]) as standing (status) cross join lateral (
                    select conversation_id, last_at_ms, state from conversations
                    where tenant_id = $1 and inbox_id = reached.id and status = standing.status
                        and opened_at_ms is not null and (not $6::bool or assignee_id is null) and (last_at_ms, conversation_id) < ($7, $8)
                    order by last_at_ms desc, conversation_id desc limit $9
                ) as row
            ) as found
            order by last_at_ms desc, conversation_id desc
            limit $9 * 2"#,
            $($argument),+
        )
    };
}

/// See [`ConversationStore::list`](frontdesk_ports::ConversationStore::list).
pub(crate) async fn list(
    pool: &PgPool,
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

/// Asks so that the index can be used that leaves least to be passed over.
async fn fetch(
    pool: &PgPool,
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
    let (holders, inboxes): (Option<Vec<Uuid>>, Option<Vec<Uuid>>) = match &filter.within {
        Reach::Everything => (None, None),
        Reach::Within { holders, inboxes } => {
            (Some(holders.iter().map(|id| id.0).collect()), Some(inboxes.iter().map(|id| id.0).collect()))
        }
    };
    macro_rules! by {
        ($condition:literal) => {
            list_rows!(
                $condition,
                tenant,
                status,
                inbox as Option<Uuid>,
                contact as Option<Uuid>,
                holder as Option<Uuid>,
                at,
                id,
                limit,
                holders.as_deref() as Option<&[Uuid]>,
                inboxes.as_deref() as Option<&[Uuid]>
            )
            .fetch_all(pool)
            .await
        };
    }
    match (filter.assignee, contact, status) {
        (AssigneeFilter::Unassigned, Some(_), _) => {
            by!("contact_id = $4 and assignee_id is null")
        }
        (_, Some(_), _) => by!("contact_id = $4"),
        (AssigneeFilter::Agent(_), ..) => by!("assignee_id = $5"),
        _ if inbox.is_some() || holders.is_some() => {
            let unassigned = filter.assignee == AssigneeFilter::Unassigned;
            let (holders, inboxes) = filter.parts();
            let (holders, inboxes): (Vec<_>, Vec<_>) =
                (holders.iter().map(|id| id.0).collect(), inboxes.iter().map(|id| id.0).collect());
            let statuses: Vec<String> = filter
                .status
                .map_or_else(|| Status::ALL.to_vec(), |status| vec![status])
                .into_iter()
                .map(|status| status.as_str().to_owned())
                .collect();
            let rows = within!(
                tenant,
                status,
                inbox as Option<Uuid>,
                &holders,
                &inboxes,
                unassigned,
                at,
                id,
                limit,
                &statuses
            )
            .fetch_all(pool)
            .await?;
            Ok(ListCursor::newest(rows, usize::try_from(limit).unwrap_or(usize::MAX), place))
        }
        (AssigneeFilter::Unassigned, _, Some(_)) => by!("assignee_id is null and status = $2"),
        (AssigneeFilter::Unassigned, ..) => by!("assignee_id is null"),
        (AssigneeFilter::Any, _, Some(_)) => by!("status = $2"),
        (AssigneeFilter::Any, ..) => by!("true"),
    }
}

/// See [`ConversationStore::latest_of_contact`](frontdesk_ports::ConversationStore::latest_of_contact).
pub(crate) async fn latest_of_contact(
    pool: &PgPool,
    tenant: TenantId,
    contact: ContactId,
) -> Result<Option<ConversationId>, StoreError> {
    let latest = sqlx::query_scalar!(
        "select conversation_id from conversations
         where tenant_id = $1 and contact_id = $2 order by opened_at_ms desc, conversation_id desc limit 1",
        tenant.0,
        contact.0
    );
    Ok(latest.fetch_optional(pool).await.map_err(store_error)?.map(ConversationId))
}
