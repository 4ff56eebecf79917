//! When beats were sent and heard on one line. `tests/models/line.rs` takes this file as it is, with a lock that tries every order.

use std::{sync::PoisonError, time::Duration};

use super::Mutex;

/// One channel of one partition, or the feeds of a tenant. Behind one lock: a beat that comes in while the broker says that it took it
/// would otherwise be heard and count as not heard.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<Times>);

/// Milliseconds since some beginning, at least 1; 0 means never.
#[derive(Debug, Default)]
struct Times {
    /// When something was heard last, or the subscription was made.
    heard: u64,
    /// When this node began its last beat.
    begun: u64,
    /// When the first beat since then was taken by the broker.
    first_unheard: u64,
    /// When the second one was.
    second_unheard: u64,
}

impl Line {
    pub(super) fn heard(&self, now: u64) {
        self.with(|times| *times = Times { heard: now, ..Times::default() });
    }

    /// A beat comes in before the broker says that it took it: one that was heard since it was begun waits for nothing.
    pub(super) fn sent(&self, begun: u64, now: u64) {
        self.with(|times| {
            if times.heard >= begun {
                return;
            }
            if times.first_unheard == 0 {
                times.first_unheard = now;
            } else if times.second_unheard == 0 {
                times.second_unheard = now;
            }
        });
    }

    /// Whether it is listened to, and nothing was heard or tried for a while.
    pub(super) fn is_due(&self, now: u64) -> bool {
        self.with(|times| times.heard > 0 && now.saturating_sub(times.heard.max(times.begun)) >= SILENCE_MS)
    }

    /// A beat begins now.
    pub(super) fn begin(&self, now: u64) {
        self.with(|times| times.begun = now);
    }

    pub(super) fn is_deaf(&self, now: u64) -> bool {
        let waited = |time: u64, ms: u64| time > 0 && now.saturating_sub(time) > ms;
        // The first may have been lost with a connection, and the second is on its way for a moment.
        self.with(|times| {
            times.heard > 0 && waited(times.first_unheard, PATIENCE_MS) && waited(times.second_unheard, ON_THE_WAY_MS)
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Times) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// After how long a silence a channel is tried. With a look every second two beats are sent within 6.5 s, and an alarm comes within 10.
const SILENCE_MS: u64 = 2_500;
/// For how long a beat may be unheard.
const PATIENCE_MS: u64 = Duration::from_secs(5).as_millis() as u64;
/// For how long the second one may be.
const ON_THE_WAY_MS: u64 = 1_000;
