//! `session:<tenant>:<session>`: the rest of the record as JSON, forgotten by Redis itself. There may be hundreds of
//! thousands, so nothing that the key says is said again.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_domain::{Participant, TenantId, Timestamp};
use frontdesk_ports::{PresenceError, SessionRecord, Sessions};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{RedisPresence, presence::millis};

/// What the key does not say.
#[derive(Serialize, Deserialize)]
struct Kept {
    member: Participant,
    node: Arc<str>,
    since: Timestamp,
}

#[async_trait]
impl Sessions for RedisPresence {
    async fn put(&self, record: &SessionRecord, ttl: Duration) -> Result<(), PresenceError> {
        let SessionRecord { session, tenant, member, ref node, since } = *record;
        let kept = Kept { member, node: Arc::clone(node), since };
        let json = serde_json::to_vec(&kept).map_err(|error| PresenceError(error.into()))?;
        let mut set = redis::cmd("SET");
        set.arg(key(tenant, session)).arg(json).arg("PX").arg(millis(ttl));
        self.redis.call(async |mut redis| set.query_async(&mut redis).await).await
    }

    async fn get(&self, tenant: TenantId, session: Uuid) -> Result<Option<SessionRecord>, PresenceError> {
        let mut get = redis::cmd("GET");
        get.arg(key(tenant, session));
        let json: Option<Vec<u8>> = self.redis.call(async |mut redis| get.query_async(&mut redis).await).await?;
        let kept = json.map(|json| serde_json::from_slice(&json)).transpose();
        let kept: Option<Kept> = kept.map_err(|error| PresenceError(error.into()))?;
        Ok(kept.map(|Kept { member, node, since }| SessionRecord { session, tenant, member, node, since }))
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
