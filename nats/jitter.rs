//! Chance, so that many nodes do not do the same thing at the same moment.

use std::time::Duration;

/// A duration between zero and `most`.
pub(crate) fn up_to(most: Duration) -> Duration {
    most.mul_f64(f64::from(random()) / f64::from(u32::MAX))
}

/// A number below `bound`, or 0.
pub(crate) fn below(bound: usize) -> usize {
    (random() as usize).checked_rem(bound).unwrap_or_default()
}

/// Without a source of chance there is none; nothing breaks.
fn random() -> u32 {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_or(0, |()| u32::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_stays_within_its_bounds() {
        let most = Duration::from_millis(50);
        assert!((0..1000).all(|_| up_to(most) <= most && below(3) < 3));
        assert_eq!((below(0), up_to(Duration::ZERO)), (0, Duration::ZERO));
    }
}
