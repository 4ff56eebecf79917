//! What the page says, in one place.

pub(super) const SOUND: &str = "Every message arrived once and in order";
pub(super) const INVALID: &str = "The figures say nothing about the server";
pub(super) const BROKEN: &str = "Not every message arrived once and in order";

pub(super) const LATENCY: &str = "Latency";
pub(super) const LATENCY_NOTE: &str = "Counted from when each message was due, not from when it was sent: a server that stalls is not \
     spared what it held up.";
pub(super) const PERCENTILES: &str = "By percentile";
pub(super) const PERCENTILES_NOTE: &str = "Each step to the right is ten times rarer.";
pub(super) const USUAL: &str = "The way of a usual message";
pub(super) const USUAL_NOTE: &str = "Half of all messages have come this far by then.";
pub(super) const SLOW: &str = "The way of a slow message";
pub(super) const SLOW_NOTE: &str = "99 of 100 have come this far by then.";

pub(super) const TIME: &str = "Over time";
pub(super) const LATENCY_OVER_TIME: &str = "Latency, second by second";
pub(super) const THROUGHPUT: &str = "Messages a second";
pub(super) const TROUBLE: &str = "Errors and requests to back off";
pub(super) const SESSIONS: &str = "Open sockets";

pub(super) const STEPS: &str = "Step by step";
pub(super) const STEPS_RATE: &str = "Offered and carried";
pub(super) const STEPS_LATENCY: &str = "Latency under load";
pub(super) const STEPS_MEMORY: &str = "Memory by open sockets";

pub(super) const PROCESSES: &str = "Processes";
pub(super) const CPU: &str = "CPU";
pub(super) const CPU_NOTE: &str = "Cores that were busy.";
pub(super) const MEMORY: &str = "Memory";
pub(super) const MEMORY_NOTE: &str = "Shared pages count in parts.";
pub(super) const FILES: &str = "Open files and sockets";

pub(super) const INSIDE: &str = "Inside";
pub(super) const INSIDE_NOTE: &str = "What servers, broker and database say about themselves.";

pub(super) const FAULTS: &str = "Harm done on purpose";
pub(super) const COMPLAINTS: &str = "What was wrong";
pub(super) const REPEAT: &str = "To repeat it";
pub(super) const CONFIGURATION: &str = "Configuration";
pub(super) const ABOUT: &str = "Machine and versions";
pub(super) const ABOUT_NOTE: &str = "Figures of another machine are other figures.";
pub(super) const COUNTS: &str = "Counts";
pub(super) const COUNTS_NOTE: &str = "The warm-up is included; latencies and rates leave it out.";
pub(super) const FOOT: &str = "Written by frontdesk-loadtest. This page loads nothing.";

/// Groups of series: as a report names them, title, note. Others follow under their own name.
pub(super) const GROUPS: [(&str, &str, &str); 14] = [
    ("queue", "Queues", "Records and commands that wait."),
    ("hop", "Hops in the servers", "Of what was done in each second."),
    ("commands", "Commands and entries", ""),
    ("shed", "Refused and dropped", ""),
    ("outbox", "Bytes waiting for slow readers", ""),
    ("sessions", "Sessions and conversations", ""),
    ("batch", "Entries per transaction", ""),
    ("database", "Writing to the database", "Time of one transaction."),
    ("lag", "How far the database is behind", ""),
    ("broker", "Messages through the broker", ""),
    ("broker traffic", "Bytes through the broker", ""),
    ("broker store", "What the broker keeps", ""),
    ("broker messages", "Messages that the broker keeps", ""),
    ("broker connections", "Connections to the broker", ""),
];
