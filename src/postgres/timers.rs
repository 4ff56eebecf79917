//! Timers. Lists of them travel as one array per column.

use async_trait::async_trait;
use frontdesk_domain::{TenantId, Timer, TimerKey, Timestamp};
use frontdesk_ports::{Claimant, ClaimantId, StoreError, TimerSurvey, Timers};
use frontdesk_storage::rows;
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

use crate::{PostgresStore, connect::answered, error::store_error};

struct TimerRow {
    tenant_id: Uuid,
    kind: String,
    id: String,
    due_at_ms: i64,
    generation: i64,
    payload: String,
}

impl TimerRow {
    fn into_timer(self) -> Result<Timer, StoreError> {
        Ok(Timer {
            key: TimerKey { tenant: TenantId(self.tenant_id), kind: self.kind, id: self.id },
            due_at: Timestamp(self.due_at_ms),
            generation: rows::number(self.generation)?,
            payload: self.payload,
        })
    }
}

#[async_trait]
impl Timers for PostgresStore {
    async fn set_timer(&self, timer: &Timer) -> Result<bool, StoreError> {
        answered(set(self.pool(), timer)).await
    }

    async fn cancel_timer(&self, key: &TimerKey, up_to_generation: u64) -> Result<bool, StoreError> {
        answered(cancel(self.pool(), key, up_to_generation)).await
    }

    async fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, StoreError> {
        answered(one(self.pool(), key)).await
    }

    async fn survey_timers(&self, kinds: &[&str]) -> Result<TimerSurvey, StoreError> {
        answered(survey(self.pool(), kinds)).await
    }

    async fn claim_timers(
        &self,
        claimant: ClaimantId,
        kinds: &[&str],
        due_by: Timestamp,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        answered(claim(self, claimant, kinds, due_by, limit)).await
    }

    async fn renew_claims(&self, claimant: ClaimantId) -> Result<bool, StoreError> {
        answered(renew(self.pool(), claimant)).await
    }

    async fn release_claims(&self, claimant: ClaimantId, renewals: Option<u64>) -> Result<bool, StoreError> {
        answered(release(self, claimant, renewals)).await
    }

    async fn still_claimed(&self, claimant: ClaimantId, timers: &[Timer]) -> Result<Vec<bool>, StoreError> {
        answered(held(self.pool(), claimant, timers)).await
    }

    async fn finish_timers(&self, claimant: ClaimantId, fired: &[Timer]) -> Result<(), StoreError> {
        answered(finish(self.pool(), claimant, fired)).await
    }
}

/// Sets `timer`, by itself or within a transaction; whether it is newer than what was there.
pub(crate) async fn set<'e>(executor: impl PgExecutor<'e>, timer: &Timer) -> Result<bool, StoreError> {
    let Timer { key, due_at, generation, payload } = timer;
    let set = sqlx::query_file!(
        "../storage/statements/timers/set.sql",
        key.tenant.0,
        key.kind,
        key.id,
        due_at.0,
        rows::column(*generation),
        payload
    );
    Ok(set.execute(executor).await.map_err(store_error)?.rows_affected() > 0)
}

async fn cancel(pool: &PgPool, key: &TimerKey, up_to_generation: u64) -> Result<bool, StoreError> {
    let cancel = sqlx::query_file!(
        "../storage/statements/timers/cancel.sql",
        key.tenant.0,
        key.kind,
        key.id,
        rows::column(up_to_generation)
    );
    Ok(cancel.execute(pool).await.map_err(store_error)?.rows_affected() > 0)
}

async fn one(pool: &PgPool, key: &TimerKey) -> Result<Option<Timer>, StoreError> {
    let found =
        sqlx::query_file_as!(TimerRow, "../storage/statements/timers/by_key.sql", key.tenant.0, key.kind, key.id);
    found.fetch_optional(pool).await.map_err(store_error)?.map(TimerRow::into_timer).transpose()
}

async fn survey(pool: &PgPool, kinds: &[&str]) -> Result<TimerSurvey, StoreError> {
    let kinds: Vec<_> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let found = sqlx::query!(
        r#"select null::uuid as claimant_id, (select due_at_ms from timers
               where claimed_by is null and kind = any($1) order by due_at_ms limit 1) as number
           union all
           select claimant_id, renewals from timer_claimants"#,
        &kinds
    );
    let mut survey = TimerSurvey::default();
    for row in found.fetch_all(pool).await.map_err(store_error)? {
        match (row.claimant_id, row.number) {
            (None, nearest) => survey.nearest = nearest.map(Timestamp),
            (Some(id), renewals) => survey
                .claimants
                .push(Claimant { id: ClaimantId(id), renewals: rows::number(renewals.unwrap_or_default())? }),
        }
    }
    Ok(survey)
}

/// First the claimant's row, whose lock orders this with a release by another worker.
async fn claim(
    store: &PostgresStore,
    claimant: ClaimantId,
    kinds: &[&str],
    due_by: Timestamp,
    limit: usize,
) -> Result<Vec<Timer>, StoreError> {
    let kinds: Vec<_> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let mut transaction = store.begin_transaction().await?;
    let renew = sqlx::query_file!("../storage/statements/timers/add_claimant.sql", claimant.0);
    renew.execute(&mut *transaction).await.map_err(store_error)?;
    let claim = sqlx::query_as!(
        TimerRow,
        "with picked as (
             select tenant_id, kind, id from timers
             where claimed_by is null and due_at_ms <= $2 and kind = any($3)
             order by due_at_ms limit $4 for update skip locked
         )
         update timers set claimed_by = $1 from picked
         where timers.tenant_id = picked.tenant_id and timers.kind = picked.kind and timers.id = picked.id
         returning timers.tenant_id, timers.kind, timers.id, due_at_ms, generation, payload",
        claimant.0,
        due_by.0,
        &kinds,
        rows::column(limit as u64)
    );
    let claimed = claim.fetch_all(&mut *transaction).await.map_err(store_error)?;
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    transaction.commit().await.map_err(store_error)?;
    let mut claimed: Vec<_> = claimed.into_iter().map(TimerRow::into_timer).collect::<Result<_, _>>()?;
    claimed.sort_by_key(|timer| timer.due_at);
    Ok(claimed)
}

async fn renew(pool: &PgPool, claimant: ClaimantId) -> Result<bool, StoreError> {
    let renew = sqlx::query_file!("../storage/statements/timers/renew_claimant.sql", claimant.0);
    Ok(renew.execute(pool).await.map_err(store_error)?.rows_affected() > 0)
}

async fn release(store: &PostgresStore, claimant: ClaimantId, renewals: Option<u64>) -> Result<bool, StoreError> {
    let mut transaction = store.begin_transaction().await?;
    let remove =
        sqlx::query_file!("../storage/statements/timers/remove_claimant.sql", claimant.0, renewals.map(rows::column));
    if remove.execute(&mut *transaction).await.map_err(store_error)?.rows_affected() == 0 {
        return Ok(false);
    }
    let release = sqlx::query_file!("../storage/statements/timers/release.sql", claimant.0);
    release.execute(&mut *transaction).await.map_err(store_error)?;
    transaction.commit().await.map_err(store_error)?;
    Ok(true)
}

async fn held(pool: &PgPool, claimant: ClaimantId, timers: &[Timer]) -> Result<Vec<bool>, StoreError> {
    let columns = NameColumns::of(timers);
    let held = sqlx::query_scalar!(
        r#"select wanted.place as "place!"
           from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[]) with ordinality
               as wanted (tenant_id, kind, id, generation, place)
               join timers using (tenant_id, kind, id, generation)
           where claimed_by = $5"#,
        &columns.tenant_id,
        &columns.kind,
        &columns.id,
        &columns.generation,
        claimant.0
    );
    let mut is_held = vec![false; timers.len()];
    for place in held.fetch_all(pool).await.map_err(store_error)? {
        let index = usize::try_from(place - 1).ok();
        if let Some(held) = index.and_then(|index| is_held.get_mut(index)) {
            *held = true;
        }
    }
    Ok(is_held)
}

async fn finish(pool: &PgPool, claimant: ClaimantId, fired: &[Timer]) -> Result<(), StoreError> {
    let columns = NameColumns::of(fired);
    let finish = sqlx::query!(
        "delete from timers using unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])
             as fired (tenant_id, kind, id, generation)
         where timers.tenant_id = fired.tenant_id and timers.kind = fired.kind and timers.id = fired.id
             and timers.generation = fired.generation and claimed_by = $5",
        &columns.tenant_id,
        &columns.kind,
        &columns.id,
        &columns.generation,
        claimant.0
    );
    finish.execute(pool).await.map_err(store_error)?;
    Ok(())
}

/// Names and generations of timers, one array per column.
struct NameColumns {
    tenant_id: Vec<Uuid>,
    kind: Vec<String>,
    id: Vec<String>,
    generation: Vec<i64>,
}

impl NameColumns {
    fn of(timers: &[Timer]) -> Self {
        Self {
            tenant_id: timers.iter().map(|timer| timer.key.tenant.0).collect(),
            kind: timers.iter().map(|timer| timer.key.kind.clone()).collect(),
            id: timers.iter().map(|timer| timer.key.id.clone()).collect(),
            generation: timers.iter().map(|timer| rows::column(timer.generation)).collect(),
        }
    }
}
