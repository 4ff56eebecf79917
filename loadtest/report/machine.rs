//! The machine that a figure was measured on: without it, the figure means nothing.

use std::fs;

use serde::Serialize;

/// A machine.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    pub(super) cores: usize,
    pub(super) processor: String,
    pub(super) memory_bytes: u64,
    pub(super) kernel: String,
}

impl Machine {
    /// The one that this runs on.
    pub(super) fn this() -> Self {
        let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
        let value = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let kib = value(&read("/proc/meminfo"), "MemTotal");
        Self {
            cores: std::thread::available_parallelism().map_or(1, Into::into),
            processor: value(&read("/proc/cpuinfo"), "model name"),
            memory_bytes: kib.split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        }
    }
}
