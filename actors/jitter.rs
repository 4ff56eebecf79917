//! Random delays, so that clients that were turned away together do not come back together.

/// A random number of milliseconds in `0..most`.
pub(crate) fn random_ms(most: u64) -> u64 {
    fastrand::u64(..most)
}
