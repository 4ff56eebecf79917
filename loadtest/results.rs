//! What all generators noted, put together: by stretch of the run, by second, and in all.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::{
    clock::{Micros, now},
    generator::{Tick, read},
    recorder::{Event, Hop, Moment, add, empty},
};

/// What all generators noted.
#[derive(Debug)]
pub(crate) struct Results {
    base: Micros,
    times: BTreeMap<(Moment, Hop), Histogram<u64>>,
    /// How often everything had happened, by generator.
    counts: Vec<BTreeMap<Event, u64>>,
    /// How often everything happened in each second.
    seconds: BTreeMap<i64, BTreeMap<Event, u64>>,
    /// CPU that each generator had used: (when, seconds).
    cpu: Vec<Vec<(Micros, f64)>>,
}

impl Results {
    /// Of so many generators, whose seconds count from `base`.
    pub(crate) fn new(base: Micros, generators: usize) -> Self {
        let (counts, cpu) = (vec![BTreeMap::new(); generators], vec![Vec::new(); generators]);
        Self { base, times: BTreeMap::new(), counts, seconds: BTreeMap::new(), cpu }
    }

    /// Takes in what a generator says.
    pub(crate) fn hear(&mut self, generator: usize, tick: Tick) {
        self.hear_at(generator, tick, now());
    }

    fn hear_at(&mut self, generator: usize, tick: Tick, at: Micros) {
        for (moment, hop, text) in tick.times {
            // What a generator writes can be read: it is the same program.
            let Ok(times) = read(&text) else { continue };
            add(self.times.entry((moment, hop)).or_insert_with(empty), &times);
        }
        // Said at the end of a second, and heard a little later.
        let second = ((at - self.base) as i64 - 500_000).div_euclid(1_000_000);
        let cell = self.seconds.entry(second).or_default();
        for (event, count) in &tick.counts {
            let before = self.counts[generator].get(event).copied().unwrap_or_default();
            *cell.entry(*event).or_default() += count.saturating_sub(before);
        }
        self.counts[generator] = tick.counts;
        self.cpu[generator].push((at, tick.cpu_seconds));
    }

    /// How often something happened, in all.
    pub(crate) fn count(&self, event: Event) -> u64 {
        self.counts.iter().filter_map(|counts| counts.get(&event)).sum()
    }

    /// How often something happened in a second.
    pub(crate) fn count_in(&self, second: i64, event: Event) -> u64 {
        self.seconds.get(&second).and_then(|cell| cell.get(&event)).copied().unwrap_or_default()
    }

    /// How often something happened up to the end of a second.
    pub(crate) fn count_until(&self, second: i64, event: Event) -> u64 {
        self.seconds.range(..=second).filter_map(|(_, cell)| cell.get(&event)).sum()
    }

    /// The last second of which anything is known.
    pub(crate) fn last_second(&self) -> i64 {
        self.seconds.keys().next_back().copied().unwrap_or_default()
    }

    /// Sockets that were open at the end of a second.
    pub(crate) fn sessions(&self, second: i64) -> u64 {
        let all = |event| self.count_until(second, event);
        let ended = all(Event::Closed) + all(Event::SentAway) + all(Event::CutOff);
        all(Event::Opened).saturating_sub(ended)
    }

    /// Sockets that are open.
    pub(crate) fn sessions_now(&self) -> u64 {
        let ended = self.count(Event::Closed) + self.count(Event::SentAway) + self.count(Event::CutOff);
        self.count(Event::Opened).saturating_sub(ended)
    }

    /// How long something took in these stretches; nothing if it never happened.
    pub(crate) fn times(&self, hop: Hop, phases: &[u16]) -> Histogram<u64> {
        self.sum(|moment, of| of == hop && phases.contains(&moment.phase))
    }

    /// How long something took that was due in a second.
    pub(crate) fn times_in(&self, hop: Hop, second: i64) -> Histogram<u64> {
        self.sum(|moment, of| of == hop && moment.second == second)
    }

    /// How long something took that was due in any of the last seconds.
    pub(crate) fn recent(&self, hop: Hop, seconds: i64) -> Histogram<u64> {
        let from = self.last_second() - seconds;
        self.sum(|moment, of| of == hop && moment.second > from)
    }

    /// Cores that each generator kept busy between two moments.
    pub(crate) fn busy(&self, from: Micros, until: Micros) -> Vec<f64> {
        let busy = |samples: &Vec<(Micros, f64)>| {
            let within: Vec<_> = samples.iter().filter(|(at, _)| (from..=until).contains(at)).collect();
            let (first, last) = within.first().zip(within.last())?;
            (last.0 > first.0).then(|| (last.1 - first.1) / ((last.0 - first.0) as f64 / 1e6))
        };
        self.cpu.iter().map(|samples| busy(samples).unwrap_or_default()).collect()
    }

    fn sum(&self, wanted: impl Fn(Moment, Hop) -> bool) -> Histogram<u64> {
        let mut sum = empty();
        let those = self.times.iter().filter(|((moment, hop), _)| wanted(*moment, *hop));
        those.for_each(|(_, times)| add(&mut sum, times));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{generator::write, recorder::Recorder};

    /// What a generator says at the end of a second in which so many messages were accepted, each after so long.
    fn tick(recorder: &Recorder, due: Micros, accepted: u64, took: u64) -> Tick {
        (0..accepted).for_each(|_| recorder.took_until(0, 1, Hop::Accepted, due, due + took));
        recorder.add(Event::Accepted, accepted);
        Tick { times: write(&recorder.take()), counts: recorder.counts(), cpu_seconds: due as f64 / 2e6 }
    }

    #[test]
    fn what_two_generators_noted_adds_up() {
        let mut results = Results::new(0, 2);
        let recorders = [Recorder::new(0, true), Recorder::new(0, true)];
        for second in 0..3 {
            let (due, end) = (second * 1_000_000 + 1, second * 1_000_000 + 1_010_000);
            results.hear_at(0, tick(&recorders[0], due, 10, 1_000), end);
            results.hear_at(1, tick(&recorders[1], due, 5, 9_000), end);
        }
        assert_eq!((results.count(Event::Accepted), results.count_in(1, Event::Accepted)), (45, 15));
        let all = results.times(Hop::Accepted, &[1]);
        assert_eq!(all.len(), 45);
        assert!((1_000..1_010).contains(&all.value_at_quantile(0.5)) && all.max() >= 9_000);
        assert_eq!(results.times_in(Hop::Accepted, 2).len(), 15);
        assert_eq!((results.recent(Hop::Accepted, 2).len(), results.times(Hop::Accepted, &[0]).len()), (30, 0));
        assert!((results.busy(0, 5_000_000)[0] - 0.5).abs() < 1e-6);
    }
}
