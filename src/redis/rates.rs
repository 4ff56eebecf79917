//! `rate:<key>`: when the key's quota will be whole again, by Redis's own clock.

use std::{sync::LazyLock, time::Duration};

use async_trait::async_trait;
use frontdesk_ports::{Quota, RateLimits, Taken};
use redis::Script;

use crate::RedisPresence;

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/rate.lua")));

#[async_trait]
impl RateLimits for RedisPresence {
    async fn take(&self, key: &str, quota: Quota) -> Taken {
        if quota.most == 0 {
            return Taken::Refused { retry_after: quota.per };
        }
        // The window is made of whole intervals, so that rounding neither adds nor takes one.
        let per = u64::try_from(quota.per.as_micros()).unwrap_or(u64::MAX).min(1 << 50);
        let interval = (per / u64::from(quota.most)).max(1);
        let window = interval * u64::from(quota.most);
        let call = async |mut redis| {
            let key = format!("rate:{key}");
            TAKE.key(key).arg(interval).arg(window).invoke_async::<u64>(&mut redis).await
        };
        match self.redis.call(call).await {
            Ok(0) => Taken::Granted,
            Ok(micros) => Taken::Refused { retry_after: Duration::from_micros(micros) },
            Err(_) => self.fallback.take(key, quota).await,
        }
    }
}
