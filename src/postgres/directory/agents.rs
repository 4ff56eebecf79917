use async_trait::async_trait;
use frontdesk_domain::{Agent, AgentId, Role, TenantId, Timestamp};
use frontdesk_ports::{Agents, PasswordHash, StoreError};
use frontdesk_storage::rows;
use uuid::Uuid;

use super::roles;
use crate::{
    PostgresStore,
    connect::answered,
    error::{store_error, taken_or},
};

/// An agent's columns, but for the password's hash.
pub(crate) struct AgentRow {
    pub(crate) tenant_id: Uuid,
    pub(crate) agent_id: Uuid,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) active: bool,
    pub(crate) created_at_ms: i64,
}

impl AgentRow {
    pub(crate) fn into_agent(self) -> Result<Agent, StoreError> {
        let role = Role::from_id(&self.role);
        Ok(Agent {
            id: AgentId(self.agent_id),
            tenant: TenantId(self.tenant_id),
            email: self.email,
            name: self.name,
            role: role.ok_or_else(|| rows::corrupt(format!("{:?} is no role", self.role)))?,
            active: self.active,
            created_at: Timestamp(self.created_at_ms),
        })
    }
}

#[async_trait]
impl Agents for PostgresStore {
    async fn put_agent(&self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError> {
        answered(async {
            let (email, name) = (rows::without_nul(&agent.email), rows::without_nul(&agent.name));
            let role = agent.role.to_string();
            let put = sqlx::query_file!(
                "../storage/statements/agents/put.sql",
                agent.tenant.0,
                agent.id.0,
                email,
                name,
                role,
                agent.active,
                password.0,
                agent.created_at.0
            );
            put.execute(self.pool()).await.map_err(taken_or("this e-mail address"))?;
            Ok(())
        })
        .await
    }

    async fn agent(&self, tenant: TenantId, id: AgentId) -> Result<Option<Agent>, StoreError> {
        answered(async {
            let found = sqlx::query_file_as!(AgentRow, "../storage/statements/agents/by_id.sql", tenant.0, id.0)
                .fetch_optional(self.pool())
                .await;
            let mut found = found.map_err(store_error)?.map(AgentRow::into_agent).transpose()?;
            roles::fill_in(self.pool(), found.iter_mut()).await?;
            Ok(found)
        })
        .await
    }

    async fn agent_by_email(&self, email: &str) -> Result<Option<(Agent, PasswordHash)>, StoreError> {
        answered(async {
            // Postgres knows no NUL, not even to compare with.
            let email = rows::without_nul(email);
            let found = sqlx::query_file!("../storage/statements/agents/by_email.sql", email);
            let Some(row) = found.fetch_optional(self.pool()).await.map_err(store_error)? else { return Ok(None) };
            let agent = AgentRow {
                tenant_id: row.tenant_id,
                agent_id: row.agent_id,
                email: row.email,
                name: row.name,
                role: row.role,
                active: row.active,
                created_at_ms: row.created_at_ms,
            };
            let mut agent = agent.into_agent()?;
            roles::fill_in(self.pool(), std::iter::once(&mut agent)).await?;
            Ok(Some((agent, PasswordHash(row.password_hash))))
        })
        .await
    }

    async fn agents(&self, tenant: TenantId) -> Result<Vec<Agent>, StoreError> {
        answered(async {
            let found = sqlx::query_file_as!(AgentRow, "../storage/statements/agents/of_tenant_by_name.sql", tenant.0)
                .fetch_all(self.pool())
                .await;
            let agents = found.map_err(store_error)?.into_iter().map(AgentRow::into_agent);
            let mut agents = agents.collect::<Result<Vec<_>, _>>()?;
            roles::fill_in(self.pool(), agents.iter_mut()).await?;
            Ok(agents)
        })
        .await
    }
}
