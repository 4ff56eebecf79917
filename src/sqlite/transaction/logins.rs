use async_trait::async_trait;
use frontdesk_domain::{LoginId, TenantId};
use frontdesk_ports::{Login, LoginWrites, StoreError};

use super::SqliteTransaction;
use crate::error::{store_error, taken_or};

#[async_trait]
impl LoginWrites for SqliteTransaction {
    async fn insert_login(&mut self, login: &Login) -> Result<(), StoreError> {
        let token_hash = &login.token_hash[..];
        let insert = sqlx::query!(
            "insert into logins (login_id, tenant_id, agent_id, token_hash, expires_at_ms, revoked)
             values ($1, $2, $3, $4, $5, $6)",
            login.id.0,
            login.tenant.0,
            login.agent.0,
            token_hash,
            login.expires_at.0,
            login.revoked
        );
        let taken = taken_or("this log-in id");
        insert.execute(&mut *self.inner).await.map_err(taken)?;
        Ok(())
    }

    async fn end_login(&mut self, tenant: TenantId, id: LoginId) -> Result<bool, StoreError> {
        let end = sqlx::query!(
            "update logins set revoked = 1 where tenant_id = $1 and login_id = $2 and not revoked",
            tenant.0,
            id.0
        );
        let done = end.execute(&mut *self.inner).await.map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }
}
