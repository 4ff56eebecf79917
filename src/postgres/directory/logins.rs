use async_trait::async_trait;
use frontdesk_domain::{LoginId, TenantId, Timestamp};
use frontdesk_ports::{LiveLogin, Login, Logins, StoreError};

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

    async fn revoke_login(&self, tenant: TenantId, id: LoginId) -> Result<(), StoreError> {
        answered(async {
            let revoke = sqlx::query_file!("../storage/statements/logins/revoke.sql", tenant.0, id.0);
            revoke.execute(self.pool()).await.map_err(store_error)?;
            Ok(())
        })
        .await
    }

    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<LiveLogin>, StoreError> {
        answered(async {
            let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
            let found = sqlx::query!(
                "select login_id, tenant_id, agent_id, email, name, role, active, created_at_ms, away
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
                Ok(LiveLogin { login: LoginId(row.login_id), agent: agent.into_agent()?, away: row.away })
            });
            let mut live = found.collect::<Result<Vec<_>, StoreError>>()?;
            roles::fill_in(self.pool(), live.iter_mut().map(|live| &mut live.agent)).await?;
            Ok(live)
        })
        .await
    }
}
