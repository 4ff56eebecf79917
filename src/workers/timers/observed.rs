//! Which claimants have stopped renewing.

use std::{collections::HashMap, time::Duration};

use frontdesk_ports::{Claimant, ClaimantId};

/// The renewals of each other claimant, and since when, on this process's monotonic clock, they have not changed.
#[derive(Debug, Default)]
pub(super) struct Observed {
    claimants: HashMap<ClaimantId, (u64, Duration)>,
}

impl Observed {
    /// Looks at who holds claims now. Returns those whose renewals have not changed for `patience`.
    pub(super) fn look(
        &mut self,
        claimants: &[Claimant],
        own: ClaimantId,
        monotonic: Duration,
        patience: Duration,
    ) -> Vec<Claimant> {
        self.claimants.retain(|id, _| claimants.iter().any(|claimant| claimant.id == *id));
        let others = claimants.iter().filter(|claimant| claimant.id != own);
        let stale = others.filter(|claimant| {
            let seen = self.claimants.entry(claimant.id).or_insert((claimant.renewals, monotonic));
            if seen.0 != claimant.renewals {
                *seen = (claimant.renewals, monotonic);
            }
            monotonic.saturating_sub(seen.1) >= patience
        });
        stale.copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_a_claimant_that_stands_still_for_long_enough_is_stale() {
        let id = |n| ClaimantId(Uuid::from_u128(n));
        let mut observed = Observed::default();
        let mut look = |at: u64, renewals: [u64; 3]| {
            let claimants = [1, 2, 3].map(|n| Claimant { id: id(n), renewals: renewals[n as usize - 1] });
            observed.look(&claimants, id(3), Duration::from_millis(at), Duration::from_millis(500))
        };
        assert_eq!(look(0, [7, 1, 1]), []);
        assert_eq!(look(499, [7, 2, 1]), []);
        assert_eq!(look(500, [7, 2, 1]), [Claimant { id: id(1), renewals: 7 }]);
        assert_eq!(look(600, [8, 3, 1]), [], "it went on");
        assert_eq!(look(1_100, [9, 3, 1]), [Claimant { id: id(2), renewals: 3 }]);
    }
}
