//! Timers in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, SnoozeChange, Timer, TimerKey, Timestamp};

use super::MemoryStore;
use frontdesk_ports::{
    error::StoreError,
    timers::{Claimant, ClaimantId, TimerSurvey, Timers},
};

/// The timers and who holds them.
#[derive(Debug, Default)]
pub(super) struct TimersState {
    timers: BTreeMap<TimerKey, (Timer, Option<ClaimantId>)>,
    claimants: BTreeMap<ClaimantId, u64>,
}

impl TimersState {
    /// Follows a persisted change of a conversation.
    pub(super) fn follow(&mut self, key: ConversationKey, change: SnoozeChange) {
        let key = TimerKey::snooze(key.tenant, key.conversation);
        match change {
            SnoozeChange::Begun { until, seq } => {
                self.set(&Timer { key, due_at: until, generation: seq, payload: "{}".to_owned() });
            }
            SnoozeChange::Ended { seq } => {
                self.cancel(&key, seq);
            }
        }
    }

    pub(super) fn set(&mut self, timer: &Timer) -> bool {
        if self.timers.get(&timer.key).is_some_and(|(held, _)| held.generation >= timer.generation) {
            return false;
        }
        self.timers.insert(timer.key.clone(), (timer.clone(), None));
        true
    }

    fn cancel(&mut self, key: &TimerKey, up_to_generation: u64) -> bool {
        let is_there = self.timers.get(key).is_some_and(|(held, _)| held.generation <= up_to_generation);
        is_there && self.timers.remove(key).is_some()
    }

    fn is_held(&self, claimant: ClaimantId, timer: &Timer) -> bool {
        self.timers
            .get(&timer.key)
            .is_some_and(|(held, by)| held.generation == timer.generation && *by == Some(claimant))
    }

    fn unclaimed(&self, kinds: &[&str]) -> Vec<Timer> {
        let free = self.timers.values().filter(|(timer, by)| by.is_none() && kinds.contains(&&*timer.key.kind));
        let mut free: Vec<_> = free.map(|(timer, _)| timer.clone()).collect();
        free.sort_by_key(|timer| timer.due_at);
        free
    }
}

#[async_trait]
impl Timers for MemoryStore {
    async fn set_timer(&self, timer: &Timer) -> Result<bool, StoreError> {
        self.timers(|state| state.set(timer))
    }

    async fn cancel_timer(&self, key: &TimerKey, up_to_generation: u64) -> Result<bool, StoreError> {
        self.timers(|state| state.cancel(key, up_to_generation))
    }

    async fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, StoreError> {
        self.timers(|state| state.timers.get(key).map(|(timer, _)| timer.clone()))
    }

    async fn survey_timers(&self, kinds: &[&str]) -> Result<TimerSurvey, StoreError> {
        self.timers(|state| TimerSurvey {
            nearest: state.unclaimed(kinds).first().map(|timer| timer.due_at),
            claimants: state.claimants.iter().map(|(id, renewals)| Claimant { id: *id, renewals: *renewals }).collect(),
        })
    }

    async fn claim_timers(
        &self,
        claimant: ClaimantId,
        kinds: &[&str],
        due_by: Timestamp,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        self.timers(|state| {
            let mut claimed = state.unclaimed(kinds);
            claimed.retain(|timer| timer.due_at <= due_by);
            claimed.truncate(limit);
            for timer in &claimed {
                state.timers.insert(timer.key.clone(), (timer.clone(), Some(claimant)));
            }
            if !claimed.is_empty() {
                *state.claimants.entry(claimant).or_default() += 1;
            }
            claimed
        })
    }

    async fn renew_claims(&self, claimant: ClaimantId) -> Result<bool, StoreError> {
        self.timers(|state| match state.claimants.get_mut(&claimant) {
            None => false,
            Some(renewals) => {
                *renewals += 1;
                true
            }
        })
    }

    async fn release_claims(&self, claimant: ClaimantId, renewals: Option<u64>) -> Result<bool, StoreError> {
        self.timers(|state| {
            let held = state.claimants.get(&claimant).copied();
            if held.is_none() || renewals.is_some() && renewals != held {
                return false;
            }
            state.claimants.remove(&claimant);
            for (_, by) in state.timers.values_mut().filter(|(_, by)| *by == Some(claimant)) {
                *by = None;
            }
            true
        })
    }

    async fn still_claimed(&self, claimant: ClaimantId, timers: &[Timer]) -> Result<Vec<bool>, StoreError> {
        self.timers(|state| timers.iter().map(|timer| state.is_held(claimant, timer)).collect())
    }

    async fn finish_timers(&self, claimant: ClaimantId, fired: &[Timer]) -> Result<(), StoreError> {
        self.timers(|state| {
            for timer in fired {
                if state.is_held(claimant, timer) {
                    state.timers.remove(&timer.key);
                }
            }
        })
    }
}
