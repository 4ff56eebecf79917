//! Conversations like those recorded.

use anyhow::{Context as _, ensure};
use fastrand::Rng;

use super::shape::{Bins, FORMAT, Shape};

/// A message of a visit to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Turn {
    /// Whether an agent says it.
    pub(crate) by_agent: bool,
    /// Seconds to think before it.
    pub(crate) think: f64,
    /// Length of the text, in bytes.
    pub(crate) bytes: usize,
}

impl Shape {
    /// From a file's text.
    ///
    /// # Errors
    /// If it is none.
    pub(super) fn from_json(text: &str) -> anyhow::Result<Self> {
        let shape: Self = serde_json::from_str(text).context("this is no shape of traffic")?;
        ensure!(shape.format <= FORMAT, "format {} is of a later version; this one reads up to {FORMAT}", shape.format);
        ensure!(!shape.arrivals.0.is_empty(), "nothing arrives in this shape");
        Ok(shape)
    }

    /// A conversation like those recorded. A contact begins, and it has at least one message.
    pub(crate) fn script(&self, rng: &mut Rng) -> Vec<Turn> {
        let mut by_agent = false;
        let messages = self.messages.draw(rng).round().max(1.0) as usize;
        (0..messages)
            .map(|number| {
                let side = if by_agent { &self.agent } else { &self.contact };
                let think = if number == 0 { 0.0 } else { side.think_ms.draw(rng) / 1000.0 };
                let turn = Turn { by_agent, think, bytes: side.bytes.draw(rng) as usize };
                by_agent ^= rng.f64() >= side.goes_on;
                turn
            })
            .collect()
    }
}

impl Bins {
    /// How many lie in each of so many equal parts from 0 to `end`; those of a bin are spread evenly over it.
    pub(super) fn spread(&self, end: u64, parts: usize) -> Vec<f64> {
        let width = end as f64 / parts as f64;
        let mut found = vec![0.0; parts];
        let mut low = 0.0_f64;
        for (bound, count) in &self.0 {
            let (high, count) = (*bound as f64, *count as f64);
            for (part, held) in found.iter_mut().enumerate() {
                let (from, until) = (part as f64 * width, (part + 1) as f64 * width);
                *held += count * (high.min(until) - low.max(from)).max(0.0) / (high - low).max(f64::MIN_POSITIVE);
            }
            low = high;
        }
        found
    }

    /// A value like those recorded; 0, if there were none.
    fn draw(&self, rng: &mut Rng) -> f64 {
        let mut left = rng.f64() * self.count() as f64;
        let mut low = 0.0_f64;
        for (bound, count) in &self.0 {
            let (bound, count) = (*bound as f64, *count as f64);
            if left < count {
                return low + (bound - low) * left / count;
            }
            (low, left) = (bound, left - count);
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearsal::shape::{Conversation, Message};

    #[test]
    fn what_is_played_is_like_what_was_recorded() {
        let message = |by_agent, at_ms, bytes| Message { by_agent, at_ms, bytes };
        let one = |number: u64| {
            let at = number * 1000;
            let messages =
                vec![message(false, at, 40), message(false, at + 2_000, 40), message(true, at + 12_000, 150)];
            Conversation { began_ms: at, messages }
        };
        let found: Vec<_> = (0..100).map(one).collect();
        let shape = Shape::of(&found, 100, 3, 5).unwrap();
        let again = Shape::from_json(&serde_json::to_string(&shape).unwrap()).unwrap();
        assert_eq!(again, shape);
        let mut rng = Rng::with_seed(3);
        let scripts: Vec<_> = (0..2000).map(|_| again.script(&mut rng)).collect();
        let turns: Vec<&Turn> = scripts.iter().flatten().collect();
        let mean = |pick: fn(&Turn) -> f64, of: bool| {
            let values: Vec<f64> = turns.iter().filter(|turn| turn.by_agent == of).map(|turn| pick(turn)).collect();
            values.iter().sum::<f64>() / values.len() as f64
        };
        assert!(scripts.iter().all(|script| !script[0].by_agent && script[0].think == 0.0 && script.len() <= 5));
        assert!((mean(|turn| turn.bytes as f64, true) - 100.0).abs() < 10.0, "bin from 0 to 200");
        assert!((mean(|turn| turn.think, true) - 5.0).abs() < 0.5, "bin from 0 to 10 s");
        assert_eq!(shape.contact.goes_on, 0.5);
    }

    #[test]
    fn arrivals_are_spread_over_their_bins() {
        let bins = Bins(vec![(60, 6), (240, 9)]);
        assert_eq!(bins.spread(240, 4), [6.0, 3.0, 3.0, 3.0]);
        assert_eq!(bins.spread(240, 2), [9.0, 6.0]);
        assert_eq!(bins.spread(480, 2), [15.0, 0.0]);
    }

    #[test]
    fn other_files_are_refused() {
        assert!(Shape::from_json("{}").is_err());
        assert!(Shape::from_json("nonsense").is_err());
    }
}
