//! One clock for all processes of this machine: a message may be due in one of them and arrive in another.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Microseconds of the kernel's monotonic clock.
pub(crate) type Micros = u64;

/// The present time on that clock.
pub(crate) fn now() -> Micros {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec.unsigned_abs() * 1_000_000 + time.tv_nsec.unsigned_abs() / 1_000
}

/// A length of time.
pub(crate) fn micros(length: Duration) -> Micros {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}

/// How long it is until then; nothing if that is past.
pub(crate) fn until(at: Micros) -> Duration {
    Duration::from_micros(at.saturating_sub(now()))
}

/// Waits until then, as finely as the runtime can.
pub(crate) async fn sleep_until(at: Micros) {
    let wait = until(at);
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
}

/// Milliseconds since 1970: the name of a run.
pub(crate) fn utc_ms() -> u64 {
    let time = clock_gettime(ClockId::Realtime);
    time.tv_sec.unsigned_abs() * 1_000 + time.tv_nsec.unsigned_abs() / 1_000_000
}
