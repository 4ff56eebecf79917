//! What a run found, as it is kept in a file: everything that is drawn, compared and planned with comes from here.
//!
//! Seconds count from the first message that was measured: the warm-up is negative. Rates are per second, CPU is in
//! cores, memory and sizes are in bytes, latencies are in milliseconds where people read them and in microseconds in
//! histograms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{machine::Machine, times::Hop};

/// Format of the files that this program writes. It grows when a reader of today would misread what is written; a field
/// more is no new format, since readers ignore what they do not know and what is missing is empty.
pub(crate) const FORMAT: u32 = 1;

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Format of this file, see [`FORMAT`].
    pub(crate) format: u32,
    /// The scenario that was run.
    pub(crate) scenario: Scenario,
    /// When the first message that was measured was due (UTC milliseconds).
    #[serde(default)]
    pub(crate) began_at_ms: u64,
    /// How long was measured, in seconds.
    pub(crate) seconds: f64,
    /// The machine that the run was made on.
    pub(crate) machine: Machine,
    /// Versions of what took part, by name: `loadtest`, `server`, `broker`, `database`.
    #[serde(default)]
    pub(crate) versions: BTreeMap<String, String>,
    /// Whether the figures say something about the server.
    #[serde(default)]
    pub(crate) validity: Validity,
    /// What became of the messages.
    pub(crate) checks: Checks,
    /// What was wrong; the first few things.
    #[serde(default)]
    pub(crate) complaints: Vec<String>,
    /// How long everything took, over the whole measured time: `accepted`, `delivered`, `persisted`, `lateness` and
    /// others.
    #[serde(default)]
    pub(crate) hops: Vec<Hop>,
    /// Of a run in steps: what each step found.
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
    /// What happened in each second.
    #[serde(default)]
    pub(crate) timeline: Vec<Second>,
    /// What each process used.
    #[serde(default)]
    pub(crate) processes: Vec<Process>,
    /// What servers, brokers and databases said about themselves.
    #[serde(default)]
    pub(crate) series: Vec<Series>,
    /// Harm that was done.
    #[serde(default)]
    pub(crate) faults: Vec<Fault>,
    /// Single figures that the scenario is about, such as the memory of a session.
    #[serde(default)]
    pub(crate) figures: Vec<Figure>,
}

/// What was done, so that it can be done again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scenario {
    /// Its name, such as `steady-chat`.
    pub(crate) name: String,
    /// The verdict in one sentence.
    #[serde(default)]
    pub(crate) description: String,
    /// The scenario's file or the options, whole.
    #[serde(default)]
    pub(crate) configuration: String,
    /// What is to be typed to repeat it.
    #[serde(default)]
    pub(crate) command: String,
    /// Where its chance came from.
    #[serde(default)]
    pub(crate) seed: u64,
    /// How what was accepted is kept: `disk`, `os` or `memory`; empty if unknown.
    #[serde(default)]
    pub(crate) durability: String,
    /// Gateways, workers and brokers; 0 if unknown.
    #[serde(default)]
    pub(crate) nodes: Nodes,
}

/// How many processes of each kind carry the load. A node with everything in it is a gateway and a worker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Nodes {
    /// Processes that hold sockets.
    pub(crate) gateways: u32,
    /// Processes that write to the database.
    pub(crate) workers: u32,
    /// Number of brokers.
    pub(crate) brokers: u32,
}

/// Whether the figures say something about the server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Validity {
    /// Why they do not, such as "the generator was the bottleneck: ..."; empty: they do.
    pub(crate) reasons: Vec<String>,
}

/// What became of the messages of the run, warm-up included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Checks {
    /// Messages that were handed to a socket.
    pub(crate) sent: u64,
    /// Of them, those whose sender was told that they will never be lost.
    pub(crate) accepted: u64,
    /// Of the accepted, those that arrived at the other side.
    pub(crate) delivered: u64,
    /// Of the accepted, those whose sender was told that they are in the database.
    pub(crate) persisted: u64,
    /// Accepted and not found at the end.
    pub(crate) lost: u64,
    /// Accepted and delivered, and beyond the end of what the database held when patience was over.
    pub(crate) unfiled: u64,
    /// Found more than once: copies beyond the first.
    pub(crate) duplicated: u64,
    /// Found in another order than they were accepted in.
    pub(crate) misordered: u64,
    /// Neither accepted nor refused at the end.
    pub(crate) unknown: u64,
    /// Messages refused for good.
    pub(crate) refused: u64,
    /// Refusals that asked to try again.
    pub(crate) backed_off: u64,
    /// Frames that came from the server, of any kind.
    pub(crate) frames: u64,
}

/// A part of a run in which the load did not change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Step {
    /// What distinguishes it, such as `2000/s`.
    pub(crate) label: String,
    /// First second of the stretch.
    pub(crate) from: f64,
    /// The second after its last.
    pub(crate) until: f64,
    /// Messages that were due, a second.
    pub(crate) offered: f64,
    /// Messages that were accepted, a second.
    pub(crate) accepted: f64,
    /// Messages that were delivered, a second.
    pub(crate) delivered: f64,
    /// Sockets that were open.
    pub(crate) sessions: u64,
    /// Conversations that were live.
    pub(crate) conversations: u64,
    /// What carried the load.
    pub(crate) nodes: Nodes,
    /// How long everything took.
    pub(crate) hops: Vec<Hop>,
    /// What was used by each role together: `gateway`, `worker`, `broker`, `database`, `generator` and others.
    pub(crate) used: BTreeMap<String, Used>,
    /// Whether the figures say something about the server.
    pub(crate) validity: Validity,
}

/// What processes used in a part of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Used {
    /// Cores that were busy, on average.
    pub(crate) cores: f64,
    /// Memory at the end: the proportional share where the kernel told it, else the resident memory.
    pub(crate) memory_bytes: u64,
    /// Bytes that the log or the database holds on disk at the end, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) disk_bytes: Option<u64>,
}

/// What happened in one second. A latency belongs to the second in which the message was due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Second {
    /// Which one; the warm-up is negative.
    pub(crate) at: i64,
    /// Messages that were due.
    pub(crate) offered: u64,
    /// Messages that were handed to a socket.
    pub(crate) sent: u64,
    /// Messages that were accepted.
    pub(crate) accepted: u64,
    /// Messages that were delivered.
    pub(crate) delivered: u64,
    /// Half of the messages due in this second were accepted within this time.
    pub(crate) accepted_p50_ms: Option<f64>,
    /// 99 of 100 were accepted within it.
    pub(crate) accepted_p99_ms: Option<f64>,
    /// Half of them were delivered within it.
    pub(crate) delivered_p50_ms: Option<f64>,
    /// 99 of 100 were delivered within it.
    pub(crate) delivered_p99_ms: Option<f64>,
    /// Things that went wrong: refusals for good, sockets that ended.
    pub(crate) errors: u64,
    /// Refusals that asked to try again.
    pub(crate) backed_off: u64,
    /// Sockets that were open.
    pub(crate) sessions: u64,
}

/// A process, and what it used over time. The columns of `samples` have one length.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Process {
    /// Name of the process, such as `gateway-1`.
    pub(crate) name: String,
    /// Such as `gateway`, `worker`, `broker`, `database`, `redis`, `generator`; `node` for one with everything in it.
    pub(crate) role: String,
    /// Its number at the kernel.
    pub(crate) pid: u32,
    /// Seconds of CPU while it was measured.
    pub(crate) cpu_seconds: f64,
    /// Most memory it ever held, in bytes.
    pub(crate) peak_bytes: u64,
    /// What it used over time.
    pub(crate) samples: Samples,
}

/// What a process used, sample by sample.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Samples {
    /// Times of the samples, in seconds since the run began.
    pub(crate) at: Vec<f64>,
    /// Cores that were busy since the sample before.
    pub(crate) cores: Vec<f64>,
    /// Resident memory at each sample, in bytes.
    pub(crate) resident_bytes: Vec<u64>,
    /// The same with shared pages counted in parts; equal to `resident_bytes` where the kernel does not tell.
    pub(crate) proportional_bytes: Vec<u64>,
    /// Open files and sockets.
    pub(crate) files: Vec<u32>,
}

/// A figure over time, as something said it about itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Series {
    /// Who said it, such as `gateway-1`.
    pub(crate) source: String,
    /// What it is: `queue`, `hop`, `rate`, `broker` or `database`; charts hold one group each.
    pub(crate) group: String,
    /// Its name there, labels included, such as `desk_shed_total{priority="typing"}`.
    pub(crate) name: String,
    /// `count`, `bytes`, `ms`, `per second` or `cores`.
    pub(crate) unit: String,
    /// Times of the samples, in seconds since the run began.
    pub(crate) at: Vec<f64>,
    /// Values of the samples.
    pub(crate) values: Vec<f64>,
}

/// Harm that was done on purpose.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Fault {
    /// What, such as `SIGKILL of gateway-1`.
    pub(crate) what: String,
    /// When it began, in seconds.
    pub(crate) from: f64,
    /// When it was over; none: it was of a moment.
    pub(crate) until: Option<f64>,
}

/// A figure with its name and unit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Figure {
    /// What it is, such as `memory of a session, all processes`.
    pub(crate) name: String,
    /// Value of the figure.
    pub(crate) value: f64,
    /// Of what: `bytes`, `ms`, `messages/s`, ...; empty: how often.
    pub(crate) unit: String,
}

/// The verdict on a run, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing was lost, duplicated or misordered.
    Sound,
    /// Nothing was, but the figures say nothing about the server.
    Invalid,
    /// Something was, or something else is wrong.
    Broken,
}

impl Figure {
    /// A figure, to thousandths.
    pub(crate) fn new(name: &str, value: f64, unit: &str) -> Self {
        Self { name: name.to_owned(), value: super::round(value), unit: unit.to_owned() }
    }
}

impl Report {
    /// In one word. What is broken is broken, however the figures came about.
    pub(crate) fn verdict(&self) -> Verdict {
        let Checks { sent, accepted, lost, duplicated, misordered, .. } = self.checks;
        // Who says nothing, as those who only wait, needs no acceptance.
        let nothing = sent > 0 && accepted == 0;
        if nothing || lost + duplicated + misordered > 0 || !self.complaints.is_empty() {
            return Verdict::Broken;
        }
        if self.validity.reasons.is_empty() { Verdict::Sound } else { Verdict::Invalid }
    }

    /// Whether every message arrived exactly once and in order.
    pub(crate) fn is_sound(&self) -> bool {
        self.verdict() != Verdict::Broken
    }

    /// The times of a hop, if it was measured.
    pub(crate) fn hop(&self, name: &str) -> Option<&Hop> {
        self.hops.iter().find(|hop| hop.name == name)
    }
}
