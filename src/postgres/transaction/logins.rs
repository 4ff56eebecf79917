use async_trait::async_trait;
use frontdesk_domain::{AgentId, LoginId, TenantId, Timestamp};
use frontdesk_ports::{Login, LoginWrites, Renewal, Rotation, StoreError};
use frontdesk_storage::{LoginRecord, rows};
use sqlx::PgConnection;

use super::PostgresTransaction;
use crate::{
    connect::answered,
    error::{store_error, taken_or},
};

#[async_trait]
impl LoginWrites for PostgresTransaction {
    async fn insert_login(&mut self, login: &Login) -> Result<(), StoreError> {
        let token_hash = &login.token_hash[..];
        let insert = sqlx::query_file!(
            "../storage/statements/logins/insert.sql",
            login.id.0,
            login.tenant.0,
            login.agent.0,
            token_hash,
            login.expires_at.0,
            login.revoked
        );
        let taken = taken_or("this log-in id");
        answered(async { insert.execute(&mut *self.inner).await.map_err(taken) }).await?;
        Ok(())
    }

    async fn rotate_login(
        &mut self,
        id: LoginId,
        renewal: &Renewal,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        answered(async {
            let Some(mut record) = find(&mut self.inner, id).await? else { return Ok(Rotation::Unknown) };
            let rotation = record.rotate(renewal, now, expires_at);
            if rotation != Rotation::Unknown {
                let token_hash = &record.login.token_hash[..];
                let [previous_hash, family_hash, renewal_salt] =
                    [&record.previous_hash, &record.family_hash, &record.renewal_salt]
                        .map(|bytes| bytes.as_ref().map(|bytes| &bytes[..]));
                let keep = sqlx::query_file!(
                    "../storage/statements/logins/rotate.sql",
                    token_hash,
                    previous_hash,
                    family_hash,
                    renewal_salt,
                    record.login.expires_at.0,
                    record.login.revoked,
                    id.0
                );
                keep.execute(&mut *self.inner).await.map_err(store_error)?;
            }
            Ok(rotation)
        })
        .await
    }

    async fn end_login(&mut self, tenant: TenantId, id: LoginId) -> Result<bool, StoreError> {
        let end = sqlx::query_file!("../storage/statements/logins/end.sql", tenant.0, id.0);
        let done = answered(async { end.execute(&mut *self.inner).await.map_err(store_error) }).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn end_logins(
        &mut self,
        tenant: TenantId,
        agent: AgentId,
        keep: Option<LoginId>,
        now: Timestamp,
    ) -> Result<Vec<LoginId>, StoreError> {
        let keep = keep.map(|login| login.0);
        let end = sqlx::query_file_scalar!("../storage/statements/logins/end_all.sql", tenant.0, agent.0, keep, now.0);
        let mut ended = answered(async { end.fetch_all(&mut *self.inner).await.map_err(store_error) }).await?;
        ended.sort_unstable();
        Ok(ended.into_iter().map(LoginId).collect())
    }
}

/// The record, locked until the transaction ends.
async fn find(connection: &mut PgConnection, id: LoginId) -> Result<Option<LoginRecord>, StoreError> {
    let found = sqlx::query!(
        "select tenant_id, agent_id, token_hash, previous_hash, family_hash, renewal_salt, expires_at_ms,
             revoked
         from logins where login_id = $1 for update",
        id.0
    );
    let Some(row) = found.fetch_optional(connection).await.map_err(store_error)? else { return Ok(None) };
    let login = Login {
        id,
        tenant: TenantId(row.tenant_id),
        agent: AgentId(row.agent_id),
        token_hash: bytes(row.token_hash)?,
        expires_at: Timestamp(row.expires_at_ms),
        revoked: row.revoked,
    };
    Ok(Some(LoginRecord {
        login,
        previous_hash: row.previous_hash.map(bytes).transpose()?,
        family_hash: row.family_hash.map(bytes).transpose()?,
        renewal_salt: row.renewal_salt.map(bytes).transpose()?,
    }))
}

fn bytes(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| rows::corrupt("a token's hash or salt has 32 bytes"))
}
