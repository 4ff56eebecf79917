//! One process, and what it used over time.

use std::fs;

use super::WatchedProcess;
use crate::{
    process::{Usage, below},
    report::{Process, Used, round},
};

/// A process that is looked at.
#[derive(Debug)]
pub(super) struct Tracked {
    watched: WatchedProcess,
    found: Process,
    /// When it was looked at last, and the CPU it had used until then.
    last: Option<(f64, f64)>,
}

impl Tracked {
    pub(super) fn new(watched: WatchedProcess) -> Self {
        let found =
            Process { name: watched.name.clone(), role: watched.role.clone(), pid: watched.pid, ..Process::default() };
        Self { watched, found, last: None }
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.watched.name == name
    }

    /// It was started anew: what it uses from now on is added to what it used before.
    pub(super) fn replace(&mut self, watched: WatchedProcess) {
        self.found.pid = watched.pid;
        (self.watched, self.last) = (watched, None);
    }

    /// Looks at second `at`. One that is gone leaves a gap.
    pub(super) fn look(&mut self, at: f64, thorough: bool) {
        if !fs::exists(format!("/proc/{}/stat", self.watched.pid)).unwrap_or_default() {
            self.last = None;
            return;
        }
        let pids = self.pids();
        let (mut cpu, mut resident, mut peak, mut files) = (0.0, 0, 0, 0);
        for usage in pids.iter().copied().map(Usage::of) {
            cpu += usage.cpu_seconds;
            resident += usage.resident_bytes;
            peak += usage.peak_bytes;
        }
        for pid in &pids {
            files += fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count) as u32;
        }
        let samples = &mut self.found.samples;
        let proportional = if thorough {
            pids.iter().copied().map(proportional_bytes).sum::<Option<u64>>().unwrap_or(resident)
        } else {
            samples.proportional_bytes.last().copied().unwrap_or(resident)
        };
        if let Some((before, used)) = self.last.replace((at, cpu)).filter(|(before, _)| *before < at) {
            // A child that ended took its share along.
            let used = (cpu - used).max(0.0);
            samples.at.push(at);
            samples.cores.push(round(used / (at - before)));
            samples.resident_bytes.push(resident);
            samples.proportional_bytes.push(proportional);
            samples.files.push(files);
            if at >= 0.0 {
                self.found.cpu_seconds += used;
            }
        }
        self.found.peak_bytes = self.found.peak_bytes.max(peak);
    }

    pub(super) fn into_process(mut self) -> Process {
        self.found.cpu_seconds = round(self.found.cpu_seconds);
        self.found
    }

    fn pids(&self) -> Vec<u32> {
        let mut pids = vec![self.watched.pid];
        if self.watched.with_children {
            let mut next = 0;
            while let Some(pid) = pids.get(next).copied() {
                pids.extend(below(pid));
                next += 1;
            }
        }
        pids
    }
}

impl Process {
    /// What it used between two seconds: cores on average, memory at the end.
    pub(crate) fn used(&self, from: f64, until: f64) -> Used {
        let samples = &self.samples;
        let within: Vec<usize> =
            (0..samples.at.len()).filter(|at| samples.at[*at] > from && samples.at[*at] <= until).collect();
        let Some(last) = within.last() else { return Used::default() };
        let cores = within.iter().map(|at| samples.cores[*at]).sum::<f64>() / within.len() as f64;
        Used { cores: round(cores), memory_bytes: samples.proportional_bytes[*last], disk_bytes: None }
    }
}

/// Memory with shared pages counted in parts, if the kernel tells.
fn proportional_bytes(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}
