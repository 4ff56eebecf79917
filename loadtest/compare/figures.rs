//! The figures that are compared.

use std::collections::BTreeMap;

use crate::report::{Report, Second, Unit};

/// A figure of a run.
#[derive(Debug, Clone, Copy)]
struct Figure {
    name: &'static str,
    unit: Unit,
    /// Whether more is better.
    more_is_better: bool,
    /// Of a whole run.
    whole: fn(&Report) -> Option<f64>,
    /// Second by second; empty, if it has no seconds.
    seconds: fn(&Report) -> Vec<f64>,
}

/// A figure of both sides.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) name: String,
    pub(super) unit: Unit,
    pub(super) more_is_better: bool,
    pub(super) base: Side,
    pub(super) new: Side,
}

/// What one side's runs say of a figure.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    /// The figure of each run.
    pub(super) wholes: Vec<f64>,
    /// Second by second, of all runs; empty, if it has no seconds.
    pub(super) seconds: Vec<f64>,
}

/// All figures that both sides have: those of every run, then those that the scenario is about.
pub(super) fn values(base: &[Report], new: &[Report]) -> Vec<Values> {
    let common = FIGURES.iter().map(|figure| Values {
        name: figure.name.to_owned(),
        unit: figure.unit,
        more_is_better: figure.more_is_better,
        base: figure.side(base),
        new: figure.side(new),
    });
    // Counts of what happened are no measurements.
    let named = base.first().map_or(&[][..], |report| &report.figures).iter().filter(|figure| !figure.unit.is_empty());
    let named = named.map(|figure| {
        let side = |runs: &[Report]| {
            let found =
                |run: &Report| run.figures.iter().find(|other| other.name == figure.name).map(|other| other.value);
            Side { wholes: positive(runs.iter().filter_map(found)), seconds: Vec::new() }
        };
        let more_is_better = figure.unit.ends_with("/s");
        Values {
            name: figure.name.clone(),
            unit: Unit::named(&figure.unit),
            more_is_better,
            base: side(base),
            new: side(new),
        }
    });
    common.chain(named).filter(|values| !values.base.wholes.is_empty() && !values.new.wholes.is_empty()).collect()
}

impl Figure {
    fn side(&self, runs: &[Report]) -> Side {
        let wholes = positive(runs.iter().filter_map(self.whole));
        Side { wholes, seconds: runs.iter().flat_map(self.seconds).collect() }
    }
}

fn positive(values: impl Iterator<Item = f64>) -> Vec<f64> {
    values.filter(|value| *value > 0.0).collect()
}

/// Those that every run has, in the order of the table.
const FIGURES: [Figure; 8] = [
    Figure {
        name: "delivered",
        unit: Unit::PerSecond,
        more_is_better: true,
        whole: |report| Some(report.delivered_per_second()).filter(|rate| *rate > 0.0),
        seconds: |report| seconds(report, |second| Some(second.delivered as f64)),
    },
    Figure {
        name: "accepted p50",
        unit: Unit::Milliseconds,
        more_is_better: false,
        whole: |report| quantile(report, "accepted", 0.5),
        seconds: |report| seconds(report, |second| second.accepted_p50_ms),
    },
    Figure {
        name: "accepted p99",
        unit: Unit::Milliseconds,
        more_is_better: false,
        whole: |report| quantile(report, "accepted", 0.99),
        seconds: |report| seconds(report, |second| second.accepted_p99_ms),
    },
    Figure {
        name: "delivered p50",
        unit: Unit::Milliseconds,
        more_is_better: false,
        whole: |report| quantile(report, "delivered", 0.5),
        seconds: |report| seconds(report, |second| second.delivered_p50_ms),
    },
    Figure {
        name: "delivered p99",
        unit: Unit::Milliseconds,
        more_is_better: false,
        whole: |report| quantile(report, "delivered", 0.99),
        seconds: |report| seconds(report, |second| second.delivered_p99_ms),
    },
    Figure {
        name: "persisted p99",
        unit: Unit::Milliseconds,
        more_is_better: false,
        whole: |report| quantile(report, "persisted", 0.99),
        seconds: |_| Vec::new(),
    },
    Figure {
        name: "CPU per message",
        unit: Unit::Microseconds,
        more_is_better: false,
        whole: Report::cpu_per_message,
        seconds: cpu_per_message,
    },
    Figure {
        name: "peak memory",
        unit: Unit::Bytes,
        more_is_better: false,
        whole: Report::peak_bytes,
        seconds: |_| Vec::new(),
    },
];

fn quantile(report: &Report, hop: &str, share: f64) -> Option<f64> {
    let times = &report.hop(hop)?.times;
    (times.count() > 0).then(|| times.quantile_ms(share))
}

/// Of the seconds that were measured.
fn seconds(report: &Report, pick: impl Fn(&Second) -> Option<f64>) -> Vec<f64> {
    report.timeline.iter().filter(|second| second.at >= 0).filter_map(pick).collect()
}

/// Microseconds of CPU that all but the generator used in a second, by the messages of that second.
fn cpu_per_message(report: &Report) -> Vec<f64> {
    let mut cores: BTreeMap<i64, f64> = BTreeMap::new();
    for process in report.served_by() {
        for (at, used) in process.samples.at.iter().zip(&process.samples.cores) {
            *cores.entry(at.round() as i64).or_default() += used;
        }
    }
    // A sample tells of the second that ends with it.
    let cost = |second: &Second| Some(cores.get(&(second.at + 1))? * 1e6 / second.delivered as f64);
    seconds(report, cost).into_iter().filter(|cost| cost.is_finite() && *cost > 0.0).collect()
}
