//! The report of a run.

use super::{Found, stretch::Stretch};
use crate::{
    clock::micros,
    recorder::{Event, Hop},
    report::{Checks, FORMAT, Fault, Hop as HopReport, Machine, Nodes, Report, Scenario, Second, Step, Validity},
    scenario::Form,
    target::Target,
};

/// All hops, in the order of a report.
const HOPS: [Hop; 8] = [
    Hop::Accepted,
    Hop::Delivered,
    Hop::Persisted,
    Hop::Connected,
    Hop::Back,
    Hop::CaughtUp,
    Hop::Claimed,
    Hop::Lateness,
];

impl Found {
    /// Sums the run up.
    pub(super) fn report(mut self, target: &Target) -> Report {
        let phases: Vec<u16> = self.stretches.iter().map(|stretch| stretch.phase).collect();
        let mut versions = target.versions();
        versions.insert("loadtest".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let figures = self.figures();
        let complaints = self.complaints();
        Report {
            format: FORMAT,
            scenario: self.scenario(target),
            began_at_ms: self.began_at_ms,
            seconds: self.stretches.iter().map(|stretch| stretch.length.as_secs_f64()).sum(),
            machine: Machine::this(),
            versions,
            validity: self.validity(&self.stretches),
            checks: self.checks(),
            complaints,
            hops: self.hops(&phases),
            steps: self.levels_as_steps().chain(self.stretches.iter().map(|stretch| self.step(stretch))).collect(),
            timeline: self.timeline(),
            faults: self.faults(),
            figures,
            processes: std::mem::take(&mut self.seen.processes),
            series: std::mem::take(&mut self.seen.series),
        }
    }

    fn scenario(&self, target: &Target) -> Scenario {
        let limits = target.limits().map(|limits| format!("# {limits}\n")).unwrap_or_default();
        let own = !target.parts().is_empty();
        Scenario {
            name: self.scenario.name.clone(),
            description: self.scenario.about.clone(),
            configuration: limits + &toml::to_string(&self.scenario).unwrap_or_default(),
            command: std::env::args().collect::<Vec<_>>().join(" "),
            seed: self.scenario.seed,
            durability: if own { self.scenario.spawn.durability.name().to_owned() } else { String::new() },
            nodes: if own { self.nodes() } else { Nodes::default() },
        }
    }

    fn nodes(&self) -> Nodes {
        let spawn = &self.scenario.spawn;
        match spawn.form {
            Form::One => Nodes { gateways: 1, workers: 1, brokers: 1 },
            Form::Cluster => Nodes { gateways: spawn.gateways, workers: spawn.workers, brokers: spawn.brokers },
        }
    }

    fn checks(&self) -> Checks {
        let tally = &self.judgement.tally;
        Checks {
            sent: tally.sent,
            accepted: tally.accepted,
            delivered: tally.delivered,
            persisted: self.results.count(Event::Persisted),
            lost: tally.lost,
            unfiled: tally.unfiled,
            duplicated: tally.duplicated,
            misordered: tally.misordered,
            unknown: tally.unknown,
            refused: tally.refused,
            backed_off: self.results.count(Event::BackedOff),
            frames: self.results.count(Event::Frame),
        }
    }

    fn complaints(&self) -> Vec<String> {
        let mut all = self.judgement.complaints.clone();
        let unknown = self.judgement.tally.unknown;
        if unknown > 0 {
            all.push(format!("{unknown} messages were neither accepted nor refused in the end"));
        }
        let unfiled = self.judgement.tally.unfiled;
        if unfiled > 0 {
            all.push(format!(
                "{unfiled} messages were accepted and delivered, and the database did not hold them in time"
            ));
        }
        all
    }

    /// Whether the generators kept up.
    fn validity(&self, stretches: &[Stretch]) -> Validity {
        let bounds = &self.scenario.bounds;
        let mut reasons = Vec::new();
        for stretch in stretches.iter().filter(|stretch| stretch.too_much.is_none()) {
            let late = self.results.times(Hop::Lateness, &[stretch.phase]).value_at_quantile(0.99);
            if late > micros(bounds.lateness_p99) {
                reasons.push(format!(
                    "the generator was the bottleneck at {}: 1 of 100 messages was handed over {:.0} ms late or later",
                    stretch.label,
                    late as f64 / 1000.0
                ));
            }
            let most = bounds.generator_busy * self.scenario.threads as f64;
            for (index, cores) in self.busy(stretch).into_iter().enumerate() {
                if cores > most {
                    reasons.push(format!(
                        "the generator was the bottleneck at {}: generator {} was busy on {cores:.2} of {} threads",
                        stretch.label,
                        index + 1,
                        self.scenario.threads
                    ));
                }
            }
        }
        Validity { reasons }
    }

    fn busy(&self, stretch: &Stretch) -> Vec<f64> {
        self.results.busy(stretch.begin, stretch.begin + micros(stretch.length) + 500_000)
    }

    fn hops(&self, phases: &[u16]) -> Vec<HopReport> {
        let all = HOPS.iter().map(|hop| {
            // People come before anything is measured.
            let connected = [&[0][..], phases].concat();
            (hop, self.results.times(*hop, if *hop == Hop::Connected { &connected } else { phases }))
        });
        all.filter(|(_, times)| !times.is_empty())
            .map(|(hop, times)| HopReport::new(hop.name(), hop.meaning(), &times))
            .collect()
    }

    fn step(&self, stretch: &Stretch) -> Step {
        let from = (stretch.begin as i64 - self.begin as i64) as f64 / 1e6;
        let length = stretch.length.as_secs_f64();
        let hops = self.hops(&[stretch.phase]);
        let rate =
            |name: &str| hops.iter().find(|hop| hop.name == name).map_or(0.0, |hop| hop.times.count() as f64 / length);
        let label = match &stretch.too_much {
            Some(why) => format!("{}: too much, {why}", stretch.label),
            None => stretch.label.clone(),
        };
        Step {
            label,
            from,
            until: from + length,
            offered: stretch.offered,
            accepted: rate("accepted"),
            delivered: rate("delivered"),
            sessions: self.results.sessions(self.second(stretch.begin + micros(stretch.length))),
            conversations: self.scenario.conversations(),
            nodes: self.nodes(),
            used: self.seen.used(from, from + length),
            validity: self.validity(std::slice::from_ref(stretch)),
            hops,
        }
    }

    /// Memory at several numbers of sockets; nothing was sent.
    fn levels_as_steps(&self) -> impl Iterator<Item = Step> {
        let used = |memory_bytes| crate::report::Used { memory_bytes, ..Default::default() };
        self.levels.iter().map(move |level| Step {
            label: format!("{} sockets", level.sockets),
            sessions: level.sockets,
            nodes: self.nodes(),
            used: level.memory.iter().map(|(role, bytes)| (role.clone(), used(*bytes))).collect(),
            ..Step::default()
        })
    }

    fn timeline(&self) -> Vec<Second> {
        let zero = self.second(self.begin);
        let ends = self.stretches.iter().map(|stretch| self.second(stretch.begin + micros(stretch.length)));
        let first = zero - self.scenario.warmup.as_secs() as i64;
        let last = ends.max().unwrap_or(zero).max(self.results.last_second());
        (first..=last).map(|second| self.second_of(second, zero)).collect()
    }

    fn second_of(&self, second: i64, zero: i64) -> Second {
        let count = |event| self.results.count_in(second, event);
        let accepted = self.results.times_in(Hop::Accepted, second);
        let delivered = self.results.times_in(Hop::Delivered, second);
        let at = |times: &hdrhistogram::Histogram<u64>, share| {
            (!times.is_empty()).then(|| times.value_at_quantile(share) as f64 / 1000.0)
        };
        Second {
            at: second - zero,
            offered: count(Event::Offered),
            sent: count(Event::Sent),
            accepted: count(Event::Accepted),
            delivered: count(Event::Delivered),
            accepted_p50_ms: at(&accepted, 0.5),
            accepted_p99_ms: at(&accepted, 0.99),
            delivered_p50_ms: at(&delivered, 0.5),
            delivered_p99_ms: at(&delivered, 0.99),
            errors: count(Event::Refused) + count(Event::CutOff) + count(Event::ConnectFailed),
            backed_off: count(Event::BackedOff),
            sessions: self.results.sessions(second),
        }
    }

    fn faults(&self) -> Vec<Fault> {
        let at = |moment: u64| (moment as i64 - self.begin as i64) as f64 / 1e6;
        let fault = |harm: &crate::target::Done| Fault {
            what: harm.what.clone(),
            from: at(harm.from),
            until: Some(at(harm.until)),
        };
        self.harm.iter().map(fault).collect()
    }
}
