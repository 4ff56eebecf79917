//! The judge: a pure function from a recorded history to a verdict. Knows the contract (V1 to V12) and nothing of the
//! product.

mod accepted;
mod claims;
mod figures;
mod healing;
mod index;
mod isolation;
mod order;
mod resume;
mod states;
#[cfg(test)]
mod tests;

use std::fmt;

pub(crate) use figures::Figures;
use index::Index;

use super::history::Line;

/// What is asked of a history besides the contract.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expectations {
    /// Fewer accepted requests prove nothing.
    pub accepted: usize,
    /// Whether there was to be a fault.
    pub fault: bool,
}

/// Rules of the contract, and what makes a run worthless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rule {
    /// Every accepted message is in the final history.
    V1,
    /// It has only what a client sent, and no rejected message.
    V2,
    /// Each id once, repeated answers equal.
    V3,
    /// Numbers are dense, all observers saw the same.
    V4,
    /// Accepted before another was sent: the smaller number.
    V5,
    /// First in, first out for a sender that waited.
    V6,
    /// States only grow; persisted implies accepted.
    V7,
    /// One winner for each claim.
    V8,
    /// No byte of one tenant reaches another.
    V9,
    /// A resume returned exactly what was missing.
    V10,
    /// What is folded is what the rows say.
    V11,
    /// After healing all goes back to where it was.
    V12,
    /// A node that is told to go closes its sockets with 1012 or 1001 (section 7).
    Farewell,
    /// Too little was done to prove anything.
    TooFew,
    /// The fault had no effect that anybody saw.
    NeverHit,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Anomaly {
    pub rule: Rule,
    /// Description of the anomaly.
    pub what: String,
    /// The lines of the record and the names that show it; no more than needed.
    pub ids: Vec<String>,
}

/// What a history comes to.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub anomalies: Vec<Anomaly>,
    pub figures: Figures,
}

/// Judges a run by its lines, in the order of their numbers.
pub(crate) fn check(lines: &[Line], expected: Expectations) -> Verdict {
    let index = Index::new(lines);
    let mut found = Findings::default();
    accepted::check(&index, &mut found);
    order::check(&index, &mut found);
    states::check(&index, &mut found);
    claims::check(&index, &mut found);
    isolation::check(&index, &mut found);
    resume::check(&index, &mut found);
    healing::check(&index, &mut found);
    let figures = Figures::of(&index, &found.0);
    if figures.accepted < expected.accepted {
        let what = format!("{} accepted, at least {} are needed", figures.accepted, expected.accepted);
        found.add(Rule::TooFew, what, []);
    }
    if expected.fault {
        healing::check_hits(&index, &mut found);
    }
    found.0.sort_by_key(|anomaly| anomaly.rule);
    Verdict { anomalies: found.0, figures }
}

/// The anomalies found so far.
#[derive(Debug, Default)]
struct Findings(Vec<Anomaly>);

impl Findings {
    fn add<const N: usize>(&mut self, rule: Rule, what: impl Into<String>, ids: [String; N]) {
        self.0.push(Anomaly { rule, what: what.into(), ids: ids.into() });
    }
}

impl Verdict {
    pub(crate) const fn is_valid(&self) -> bool {
        self.anomalies.is_empty()
    }

    /// The rules that were broken, each once.
    pub(crate) fn broken(&self) -> Vec<Rule> {
        let mut rules: Vec<Rule> = self.anomalies.iter().map(|anomaly| anomaly.rule).collect();
        rules.dedup();
        rules
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_valid() {
            return write!(f, "valid: {}", self.figures);
        }
        writeln!(f, "INVALID, {} anomalies: {}", self.anomalies.len(), self.figures)?;
        for rule in self.broken() {
            let all: Vec<&Anomaly> = self.anomalies.iter().filter(|anomaly| anomaly.rule == rule).collect();
            writeln!(f, "{rule:?}: {}", all.len())?;
            for anomaly in all.iter().take(SHOWN) {
                writeln!(f, "  {} [{}]", anomaly.what, anomaly.ids.join(", "))?;
            }
        }
        Ok(())
    }
}

/// How many anomalies of each rule are printed.
const SHOWN: usize = 8;
