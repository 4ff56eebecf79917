use async_trait::async_trait;
use frontdesk_domain::{Agent, AgentId, LoginId, TenantId, Timestamp};
use frontdesk_ports::{Login, Logins, Rotation, StoreError};
use frontdesk_storage::{LoginRecord, rows};
use sqlx::PgConnection;

use super::{agents::AgentRow, roles};
use crate::{
    PostgresStore,
    connect::answered,
    error::{store_error, taken_or},
};

#[async_trait]
impl Logins for PostgresStore {
    async fn begin_login(&self, login: &Login) -> Result<(), StoreError> {
        answered(async {
            let token_hash = &login.token_hash[..];
            let begin = sqlx::query_file!(
                "../storage/statements/logins/insert.sql",
                login.id.0,
                login.tenant.0,
                login.agent.0,
                token_hash,
                login.expires_at.0,
                login.revoked
            );
            begin.execute(self.pool()).await.map_err(taken_or("this log-in id"))?;
            Ok(())
        })
        .await
    }

    async fn rotate_login(
        &self,
        id: LoginId,
        presented: [u8; 32],
        next: [u8; 32],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        answered(async {
            let mut transaction = self.begin_transaction().await?;
            let Some(mut record) = find(&mut transaction, id).await? else { return Ok(Rotation::Unknown) };
            let rotation = record.rotate(presented, next, now, expires_at);
            if rotation != Rotation::Unknown {
                let (token_hash, previous_hash) =
                    (&record.login.token_hash[..], record.previous_hash.as_ref().map(|hash| &hash[..]));
                let keep = sqlx::query_file!(
                    "../storage/statements/logins/rotate.sql",
                    token_hash,
                    previous_hash,
                    record.login.expires_at.0,
                    record.login.revoked,
                    id.0
                );
                keep.execute(&mut *transaction).await.map_err(store_error)?;
                transaction.commit().await.map_err(store_error)?;
            }
            Ok(rotation)
        })
        .await
    }

    async fn revoke_login(&self, tenant: TenantId, id: LoginId) -> Result<(), StoreError> {
        answered(async {
            let revoke = sqlx::query_file!("../storage/statements/logins/revoke.sql", tenant.0, id.0);
            revoke.execute(self.pool()).await.map_err(store_error)?;
            Ok(())
        })
        .await
    }

    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<(LoginId, Agent)>, StoreError> {
        answered(async {
            let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
            let found = sqlx::query!(
                "select login_id, tenant_id, agent_id, email, name, role, active, created_at_ms
             from logins join agents using (tenant_id, agent_id)
             where login_id = any ($1) and not revoked and expires_at_ms > $2 and active",
                &ids,
                now.0
            );
            let found = found.fetch_all(self.pool()).await.map_err(store_error)?.into_iter().map(|row| {
                let agent = AgentRow {
                    tenant_id: row.tenant_id,
                    agent_id: row.agent_id,
                    email: row.email,
                    name: row.name,
                    role: row.role,
                    active: row.active,
                    created_at_ms: row.created_at_ms,
                };
                Ok((LoginId(row.login_id), agent.into_agent()?))
            });
            let mut live = found.collect::<Result<Vec<_>, StoreError>>()?;
            roles::fill_in(self.pool(), live.iter_mut().map(|(_, agent)| agent)).await?;
            Ok(live)
        })
        .await
    }
}

/// The record, locked until the transaction ends.
async fn find(connection: &mut PgConnection, id: LoginId) -> Result<Option<LoginRecord>, StoreError> {
    let found = sqlx::query!(
        "select tenant_id, agent_id, token_hash, previous_hash, expires_at_ms, revoked
         from logins where login_id = $1 for update",
        id.0
    );
    let Some(row) = found.fetch_optional(connection).await.map_err(store_error)? else { return Ok(None) };
    let login = Login {
        id,
        tenant: TenantId(row.tenant_id),
        agent: AgentId(row.agent_id),
        token_hash: hash(row.token_hash)?,
        expires_at: Timestamp(row.expires_at_ms),
        revoked: row.revoked,
    };
    Ok(Some(LoginRecord { login, previous_hash: row.previous_hash.map(hash).transpose()? }))
}

fn hash(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| rows::corrupt("a token's hash has 32 bytes"))
}
