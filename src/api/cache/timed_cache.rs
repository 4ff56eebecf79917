//! A bounded cache whose values are believed for some time on the port's clock.
//!
//! Not `moka`: it reads a clock of its own, so tests could not stop the time, and it drops what is too old, which two
//! of its users fall back to while the database is away.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_ports::Clock;

/// Values by key, each with the moment at which it was read. Values that are too old stay until their place is needed.
pub(crate) struct TimedCache<K, V> {
    clock: Arc<dyn Clock>,
    believed: Duration,
    capacity: usize,
    entries: Mutex<HashMap<K, Entry<V>>>,
}

#[derive(Clone)]
struct Entry<V> {
    read_at: Duration,
    value: V,
}

impl<K: Hash + Eq, V: Clone> TimedCache<K, V> {
    /// A cache of at most `capacity` values, each believed for `believed`.
    pub(crate) fn new(clock: Arc<dyn Clock>, believed: Duration, capacity: usize) -> Self {
        Self { clock, believed, capacity: capacity.max(1), entries: Mutex::default() }
    }

    /// The value of `key`, if it was read within the last `believed`.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let (age, value) = self.last_known(key)?;
        (age < self.believed).then_some(value)
    }

    /// The value of `key` with its age, however old it is.
    pub(crate) fn last_known(&self, key: &K) -> Option<(Duration, V)> {
        let Entry { read_at, value } = self.entries().get(key).cloned()?;
        Some((self.clock.monotonic().saturating_sub(read_at), value))
    }

    /// Keeps `value`, read at `read_at` of [`Clock::monotonic`]: the moment before it was asked for, so that it is
    /// never believed for longer than the cache says. When the cache is full, values that are too old go first, then
    /// the oldest eighth.
    pub(crate) fn put(&self, key: K, read_at: Duration, value: V) {
        let mut entries = self.entries();
        if entries.len() >= self.capacity && !entries.contains_key(&key) {
            let now = self.clock.monotonic();
            entries.retain(|_, entry| now.saturating_sub(entry.read_at) < self.believed);
            if entries.len() >= self.capacity {
                drop_oldest_eighth(&mut entries);
            }
        }
        entries.insert(key, Entry { read_at, value });
    }

    /// The next one who asks for `key` finds nothing.
    pub(crate) fn remove(&self, key: &K) {
        self.entries().remove(key);
    }

    /// Removes the values for which `keep` is false.
    pub(crate) fn retain(&self, keep: impl Fn(&V) -> bool) {
        self.entries().retain(|_, entry| keep(&entry.value));
    }

    /// Removes every entry.
    pub(crate) fn clear(&self) {
        self.entries().clear();
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, Entry<V>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An eighth at once, so that a flood of keys pays for the search only now and then.
fn drop_oldest_eighth<K: Hash + Eq, V>(entries: &mut HashMap<K, Entry<V>>) {
    let mut times: Vec<Duration> = entries.values().map(|entry| entry.read_at).collect();
    let eighth = (times.len() / 8).max(1);
    let (_, cut, _) = times.select_nth_unstable(eighth - 1);
    let cut = *cut;
    entries.retain(|_, entry| entry.read_at > cut);
}

#[cfg(test)]
mod tests {
    use frontdesk_ports::ManualClock;

    use super::*;

    fn cache(capacity: usize) -> (TimedCache<u32, &'static str>, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        (TimedCache::new(Arc::<ManualClock>::clone(&clock), Duration::from_secs(3), capacity), clock)
    }

    #[test]
    fn a_value_is_believed_for_a_while_and_stays_known_after_that() {
        let (cache, clock) = cache(8);
        cache.put(1, clock.monotonic(), "one");
        clock.advance(Duration::from_millis(2_999));
        assert_eq!(cache.get(&1), Some("one"));
        clock.advance(Duration::from_millis(1));
        assert_eq!((cache.get(&1), cache.last_known(&1)), (None, Some((Duration::from_secs(3), "one"))));
        cache.put(1, clock.monotonic(), "anew");
        assert_eq!(cache.get(&1), Some("anew"));
    }

    #[test]
    fn what_is_removed_is_not_known_any_more() {
        let (cache, clock) = cache(8);
        for (key, value) in [(1, "one"), (2, "two"), (3, "three")] {
            cache.put(key, clock.monotonic(), value);
        }
        cache.remove(&1);
        cache.retain(|value| *value != "two");
        assert_eq!((cache.last_known(&1), cache.get(&2), cache.get(&3)), (None, None, Some("three")));
        cache.clear();
        assert_eq!(cache.get(&3), None);
    }

    #[test]
    fn a_flood_of_keys_is_bounded_and_drops_the_oldest_first() {
        let (cache, clock) = cache(16);
        cache.put(0, clock.monotonic(), "too old");
        clock.advance(Duration::from_secs(3));
        for key in 1..=16 {
            cache.put(key, clock.monotonic(), "young");
            clock.advance(Duration::from_millis(1));
        }
        assert_eq!((cache.last_known(&0), cache.entries().len()), (None, 16), "the one that was too old made room");
        cache.put(17, clock.monotonic(), "youngest");
        assert_eq!((cache.get(&1), cache.get(&2)), (None, None), "an eighth of sixteen goes");
        assert_eq!((cache.get(&3), cache.get(&17)), (Some("young"), Some("youngest")));
        for key in 100..10_000 {
            cache.put(key, clock.monotonic(), "at one moment");
            assert!(cache.entries().len() <= 16);
        }
    }
}
