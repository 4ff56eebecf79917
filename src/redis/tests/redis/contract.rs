//! The contract of presence, sessions and rates, on a real Redis.

use std::{ops::Deref, time::Duration};

use super::server::{RedisServer, presence_at};
use frontdesk_domain::{AgentId, Participant, PresenceState, TenantId, Timestamp};
use frontdesk_ports::{Presence, Quota, RateLimits, SessionRecord, Sessions};
use frontdesk_redis::RedisPresence;
use uuid::Uuid;

/// The implementation, and the server behind it.
struct OnRedis {
    presence: RedisPresence,
    server: RedisServer,
}

impl Deref for OnRedis {
    type Target = RedisPresence;

    fn deref(&self) -> &RedisPresence {
        &self.presence
    }
}

async fn fresh() -> OnRedis {
    let server = RedisServer::start();
    OnRedis { presence: presence_at(&server.url()), server }
}

frontdesk_ports::presence_contract!(fresh);

#[tokio::test]
async fn keys_have_their_agreed_names_and_all_of_them_lapse() {
    let redis = fresh().await;
    let (tenant, session, agent) = (TenantId(Uuid::now_v7()), Uuid::now_v7(), AgentId(Uuid::now_v7()));
    let member = Participant::Agent(agent);
    let ttl = Duration::from_secs(30);
    let record = SessionRecord { session, tenant, member, node: "node-a".into(), since: Timestamp(0) };
    redis.put(&record, ttl).await.unwrap();
    redis.set(tenant, member, session, PresenceState::Online, ttl).await.unwrap();
    redis.take("login:ada", Quota { most: 1, per: ttl }).await;

    let client = redis::Client::open(redis.server.url()).unwrap();
    let mut raw = client.get_multiplexed_async_connection().await.unwrap();
    let mut keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut raw).await.unwrap();
    keys.sort();
    let expected =
        [format!("presence:{tenant}:a-{agent}"), "rate:login:ada".to_owned(), format!("session:{tenant}:{session}")];
    assert_eq!(keys, expected);
    for key in keys {
        let left: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut raw).await.unwrap();
        assert!(left > 0 && left <= 30_000, "{key} lapses in {left} ms");
    }
}

#[tokio::test]
async fn a_quota_is_shared_by_all_nodes() {
    let one = fresh().await;
    let other = presence_at(&one.server.url());
    let quota = Quota { most: 2, per: Duration::from_secs(60) };
    one.take("key", quota).await;
    other.take("key", quota).await;
    assert_ne!(one.take("key", quota).await, frontdesk_ports::Taken::Granted);
}
