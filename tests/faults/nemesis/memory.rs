//! Harm by too little memory: a control group of the kernel's, into which a process is put while it runs.

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::time::sleep;

use super::{Nemesis, missing};
use crate::clients::storm_held;

/// A group of processes that may take so much memory beyond what they had when they came into it. Removed when dropped,
/// unless a process is still in it.
#[derive(Debug)]
struct Group {
    folder: PathBuf,
    files: Files,
}

/// What the files of a group are called.
#[derive(Debug, Clone, Copy)]
struct Files {
    /// Where groups are made, and a file there that tells of this version.
    folder: &'static str,
    tells: &'static str,
    most: &'static str,
    /// What is swapped out would not be felt.
    swap: &'static str,
    /// Tells of those that the kernel killed.
    events: &'static str,
}

/// Why memory cannot be limited here.
pub(crate) fn cannot_be() -> Option<String> {
    Group::new(SPARE_MEMORY).err().map(|why| format!("memory cannot be limited by a control group ({why})"))
}

impl Nemesis<'_> {
    /// A gateway gets hardly more memory than it has, and many come. The kernel kills it for that, and it is started
    /// again.
    pub(super) async fn little_memory(&mut self, hold: Duration) -> (String, bool) {
        let at = self.dice.within(0..self.desk.gateways.len() as u64) as usize;
        let part = &self.desk.gateways[at];
        let Some(pid) = part.pid() else { return missing() };
        let group = match Group::new(SPARE_MEMORY).and_then(|group| group.take(pid).map(|()| group)) {
            Ok(group) => group,
            Err(why) => return (why, false),
        };
        let came = storm_held(&[self.desk.direct_endpoints()[at].clone()], &self.visitor, COMERS).await;
        sleep(hold).await;
        let (welcomed, killed) = (came.len(), group.killed());
        drop(came);
        // Alive it could not leave the group, and would be short of memory for ever.
        part.kill(&[]);
        drop(group);
        part.start().await;
        let evidence = format!(
            "{} could get {} KiB more, {welcomed} of {COMERS} got in, the kernel killed {killed}",
            part.name(),
            SPARE_MEMORY / 1024
        );
        (evidence, killed > 0)
    }
}

impl Group {
    /// An empty one, in the first version of control groups or in the second, whichever is there.
    fn new(bytes: u64) -> Result<Self, String> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let known = [FIRST, SECOND].map(|files| (Path::new(ROOT).join(files.folder), files));
        let is_there = |(above, files): &(PathBuf, Files)| above.join(files.tells).exists();
        let (above, files) = known.into_iter().find(is_there).ok_or_else(|| format!("there are none in {ROOT}"))?;
        sweep(&above);
        let name = format!("{PREFIX}{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let group = Self { folder: above.join(name), files };
        fs::create_dir(&group.folder).map_err(|why| format!("{}: {why}", group.folder.display()))?;
        group.write(files.most, &bytes.to_string())?;
        let _a_kernel_without_swap_has_no_such_file = group.write(files.swap, "0");
        Ok(group)
    }

    /// Writes into a file that is there: where there are no control groups a plain file would be made.
    fn write(&self, file: &str, value: &str) -> Result<(), String> {
        let file = self.folder.join(file);
        let written = OpenOptions::new().write(true).open(&file).and_then(|_| fs::write(&file, value));
        written.map_err(|why| format!("{}: {why}", file.display()))
    }

    /// What this process has is counted where it was before; what it takes from now on is counted here.
    fn take(&self, pid: u32) -> Result<(), String> {
        self.write("cgroup.procs", &pid.to_string())
    }

    /// How many processes the kernel killed because there was no more memory for them.
    fn killed(&self) -> u64 {
        let events = fs::read_to_string(self.folder.join(self.files.events)).unwrap_or_default();
        let killed = events.lines().find_map(|line| line.strip_prefix("oom_kill "));
        killed.and_then(|count| count.trim().parse().ok()).unwrap_or_default()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _the_next_sweep_removes_it = fs::remove_dir(&self.folder);
    }
}

/// Removes the groups of suites that were killed; one that is in use cannot be removed.
fn sweep(above: &Path) {
    for entry in fs::read_dir(above).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _it_is_in_use = fs::remove_dir(entry.path());
        }
    }
}

/// Where the kernel shows its control groups; not inside `ip netns exec`.
const ROOT: &str = "/sys/fs/cgroup";
const FIRST: Files = Files {
    folder: "memory",
    tells: "memory.limit_in_bytes",
    most: "memory.limit_in_bytes",
    swap: "memory.swappiness",
    events: "memory.oom_control",
};
const SECOND: Files = Files {
    folder: "",
    tells: "cgroup.subtree_control",
    most: "memory.max",
    swap: "memory.swap.max",
    events: "memory.events",
};
const PREFIX: &str = "frontdesk-faults-";

/// Memory that may still be taken, in bytes.
const SPARE_MEMORY: u64 = 2 * 1024 * 1024;
/// Sockets that come meanwhile: at some 10 KiB each, many times [`SPARE_MEMORY`], so that what an allocator holds in
/// reserve does not suffice.
const COMERS: usize = 4_000;

#[cfg(test)]
mod tests {
    use std::{
        io::Write as _,
        os::unix::process::ExitStatusExt as _,
        process::{Command, Stdio},
    };

    use super::*;

    /// Puts a shell into a group, lets it become `program`, and gives the signal that ended it and how many were
    /// killed.
    fn run_within(bytes: u64, program: &str) -> (Option<i32>, u64) {
        let group = Group::new(bytes).unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("read begin; exec {program}")]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut shell = shell.spawn().unwrap();
        group.take(shell.id()).unwrap();
        writeln!(shell.stdin.take().unwrap(), "begin").unwrap();
        let ended = shell.wait().unwrap();
        let (folder, killed) = (group.folder.clone(), group.killed());
        drop(group);
        assert!(!folder.exists(), "nothing is left of a group");
        (ended.signal(), killed)
    }

    #[test]
    fn who_takes_more_than_a_group_gives_is_killed_and_the_frugal_live() {
        if let Some(why) = cannot_be() {
            return frontdesk_tests::harness::skipped(&why);
        }
        // It keeps all until a line ends.
        assert_eq!(run_within(16 << 20, "tail /dev/zero"), (Some(9), 1));
        assert_eq!(run_within(16 << 20, "true"), (None, 0));
    }
}
