//! Axes: where a value lies, and which values are worth a line.

/// How values are spread over an axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
    /// Where `low` and `high` lie.
    ends: (f64, f64),
}

impl Scale {
    /// From nothing to a round value above `highest`.
    pub(super) fn from_zero(highest: f64, ends: (f64, f64)) -> Self {
        let highest = if highest > 0.0 { highest } else { 1.0 };
        let step = step(highest, MOST_TICKS);
        Self { low: 0.0, high: (highest / step * 1.02).ceil() * step, logarithmic: false, ends }
    }

    /// A scale that ends exactly at `ends`.
    pub(super) fn between(low: f64, high: f64, ends: (f64, f64)) -> Self {
        Self { low, high: if high > low { high } else { low + 1.0 }, logarithmic: false, ends }
    }

    /// Equal ratios take equal room; ends at round values around those given, which are above 0.
    pub(super) fn logarithmic(lowest: f64, highest: f64, ends: (f64, f64)) -> Self {
        let low = steps_below(lowest);
        let high = steps_above(highest.max(low * 2.0));
        Self { low, high, logarithmic: true, ends }
    }

    /// Where a value lies; at an end, if it lies beyond it.
    pub(super) fn place(&self, value: f64) -> f64 {
        let part = if self.logarithmic {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.ends.0 + (self.ends.1 - self.ends.0) * part.clamp(0.0, 1.0)
    }

    /// Values that are worth a line.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if self.logarithmic {
            let few = (self.high / self.low).log10() <= 2.2;
            let factors: &[f64] = if few { &[1.0, 2.0, 5.0] } else { &[1.0] };
            let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
            let all = decades.flat_map(|decade| factors.iter().map(move |factor| factor * 10_f64.powi(decade)));
            return all.filter(|tick| *tick >= self.low * 0.999 && *tick <= self.high * 1.001).collect();
        }
        let step = step(self.high - self.low, MOST_TICKS);
        let first = (self.low / step).ceil() as i64;
        (first..).map(|tick| tick as f64 * step).take_while(|tick| *tick <= self.high + step * 0.001).collect()
    }
}

/// A round distance, so that at most so many fit.
fn step(range: f64, most: f64) -> f64 {
    let rough = range / most;
    let decade = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * decade)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(decade)
}

fn steps_below(value: f64) -> f64 {
    let decade = 10_f64.powf(value.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|factor| factor * decade).find(|step| *step <= value).unwrap_or(decade)
}

fn steps_above(value: f64) -> f64 {
    let decade = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * decade).find(|step| *step >= value).unwrap_or(value)
}

const MOST_TICKS: f64 = 5.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_values_and_hold_everything() {
        let scale = Scale::from_zero(9_800.0, (200.0, 0.0));
        assert_eq!(scale.ticks(), [0.0, 2_000.0, 4_000.0, 6_000.0, 8_000.0, 10_000.0]);
        assert!((scale.place(5_000.0) - 100.0).abs() < 1e-9);
        let scale = Scale::logarithmic(0.3, 800.0, (0.0, 100.0));
        assert_eq!(scale.ticks(), [1.0, 10.0, 100.0, 1000.0]);
        assert!(scale.place(0.2).abs() < 1e-9 && scale.place(5000.0) == 100.0);
    }

    #[test]
    fn nothing_at_all_has_an_axis_too() {
        assert!(!Scale::from_zero(0.0, (0.0, 1.0)).ticks().is_empty());
        assert!(Scale::between(3.0, 3.0, (0.0, 1.0)).place(3.0).is_finite());
    }
}
