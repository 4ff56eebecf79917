use async_trait::async_trait;
use frontdesk_domain::{Agent, AgentId, TenantId};
use frontdesk_ports::{AgentWrites, PasswordHash, StoreError, Versioned};
use frontdesk_storage::rows;

use super::SqliteTransaction;
use crate::{
    directory::{AgentRow, roles},
    error::{store_error, taken_or},
};

#[async_trait]
impl AgentWrites for SqliteTransaction {
    async fn agent(&mut self, tenant: TenantId, id: AgentId) -> Result<Option<Versioned<Agent>>, StoreError> {
        let find = sqlx::query!(
            r#"select tenant_id as "tenant_id: uuid::Uuid", agent_id as "agent_id: uuid::Uuid", email, name, role,
                 active as "active: bool", created_at_ms, version
             from agents where tenant_id = $1 and agent_id = $2"#,
            tenant.0,
            id.0
        );
        let found = find.fetch_optional(&mut *self.inner).await.map_err(store_error)?;
        let agent = found.map(|row| {
            let agent = AgentRow {
                tenant_id: row.tenant_id,
                agent_id: row.agent_id,
                email: row.email,
                name: row.name,
                role: row.role,
                active: row.active,
                created_at_ms: row.created_at_ms,
            };
            Ok(Versioned { value: agent.into_agent()?, version: rows::from_version(row.version)? })
        });
        let mut agent: Option<Versioned<Agent>> = agent.transpose()?;
        roles::fill_in(&mut *self.inner, agent.iter_mut().map(|agent| &mut agent.value)).await?;
        Ok(agent)
    }

    async fn agents(&mut self, tenant: TenantId) -> Result<Vec<Agent>, StoreError> {
        let find = sqlx::query_file_as!(AgentRow, "../storage/statements/agents/of_tenant_by_id.sql", tenant.0);
        let found = find.fetch_all(&mut *self.inner).await.map_err(store_error)?;
        let mut agents = found.into_iter().map(AgentRow::into_agent).collect::<Result<Vec<_>, _>>()?;
        roles::fill_in(&mut *self.inner, agents.iter_mut()).await?;
        Ok(agents)
    }

    async fn password(&mut self, tenant: TenantId, id: AgentId) -> Result<Option<PasswordHash>, StoreError> {
        let find = sqlx::query_file_scalar!("../storage/statements/agents/password.sql", tenant.0, id.0);
        Ok(find.fetch_optional(&mut *self.inner).await.map_err(store_error)?.map(PasswordHash))
    }

    async fn set_away(&mut self, tenant: TenantId, id: AgentId, away: bool) -> Result<bool, StoreError> {
        let set = sqlx::query_file!("../storage/statements/agents/set_away.sql", tenant.0, id.0, away);
        Ok(set.execute(&mut *self.inner).await.map_err(store_error)?.rows_affected() > 0)
    }

    async fn insert_agent(&mut self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError> {
        let (email, name) = (rows::without_nul(&agent.email), rows::without_nul(&agent.name));
        let role = agent.role.to_string();
        let insert = sqlx::query_file!(
            "../storage/statements/agents/insert.sql",
            agent.tenant.0,
            agent.id.0,
            email,
            name,
            role,
            agent.active,
            password.0,
            agent.created_at.0
        );
        let taken = taken_or("this e-mail address");
        insert.execute(&mut *self.inner).await.map_err(taken)?;
        Ok(())
    }

    async fn update_agent(
        &mut self,
        agent: &Agent,
        password: Option<&PasswordHash>,
        expected: u64,
    ) -> Result<u64, StoreError> {
        let (email, name) = (rows::without_nul(&agent.email), rows::without_nul(&agent.name));
        let (role, expected) = (agent.role.to_string(), rows::to_version(expected));
        let update = sqlx::query_file!(
            "../storage/statements/agents/update.sql",
            agent.tenant.0,
            agent.id.0,
            email,
            name,
            role,
            agent.active,
            password.map(|password| password.0.as_str()),
            expected
        );
        let taken = taken_or("this e-mail address");
        let updated = update.fetch_optional(&mut *self.inner).await.map_err(taken)?;
        rows::from_version(updated.ok_or(StoreError::Conflict)?.version)
    }
}
