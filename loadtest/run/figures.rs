//! Single figures that a scenario is about, besides times: memory of a session, the highest rate, the time to start.

use std::time::Duration;

use super::{Found, Level};
use crate::{
    clock::Micros,
    recorder::Event,
    report::Figure,
    scenario::{Crowd, Idle},
};

impl Found {
    pub(super) fn figures(&self) -> Vec<Figure> {
        let mut all = Vec::new();
        self.rate_into(&mut all);
        self.memory_into(&mut all);
        self.starts_into(&mut all);
        self.backlog_into(&mut all);
        for (name, event) in COUNTED {
            let count = self.results.count(event);
            if count > 0 {
                all.push(Figure::new(name, count as f64, ""));
            }
        }
        let why = self.judgement.back_offs.iter();
        all.extend(why.map(|(code, times)| Figure::new(&format!("back-offs: {code}"), *times as f64, "")));
        all
    }

    /// The highest rate that was not too much.
    fn rate_into(&self, all: &mut Vec<Figure>) {
        if self.scenario.steps.is_some() {
            let passed = self.stretches.iter().filter(|step| step.too_much.is_none());
            let best = passed.map(|step| step.offered).fold(0.0, f64::max);
            all.push(Figure::new("highest rate carried", best, "messages/s"));
            if let Some(why) = self.stretches.iter().find_map(|step| step.too_much.as_ref().map(|why| (step, why))) {
                all.push(Figure::new(&format!("too much ({})", why.1), why.0.offered, "messages/s"));
            }
        }
    }

    /// What a session costs, and what is left of a burst.
    fn memory_into(&self, all: &mut Vec<Figure>) {
        if let Some(slope) = slope(&self.levels) {
            all.push(Figure::new("memory of a session, all processes", slope, "bytes"));
        }
        let (Some(full), Some(stretch)) = (self.levels.last(), self.stretches.last()) else { return };
        all.push(Figure::new("memory of the desk at all sockets", full.memory_bytes() as f64, "bytes"));
        let until = (stretch.begin - self.begin) as f64 / 1e6 + stretch.length.as_secs_f64();
        let used = self.seen.used(until - IDLE_END, until);
        let desk = used.iter().filter(|(role, _)| *role != "generator");
        let (after, cores) =
            desk.fold((0, 0.0), |(bytes, cores), (_, used)| (bytes + used.memory_bytes, cores + used.cores));
        all.push(Figure::new("cores busy at the end, all processes", cores, "cores"));
        let burst =
            self.scenario.crowd.values().any(|crowd| matches!(crowd, Crowd::Idle(Idle { burst_bytes: 1.., .. })));
        if burst && after > 0 {
            all.push(Figure::new("memory of the desk after the burst", after as f64, "bytes"));
            let growth = (after as f64 / full.memory_bytes().max(1) as f64 - 1.0) * 100.0;
            all.push(Figure::new("growth by the burst", growth, "%"));
        }
    }

    fn starts_into(&self, all: &mut Vec<Figure>) {
        let (empty, full) = &self.starts;
        for (name, starts) in [("start to ready, empty store", empty), ("start to ready, after the run", full)] {
            if let Some(median) = median(starts) {
                all.push(Figure::new(name, median.as_secs_f64() * 1000.0, "ms"));
            }
        }
    }

    /// How long it took after each harm until everything accepted was filed.
    fn backlog_into(&self, all: &mut Vec<Figure>) {
        for harm in &self.harm {
            let over = self.second(harm.until);
            let filed = (over..=self.results.last_second()).find(|second| {
                let sum = |event| self.results.count_until(*second, event);
                // What was accepted in the last moment may be on its way.
                let behind = sum(Event::Accepted).saturating_sub(sum(Event::Persisted));
                behind <= self.results.count_in(*second, Event::Accepted)
            });
            if let Some(filed) = filed {
                let name = format!("backlog filed after: {}", harm.what);
                all.push(Figure::new(&name, (filed - over) as f64, "s"));
            }
        }
    }

    /// A moment, in seconds of the generators.
    pub(super) const fn second(&self, at: Micros) -> i64 {
        (at as i64 - self.base as i64).div_euclid(1_000_000)
    }
}

/// Bytes for each socket, by the line that fits best. Without the first level, where there are enough: the first
/// sockets pay for what all share.
fn slope(levels: &[Level]) -> Option<f64> {
    let levels = if levels.len() > 3 { &levels[1..] } else { levels };
    let count = levels.len() as f64;
    let mean = |of: fn(&Level) -> f64| levels.iter().map(of).sum::<f64>() / count;
    let (sockets, bytes) = (mean(|level| level.sockets as f64), mean(|level| level.memory_bytes() as f64));
    let both = levels.iter().map(|level| (level.sockets as f64 - sockets) * (level.memory_bytes() as f64 - bytes));
    let square = levels.iter().map(|level| (level.sockets as f64 - sockets).powi(2)).sum::<f64>();
    (levels.len() > 1 && square > 0.0).then(|| both.sum::<f64>() / square)
}

fn median(all: &[Duration]) -> Option<Duration> {
    let mut sorted = all.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied()
}

/// Seconds at the end of a stretch in which idle use is looked at.
const IDLE_END: f64 = 10.0;

/// What is told if it happened.
const COUNTED: [(&str, Event); 9] = [
    ("attempts to open a socket that failed and were repeated", Event::ConnectFailed),
    ("sockets ended with a word", Event::SentAway),
    ("sockets ended without a word", Event::CutOff),
    ("sent again", Event::Repeated),
    ("gaps asked for", Event::Gap),
    ("resets", Event::Reset),
    ("claims won", Event::ClaimWon),
    ("claims lost", Event::ClaimLost),
    ("visits", Event::Visit),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_slope_is_what_one_more_socket_costs() {
        let level = |sockets, bytes| Level { sockets, memory: BTreeMap::from([("node".to_owned(), bytes)]) };
        assert_eq!(slope(&[level(0, 1000), level(100, 201_000)]), Some(2000.0));
        // What the first sockets bring along for all is left out.
        let levels = [level(0, 0), level(100, 1_000_000), level(200, 1_200_000), level(300, 1_400_000)];
        assert_eq!(slope(&levels), Some(2000.0));
        assert_eq!(slope(&levels[..1]), None);
    }
}
