//! The timers that end snoozes: set and removed together with the entries that say so.

use frontdesk_domain::{SnoozeChange, TimerKey};
use frontdesk_ports::StoreError;
use frontdesk_storage::rows;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Plans;
use crate::error::store_error;

/// One array per column.
#[derive(Default)]
struct Columns {
    tenant_id: Vec<Uuid>,
    id: Vec<String>,
    due_at_ms: Vec<i64>,
    generation: Vec<i64>,
}

pub(super) async fn follow(connection: &mut PgConnection, plans: &Plans<'_>) -> Result<(), StoreError> {
    let (mut begun, mut ended) = (Columns::default(), Columns::default());
    for (key, planned) in plans {
        let (columns, due_at_ms, generation) = match planned.snooze {
            None => continue,
            Some(SnoozeChange::Begun { until, seq }) => (&mut begun, until.0, seq),
            Some(SnoozeChange::Ended { seq }) => (&mut ended, 0, seq),
        };
        columns.tenant_id.push(key.tenant.0);
        columns.id.push(TimerKey::snooze(key.tenant, key.conversation).id);
        columns.due_at_ms.push(due_at_ms);
        columns.generation.push(rows::column(generation));
    }
    if !begun.id.is_empty() {
        let set = sqlx::query!(
            "insert into timers (tenant_id, kind, id, due_at_ms, generation, payload)
             select tenant_id, $1, id, due_at_ms, generation, '{}'
             from unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[]) as new (tenant_id, id, due_at_ms, generation)
             on conflict (tenant_id, kind, id) do update
             set due_at_ms = excluded.due_at_ms, generation = excluded.generation, claimed_by = null
             where timers.generation < excluded.generation",
            TimerKey::SNOOZE,
            &begun.tenant_id,
            &begun.id,
            &begun.due_at_ms,
            &begun.generation
        );
        set.execute(&mut *connection).await.map_err(store_error)?;
    }
    if !ended.id.is_empty() {
        let cancel = sqlx::query!(
            "delete from timers using unnest($2::uuid[], $3::text[], $4::bigint[]) as ended (tenant_id, id, generation)
             where timers.kind = $1 and timers.tenant_id = ended.tenant_id and timers.id = ended.id
                 and timers.generation <= ended.generation",
            TimerKey::SNOOZE,
            &ended.tenant_id,
            &ended.id,
            &ended.generation
        );
        cancel.execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}
