//! Straight lines through measurements, and how surely they go there.

use serde::Serialize;

use crate::statistics::student_95;

/// An estimate, and where it lies 95 times of 100.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Band {
    pub(super) low: f64,
    pub(super) value: f64,
    pub(super) high: f64,
}

/// `intercept + slope * x`, neither below 0: nothing costs less than nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Line {
    pub(super) intercept: f64,
    pub(super) slope: Band,
    /// Variances of intercept and slope and how they go together, times Student's factor squared.
    #[serde(skip)]
    spread: (f64, f64, f64),
}

impl Band {
    /// A band without width: the value is known exactly.
    pub(super) const fn exactly(value: f64) -> Self {
        Self { low: value, value, high: value }
    }

    /// Each end changed; `change` grows with its argument.
    pub(super) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self { low: change(self.low), value: change(self.value), high: change(self.high) }
    }

    /// Both together, at worst.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, value: self.value + other.value, high: self.high + other.high }
    }
}

impl Line {
    /// Through points by least squares; `None` with less than three, or if all lie at one `x`.
    pub(super) fn through(points: &[(f64, f64)]) -> Option<Self> {
        let count = points.len() as f64;
        let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
        let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
        let spread_x: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        if points.len() < 3 || spread_x <= f64::EPSILON * mean_x.powi(2) {
            return None;
        }
        let together: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let mut slope = (together / spread_x).max(0.0);
        let mut intercept = mean_y - slope * mean_x;
        if intercept < 0.0 {
            let squares: f64 = points.iter().map(|(x, _)| x * x).sum();
            (intercept, slope) = (0.0, points.iter().map(|(x, y)| x * y).sum::<f64>() / squares);
        }
        let left: f64 = points.iter().map(|(x, y)| (y - intercept - slope * x).powi(2)).sum();
        let factor = student_95(count - 2.0).powi(2) * left / (count - 2.0);
        let spread =
            (factor * (1.0 / count + mean_x.powi(2) / spread_x), factor / spread_x, -factor * mean_x / spread_x);
        let reach = spread.1.sqrt();
        let slope = Band { low: (slope - reach).max(0.0), value: slope, high: slope + reach };
        Some(Self { intercept, slope, spread })
    }

    /// A line whose parameters are known without a fit.
    pub(super) const fn known(intercept: f64, slope: f64) -> Self {
        Self { intercept, slope: Band::exactly(slope), spread: (0.0, 0.0, 0.0) }
    }

    /// What the line says of `x`, and how surely.
    pub(super) fn at(&self, x: f64) -> Band {
        let value = self.intercept + self.slope.value * x;
        let reach = (self.spread.0 + self.spread.1 * x * x + 2.0 * self.spread.2 * x).max(0.0).sqrt();
        Band { low: (value - reach).max(0.0), value, high: value + reach }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_and_its_band_are_as_worked_out_by_hand() {
        let line = Line::through(&[(1.0, 3.1), (2.0, 4.9), (3.0, 7.1), (4.0, 8.9)]).unwrap();
        // Slope 1.96, intercept 1.1, squares left 0.032, of 2 degrees: 4.303 * sqrt(0.016 / 5) = 0.2434.
        assert!((line.slope.value - 1.96).abs() < 1e-9 && (line.intercept - 1.1).abs() < 1e-9, "{line:?}");
        assert!((line.slope.high - line.slope.value - 0.2434).abs() < 1e-3, "{line:?}");
        // In the middle, a line is known best.
        let width = |x| line.at(x).high - line.at(x).low;
        assert!(width(2.5) < width(1.0) && width(4.0) < width(40.0));
    }

    #[test]
    fn nothing_costs_less_than_nothing() {
        let line = Line::through(&[(1.0, 0.5), (2.0, 2.0), (3.0, 3.0)]).unwrap();
        assert!(line.intercept >= 0.0 && line.slope.low >= 0.0 && line.at(0.0).low >= 0.0);
        assert!(Line::through(&[(1.0, 1.0), (2.0, 2.0)]).is_none());
        assert!(Line::through(&[(5.0, 1.0), (5.0, 2.0), (5.0, 3.0)]).is_none());
    }
}
