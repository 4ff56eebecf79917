//! Load shedding: a bound on what is in hand at a time, of which each kind of work may fill its part.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use frontdesk_domain::{Principal, TenantId};

/// Kinds of work, the most important first. What comes later is refused earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Replies, claims and all else that agents do.
    Agent,
    /// Commands of contacts.
    Contact,
    /// Delivery and read receipts.
    Receipt,
    /// Presence and typing signals.
    Presence,
    /// Reads of older history.
    History,
    /// What bridges bring in bulk.
    Bridge,
}

/// The commands in hand on this node.
#[derive(Debug)]
pub struct Admission {
    limit: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by_tenant: HashMap<TenantId, usize>,
}

/// Counts one command in hand, until it is dropped.
#[derive(Debug)]
pub struct AdmissionPermit {
    admission: Arc<Admission>,
    tenant: TenantId,
}

/// Too much is in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    /// When to try again: random, so that not all do at once.
    pub retry_after_ms: u64,
}

impl Priority {
    /// Of commands by `principal`.
    #[must_use]
    pub const fn of(principal: &Principal) -> Self {
        match principal {
            Principal::Agent(..) | Principal::System(_) => Self::Agent,
            Principal::Contact(_) | Principal::Bot(_) => Self::Contact,
            Principal::Integration(_) => Self::Bridge,
        }
    }

    /// Percentage of the limit that may be in use before this kind is refused.
    const fn share(self) -> usize {
        match self {
            Self::Agent => 100,
            Self::Contact => 85,
            Self::Receipt => 70,
            Self::Presence => 60,
            Self::History => 50,
            Self::Bridge => 40,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Contact => "contact",
            Self::Receipt => "receipt",
            Self::Presence => "presence",
            Self::History => "history",
            Self::Bridge => "bridge",
        }
    }
}

impl Admission {
    /// Admits `limit` commands at a time.
    #[must_use]
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, held: Mutex::default() })
    }

    /// A permit for a command of `tenant`.
    ///
    /// Tenants share: while others have something in hand and half of all places are taken, none may hold more than
    /// half. And one that holds next to nothing is let in beyond the limit, by a quarter of it, so that the flood of
    /// one tenant does not lock out the others.
    ///
    /// # Errors
    /// [`Busy`]: nothing of the command was done.
    pub fn enter(self: &Arc<Self>, tenant: TenantId, priority: Priority) -> Result<AdmissionPermit, Busy> {
        let mut held = self.held();
        let of_tenant = held.by_tenant.get(&tenant).copied().unwrap_or_default();
        let others = held.all > of_tenant;
        let greedy = others && held.all * 2 >= self.limit && of_tenant * 2 >= self.limit;
        let modest = of_tenant * 16 < self.limit && priority <= Priority::Contact && held.all * 4 < self.limit * 5;
        if greedy || !(self.has_room(held.all, priority) || modest) {
            drop(held);
            return Err(shed(priority));
        }
        held.all += 1;
        held.by_tenant.insert(tenant, of_tenant + 1);
        metrics::gauge!("desk_commands_in_hand").set(held.all as f64);
        Ok(AdmissionPermit { admission: Arc::clone(self), tenant })
    }

    /// Whether work that needs no permit may be done now.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn allows(&self, priority: Priority) -> Result<(), Busy> {
        let all = self.held().all;
        if self.has_room(all, priority) { Ok(()) } else { Err(shed(priority)) }
    }

    const fn has_room(&self, all: usize, priority: Priority) -> bool {
        all * 100 < self.limit * priority.share()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AdmissionPermit {
    fn drop(&mut self) {
        let mut held = self.admission.held();
        held.all -= 1;
        if let Some(count) = held.by_tenant.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                held.by_tenant.remove(&self.tenant);
            }
        }
        metrics::gauge!("desk_commands_in_hand").set(held.all as f64);
    }
}

fn shed(priority: Priority) -> Busy {
    metrics::counter!("desk_shed_total", "priority" => priority.as_str()).increment(1);
    Busy { retry_after_ms: 300 + fastrand::u64(..1_200) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KINDS: [Priority; 6] = [
        Priority::Agent,
        Priority::Contact,
        Priority::Receipt,
        Priority::Presence,
        Priority::History,
        Priority::Bridge,
    ];

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    #[test]
    fn what_matters_least_is_refused_first_and_agents_last() {
        let admission = Admission::new(100);
        let mut permits = Vec::new();
        let mut refused_at = HashMap::new();
        for number in 0..100 {
            for kind in KINDS {
                if admission.allows(kind).is_err() {
                    refused_at.entry(kind.as_str()).or_insert(number);
                }
            }
            permits.push(admission.enter(tenant(number % 4), Priority::Agent).unwrap());
        }
        assert_eq!(
            KINDS.map(|kind| refused_at.get(kind.as_str()).copied()),
            [None, Some(85), Some(70), Some(60), Some(50), Some(40)]
        );
        let busy = admission.enter(tenant(1), Priority::Agent).unwrap_err();
        assert!((300..1_500).contains(&busy.retry_after_ms));
        permits.pop();
        assert!(admission.enter(tenant(1), Priority::Agent).is_ok());
    }

    #[test]
    fn a_tenant_alone_may_take_every_place_and_locks_no_other_out() {
        let admission = Admission::new(32);
        let enter = |number, kind| admission.enter(tenant(number), kind);
        let mut flood: Vec<_> = (0..50).filter_map(|_| enter(1, Priority::Agent).ok()).collect();
        assert_eq!(flood.len(), 32);
        let late: Vec<_> = (0..9).filter_map(|n| enter(2 + n % 5, Priority::Contact).ok()).collect();
        assert_eq!(late.len(), 8, "beyond the limit by a quarter of it");
        // Now that others are there, the flood gets half.
        flood.truncate(16);
        assert!(enter(1, Priority::Agent).is_err());
        flood.pop();
        flood.push(enter(1, Priority::Agent).unwrap());
        drop(flood);
        drop(late);
        assert_eq!(admission.held().all, 0);
        assert!(admission.held().by_tenant.is_empty(), "nothing is kept of tenants that ask for nothing");
    }
}
