//! What changed, in the order of commits.

use frontdesk_domain::TenantId;
use frontdesk_ports::{Change, ChangePosition, Changes, StoreError};
use frontdesk_storage::rows;
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::error::store_error;

/// A row of the page, with what is said of all changes beside it; without a conversation when there is none.
struct ChangeRow {
    newest: i64,
    beyond: i64,
    changed: Option<i64>,
    conversation_id: Option<Uuid>,
    state: Option<String>,
}

/// See [`ConversationStore::newest_change`](frontdesk_ports::ConversationStore::newest_change).
pub(crate) async fn newest(pool: &SqlitePool, tenant: TenantId) -> Result<ChangePosition, StoreError> {
    let newest = sqlx::query_file_scalar!("../storage/statements/changes/newest.sql", tenant.0);
    let newest = newest.fetch_optional(pool).await.map_err(store_error)?;
    Ok(ChangePosition::behind(rows::number(newest.unwrap_or_default())?))
}

/// See [`ConversationStore::changed_since`](frontdesk_ports::ConversationStore::changed_since). One statement, so that
/// all it says is of one moment.
pub(crate) async fn since(
    pool: &SqlitePool,
    tenant: TenantId,
    after: ChangePosition,
    limit: usize,
    most: usize,
) -> Result<Option<Changes>, StoreError> {
    let (number, conversation) = (rows::column(after.number), after.last_conversation().0);
    let one_more = |count: usize| i64::try_from(count).unwrap_or(i64::MAX).saturating_add(1);
    let (page, counted) = (one_more(limit), one_more(most));
    let found = sqlx::query_as!(
        ChangeRow,
        r#"select coalesce((select number from changes where tenant_id = ?1), 0) as "newest!: i64",
               (select count(*) from (
                   select 1 from conversations
                   where tenant_id = ?1 and changed > 0 and opened_at_ms is not null
                       and (changed, conversation_id) > (?2, ?3)
                   limit ?5
               ) as counted) as "beyond!: i64",
               page.changed as "changed?", page.conversation_id as "conversation_id?: uuid::Uuid", page.state as "state?"
           from (select 1) as always left join (
               select changed, conversation_id, state from conversations
               where tenant_id = ?1 and changed > 0 and opened_at_ms is not null
                   and (changed, conversation_id) > (?2, ?3)
               order by changed, conversation_id limit ?4
           ) as page on true
           order by page.changed, page.conversation_id"#,
        tenant.0,
        number,
        conversation,
        page,
        counted
    );
    let found = found.fetch_all(pool).await.map_err(store_error)?;
    if found.iter().any(|row| row.newest < number || row.beyond >= counted) {
        return Ok(None);
    }
    let mut items = found.into_iter().filter_map(|row| change(row).transpose()).collect::<Result<Vec<_>, _>>()?;
    let more = items.len() > limit;
    items.truncate(limit);
    Ok(Some(Changes { items, more }))
}

fn change(row: ChangeRow) -> Result<Option<Change>, StoreError> {
    let (Some(number), Some(conversation), Some(state)) = (row.changed, row.conversation_id, row.state) else {
        return Ok(None);
    };
    Ok(Some(Change::of_conversation(rows::number(number)?, rows::summary(conversation, &state)?)))
}
