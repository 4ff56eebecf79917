//! How many parts of a queue one worker keeps.

use std::time::Duration;

use serde::Deserialize;

/// The broker's answer about a consumer.
#[derive(Deserialize)]
struct ConsumerInfo {
    num_waiting: usize,
}

/// How many workers wait for a part, given the broker's answer about its consumer: each keeps one pull open.
///
/// A worker that processes a batch may have none. Then the share seems larger than it is, and no part is released.
pub(super) fn workers(answer: &[u8]) -> Option<usize> {
    let info: ConsumerInfo = serde_json::from_slice(answer).ok()?;
    Some(info.num_waiting.max(1))
}

/// The most that one of `workers` keeps of `parts`.
pub(super) const fn fair(parts: usize, workers: usize) -> usize {
    parts.div_ceil(workers)
}

/// How long a worker does not pull from a part that it released, so that another one gets it.
pub(super) const RELEASED_FOR: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_cover_all_parts_and_none_is_larger_than_needed() {
        assert_eq!([1, 2, 3, 5, 8, 20].map(|workers| fair(8, workers)), [8, 4, 3, 2, 1, 1]);
    }

    #[test]
    fn waiting_workers_are_counted_and_the_asking_one_always_counts() {
        assert_eq!(workers(br#"{"type": "x", "num_waiting": 3, "config": {}}"#), Some(3));
        assert_eq!(workers(br#"{"num_waiting": 0}"#), Some(1));
        assert_eq!(workers(br#"{"error": {"code": 404}}"#), None);
    }
}
