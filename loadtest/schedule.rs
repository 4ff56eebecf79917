//! When each message is due. Fixed before it is sent, so that a slow server cannot slow down its own examination.

use std::time::Duration;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use crate::clock::{Micros, now};

/// How messages follow one another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Arrivals {
    /// Messages come at equal distances.
    #[default]
    Even,
    /// By chance, as many people who know nothing of one another: a Poisson process.
    Poisson,
}

/// A stretch of time in which messages are due at a rate: an iterator over the moments.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    begin: Micros,
    length: f64,
    rate: f64,
    /// The rate's course over the stretch, in equal parts, as factors; empty: the same all along.
    curve: Vec<f64>,
    arrivals: Arrivals,
    rng: Rng,
    /// Where it has come to, in seconds since `begin`.
    at: f64,
    number: u64,
}

impl Schedule {
    /// `rate` messages a second for `length`, from `begin` on.
    pub(crate) fn new(begin: Micros, length: Duration, rate: f64, arrivals: Arrivals, seed: u64) -> Self {
        let (length, curve, rng) = (length.as_secs_f64(), Vec::new(), Rng::with_seed(seed));
        Self { begin, length, rate, curve, arrivals, rng, at: 0.0, number: 0 }
    }

    /// With a course: `curve` is spread over the whole length, and its mean leaves the rate as it is.
    pub(crate) fn with_curve(mut self, curve: &[f64]) -> Self {
        let mean = curve.iter().sum::<f64>() / curve.len().max(1) as f64;
        self.curve = curve.iter().map(|part| part / mean.max(f64::MIN_POSITIVE)).collect();
        self
    }

    /// Calls `send` with the moment of each message, at that moment, on this thread: the system's own timer is finer
    /// than the runtime's.
    pub(crate) fn run(self, mut send: impl FnMut(Micros)) {
        for due in self {
            let wait = due.saturating_sub(now());
            if wait > 0 {
                std::thread::sleep(Duration::from_micros(wait));
            }
            send(due);
        }
    }

    fn factor(&self) -> f64 {
        let part = (self.at / self.length * self.curve.len() as f64) as usize;
        self.curve.get(part).copied().unwrap_or(1.0)
    }
}

impl Iterator for Schedule {
    type Item = Micros;

    fn next(&mut self) -> Option<Micros> {
        if self.rate <= 0.0 {
            return None;
        }
        match self.arrivals {
            Arrivals::Even if self.curve.is_empty() => {
                // From the number, so that no error adds up.
                self.at = self.number as f64 / self.rate;
                self.number += 1;
            }
            arrivals => loop {
                let most = self.curve.iter().copied().fold(1.0, f64::max);
                let gap = if arrivals == Arrivals::Even { 1.0 } else { -(1.0 - self.rng.f64()).ln() };
                self.at += gap / (self.rate * most);
                // Thinning: of arrivals at the highest rate, each stays with the chance that the rate has by then.
                if self.at >= self.length || self.rng.f64() * most < self.factor() {
                    break;
                }
            },
        }
        (self.at < self.length).then(|| self.begin + (self.at * 1e6) as Micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn even_arrivals_are_equally_far_apart_and_never_drift() {
        let due: Vec<Micros> = Schedule::new(500, 10 * SECOND, 3.0, Arrivals::Even, 1).collect();
        assert_eq!(due.len(), 30);
        assert_eq!((due[0], due[3], due[27]), (500, 1_000_500, 9_000_500));
    }

    #[test]
    fn poisson_arrivals_keep_the_rate_and_vary_as_much_as_they_should() {
        let due: Vec<Micros> = Schedule::new(0, 100 * SECOND, 100.0, Arrivals::Poisson, 7).collect();
        assert!((9_600..10_400).contains(&due.len()), "{}", due.len());
        let mut counts = [0_f64; 100];
        due.iter().for_each(|at| counts[(at / 1_000_000) as usize] += 1.0);
        let variance = counts.iter().map(|count| (count - 100.0).powi(2)).sum::<f64>() / 100.0;
        assert!((50.0..200.0).contains(&variance), "of a Poisson process it is the mean, 100: {variance}");
        assert_eq!(due, Schedule::new(0, 100 * SECOND, 100.0, Arrivals::Poisson, 7).collect::<Vec<_>>());
    }

    #[test]
    fn a_curve_moves_arrivals_and_leaves_their_number() {
        let schedule = Schedule::new(0, 100 * SECOND, 50.0, Arrivals::Poisson, 3).with_curve(&[1.0, 3.0]);
        let due: Vec<Micros> = schedule.collect();
        let late = due.iter().filter(|at| **at >= 50_000_000).count() as f64 / due.len() as f64;
        assert!((4_500..5_500).contains(&due.len()), "{}", due.len());
        assert!((0.70..0.80).contains(&late), "{late}");
    }

    #[test]
    fn nothing_is_sent_before_it_is_due() {
        let schedule = Schedule::new(now(), SECOND / 20, 1000.0, Arrivals::Even, 0);
        let mut sent = 0;
        schedule.run(|due| {
            assert!(now() >= due);
            sent += 1;
        });
        assert_eq!(sent, 50);
    }
}
