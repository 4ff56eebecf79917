//! Whether a difference is beyond the noise.

use fastrand::Rng;
use serde::Serialize;

use super::figures::{Side, Values, values};
use crate::{
    report::Report,
    statistics::{Interval, interval, mean, median, resampled, welch},
};

/// What became of a figure.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    /// As read by people.
    pub(super) base: String,
    pub(super) new: String,
    /// New by base: 1.2 is a fifth more.
    pub(super) ratio: f64,
    /// Where that ratio lies, 99 times of 100; none, if the noise is not known.
    pub(super) interval: Option<Interval>,
    pub(super) judgement: Judgement,
}

/// What to make of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Judgement {
    Better,
    Worse,
    /// Within what chance does.
    Noise,
    /// Nothing is known of the noise.
    Unknown,
}

/// How it was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// By the spread between runs.
    Runs,
    /// By the spread within one run of each side.
    Seconds,
}

impl Method {
    /// The best that so many runs allow.
    pub(super) fn for_runs(base: &[Report], new: &[Report]) -> Self {
        if base.len() > 1 && new.len() > 1 { Self::Runs } else { Self::Seconds }
    }

    /// In words, for the report.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Runs => {
                "Judged by the spread between runs: Welch's interval (99 %) of the ratio of geometric means; a difference has to \
                 exceed 2 % besides."
            }
            Self::Seconds => {
                "Judged by the spread within one run of each side: the ratio of the medians of all seconds, with a moving-block \
                 bootstrap (99 %, 2,000 draws); a difference has to exceed 5 % besides. What differs from run to run is not in \
                 it: give several runs of each side (--base, --new) to be surer."
            }
        }
    }

    /// Smaller differences than this share are never called one.
    const fn smallest(self) -> f64 {
        match self {
            Self::Runs => 0.02,
            Self::Seconds => 0.05,
        }
    }
}

/// Compares all figures that both sides have.
pub(super) fn judge(base: &[Report], new: &[Report]) -> Vec<Row> {
    let method = Method::for_runs(base, new);
    values(base, new).into_iter().map(|values| row(values, method)).collect()
}

fn row(figure: Values, method: Method) -> Row {
    let (base_value, new_value, interval) = match method {
        Method::Runs => {
            let logs = |side: &Side| side.wholes.iter().map(|value| value.ln()).collect::<Vec<_>>();
            let (base, new) = (logs(&figure.base), logs(&figure.new));
            (mean(&base).exp(), mean(&new).exp(), welch(&base, &new).map(exponential))
        }
        Method::Seconds => {
            let (base, new) = (&figure.base.seconds, &figure.new.seconds);
            let enough = |seconds: &[f64]| seconds.len() >= FEWEST_SECONDS && median(seconds) > 0.0;
            if enough(base) && enough(new) {
                (median(base), median(new), Some(bootstrapped(base, new)))
            } else {
                (mean(&figure.base.wholes), mean(&figure.new.wholes), None)
            }
        }
    };
    let ratio = new_value / base_value;
    let (base, new) = (figure.unit.write(base_value), figure.unit.write(new_value));
    let judgement = match interval {
        None => Judgement::Unknown,
        Some(interval) if interval.holds(1.0) || (ratio - 1.0).abs() < method.smallest() => Judgement::Noise,
        Some(_) if (ratio > 1.0) == figure.more_is_better => Judgement::Better,
        Some(_) => Judgement::Worse,
    };
    Row { name: figure.name, base, new, ratio, interval, judgement }
}

fn bootstrapped(base: &[f64], new: &[f64]) -> Interval {
    // The same reports give the same answer.
    let mut rng = Rng::with_seed(1);
    let ratios: Vec<f64> = (0..DRAWS)
        .map(|_| median(&resampled(new, &mut rng)) / median(&resampled(base, &mut rng)).max(f64::MIN_POSITIVE))
        .collect();
    interval(&ratios)
}

fn exponential(logs: Interval) -> Interval {
    Interval { low: logs.low.exp(), high: logs.high.exp() }
}

/// With fewer seconds, chance cannot be told from anything.
const FEWEST_SECONDS: usize = 15;
const DRAWS: usize = 2000;
