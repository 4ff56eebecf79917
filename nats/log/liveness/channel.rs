//! When heartbeats were sent and messages received on one channel. `tests/models` includes this file with a `Mutex`
//! that tries every order of steps.

use std::{sync::PoisonError, time::Duration};

use super::Mutex;

/// One channel of one partition, or the feed of a tenant. Behind one lock: a heartbeat that is received while the
/// broker confirms it would otherwise count as not received.
#[derive(Debug, Default)]
pub(super) struct ChannelLiveness(Mutex<Times>);

/// Milliseconds since the process began to measure, at least 1; 0 means never.
#[derive(Debug, Default)]
struct Times {
    /// When a message or heartbeat was received last, or the subscription began.
    received: u64,
    /// When this node started its last heartbeat.
    started: u64,
    /// When the broker took the first heartbeat since then.
    first_unreceived: u64,
    /// When it took the second.
    second_unreceived: u64,
}

impl ChannelLiveness {
    /// A message or heartbeat was received, or the subscription began.
    pub(super) fn received(&self, now: u64) {
        self.with(|times| *times = Times { received: now, ..Times::default() });
    }

    /// The broker took a heartbeat. It may be received before that: one that was received since it started does not
    /// count as missing.
    pub(super) fn heartbeat_sent(&self, started: u64, now: u64) {
        self.with(|times| {
            if times.received >= started {
                return;
            }
            if times.first_unreceived == 0 {
                times.first_unreceived = now;
            } else if times.second_unreceived == 0 {
                times.second_unreceived = now;
            }
        });
    }

    /// Whether there is a subscription, and nothing was received and no heartbeat started for 2.5 s.
    pub(super) fn is_due(&self, now: u64) -> bool {
        self.with(|times| {
            times.received > 0 && now.saturating_sub(times.received.max(times.started)) >= SILENT_AFTER_MS
        })
    }

    /// A heartbeat starts now.
    pub(super) fn heartbeat_started(&self, now: u64) {
        self.with(|times| times.started = now);
    }

    /// Whether neither of two heartbeats that the broker took was received in time.
    pub(super) fn is_stale(&self, now: u64) -> bool {
        let waited = |time: u64, ms: u64| time > 0 && now.saturating_sub(time) > ms;
        // The first may have been lost with a connection, and the second takes a moment to arrive.
        self.with(|times| {
            times.received > 0
                && waited(times.first_unreceived, FIRST_MISSED_AFTER_MS)
                && waited(times.second_unreceived, SECOND_MISSED_AFTER_MS)
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Times) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Silence after which a heartbeat is due. With a check every second, two are sent within 6.5 s, and a channel is stale
/// within 10 s.
const SILENT_AFTER_MS: u64 = 2_500;
/// Longest time until the first heartbeat is received.
const FIRST_MISSED_AFTER_MS: u64 = Duration::from_secs(5).as_millis() as u64;
/// Longest time until the second one is received.
const SECOND_MISSED_AFTER_MS: u64 = 1_000;
