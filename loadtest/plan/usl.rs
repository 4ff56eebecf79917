//! The Universal Scalability Law: what many carry, when each has to wait for the others and to agree with them.
//!
//! `X(N) = l N / (1 + s (N - 1) + k N (N - 1))` (Gunther 1993): `l` is what one carries, `s` the share that only one
//! can do at a time, `k` the price of agreeing. `N / X` is a parabola in `N`, so that the fit is linear and has one
//! answer.

use fastrand::Rng;
use serde::Serialize;

use super::fit::Band;
use crate::statistics::quantile;

/// The Universal Scalability Law, fitted to measurements.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Scalability {
    /// Messages a second that one process carries.
    pub(super) lambda: Band,
    /// The share that only one can do at a time.
    pub(super) sigma: Band,
    /// The price of agreeing.
    pub(super) kappa: Band,
    /// The most that is carried, however many; none if more always carry more.
    pub(super) most: Option<Band>,
}

/// The three parameters of the law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Law {
    pub(super) lambda: f64,
    pub(super) sigma: f64,
    pub(super) kappa: f64,
}

impl Law {
    /// Messages a second that `n` processes carry together.
    pub(super) fn carries(&self, n: f64) -> f64 {
        self.lambda * n / (1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0))
    }

    /// The most that is carried; for a law without a price of agreeing, what it comes close to.
    pub(super) fn most(&self) -> Option<f64> {
        if self.kappa > 0.0 {
            return Some(self.carries(((1.0 - self.sigma).max(0.0) / self.kappa).sqrt().max(1.0)));
        }
        (self.sigma > 0.0).then(|| self.lambda / self.sigma)
    }

    /// Fits pairs of (how many, what they carry) with the least relative error; `None` with less than three of them.
    pub(super) fn fit(points: &[(f64, f64)]) -> Option<Self> {
        let points: Vec<_> = points.iter().copied().filter(|(n, carried)| *n > 0.0 && *carried > 0.0).collect();
        if points.len() < 3 {
            return None;
        }
        // Of the parabolas without negative parts, the one that fits best: each part is free or nothing.
        let free = [[true, true, true], [true, true, false], [true, false, true], [true, false, false]];
        let fits = free.into_iter().filter_map(|free| parabola(&points, free));
        let best = fits.min_by(|one, other| error(&points, one).total_cmp(&error(&points, other)))?;
        let lambda = 1.0 / best[0];
        Some(Self { lambda, sigma: best[1] * lambda, kappa: best[2] * lambda })
    }
}

impl Scalability {
    /// Fits, and says how surely: the same with what is left over dealt out anew (residual bootstrap).
    pub(super) fn fit(points: &[(f64, f64)]) -> Option<(Law, Self)> {
        let law = Law::fit(points)?;
        let left: Vec<f64> = points.iter().map(|(n, carried)| carried / law.carries(*n)).collect();
        let mut rng = Rng::with_seed(1);
        let again: Vec<Law> = (0..DRAWS)
            .filter_map(|_| {
                let drawn = |(n, _): &(f64, f64)| (*n, law.carries(*n) * left[rng.usize(0..left.len())]);
                Law::fit(&points.iter().map(drawn).collect::<Vec<_>>())
            })
            .collect();
        let band = |value: f64, pick: fn(&Law) -> f64| {
            let values: Vec<f64> = again.iter().map(pick).collect();
            Band { low: quantile(&values, 0.025).min(value), value, high: quantile(&values, 0.975).max(value) }
        };
        let most = law.most().map(|most| band(most, |law| law.most().unwrap_or(f64::MAX)));
        let (lambda, sigma) = (band(law.lambda, |law| law.lambda), band(law.sigma, |law| law.sigma));
        Some((law, Self { lambda, sigma, kappa: band(law.kappa, |law| law.kappa), most }))
    }
}

/// `N / X = a + b (N - 1) + c N (N - 1)`, by least squares of the relative error; `None` if a part is negative.
fn parabola(points: &[(f64, f64)], free: [bool; 3]) -> Option<[f64; 3]> {
    let mut equations = [[0.0; 4]; 3];
    for (n, carried) in points {
        let scale = carried / n;
        let parts = [1.0, n - 1.0, n * (n - 1.0)];
        for row in 0..3 {
            for column in 0..3 {
                equations[row][column] += parts[row] * parts[column] * scale * scale;
            }
            equations[row][3] += parts[row] * scale;
        }
    }
    for held in (0..3).filter(|part| !free[*part]) {
        (0..3).for_each(|row| equations[row][held] = 0.0);
        equations[held] = [0.0; 4];
        equations[held][held] = 1.0;
    }
    let found = solve(equations)?;
    (found[0] > 0.0 && found.iter().all(|part| *part >= 0.0)).then_some(found)
}

/// Three equations in three unknowns, by elimination with the largest pivot.
fn solve(mut rows: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for column in 0..3 {
        let pivot = (column..3).max_by(|one, other| rows[*one][column].abs().total_cmp(&rows[*other][column].abs()))?;
        rows.swap(column, pivot);
        let top = rows[column];
        if top[column].abs() < f64::MIN_POSITIVE {
            return None;
        }
        for row in (0..3).filter(|row| *row != column) {
            let factor = rows[row][column] / top[column];
            (0..4).for_each(|at| rows[row][at] -= factor * top[at]);
        }
    }
    Some([0, 1, 2].map(|row| rows[row][3] / rows[row][row]))
}

fn error(points: &[(f64, f64)], [a, b, c]: &[f64; 3]) -> f64 {
    points.iter().map(|(n, carried)| (carried / n * (a + b * (n - 1.0) + c * n * (n - 1.0)) - 1.0).powi(2)).sum()
}

const DRAWS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTH: Law = Law { lambda: 1000.0, sigma: 0.03, kappa: 0.0005 };

    fn measured(noise: f64, seed: u64) -> Vec<(f64, f64)> {
        let mut rng = Rng::with_seed(seed);
        let load = [1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0];
        load.map(|n| (n, TRUTH.carries(n) * (1.0 + noise * (2.0 * rng.f64() - 1.0)))).to_vec()
    }

    #[test]
    fn known_figures_are_found_again() {
        let law = Law::fit(&measured(0.0, 1)).unwrap();
        assert!(
            (law.lambda - 1000.0).abs() < 1e-6 && (law.sigma - 0.03).abs() < 1e-9 && (law.kappa - 0.0005).abs() < 1e-9
        );
    }

    #[test]
    fn they_are_found_in_noise_and_their_bands_hold_them() {
        for seed in 0..10 {
            let (law, found) = Scalability::fit(&measured(0.03, seed)).unwrap();
            assert!((law.lambda / 1000.0 - 1.0).abs() < 0.05, "{found:?}");
            assert!((law.most().unwrap() / TRUTH.most().unwrap() - 1.0).abs() < 0.05, "{found:?}");
            assert!(found.lambda.low < law.lambda && law.lambda < found.lambda.high);
        }
        let held = (0..10).filter(|seed| {
            let (_, found) = Scalability::fit(&measured(0.03, 100 + seed)).unwrap();
            found.sigma.low <= TRUTH.sigma && TRUTH.sigma <= found.sigma.high
        });
        assert!(held.count() >= 7);
    }

    #[test]
    fn what_scales_without_end_has_no_most() {
        let law = Law::fit(&[(1.0, 10.0), (2.0, 20.0), (4.0, 40.0), (8.0, 80.0)]).unwrap();
        assert!(law.kappa.abs() < 1e-9 && law.sigma.abs() < 1e-9, "{law:?}");
        assert!(Law::fit(&[(1.0, 10.0), (2.0, 20.0)]).is_none());
    }
}
