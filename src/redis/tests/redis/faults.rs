//! Redis frozen, down, restarted and locked: no call waits long, and all is well again by itself.

use std::time::Duration;

use super::server::{RedisServer, free_port, presence_at, url};
use frontdesk_domain::{AgentId, Participant, PresenceState, TenantId};
use frontdesk_ports::{Presence, PresenceError, Quota, RateLimits, Sessions, Taken};
use frontdesk_redis::RedisPresence;
use tokio::time::Instant;
use uuid::Uuid;

const QUOTA: Quota = Quota { most: 1, per: Duration::from_secs(3_600) };

/// Asks something small.
async fn ask(redis: &RedisPresence) -> Result<(), PresenceError> {
    let member = Participant::Agent(AgentId(Uuid::now_v7()));
    Presence::get(redis, TenantId(Uuid::now_v7()), &[member]).await.map(drop)
}

/// Asks until it is answered; gives up after ten seconds.
async fn answered(redis: &RedisPresence) {
    let asking = async {
        while ask(redis).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asking).await.expect("Redis answers within ten seconds");
}

#[tokio::test]
async fn a_frozen_redis_costs_one_timeout_a_second_and_recovers() {
    let server = RedisServer::start();
    let redis = presence_at(&server.url());
    answered(&redis).await;
    server.freeze();

    // For more than two pauses of the breaker: what each call took that waited, and how many were told at once.
    let (mut waited, mut at_once) = (Vec::new(), 0);
    let end = Instant::now() + Duration::from_millis(2_400);
    while Instant::now() < end {
        let start = Instant::now();
        match ask(&redis).await.unwrap_err().0.to_string().as_str() {
            "it did not answer a moment ago" => at_once += 1,
            _ => waited.push(start.elapsed()),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!((1..=3).contains(&waited.len()), "{waited:?}");
    // The quickest: this machine may be busy with other things now and then.
    assert!(waited.iter().min() < Some(&Duration::from_millis(150)), "{waited:?}");
    assert!(at_once > 50, "{at_once} calls were told at once");

    server.thaw();
    answered(&redis).await;
}

#[tokio::test]
async fn while_redis_is_away_rates_are_counted_by_the_node_and_the_rest_is_unknown() {
    let redis = presence_at(&url(free_port()));
    let tenant = TenantId(Uuid::now_v7());
    let member = Participant::Agent(AgentId(Uuid::now_v7()));
    assert_eq!(redis.take("key", QUOTA).await, Taken::Granted);
    assert_ne!(redis.take("key", QUOTA).await, Taken::Granted);
    let set = redis.set(tenant, member, Uuid::now_v7(), PresenceState::Online, Duration::from_secs(1)).await;
    assert!(set.is_err());
    assert!(Sessions::get(&redis, tenant, Uuid::now_v7()).await.is_err());
}

#[tokio::test]
async fn a_redis_that_is_down_at_the_start_is_used_as_soon_as_it_is_up() {
    let port = free_port();
    let redis = presence_at(&url(port));
    assert!(ask(&redis).await.is_err());
    let server = RedisServer::start_at(port);
    answered(&redis).await;
    drop(server);
    assert!(ask(&redis).await.is_err());
    let _server = RedisServer::start_at(port);
    answered(&redis).await;
}

#[tokio::test]
async fn a_refused_login_is_tried_again() {
    let server = RedisServer::start();
    let client = redis::Client::open(server.url()).unwrap();
    let mut raw = client.get_multiplexed_async_connection().await.unwrap();
    let mut set_password = redis::cmd("CONFIG");
    set_password.arg("SET").arg("requirepass");
    set_password.clone().arg("another").exec_async(&mut raw).await.unwrap();

    let redis = presence_at(&server.url().replace("127", ":right@127"));
    assert!(ask(&redis).await.is_err());
    set_password.clone().arg("right").exec_async(&mut raw).await.unwrap();
    answered(&redis).await;
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_being_quoted() {
    let fallback = frontdesk_memory::MemoryPresence::new(std::sync::Arc::new(frontdesk_ports::SystemClock::default()));
    let Err(error) = RedisPresence::connect("redis://:secret@:bad", Duration::from_millis(100), fallback) else {
        panic!("that is no address")
    };
    assert!(!format!("{error:?} {error}").contains("secret"));
}
