//! What a generator is told, and what it says: one line of JSON each, over its standard input and output.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use hdrhistogram::{
    Histogram,
    serialization::{Deserializer as Reader, Serializer as _, V2Serializer},
};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Micros,
    ledger::Tally,
    recorder::{Event, Hop, Moment, Times},
    scenario::Scenario,
};

/// What a generator is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Let everybody come that is there from the begin. Answered by `Done`.
    Prepare(Box<Task>),
    /// Open this many parts of the sockets that come in parts. Answered by `Done`.
    Level(u32),
    /// Do what belongs to a stretch of the run. Answered by `Done` when everything in it was due.
    Perform(Phase),
    /// Wait until everything that was sent is accepted and has arrived. Answered by `Settled`.
    Settle(#[serde(with = "humantime_serde")] Duration),
    /// Compare with what the server keeps. Answered by `Judged`.
    Judge,
}

/// Everything that a generator has to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) scenario: Scenario,
    /// Addresses of the gateways.
    pub(crate) urls: Vec<String>,
    /// The inbox that contacts write to.
    pub(crate) inbox: String,
    /// E-mail address and password of an agent who may create agents.
    pub(crate) owner: (String, String),
    /// Which of how many it is.
    pub(crate) share: Share,
    /// The name of the run.
    pub(crate) run_ms: u64,
    /// From when seconds count.
    pub(crate) base: Micros,
}

/// A generator's part of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) index: u16,
    pub(crate) of: u16,
}

/// A stretch of a run in which the load does not change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Phase {
    /// Number of the generator.
    pub(crate) index: u16,
    pub(crate) begin: Micros,
    #[serde(with = "humantime_serde")]
    pub(crate) length: Duration,
    /// Rates are those of the scenario times this.
    pub(crate) factor: f64,
    /// Whether this is the one in which sockets are cut, readers stop and bursts are sent.
    pub(crate) main: bool,
}

/// What a generator says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    /// What was ordered is done.
    Done,
    /// Everything that was sent is accepted and has arrived; or not, in all the time that was given.
    Settled(bool),
    /// What the last second brought.
    Tick(Tick),
    /// What became of everything.
    Judged(Judgement),
    /// It cannot go on.
    Failed(String),
}

/// What became of everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Judgement {
    pub(crate) tally: Tally,
    /// What was wrong; the first few things.
    pub(crate) complaints: Vec<String>,
    /// Why something was refused for now, and how often.
    pub(crate) back_offs: BTreeMap<String, u64>,
}

/// What a second brought.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tick {
    /// Times, since the last one: histograms in microseconds, in base 64.
    pub(crate) times: Vec<(Moment, Hop, String)>,
    /// How often everything happened, since the begin.
    pub(crate) counts: BTreeMap<Event, u64>,
    /// Seconds of CPU, since the begin.
    pub(crate) cpu_seconds: f64,
}

impl Share {
    /// How many of `total` are its own.
    pub(crate) fn of(self, total: u64) -> u64 {
        total / u64::from(self.of) + u64::from(u64::from(self.index) < total % u64::from(self.of))
    }
}

/// Encodes histograms as text, to be sent to the parent.
pub(crate) fn write(times: &Times) -> Vec<(Moment, Hop, String)> {
    let written = times.iter().map(|((moment, hop), times)| {
        let mut bytes = Vec::new();
        // Writing to memory never fails.
        let _infallible = V2Serializer::new().serialize(times, &mut bytes);
        (*moment, *hop, BASE64.encode(bytes))
    });
    written.collect()
}

/// The times that a text says.
///
/// # Errors
/// It says none.
pub(crate) fn read(text: &str) -> anyhow::Result<Histogram<u64>> {
    let bytes = BASE64.decode(text)?;
    let mut times: Histogram<u64> =
        Reader::new().deserialize(&mut bytes.as_slice()).map_err(|error| anyhow::anyhow!("no histogram: {error}"))?;
    times.auto(true);
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::Recorder;

    #[test]
    fn shares_add_up_and_differ_by_one_at_most() {
        for total in [0, 1, 7, 100] {
            let shares: Vec<u64> = (0..3).map(|index| Share { index, of: 3 }.of(total)).collect();
            assert_eq!(shares.iter().sum::<u64>(), total);
            assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1);
        }
    }

    #[test]
    fn times_are_the_same_after_the_way_between_processes() {
        let recorder = Recorder::new(0, true);
        (0..1000_u64).for_each(|number| recorder.took_until(0, 1, Hop::Accepted, 0, number * number));
        let times = recorder.take();
        let mut back = Times::new();
        for (moment, hop, text) in write(&times) {
            back.insert((moment, hop), read(&text).unwrap());
        }
        assert_eq!(back, times);
    }

    #[test]
    fn what_is_said_is_understood() {
        let tick = Tick { counts: BTreeMap::from([(Event::Offered, 3)]), ..Tick::default() };
        let line = serde_json::to_string(&Word::Tick(tick)).unwrap();
        let Word::Tick(tick) = serde_json::from_str(&line).unwrap() else { panic!("{line}") };
        assert_eq!(tick.counts[&Event::Offered], 3);
    }
}
