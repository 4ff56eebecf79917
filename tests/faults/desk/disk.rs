//! Disks of a desk's own, which can be filled or lose their power. They are mounted, so only root can have them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tokio::time::{Instant, sleep};

/// What a disk is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiskKind {
    /// So small that it can be filled.
    Small,
    /// Its power can be cut: what was not synced by then is gone.
    Cuttable,
}

/// A file system of its own, mounted over the folder of one part.
#[derive(Debug)]
pub(crate) struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Why there can be none here.
    pub(crate) fn cannot_be() -> Option<String> {
        let folder = tempfile::tempdir().ok()?;
        let path = folder.path().to_str()?.to_owned();
        match run("mount", &["-t", "tmpfs", "-o", "size=1m", "tmpfs", &path]) {
            Err(why) => Some(format!("nothing can be mounted ({why})")),
            Ok(_) => {
                let _it_was_mounted = run("umount", &[&path]);
                let no_loop = run("losetup", &["--find"]).err().map(|why| format!("there are no loop devices ({why})"));
                no_loop.or_else(|| run("xfs_io", &["-V"]).err())
            }
        }
    }

    /// Mounts one over an empty folder.
    ///
    /// # Panics
    /// When it cannot be mounted.
    pub(super) fn over(path: &Path, kind: DiskKind) -> Self {
        sweep();
        let text = path.to_str().expect("temporary folders are text");
        match kind {
            DiskKind::Small => must("mount", &["-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", text]),
            DiskKind::Cuttable => {
                let image = image_of(path);
                must("truncate", &["--size=1G", &image]);
                must("mkfs.ext4", &["-q", &image]);
                must("mount", &["-o", "loop", &image, text]);
                // Postgres wants an empty folder.
                must("rmdir", &[&format!("{text}/lost+found")])
            }
        };
        Self { path: path.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn text(&self) -> &str {
        self.path.to_str().expect("temporary folders are text")
    }

    /// Writes everything to the disk.
    pub(super) fn sync(&self) {
        must("sync", &["--file-system", self.text()]);
    }

    /// Bytes that are left.
    pub(crate) fn left(&self) -> u64 {
        let said = must("df", &["--block-size=1", "--output=avail", self.text()]);
        said.lines().last().and_then(|line| line.trim().parse().ok()).unwrap_or(u64::MAX)
    }

    /// Takes all room that is left.
    pub(crate) fn fill(&self) {
        let filler = self.filler();
        for _ in 0..20 {
            let left = self.left();
            if left == 0 {
                break;
            }
            let size = fs::metadata(&filler).map_or(0, |file| file.len());
            // Others take room at the same time: then there is less than was left a moment ago.
            let _less_is_there = run("fallocate", &["--length", &(size + left).to_string(), &filler]);
        }
    }

    /// Frees the space that was taken.
    pub(crate) fn clear(&self) {
        let _it_was_not_full = fs::remove_file(self.filler());
    }

    fn filler(&self) -> String {
        format!("{}/filler", self.text())
    }

    /// Cuts the power: from this moment on nothing gets onto the disk, and what was not synced never does.
    pub(crate) fn cut(&self) {
        must("xfs_io", &["-x", "-c", "shutdown", self.text()]);
    }

    /// Mounts it again with what was on it. Processes that had files open on it must have ended.
    ///
    /// # Panics
    /// When it does not come back.
    pub(crate) async fn come_back(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while let Err(why) = run("umount", &[self.text()]) {
            assert!(Instant::now() < deadline, "the disk is still in use: {why}");
            sleep(Duration::from_millis(100)).await;
        }
        must("mount", &["-o", "loop", &image_of(&self.path), self.text()]);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _gone_already = run("umount", &["--lazy", self.text()]);
    }
}

fn image_of(path: &Path) -> String {
    format!("{}.image", path.display())
}

/// Takes off what tests that were killed have left mounted.
fn sweep() {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    for path in mounts.lines().filter_map(|line| line.split(' ').nth(1)) {
        let owner = path.split("/frontdesk-tests-").nth(1).and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _gone_already = run("umount", &["--lazy", path]);
        }
    }
}

fn must(program: &str, words: &[&str]) -> String {
    run(program, words).unwrap_or_else(|why| panic!("{program} {words:?}: {why}"))
}

fn run(program: &str, words: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(words).output().map_err(|error| format!("{program}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_tests::harness::Folder;

    #[tokio::test]
    async fn a_power_cut_takes_what_was_not_synced_and_nothing_else() {
        if let Some(why) = Disk::cannot_be() {
            return frontdesk_tests::harness::skipped(&why);
        }
        let folder = Folder::new("disk");
        let disk = Disk::over(&folder.inside("data"), DiskKind::Cuttable);
        let file = |name: &str| disk.path().join(name);
        fs::write(file("synced"), "here").unwrap();
        disk.sync();
        fs::write(file("late"), "gone").unwrap();
        disk.cut();
        assert!(fs::write(file("after"), "never").is_err());
        disk.come_back().await;
        assert_eq!(fs::read_to_string(file("synced")).unwrap(), "here");
        assert!(!file("late").exists() && !file("after").exists());
    }

    #[test]
    fn a_full_disk_takes_nothing_until_it_is_cleared() {
        if let Some(why) = Disk::cannot_be() {
            return frontdesk_tests::harness::skipped(&why);
        }
        let folder = Folder::new("disk");
        let disk = Disk::over(&folder.inside("data"), DiskKind::Small);
        disk.fill();
        assert_eq!(disk.left(), 0);
        assert!(fs::write(disk.path().join("more"), "x").is_err());
        disk.clear();
        assert!(disk.left() > 0);
    }
}
