//! What samples say, and how surely.

use fastrand::Rng;

/// Where a figure lies, 99 times of 100.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Interval {
    /// Whether it may be this.
    pub(crate) fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The mean; 0 of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Half of the values are below it; 0 of nothing.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// This share of the values is below it; between two of them, in proportion. 0 of nothing.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    let place = share.clamp(0.0, 1.0) * values.len().saturating_sub(1) as f64;
    if values.is_empty() {
        return 0.0;
    }
    let (_, below, above) = values.select_nth_unstable_by(place as usize, f64::total_cmp);
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    if place.fract() > 0.0 { *below + (next - *below) * place.fract() } else { *below }
}

/// The interval in which 99 of 100 of these lie.
pub(crate) fn interval(values: &[f64]) -> Interval {
    Interval { low: quantile(values, 0.005), high: quantile(values, 0.995) }
}

/// A series as it might have come out as well: put together from pieces of itself, whole ones, because one second is
/// like the next (moving blocks, Kuensch 1989).
pub(crate) fn resampled(series: &[f64], rng: &mut Rng) -> Vec<f64> {
    let block = ((2.0 * (series.len() as f64).cbrt()).ceil() as usize).clamp(1, series.len().max(1));
    let mut drawn = Vec::with_capacity(series.len() + block);
    while drawn.len() < series.len() {
        let from = rng.usize(0..=series.len() - block);
        drawn.extend_from_slice(&series[from..from + block]);
    }
    drawn.truncate(series.len());
    drawn
}

/// The interval of `mean(new) - mean(base)` when the two spread differently (Welch 1947); `None` with less than two of
/// either.
pub(crate) fn welch(base: &[f64], new: &[f64]) -> Option<Interval> {
    if base.len() < 2 || new.len() < 2 {
        return None;
    }
    let share = |values: &[f64]| {
        let (mean, count) = (mean(values), values.len() as f64);
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0) / count
    };
    let (one, other) = (share(base), share(new));
    let spread = one + other;
    let parts = one.powi(2) / (base.len() as f64 - 1.0) + other.powi(2) / (new.len() as f64 - 1.0);
    let freedom = if parts > 0.0 { spread.powi(2) / parts } else { f64::MAX };
    let (middle, reach) = (mean(new) - mean(base), student(freedom) * spread.sqrt());
    Some(Interval { low: middle - reach, high: middle + reach })
}

/// How many standard errors hold 99 of 100, with so many degrees of freedom.
pub(crate) fn student(freedom: f64) -> f64 {
    row(freedom).2
}

/// How many standard errors hold 95 of 100.
pub(crate) fn student_95(freedom: f64) -> f64 {
    row(freedom).1
}

fn row(freedom: f64) -> (f64, f64, f64) {
    STUDENT.iter().rfind(|(from, ..)| freedom >= *from).copied().unwrap_or(STUDENT[0])
}

/// Degrees of freedom; the two-sided 95 % and 99 % points of Student's distribution from there on.
const STUDENT: [(f64, f64, f64); 17] = [
    (1.0, 12.71, 63.66),
    (2.0, 4.303, 9.925),
    (3.0, 3.182, 5.841),
    (4.0, 2.776, 4.604),
    (5.0, 2.571, 4.032),
    (6.0, 2.447, 3.707),
    (7.0, 2.365, 3.499),
    (8.0, 2.306, 3.355),
    (9.0, 2.262, 3.250),
    (10.0, 2.228, 3.169),
    (12.0, 2.179, 3.055),
    (15.0, 2.131, 2.947),
    (20.0, 2.086, 2.845),
    (30.0, 2.042, 2.750),
    (60.0, 2.000, 2.660),
    (120.0, 1.980, 2.617),
    (1000.0, 1.960, 2.576),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_the_values() {
        assert!((quantile(&[4.0, 1.0, 3.0, 2.0], 0.5) - 2.5).abs() < 1e-12);
        assert!((median(&[7.0]) - 7.0).abs() < 1e-12);
        assert!(median(&[]).abs() < 1e-12);
    }

    #[test]
    fn a_difference_is_told_from_the_spread() {
        // Worked by hand: means 1 and 2, spreads 0.01/3 each, 4 degrees of freedom.
        let found = welch(&[0.9, 1.0, 1.1], &[1.9, 2.0, 2.1]).unwrap();
        assert!((found.low - (1.0 - 4.604 * 0.081_65)).abs() < 1e-3, "{found:?}");
        assert!(!found.holds(0.0) && found.holds(1.0));
        assert!(welch(&[1.0], &[2.0, 3.0]).is_none());
    }

    #[test]
    fn a_resampled_series_is_made_of_pieces_of_it() {
        let series: Vec<f64> = (0..100).map(f64::from).collect();
        let drawn = resampled(&series, &mut Rng::with_seed(7));
        assert_eq!(drawn.len(), 100);
        let joined = drawn.windows(2).filter(|pair| (pair[1] - pair[0] - 1.0).abs() < 1e-9).count();
        assert!(joined >= 85, "{joined}");
    }
}
