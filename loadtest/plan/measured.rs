//! What a stepped run says about the cost of things.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;

use super::{
    fit::{Band, Line},
    usl::{Law, Scalability},
};
use crate::report::{Report, model::Step};

/// What things cost, as measured.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    /// Cores of each role by messages a second.
    pub(super) cores: BTreeMap<String, Line>,
    /// Bytes of what holds the sockets, by sockets; none, if their number did not vary and no other run says it.
    pub(super) memory: Option<Line>,
    /// Bytes in the broker's log by message, if known.
    pub(super) log_bytes: Option<Band>,
    /// Bytes in the database by message, if known.
    pub(super) database_bytes: Option<Band>,
    /// Most memory of the broker, and of the worker, in bytes.
    pub(super) broker_memory: f64,
    pub(super) worker_memory: f64,
    /// How what is carried grows; by what, see [`Self::grows_by`].
    pub(super) scalability: Option<(Law, Scalability)>,
    /// The points of that fit.
    pub(super) points: Vec<(f64, f64)>,
    pub(super) grows_by: GrowsBy,
    /// Highest offered rate, most sockets, most gateways that were measured.
    pub(super) highest_rate: f64,
    pub(super) most_sessions: f64,
    pub(super) most_gateways: u32,
    pub(super) machine_cores: u32,
    /// Steps that could not be used.
    pub(super) left_out: usize,
    steps: Vec<Step>,
}

/// What stands for `N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrowsBy {
    /// The number of gateways.
    Gateways,
    /// Messages under way, by Little's law: rate times mean time.
    UnderWay,
}

/// What one machine carries in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Capacity {
    /// Messages a second: `low` was carried in time, `high` was not (or is the most that was tried).
    pub(super) rate: Band,
    /// Whether even the highest step was in time, so that the true capacity is higher.
    pub(super) was_not_reached: bool,
    /// The share of the cores left by the generator that were busy there.
    pub(super) busy: f64,
}

impl Measured {
    /// Of a report; and of another one about sockets that say nothing, if there is one.
    ///
    /// # Errors
    /// If it has less than three steps that count.
    pub(super) fn of(report: &Report, idle: Option<&Report>) -> anyhow::Result<Self> {
        let counts = |step: &&Step| step.validity.reasons.is_empty() && step.delivered > 0.0;
        let carried = |step: &Step| Step { delivered: report.carried(step), ..step.clone() };
        let steps: Vec<Step> = report.steps.iter().filter(counts).map(carried).collect();
        ensure!(
            steps.len() >= 3,
            "a plan needs a run in at least three steps of different load whose generator kept up; this report has {} such \
             steps of {}",
            steps.len(),
            report.steps.len()
        );
        let roles: BTreeSet<&String> =
            steps.iter().flat_map(|step| step.used.keys()).filter(|role| *role != "generator").collect();
        let cores_of = |role: &str| {
            let points: Vec<(f64, f64)> =
                steps.iter().filter_map(|step| Some((step.delivered, step.used.get(role)?.cores))).collect();
            Line::through(&points)
        };
        let cores = roles.iter().filter_map(|role| Some(((*role).clone(), cores_of(role)?))).collect();
        let memory = |step: &Step| {
            let holders = ["gateway", "node", "server"];
            holders.iter().filter_map(|role| step.used.get(*role)).map(|used| used.memory_bytes as f64).sum::<f64>()
        };
        let by_sessions: Vec<(f64, f64)> = steps.iter().map(|step| (step.sessions as f64, memory(step))).collect();
        let of_idle = idle.and_then(session).map(|each| {
            let at_rest = by_sessions.iter().map(|(sessions, bytes)| bytes - sessions * each).fold(f64::MAX, f64::min);
            Line::known(at_rest.max(0.0), each)
        });
        let memory_line = of_idle.or_else(|| Line::through(&by_sessions));
        let (grows_by, points) = growth(&steps);
        let highest = |pick: fn(&Step) -> f64| steps.iter().map(pick).fold(0.0, f64::max);
        let most_memory = |role: &str| {
            let bytes = steps.iter().filter_map(|step| step.used.get(role)).map(|used| used.memory_bytes);
            bytes.max().map(|bytes| bytes as f64)
        };
        Ok(Self {
            cores,
            memory: memory_line,
            log_bytes: stored(&steps, "broker"),
            database_bytes: stored(&steps, "database"),
            broker_memory: most_memory("broker").unwrap_or_default(),
            worker_memory: most_memory("worker").or_else(|| memory_line.map(|line| line.intercept)).unwrap_or_default(),
            scalability: Scalability::fit(&points),
            points,
            grows_by,
            highest_rate: highest(|step| step.delivered),
            most_sessions: highest(|step| step.sessions as f64),
            most_gateways: steps.iter().map(|step| step.nodes.gateways).max().unwrap_or_default().max(1),
            machine_cores: u32::try_from(report.machine.cores).unwrap_or(1).max(1),
            left_out: report.steps.len() - steps.len(),
            steps,
        })
    }

    /// What each gateway beyond the first adds, by what the first carries; `None`, if their number did not vary.
    pub(super) fn scale_out(&self) -> Option<f64> {
        let (law, _) = self.scalability.filter(|_| self.grows_by == GrowsBy::Gateways)?;
        let most = f64::from(self.most_gateways);
        Some(((law.carries(most) / law.carries(1.0) - 1.0) / (most - 1.0)).clamp(LEAST_ADDED, 1.0))
    }

    /// How much was carried while 99 of 100 messages were delivered within `p99` milliseconds; `None`, if never.
    pub(super) fn capacity(&self, p99: f64) -> Option<Capacity> {
        let mut steps: Vec<&Step> = self.steps.iter().collect();
        steps.sort_by(|one, other| one.offered.total_cmp(&other.offered));
        let in_time = |step: &Step| late(step) <= p99 && step.delivered >= KEPT_UP * step.offered;
        let good = steps.iter().take_while(|step| in_time(step)).last()?;
        let bad = steps.iter().find(|step| !in_time(step));
        let rate = bad.map_or_else(
            || Band::exactly(good.delivered),
            |bad| {
                // Between the two, latency grows by about the same factor with each message more.
                let (from, to) = (late(good).max(1e-3).ln(), late(bad).max(1e-3).ln());
                let part = if to > from { ((p99.ln() - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 };
                let high = bad.delivered.max(good.delivered);
                Band { low: good.delivered, value: good.delivered + (high - good.delivered) * part, high }
            },
        );
        let generator = good.used.get("generator").map_or(0.0, |used| used.cores);
        let served: f64 = good.used.iter().filter(|(role, _)| *role != "generator").map(|(_, used)| used.cores).sum();
        let left = (f64::from(self.machine_cores) - generator).max(0.1);
        // Where latency never ran out, more could have been busy.
        let least = if bad.is_none() { UNTRIED_BUSY } else { LEAST_BUSY };
        Some(Capacity { rate, was_not_reached: bad.is_none(), busy: (served / left).clamp(least, MOST_BUSY) })
    }
}

/// How long 99 of 100 messages took at most, in milliseconds.
fn late(step: &Step) -> f64 {
    let hop = step.hops.iter().find(|hop| hop.name == "delivered" && hop.times.count() > 0);
    hop.map_or(f64::MAX, |hop| hop.times.quantile_ms(0.99))
}

/// What is carried by how many: gateways, if their number varied, else messages under way.
fn growth(steps: &[Step]) -> (GrowsBy, Vec<(f64, f64)>) {
    let mut best: BTreeMap<u32, f64> = BTreeMap::new();
    for step in steps {
        let most = best.entry(step.nodes.gateways).or_default();
        *most = most.max(step.delivered);
    }
    if best.len() >= 3 {
        return (GrowsBy::Gateways, best.into_iter().map(|(n, carried)| (f64::from(n), carried)).collect());
    }
    let under_way = |step: &Step| {
        let hop = step.hops.iter().find(|hop| hop.name == "delivered" && hop.times.count() > 0)?;
        Some((step.delivered * hop.times.mean_ms() / 1000.0, step.delivered))
    };
    (GrowsBy::UnderWay, steps.iter().filter_map(under_way).collect())
}

/// Bytes by message: how what is stored grew with what was delivered, step by step.
fn stored(steps: &[Step], role: &str) -> Option<Band> {
    let mut delivered = 0.0;
    let mut points = Vec::new();
    for step in steps {
        delivered += step.delivered * (step.until - step.from);
        points.extend(step.used.get(role).and_then(|used| used.disk_bytes).map(|bytes| (delivered, bytes as f64)));
    }
    Line::through(&points).map(|line| line.slope)
}

/// The memory of a session that the scenario `idle` found.
fn session(report: &Report) -> Option<f64> {
    let found = report.figures.iter().find(|figure| figure.name == SESSION && figure.unit == "bytes");
    found.map(|figure| figure.value).filter(|bytes| *bytes > 0.0)
}

/// As `run idle` calls it.
const SESSION: &str = "memory of a session, all processes";

/// A step kept up if it delivered this share of what was offered.
const KEPT_UP: f64 = 0.98;

/// However idle the machine was when latency ran out: sizes are not to explode on one slow disk.
const LEAST_BUSY: f64 = 0.2;
/// What is taken for safe where latency never ran out.
const UNTRIED_BUSY: f64 = 0.6;
/// However well it went: there has to be room for the unforeseen.
const MOST_BUSY: f64 = 0.8;

/// However badly gateways got along: with less, no number of them is enough.
const LEAST_ADDED: f64 = 0.1;
