//! Timers. Lists of them travel as one JSON array; see `persist.rs`.

use async_trait::async_trait;
use frontdesk_domain::{TenantId, Timer, TimerKey, Timestamp};
use frontdesk_ports::{Claimant, ClaimantId, StoreError, TimerSurvey, Timers};
use frontdesk_storage::rows;
use sqlx::SqliteExecutor;
use uuid::Uuid;

use crate::{SqliteStore, error::store_error};

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
impl Timers for SqliteStore {
    async fn set_timer(&self, timer: &Timer) -> Result<bool, StoreError> {
        set(self.writer(), timer).await
    }

    async fn cancel_timer(&self, key: &TimerKey, up_to_generation: u64) -> Result<bool, StoreError> {
        let generation = rows::column(up_to_generation);
        let cancel =
            sqlx::query_file!("../storage/statements/timers/cancel.sql", key.tenant.0, key.kind, key.id, generation);
        Ok(cancel.execute(self.writer()).await.map_err(store_error)?.rows_affected() > 0)
    }

    async fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, StoreError> {
        let found =
            sqlx::query_file_as!(TimerRow, "../storage/statements/timers/by_key.sql", key.tenant.0, key.kind, key.id);
        found.fetch_optional(self.readers()).await.map_err(store_error)?.map(TimerRow::into_timer).transpose()
    }

    async fn survey_timers(&self, kinds: &[&str]) -> Result<TimerSurvey, StoreError> {
        let kinds = rows::to_json(&kinds);
        // `+kind`: by due time, not by kind.
        let found = sqlx::query!(
            r#"select null as "claimant_id: Uuid", (select due_at_ms from timers
                   where claimed_by is null and +kind in (select value from json_each(?))
                   order by due_at_ms limit 1) as "number: i64"
               union all
               select claimant_id, renewals from timer_claimants"#,
            kinds
        );
        let mut survey = TimerSurvey::default();
        for row in found.fetch_all(self.readers()).await.map_err(store_error)? {
            match (row.claimant_id, row.number) {
                (None, nearest) => survey.nearest = nearest.map(Timestamp),
                (Some(id), renewals) => survey
                    .claimants
                    .push(Claimant { id: ClaimantId(id), renewals: rows::number(renewals.unwrap_or_default())? }),
            }
        }
        Ok(survey)
    }

    async fn claim_timers(
        &self,
        claimant: ClaimantId,
        kinds: &[&str],
        due_by: Timestamp,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        let (kinds, limit) = (rows::to_json(&kinds), rows::column(limit as u64));
        let mut transaction = self.write().await?;
        let claim = sqlx::query_as!(
            TimerRow,
            r#"update timers set claimed_by = ?
               where (tenant_id, kind, id) in (
                   select tenant_id, kind, id from timers
                   where claimed_by is null and due_at_ms <= ? and +kind in (select value from json_each(?))
                   order by due_at_ms limit ?)
               returning tenant_id as "tenant_id: Uuid", kind, id, due_at_ms, generation, payload"#,
            claimant.0,
            due_by.0,
            kinds,
            limit
        );
        let claimed = claim.fetch_all(&mut *transaction).await.map_err(store_error)?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        let renew = sqlx::query_file!("../storage/statements/timers/add_claimant.sql", claimant.0);
        renew.execute(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        let mut claimed: Vec<_> = claimed.into_iter().map(TimerRow::into_timer).collect::<Result<_, _>>()?;
        claimed.sort_by_key(|timer| timer.due_at);
        Ok(claimed)
    }

    async fn renew_claims(&self, claimant: ClaimantId) -> Result<bool, StoreError> {
        let renew = sqlx::query_file!("../storage/statements/timers/renew_claimant.sql", claimant.0);
        Ok(renew.execute(self.writer()).await.map_err(store_error)?.rows_affected() > 0)
    }

    async fn release_claims(&self, claimant: ClaimantId, renewals: Option<u64>) -> Result<bool, StoreError> {
        let renewals = renewals.map(rows::column);
        let mut transaction = self.write().await?;
        let remove = sqlx::query_file!("../storage/statements/timers/remove_claimant.sql", claimant.0, renewals);
        if remove.execute(&mut *transaction).await.map_err(store_error)?.rows_affected() == 0 {
            return Ok(false);
        }
        let release = sqlx::query_file!("../storage/statements/timers/release.sql", claimant.0);
        release.execute(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn still_claimed(&self, claimant: ClaimantId, timers: &[Timer]) -> Result<Vec<bool>, StoreError> {
        let wanted = json_timers(timers);
        let held = sqlx::query_scalar!(
            r#"select cast(wanted.key as integer) as "index!: i64" from json_each(?) wanted cross join timers
               where tenant_id = unhex(wanted.value ->> 0) and timers.kind = wanted.value ->> 1
                   and timers.id = wanted.value ->> 2 and generation = wanted.value ->> 3 and claimed_by = ?"#,
            wanted,
            claimant.0
        );
        let mut is_held = vec![false; timers.len()];
        for index in held.fetch_all(self.readers()).await.map_err(store_error)? {
            if let Some(held) = usize::try_from(index).ok().and_then(|index| is_held.get_mut(index)) {
                *held = true;
            }
        }
        Ok(is_held)
    }

    async fn finish_timers(&self, claimant: ClaimantId, fired: &[Timer]) -> Result<(), StoreError> {
        let fired = json_timers(fired);
        let finish = sqlx::query!(
            "delete from timers where claimed_by = ?1 and (tenant_id, kind, id, generation) in (
                 select unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3 from json_each(?2))",
            claimant.0,
            fired
        );
        finish.execute(self.writer()).await.map_err(store_error)?;
        Ok(())
    }
}

fn json_timers(timers: &[Timer]) -> String {
    let rows = timers
        .iter()
        .map(|Timer { key, generation, .. }| (key.tenant.0.simple(), &key.kind, &key.id, rows::column(*generation)));
    rows::to_json(&rows.collect::<Vec<_>>())
}

/// Sets `timer`, by itself or within a transaction; whether it is newer than what was there.
pub(crate) async fn set<'e>(executor: impl SqliteExecutor<'e>, timer: &Timer) -> Result<bool, StoreError> {
    let Timer { key, due_at, payload, .. } = timer;
    let generation = rows::column(timer.generation);
    let set = sqlx::query_file!(
        "../storage/statements/timers/set.sql",
        key.tenant.0,
        key.kind,
        key.id,
        due_at.0,
        generation,
        payload
    );
    Ok(set.execute(executor).await.map_err(store_error)?.rows_affected() > 0)
}
