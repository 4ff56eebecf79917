use async_trait::async_trait;
use frontdesk_domain::{LoginId, TenantId, Timestamp};
use frontdesk_ports::{LiveLogin, Login, Logins, StoreError};
use frontdesk_storage::rows;
use uuid::Uuid;

use super::{agents::AgentRow, roles};
use crate::{
    SqliteStore,
    error::{store_error, taken_or},
};

#[async_trait]
impl Logins for SqliteStore {
    async fn begin_login(&self, login: &Login) -> Result<(), StoreError> {
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
        begin.execute(self.writer()).await.map_err(taken_or("this log-in id"))?;
        Ok(())
    }

    async fn revoke_login(&self, tenant: TenantId, id: LoginId) -> Result<(), StoreError> {
        let revoke = sqlx::query_file!("../storage/statements/logins/revoke.sql", tenant.0, id.0);
        revoke.execute(self.writer()).await.map_err(store_error)?;
        Ok(())
    }

    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<LiveLogin>, StoreError> {
        let ids = rows::to_json(&ids.iter().map(|id| id.0.simple()).collect::<Vec<_>>());
        let found = sqlx::query!(
            r#"select login_id as "login_id: Uuid", tenant_id as "tenant_id: Uuid", agent_id as "agent_id: Uuid", email, name,
                   role, active as "active: bool", created_at_ms, away as "away: bool"
               from logins join agents using (tenant_id, agent_id)
               where login_id in (select unhex(value) from json_each(?)) and revoked = 0 and expires_at_ms > ? and active = 1"#,
            ids,
            now.0
        );
        let found = found.fetch_all(self.readers()).await.map_err(store_error)?.into_iter().map(|row| {
            let agent = AgentRow {
                tenant_id: row.tenant_id,
                agent_id: row.agent_id,
                email: row.email,
                name: row.name,
                role: row.role,
                active: row.active,
                created_at_ms: row.created_at_ms,
            };
            Ok(LiveLogin { login: LoginId(row.login_id), agent: agent.into_agent()?, away: row.away })
        });
        let mut live = found.collect::<Result<Vec<_>, StoreError>>()?;
        roles::fill_in(self.readers(), live.iter_mut().map(|live| &mut live.agent)).await?;
        Ok(live)
    }
}
