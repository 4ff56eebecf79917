//! A smaller machine within this one: cores and memory that all of a desk may use together.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;

use super::programs::on_path;
use crate::scenario::Spawn;

/// What all processes of a desk may use together.
#[derive(Debug, Clone)]
pub(super) struct Limit {
    cores: Option<u32>,
    memory_mib: Option<u32>,
    /// Who sees to it; none: the processes are kept on these cores, and their memory is only looked at.
    groups: Option<Arc<Groups>>,
}

/// Folders of the kernel's control groups; gone when dropped.
#[derive(Debug)]
struct Groups {
    folders: Vec<PathBuf>,
}

impl Limit {
    /// As the scenario wants it; none: all there is.
    ///
    /// # Errors
    /// There is no way to keep it here.
    pub(super) fn of(spawn: &Spawn) -> anyhow::Result<Option<Self>> {
        if spawn.cores.is_none() && spawn.memory_mib.is_none() {
            return Ok(None);
        }
        let groups = Groups::make(spawn.cores, spawn.memory_mib).map(Arc::new);
        if groups.is_none() {
            on_path("taskset", "apt-get install util-linux")?;
        }
        Ok(Some(Self { cores: spawn.cores, memory_mib: spawn.memory_mib, groups }))
    }

    /// What to say before a program so that it is kept.
    pub(super) fn words(&self) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match (&self.groups, self.cores) {
            (Some(groups), _) => {
                let enter =
                    groups.folders.iter().map(|folder| format!("echo $$ > {}/cgroup.procs && ", folder.display()));
                words(&["sh", "-c", &format!("{}exec \"$@\"", enter.collect::<String>()), "sh"])
            }
            (None, Some(cores)) => words(&["taskset", "--cpu-list", &format!("0-{}", cores.max(1) - 1)]),
            (None, None) => Vec::new(),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what =
            |name: &str, most: Option<u32>| most.map_or_else(|| format!("all {name}"), |most| format!("{most} {name}"));
        write!(to, "{}, {}: ", what("cores", self.cores), what("MiB", self.memory_mib))?;
        match &self.groups {
            Some(_) => to.write_str("kept by a control group"),
            None => to.write_str("cores kept by taskset, memory only measured"),
        }
    }
}

impl Groups {
    /// In the first version of control groups or in the second, whichever can be written here.
    fn make(cores: Option<u32>, memory_mib: Option<u32>) -> Option<Self> {
        let name = format!("frontdesk-loadtest-{}", std::process::id());
        let root = Path::new("/sys/fs/cgroup");
        let bytes = memory_mib.map(|most| (u64::from(most) << 20).to_string());
        let first = || {
            let mut groups = Self { folders: Vec::new() };
            if let Some(bytes) = &bytes {
                groups.add(&root.join("memory").join(&name), "memory.limit_in_bytes", bytes).ok()?;
            }
            if let Some(cores) = cores {
                let quota = (u64::from(cores) * PERIOD_MICROS).to_string();
                let folder = root.join("cpu").join(&name);
                groups.add(&folder, "cpu.cfs_quota_us", &quota).ok()?;
                fs::write(folder.join("cpu.cfs_period_us"), PERIOD_MICROS.to_string()).ok()?;
            }
            Some(groups)
        };
        let second = || {
            let (folder, mut groups) = (root.join(&name), Self { folders: Vec::new() });
            if let Some(bytes) = &bytes {
                groups.add(&folder, "memory.max", bytes).ok()?;
            }
            if let Some(cores) = cores {
                let quota = format!("{} {PERIOD_MICROS}", u64::from(cores) * PERIOD_MICROS);
                groups.add(&folder, "cpu.max", &quota).ok()?;
            }
            Some(groups)
        };
        if root.join("memory").is_dir() { first() } else { second() }
    }

    fn add(&mut self, folder: &Path, file: &str, value: &str) -> anyhow::Result<()> {
        if !self.folders.iter().any(|known| known == folder) {
            fs::create_dir(folder).context("no control group")?;
            self.folders.push(folder.to_owned());
        }
        // Only what is there already: elsewhere a write would make a plain file.
        fs::OpenOptions::new().write(true).open(folder.join(file))?;
        fs::write(folder.join(file), value).context("no such limit")
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for folder in &self.folders {
            let _somebody_is_still_in_it = fs::remove_dir(folder);
        }
    }
}

/// Over how long processor time is counted, in microseconds.
const PERIOD_MICROS: u64 = 100_000;
