use async_trait::async_trait;
use frontdesk_domain::{LoginId, TenantId};
use frontdesk_ports::{Login, LoginWrites, StoreError};

use super::SqliteTransaction;
use crate::error::{store_error, taken_or};

#[async_trait]
impl LoginWrites for SqliteTransaction {
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
        insert.execute(&mut *self.inner).await.map_err(taken)?;
        Ok(())
    }

    async fn end_login(&mut self, tenant: TenantId, id: LoginId) -> Result<bool, StoreError> {
        let end = sqlx::query_file!("../storage/statements/logins/end.sql", tenant.0, id.0);
        let done = end.execute(&mut *self.inner).await.map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }
}
