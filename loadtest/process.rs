//! What processes used, as the kernel counts it.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a process, or several, used so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Seconds of CPU, in user and kernel mode.
    pub(crate) cpu_seconds: f64,
    /// Memory it holds now, in bytes.
    pub(crate) resident_bytes: u64,
    /// Most memory it ever held, in bytes.
    pub(crate) peak_bytes: u64,
}

impl Usage {
    /// Of process `pid`; nothing when there is none.
    pub(crate) fn of(pid: u32) -> Self {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ').collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or_default()
        };
        Self {
            cpu_seconds: (ticks(UTIME) + ticks(STIME)) / TICKS_PER_SECOND,
            resident_bytes: kib("VmRSS:") * 1024,
            peak_bytes: kib("VmHWM:") * 1024,
        }
    }
}

/// Processes below `pid`, their children included.
pub(crate) fn below(pid: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |child: u32| {
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    };
    let parents: Vec<(u32, u32)> = pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut found = vec![pid];
    let mut at = 0;
    while let Some(above) = found.get(at).copied() {
        found.extend(parents.iter().filter(|(_, parent)| *parent == above).map(|(pid, _)| *pid));
        at += 1;
    }
    found.split_off(1)
}

/// Memory that a process holds, in bytes: shared pages in parts where the kernel tells, else resident memory.
pub(crate) fn memory_of(pid: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let kib = rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().split(' ').next()?.parse::<u64>().ok());
    kib.map_or_else(|| Usage::of(pid).resident_bytes, |kib| kib * 1024)
}

/// Fields of `/proc/<pid>/stat` after the name, counted from 0.
const UTIME: usize = 11;
const STIME: usize = 12;

/// `USER_HZ`: 100 on every Linux that we run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Lets this process, and those it starts, open as many files as it is allowed to.
pub(crate) fn allow_many_files() {
    let limits = getrlimit(Resource::Nofile);
    // Where it is not allowed, the sockets beyond the limit fail and are counted.
    let _fewer = setrlimit(Resource::Nofile, Rlimit { current: limits.maximum, maximum: limits.maximum });
}
