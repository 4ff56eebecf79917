//! `session:<tenant>:<session>`: the record as JSON, forgotten by Redis itself.

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_domain::TenantId;
use frontdesk_ports::{PresenceError, SessionRecord, Sessions};
use uuid::Uuid;

use crate::{RedisPresence, presence::millis};

#[async_trait]
impl Sessions for RedisPresence {
    async fn put(&self, record: &SessionRecord, ttl: Duration) -> Result<(), PresenceError> {
        let json = serde_json::to_vec(record).map_err(|error| PresenceError(error.into()))?;
        let mut set = redis::cmd("SET");
        set.arg(key(record.tenant, record.session)).arg(json).arg("PX").arg(millis(ttl));
        self.redis.call(async |mut redis| set.query_async(&mut redis).await).await
    }

    async fn get(&self, tenant: TenantId, session: Uuid) -> Result<Option<SessionRecord>, PresenceError> {
        let mut get = redis::cmd("GET");
        get.arg(key(tenant, session));
        let json: Option<Vec<u8>> = self.redis.call(async |mut redis| get.query_async(&mut redis).await).await?;
        let record = json.map(|json| serde_json::from_slice(&json)).transpose();
        record.map_err(|error| PresenceError(error.into()))
    }

    async fn remove(&self, tenant: TenantId, session: Uuid) -> Result<(), PresenceError> {
        let mut delete = redis::cmd("DEL");
        delete.arg(key(tenant, session));
        self.redis.call(async |mut redis| delete.query_async(&mut redis).await).await
    }
}

fn key(tenant: TenantId, session: Uuid) -> String {
    format!("session:{tenant}:{session}")
}
