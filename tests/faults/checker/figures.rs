//! What is said about a run in one row of a table.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    super::history::What,
    Anomaly, Rule,
    index::{Index, Op},
};

/// Counts and times of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// Requests, however often each was sent.
    pub operations: usize,
    pub accepted: usize,
    pub rejected: usize,
    /// Requests whose outcome was unknown at some time.
    pub unknown: usize,
    pub lost: usize,
    pub duplicated: usize,
    pub misordered: usize,
    pub faults: usize,
    /// The longest that an unknown outcome took to be settled, from when it was unknown and no fault was on (ms).
    pub settled_ms: u64,
    /// The longest time between two `accepted` (ms).
    pub silence_ms: u64,
    /// From healing to an empty backlog (ms).
    pub drain_ms: u64,
}

impl Figures {
    pub(super) fn of(index: &Index<'_>, found: &[Anomaly]) -> Self {
        let count = |rules: &[Rule]| found.iter().filter(|anomaly| rules.contains(&anomaly.rule)).count();
        let faults = Fault::all(index);
        let unknown = index.ops.values().filter(|op| !op.unknown.is_empty());
        Self {
            operations: index.ops.len(),
            accepted: index.ops.values().filter(|op| !op.accepted.is_empty()).count(),
            rejected: index.ops.values().filter(|op| op.accepted.is_empty() && !op.rejected.is_empty()).count(),
            unknown: unknown.clone().count(),
            lost: count(&[Rule::V1]),
            duplicated: count(&[Rule::V3]),
            misordered: count(&[Rule::V4, Rule::V5, Rule::V6]),
            faults: faults.len(),
            settled_ms: unknown.filter_map(|op| settled_us(op, &faults)).max().unwrap_or_default() / 1000,
            silence_ms: silence_us(index) / 1000,
            drain_ms: drain_us(index) / 1000,
        }
    }

    /// What two runs come to together: sums of what is counted, the worst of what is measured.
    pub(crate) fn with(&self, other: &Self) -> Self {
        Self {
            operations: self.operations + other.operations,
            accepted: self.accepted + other.accepted,
            rejected: self.rejected + other.rejected,
            unknown: self.unknown + other.unknown,
            lost: self.lost + other.lost,
            duplicated: self.duplicated + other.duplicated,
            misordered: self.misordered + other.misordered,
            faults: self.faults + other.faults,
            settled_ms: self.settled_ms.max(other.settled_ms),
            silence_ms: self.silence_ms.max(other.silence_ms),
            drain_ms: self.drain_ms.max(other.drain_ms),
        }
    }

    /// With 95 % confidence no more than this share is lost, if none of those accepted was.
    pub(crate) fn bound(&self) -> f64 {
        3.0 / self.accepted.max(1) as f64
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operations, accepted, rejected, unknown, lost, duplicated, misordered, faults, .. } = self;
        let Self { settled_ms, silence_ms, drain_ms, .. } = self;
        write!(
            f,
            "{operations} operations, {lost} lost of {accepted} accepted (95 % bound {:.1e}), {duplicated} duplicated, \
             {misordered} misordered; {rejected} rejected, {unknown} unknown at some time; {faults} faults; unknown settled \
             within {settled_ms} ms, longest time without accepted {silence_ms} ms, drained in {drain_ms} ms",
            self.bound()
        )
    }
}

/// When a fault was on.
pub(super) struct Fault {
    pub began_us: u64,
    pub ended_us: u64,
}

impl Fault {
    pub(super) fn all(index: &Index<'_>) -> Vec<Self> {
        let mut faults: Vec<(u64, Self)> = Vec::new();
        for at in index.lines {
            match &at.what {
                What::FaultBegan { fault, .. } => faults.push((*fault, Self { began_us: at.us, ended_us: at.us })),
                What::FaultEnded { fault, .. } => {
                    if let Some((_, fault)) = faults.iter_mut().rev().find(|(number, _)| number == fault) {
                        fault.ended_us = at.us;
                    }
                }
                _ => {}
            }
        }
        faults.into_iter().map(|(_, fault)| fault).collect()
    }
}

/// How long a request was unknown while no fault was on.
pub(super) fn settled_us(op: &Op<'_>, faults: &[Fault]) -> Option<u64> {
    let settled = op.accepted.first().map(|yes| yes.us).or(op.answered_us)?;
    let unknown = op.unknown.first()?.1;
    let during = faults.iter().filter(|fault| fault.ended_us >= unknown && fault.began_us <= settled);
    let calm = during.map(|fault| fault.ended_us).max().unwrap_or_default().max(unknown);
    Some(settled.saturating_sub(calm))
}

fn silence_us(index: &Index<'_>) -> u64 {
    let mut last = None;
    let mut longest = 0;
    for at in index.lines {
        if matches!(at.what, What::Accepted { .. })
            && let Some(last) = last.replace(at.us)
        {
            longest = longest.max(at.us - last);
        }
    }
    longest
}

fn drain_us(index: &Index<'_>) -> u64 {
    let at = |wanted: fn(&What) -> bool| index.lines.iter().find(|line| wanted(&line.what)).map(|line| line.us);
    let healed = at(|what| matches!(what, What::Healed {}));
    let drained = at(|what| matches!(what, What::Drained {}));
    healed.zip(drained).map_or(0, |(healed, drained)| drained.saturating_sub(healed))
}
