//! The timers that end snoozes: set and removed together with the entries that say so.

use frontdesk_domain::{SnoozeChange, TimerKey};
use frontdesk_ports::StoreError;
use frontdesk_storage::rows;
use sqlx::SqliteConnection;

use super::{Plans, json_rows};
use crate::error::store_error;

pub(super) async fn follow(connection: &mut SqliteConnection, plans: &Plans<'_>) -> Result<(), StoreError> {
    let (mut begun, mut ended) = (Vec::new(), Vec::new());
    for (key, planned) in plans {
        let (tenant, id) = (key.tenant.0.simple(), key.conversation.0.simple());
        match planned.snooze {
            None => {}
            Some(SnoozeChange::Begun { until, seq }) => begun.push((tenant, id, until.0, rows::column(seq))),
            Some(SnoozeChange::Ended { seq }) => ended.push((tenant, id, rows::column(seq))),
        }
    }
    if !begun.is_empty() {
        let begun = json_rows(begun.into_iter());
        let set = sqlx::query!(
            "insert into timers (tenant_id, kind, id, due_at_ms, generation, payload)
             select unhex(value ->> 0), ?, value ->> 1, value ->> 2, value ->> 3, '{}' from json_each(?) where true
             on conflict (tenant_id, kind, id) do update
             set due_at_ms = excluded.due_at_ms, generation = excluded.generation, claimed_by = null
             where generation < excluded.generation",
            TimerKey::SNOOZE,
            begun
        );
        set.execute(&mut *connection).await.map_err(store_error)?;
    }
    if !ended.is_empty() {
        let ended = json_rows(ended.into_iter());
        let cancel = sqlx::query!(
            "delete from timers where kind = ? and (tenant_id, id) in (
                 select unhex(value ->> 0), value ->> 1 from json_each(?) where generation <= value ->> 2)",
            TimerKey::SNOOZE,
            ended
        );
        cancel.execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}
