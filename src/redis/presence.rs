//! `presence:<tenant>:<member>`: a sorted set of `<state>:<session>`, scored by the moment at which it lapses.

use std::{sync::LazyLock, time::Duration};

use async_trait::async_trait;
use frontdesk_domain::{Participant, PresenceState, TenantId};
use frontdesk_ports::{Presence, PresenceError};
use redis::Script;
use uuid::Uuid;

use crate::RedisPresence;

static SET: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/presence_set.lua")));
static GET: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/presence_get.lua")));

#[async_trait]
impl Presence for RedisPresence {
    async fn set(
        &self,
        tenant: TenantId,
        member: Participant,
        session: Uuid,
        state: PresenceState,
        ttl: Duration,
    ) -> Result<(), PresenceError> {
        let state = match state {
            PresenceState::Online => "online",
            PresenceState::Away => "away",
            PresenceState::Offline | PresenceState::Unknown => "",
        };
        let call = async |mut redis| {
            let session = session.to_string();
            SET.key(key(tenant, member)).arg(session).arg(state).arg(millis(ttl)).invoke_async(&mut redis).await
        };
        self.redis.call(call).await
    }

    async fn get(&self, tenant: TenantId, members: &[Participant]) -> Result<Vec<PresenceState>, PresenceError> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let call = async |mut redis| {
            let mut get = GET.prepare_invoke();
            for member in members {
                get.key(key(tenant, *member));
            }
            get.invoke_async::<Vec<u8>>(&mut redis).await
        };
        let best = self.redis.call(call).await?;
        let state = |best: u8| match best {
            2 => PresenceState::Online,
            1 => PresenceState::Away,
            _ => PresenceState::Offline,
        };
        Ok(best.into_iter().map(state).collect())
    }
}

fn key(tenant: TenantId, member: Participant) -> String {
    format!("presence:{tenant}:{member}")
}

/// At least one: Redis refuses to keep something for no time at all.
pub(crate) fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).clamp(1, 1 << 40)
}
