//! Timers in the database, and which worker is about to fire them.
//!
//! A worker claims the timers that are due within its look-ahead window and keeps them in memory. A claim holds as long
//! as its claimant renews it: the claimant's row counts renewals, and every other worker that sees the same count for
//! long enough *by its own monotonic clock* takes the claims away. No wall clock decides who owns a timer, so clocks
//! that differ or step change nothing. A claim is no lock: a worker that was stopped for a while may fire what another
//! one has claimed meanwhile. What a timer does must therefore be safe to repeat, and
//! [`Timer::client_id`](frontdesk_domain::Timer::client_id) makes it so.

use async_trait::async_trait;
use frontdesk_domain::{Timer, TimerKey, Timestamp};
use uuid::Uuid;

use crate::error::StoreError;

/// A worker that claims timers; a new one for each start of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimantId(pub Uuid);

/// A worker that holds claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimant {
    /// Id of the worker that claims.
    pub id: ClaimantId,
    /// How often it has renewed its claims.
    pub renewals: u64,
}

/// What a worker looks at to know whether there is something to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimerSurvey {
    /// When the first unclaimed timer is due.
    pub nearest: Option<Timestamp>,
    /// Every worker that holds claims.
    pub claimants: Vec<Claimant>,
}

/// Timers in the database.
#[async_trait]
pub trait Timers: Send + Sync {
    /// Sets the timer of this name, unless the same or a later generation of it is there. A claim on the earlier one
    /// ends.
    ///
    /// # Errors
    /// [`StoreError`]: it was not set.
    async fn set_timer(&self, timer: &Timer) -> Result<bool, StoreError>;

    /// Removes the timer of this name, unless it is of a later generation. Whether one was removed.
    ///
    /// # Errors
    /// [`StoreError`]: it was not removed.
    async fn cancel_timer(&self, key: &TimerKey, up_to_generation: u64) -> Result<bool, StoreError>;

    /// The timer of this name.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, StoreError>;

    /// When the first unclaimed timer of these kinds is due, and who holds claims. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn survey_timers(&self, kinds: &[&str]) -> Result<TimerSurvey, StoreError>;

    /// Claims up to `limit` unclaimed timers of these kinds that are due at `due_by` at the latest, the earliest first,
    /// and counts as a renewal.
    ///
    /// # Errors
    /// [`StoreError`]: none was claimed.
    async fn claim_timers(
        &self,
        claimant: ClaimantId,
        kinds: &[&str],
        due_by: Timestamp,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError>;

    /// Says that `claimant` lives. `false`: its claims were taken away, and it must forget what it holds.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn renew_claims(&self, claimant: ClaimantId) -> Result<bool, StoreError>;

    /// Ends all claims of `claimant`, so that others can claim its timers; with `renewals`, only if it has renewed them
    /// just so often. Whether it did.
    ///
    /// # Errors
    /// [`StoreError`]: none was ended.
    async fn release_claims(&self, claimant: ClaimantId, renewals: Option<u64>) -> Result<bool, StoreError>;

    /// Which of `timers` `claimant` still holds: for each, whether it is there in that generation with this claim on
    /// it.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn still_claimed(&self, claimant: ClaimantId, timers: &[Timer]) -> Result<Vec<bool>, StoreError>;

    /// Removes timers that have fired, as far as `claimant` still holds them in that generation.
    ///
    /// # Errors
    /// [`StoreError`]: they fire once more, which changes nothing.
    async fn finish_timers(&self, claimant: ClaimantId, fired: &[Timer]) -> Result<(), StoreError>;
}
