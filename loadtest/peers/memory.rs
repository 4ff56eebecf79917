//! Memory and processor time of a process and all that it started.

use std::fs;

/// Bytes that are resident, pages shared by several processes counted in parts.
pub(crate) fn resident(pid: u32) -> u64 {
    let of_one = |pid: &u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() * 1024
    };
    tree(pid).iter().map(of_one).sum()
}

/// Seconds of processor time so far.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let of_one = |pid: &u32| {
        let stat = stat(*pid);
        let ticks = |at: usize| stat.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        (ticks(11) + ticks(12)) / TICKS_PER_SECOND
    };
    tree(pid).iter().map(of_one).sum()
}

fn tree(root: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all: Vec<(u32, u32)> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid).get(1)?.parse().ok()?)))
        .collect();
    let mut found = vec![root];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(all.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found
}

/// The fields of `/proc/<pid>/stat` after the name.
fn stat(pid: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    text.rsplit_once(") ").map_or_else(Vec::new, |(_, rest)| rest.split(' ').map(ToOwned::to_owned).collect())
}

/// `USER_HZ`: 100 on every Linux that we run on.
const TICKS_PER_SECOND: f64 = 100.0;
