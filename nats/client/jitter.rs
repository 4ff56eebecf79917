//! Random delays, so that many nodes do not act at the same moment.

use std::time::Duration;

/// A duration between zero and `most`.
pub(crate) fn up_to(most: Duration) -> Duration {
    most.mul_f64(f64::from(random()) / f64::from(u32::MAX))
}

/// A number below `bound`; 0 when that is 0.
pub(crate) fn below(bound: usize) -> usize {
    (random() as usize).checked_rem(bound).unwrap_or_default()
}

/// 0 when the system has no random numbers; then there is no jitter.
fn random() -> u32 {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_or(0, |()| u32::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_and_numbers_stay_within_their_bounds() {
        let most = Duration::from_millis(50);
        assert!((0..1000).all(|_| up_to(most) <= most && below(3) < 3));
        assert_eq!((below(0), up_to(Duration::ZERO)), (0, Duration::ZERO));
    }
}
