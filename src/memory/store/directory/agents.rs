use async_trait::async_trait;
use frontdesk_domain::{Agent, AgentId, TenantId};
use frontdesk_ports::{Agents, PasswordHash, StoreError};

use crate::store::MemoryStore;

#[async_trait]
impl Agents for MemoryStore {
    async fn put_agent(&self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| directory.put_agent(agent, password))
    }

    async fn agent(&self, tenant: TenantId, id: AgentId) -> Result<Option<Agent>, StoreError> {
        self.directory(|directory| {
            Ok(directory.agents.get(&(tenant, id)).map(|held| directory.with_grants(&held.value.0)))
        })
    }

    async fn agent_by_email(&self, email: &str) -> Result<Option<(Agent, PasswordHash)>, StoreError> {
        self.directory(|directory| {
            let mut agents = directory.agents.values().map(|held| &held.value);
            let found = agents.find(|(agent, _)| agent.email == email);
            Ok(found.map(|(agent, password)| (directory.with_grants(agent), password.clone())))
        })
    }

    async fn agents(&self, tenant: TenantId) -> Result<Vec<Agent>, StoreError> {
        self.directory(|directory| {
            let agents = directory.agents.values().map(|held| &held.value.0);
            let mut agents: Vec<_> =
                agents.filter(|agent| agent.tenant == tenant).map(|agent| directory.with_grants(agent)).collect();
            agents.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            Ok(agents)
        })
    }
}
