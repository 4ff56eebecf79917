use async_trait::async_trait;
use frontdesk_domain::{LoginId, TenantId, Timestamp};
use frontdesk_ports::{LiveLogin, Login, Logins, StoreError};
use frontdesk_storage::LoginRecord;

use crate::store::MemoryStore;

#[async_trait]
impl Logins for MemoryStore {
    async fn begin_login(&self, login: &Login) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        let record = LoginRecord::begun(login.clone());
        self.directory(|directory| {
            if directory.logins.contains_key(&login.id) {
                return Err(StoreError::Taken("this log-in id"));
            }
            directory.logins.insert(login.id, record);
            Ok(())
        })
    }

    async fn revoke_login(&self, tenant: TenantId, id: LoginId) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            let record = directory.logins.get_mut(&id);
            if let Some(record) = record.filter(|record| record.login.tenant == tenant) {
                record.login.revoked = true;
            }
            Ok(())
        })
    }

    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<LiveLogin>, StoreError> {
        self.directory(|directory| {
            let logins = directory.logins.values().map(|record| &record.login);
            let live = logins.filter(|login| ids.contains(&login.id) && !login.revoked && now < login.expires_at);
            let with_agent = live.filter_map(|login| {
                let (agent, _) = &directory.agents.get(&(login.tenant, login.agent))?.value;
                let away = directory.away.contains(&(login.tenant, login.agent));
                agent.active.then(|| LiveLogin { login: login.id, agent: directory.with_grants(agent), away })
            });
            Ok(with_agent.collect())
        })
    }
}
