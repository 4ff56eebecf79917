//! `rate:<key>`: when the key's quota will be whole again, by Redis's own clock.

use std::{sync::LazyLock, time::Duration};

use async_trait::async_trait;
use frontdesk_ports::{Quota, RateLimits, Taken};
use redis::{RedisError, Script};

use crate::RedisPresence;

static COUNT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/rate.lua")));

/// What the script does with a quota.
#[derive(Clone, Copy)]
enum Count {
    Take = 1,
    Look = 0,
    GiveBack = -1,
}

#[async_trait]
impl RateLimits for RedisPresence {
    async fn take(&self, key: &str, quota: Quota) -> Taken {
        match self.count(key, quota, Count::Take).await {
            Some(taken) => taken,
            None => self.fallback.take(key, quota).await,
        }
    }

    async fn look(&self, key: &str, quota: Quota) -> Taken {
        match self.count(key, quota, Count::Look).await {
            Some(taken) => taken,
            None => self.fallback.look(key, quota).await,
        }
    }

    async fn give_back(&self, key: &str, quota: Quota) {
        if self.count(key, quota, Count::GiveBack).await.is_none() {
            self.fallback.give_back(key, quota).await;
        }
    }
}

impl RedisPresence {
    /// `None`: Redis does not answer.
    async fn count(&self, key: &str, quota: Quota, count: Count) -> Option<Taken> {
        if quota.most == 0 {
            return Some(Taken::Refused { retry_after: quota.per });
        }
        // The window is made of whole intervals, so that rounding neither adds nor takes one.
        let per = u64::try_from(quota.per.as_micros()).unwrap_or(u64::MAX).min(1 << 50);
        let interval = (per / u64::from(quota.most)).max(1);
        let window = interval * u64::from(quota.most);
        let call = async |mut redis| -> Result<u64, RedisError> {
            let key = format!("rate:{key}");
            COUNT.key(key).arg(interval).arg(window).arg(count as i32).invoke_async(&mut redis).await
        };
        match self.redis.call(call).await {
            Ok(0) => Some(Taken::Granted),
            Ok(micros) => Some(Taken::Refused { retry_after: Duration::from_micros(micros) }),
            Err(_) => None,
        }
    }
}
