//! How many parts of a queue are one worker's share.

use std::time::Duration;

use serde::Deserialize;

/// What the broker says of a consumer.
#[derive(Deserialize)]
struct ConsumerInfo {
    num_waiting: usize,
}

/// How many workers wait at a part, given the broker's answer about its consumer: each keeps one pull open.
///
/// A worker that is busy with a batch may have none. Then a share looks larger than it is, and nothing is let go.
pub(super) fn workers(answer: &[u8]) -> Option<usize> {
    let info: ConsumerInfo = serde_json::from_slice(answer).ok()?;
    Some(info.num_waiting.max(1))
}

/// The most that one of `workers` keeps of `parts`.
pub(super) const fn fair(parts: usize, workers: usize) -> usize {
    parts.div_ceil(workers)
}

/// How long a worker does not ask for a part that it let go, so that another one gets it.
pub(super) const STANDS_BACK: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_are_somebodys_and_nobody_has_two_more_than_another_needs() {
        assert_eq!([1, 2, 3, 5, 8, 20].map(|workers| fair(8, workers)), [8, 4, 3, 2, 1, 1]);
    }

    #[test]
    fn whoever_waits_is_counted_and_the_one_who_asks_is_never_forgotten() {
        assert_eq!(workers(br#"{"type": "x", "num_waiting": 3, "config": {}}"#), Some(3));
        assert_eq!(workers(br#"{"num_waiting": 0}"#), Some(1));
        assert_eq!(workers(br#"{"error": {"code": 404}}"#), None);
    }
}
