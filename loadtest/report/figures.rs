//! Figures that are worked out of a report.

use std::collections::BTreeMap;

use super::model::{Process, Report, Step};

impl Report {
    /// Messages that were delivered in the measured time.
    pub(crate) fn measured(&self) -> f64 {
        self.hop("delivered").map_or(0.0, |hop| hop.times.count() as f64)
    }

    /// The same, a second.
    pub(crate) fn delivered_per_second(&self) -> f64 {
        self.measured() / self.seconds.max(f64::EPSILON)
    }

    /// Messages that were delivered a second while a step lasted. What of it was delivered later is not counted, where
    /// the timeline tells.
    pub(crate) fn carried(&self, step: &Step) -> f64 {
        let within = |at: i64| (step.from..step.until).contains(&(at as f64));
        let seconds: Vec<f64> =
            self.timeline.iter().filter(|second| within(second.at)).map(|second| second.delivered as f64).collect();
        if seconds.is_empty() { step.delivered } else { seconds.iter().sum::<f64>() / seconds.len() as f64 }
    }

    /// Microseconds of CPU per message, of all that was looked at but the generator.
    pub(crate) fn cpu_per_message(&self) -> Option<f64> {
        let used: f64 = self.served_by().map(|process| process.cpu_seconds).sum();
        (used > 0.0 && self.measured() > 0.0).then(|| used * 1e6 / self.measured())
    }

    /// Most memory that all but the generator held together, in bytes.
    pub(crate) fn peak_bytes(&self) -> Option<f64> {
        let mut held: BTreeMap<i64, u64> = BTreeMap::new();
        for process in self.served_by() {
            let samples = &process.samples;
            // A process may be looked at twice in a moment, as it is once more at the end: it counts once.
            let mut own: BTreeMap<i64, u64> = BTreeMap::new();
            for (at, bytes) in samples.at.iter().zip(&samples.proportional_bytes) {
                let most = own.entry((at * 10.0).round() as i64).or_default();
                *most = (*most).max(*bytes);
            }
            for (moment, bytes) in own {
                *held.entry(moment).or_default() += bytes;
            }
        }
        held.into_values().max().map(|bytes| bytes as f64)
    }

    /// Everything that was looked at but the generator.
    pub(crate) fn served_by(&self) -> impl Iterator<Item = &Process> {
        self.processes.iter().filter(|process| process.role != "generator")
    }
}
