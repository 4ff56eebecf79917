//! Presence, sessions and rate limits of one node, in its own memory.

mod buckets;
mod expiring;
mod member;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_domain::{Participant, PresenceState, TenantId, Timestamp};
use uuid::Uuid;

use buckets::Buckets;
use expiring::Expiring;
use frontdesk_ports::{
    clock::Clock,
    presence::{Presence, PresenceError, Quota, RateLimits, SessionRecord, Sessions, Taken},
};
use member::Member;

/// What a node keeps by itself when there is no Redis, and falls back to for rate limits when Redis is away.
///
/// Never fails and never waits. Memory is bounded by what is fresh, and for rate limits by a number of keys. Time is
/// the monotonic clock's, so the wall clock may jump.
pub struct MemoryPresence {
    clock: Arc<dyn Clock>,
    states: Mutex<Expiring<(TenantId, Member), OfMember>>,
    sessions: Mutex<Expiring<(TenantId, Uuid), Connected>>,
    buckets: Mutex<Buckets>,
}

/// The sessions of a member. Most have one, so they stand in a list and not in a map.
type OfMember = Vec<(Uuid, Fresh)>;

/// What is known of a session besides its key. There is one for each socket, so it holds nothing twice.
struct Connected {
    member: Member,
    node: Arc<str>,
    since: Timestamp,
}

/// What one session of a member said, and until when it holds.
#[derive(Clone, Copy)]
struct Fresh {
    state: PresenceState,
    until: Duration,
}

impl MemoryPresence {
    /// Without any agent or contact. Counts at most 100,000 rates at a time.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_rate_keys(clock, 100_000)
    }

    /// Without any agent or contact. Counts at most `rate_keys` rates at a time; beyond that, those nearest to unused
    /// are forgotten.
    #[must_use]
    pub fn with_rate_keys(clock: Arc<dyn Clock>, rate_keys: usize) -> Self {
        Self {
            clock,
            states: Mutex::default(),
            sessions: Mutex::default(),
            buckets: Mutex::new(Buckets::new(rate_keys)),
        }
    }
}

#[async_trait]
impl Presence for MemoryPresence {
    async fn set(
        &self,
        tenant: TenantId,
        member: Participant,
        session: Uuid,
        state: PresenceState,
        ttl: Duration,
    ) -> Result<(), PresenceError> {
        let now = self.clock.monotonic();
        let key = (tenant, Member::from(member));
        let mut states = lock(&self.states);
        let mut of_member = states.remove(&key).unwrap_or_default();
        of_member.retain(|(other, fresh)| *other != session && fresh.until > now);
        if matches!(state, PresenceState::Online | PresenceState::Away) {
            of_member.reserve_exact(1);
            of_member.push((session, Fresh { state, until: now.saturating_add(ttl) }));
        }
        if let Some(until) = of_member.iter().map(|(_, fresh)| fresh.until).max() {
            states.insert(key, of_member, until, now);
        }
        Ok(())
    }

    async fn get(&self, tenant: TenantId, members: &[Participant]) -> Result<Vec<PresenceState>, PresenceError> {
        let now = self.clock.monotonic();
        let states = lock(&self.states);
        let state_of = |member: &Participant| {
            let of_member = states.get(&(tenant, Member::from(*member)), now);
            let fresh = of_member.into_iter().flatten().map(|(_, fresh)| fresh).filter(|fresh| fresh.until > now);
            match fresh.map(|fresh| fresh.state == PresenceState::Online).max() {
                Some(true) => PresenceState::Online,
                Some(false) => PresenceState::Away,
                None => PresenceState::Offline,
            }
        };
        Ok(members.iter().map(state_of).collect())
    }
}

#[async_trait]
impl Sessions for MemoryPresence {
    async fn put(&self, record: &SessionRecord, ttl: Duration) -> Result<(), PresenceError> {
        let now = self.clock.monotonic();
        let key = (record.tenant, record.session);
        let connected = Connected { member: record.member.into(), node: Arc::clone(&record.node), since: record.since };
        lock(&self.sessions).insert(key, connected, now.saturating_add(ttl), now);
        Ok(())
    }

    async fn get(&self, tenant: TenantId, session: Uuid) -> Result<Option<SessionRecord>, PresenceError> {
        let sessions = lock(&self.sessions);
        let connected = sessions.get(&(tenant, session), self.clock.monotonic());
        Ok(connected.map(|Connected { member, node, since }| SessionRecord {
            session,
            tenant,
            member: member.into(),
            node: Arc::clone(node),
            since: *since,
        }))
    }

    async fn remove(&self, tenant: TenantId, session: Uuid) -> Result<(), PresenceError> {
        lock(&self.sessions).remove(&(tenant, session));
        Ok(())
    }
}

#[async_trait]
impl RateLimits for MemoryPresence {
    async fn take(&self, key: &str, quota: Quota) -> Taken {
        lock(&self.buckets).take(key, quota, self.clock.monotonic())
    }

    async fn look(&self, key: &str, quota: Quota) -> Taken {
        lock(&self.buckets).look(key, quota, self.clock.monotonic())
    }

    async fn give_back(&self, key: &str, quota: Quota) {
        lock(&self.buckets).give_back(key, quota);
    }
}

/// Nothing here can be left half done by a panic, so a poisoned lock is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
