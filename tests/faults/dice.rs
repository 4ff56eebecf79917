//! Chance that can be repeated: the same seed gives the same throws.

use std::{ops::Range, time::Duration};

/// A source of numbers (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for `name`, which does not depend on how often others are used.
    pub(crate) fn of(&self, name: &str) -> Self {
        let mut own = Self(self.0);
        for byte in name.bytes() {
            own.0 = own.next() ^ u64::from(byte);
        }
        own
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of `range`, which is not empty.
    pub(crate) fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// Whether a thing that happens `per_mille` times in a thousand happens now.
    pub(crate) fn happens(&mut self, per_mille: u64) -> bool {
        self.within(0..1000) < per_mille
    }

    pub(crate) fn millis(&mut self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }

    /// One of `things`, of which there is at least one.
    pub(crate) fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.within(0..things.len() as u64) as usize]
    }
}

#[test]
fn the_same_seed_gives_the_same_throws() {
    let throws = |seed| {
        let mut dice = Dice::new(seed).of("a client");
        [dice.next(), dice.within(3..9), dice.next()]
    };
    assert_eq!(throws(7), throws(7));
    assert_ne!(throws(7), throws(8));
}
