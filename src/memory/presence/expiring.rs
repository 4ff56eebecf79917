//! A map whose items are forgotten after their time.

use std::{collections::HashMap, hash::Hash, time::Duration};

/// A map whose items are forgotten after their time, without a task that looks for them.
///
/// Grows to at most twice what is fresh: whenever it has doubled, it is swept, which costs each insert a constant
/// share.
pub(super) struct Expiring<K, V> {
    items: HashMap<K, (V, Duration)>,
    sweep_at: usize,
}

/// Below this many items a sweep is not worth it.
const FEW: usize = 64;

impl<K, V> Default for Expiring<K, V> {
    fn default() -> Self {
        Self { items: HashMap::new(), sweep_at: FEW }
    }
}

impl<K: Eq + Hash, V> Expiring<K, V> {
    pub(super) fn insert(&mut self, key: K, value: V, until: Duration, now: Duration) {
        if self.items.len() >= self.sweep_at {
            self.items.retain(|_, (_, until)| *until > now);
            self.sweep_at = (self.items.len() * 2).max(FEW);
        }
        self.items.insert(key, (value, until));
    }

    pub(super) fn get(&self, key: &K, now: Duration) -> Option<&V> {
        self.items.get(key).filter(|(_, until)| *until > now).map(|(value, _)| value)
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        self.items.remove(key).map(|(value, _)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_expired_is_invisible_and_does_not_pile_up() {
        let mut map = Expiring::default();
        for second in 0..10_000 {
            let now = Duration::from_secs(second);
            map.insert(second, (), now + Duration::from_secs(10), now);
            assert!(map.items.len() <= 2 * FEW);
        }
        let now = Duration::from_secs(9_999);
        assert!(map.get(&9_990, now).is_some() && map.get(&9_989, now).is_none());
    }
}
