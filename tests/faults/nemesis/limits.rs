//! Harm by limits: too few open files, death at a chosen place, what the broker has forgotten.

use std::{fs, process::Command, sync::atomic::Ordering, time::Duration};

use tokio::time::{Instant, sleep};

use super::{Nemesis, Target, missing};
use crate::{
    clients::{Wire, storm_held},
    desk::Part,
};

impl Nemesis<'_> {
    /// A gateway may open no more than a few files, and many come.
    pub(super) async fn few_files(&mut self, hold: Duration) -> (String, bool) {
        let at = self.dice.within(0..self.desk.gateways.len() as u64) as usize;
        let Some(pid) = self.desk.gateways[at].pid() else { return missing() };
        let before = open_files(pid);
        limit(pid, "nofile", Some(before as u64 + SPARE_FILES));
        let came: Vec<Wire> = storm_held(&[self.desk.direct_endpoints()[at].clone()], &self.visitor, COMERS).await;
        sleep(hold).await;
        let most = open_files(pid);
        let welcomed = came.len();
        drop(came);
        limit(pid, "nofile", None);
        let evidence = format!(
            "{before} files were open and {SPARE_FILES} more could be, {most} were; {welcomed} of {COMERS} got in"
        );
        (evidence, welcomed < COMERS && most as u64 + 2 >= before as u64 + SPARE_FILES)
    }

    /// A node dies by itself at this place in its code, at a pass of chance, and is started again.
    pub(super) async fn die_at(&mut self, target: Target, place: &str) -> (String, bool) {
        let Some(part) = self.part(target).await else { return missing() };
        let pass = self.dice.within(5..80);
        part.kill(&[]);
        part.launch_with("FAILPOINTS", &format!("{place}={pass}*off->return"));
        let died = ends(part).await;
        if !died {
            part.kill(&[]);
        }
        part.start().await;
        (format!("{} died {place} at pass {pass}: {died}", part.name()), died)
    }

    /// People repeat what was accepted so long ago that the broker has forgotten it, after a node was started anew.
    pub(super) async fn late_repeats(&mut self, hold: Duration) -> (String, bool) {
        let repeated = || self.run_state.counters.late.load(Ordering::Relaxed);
        let before = repeated();
        sleep(FORGETS_AFTER).await;
        let Some(part) = self.part(Target::Gateway).await else { return missing() };
        part.kill(&[]);
        part.start().await;
        self.run_state.orders.send_modify(|orders| orders.late = true);
        sleep(hold * 2).await;
        self.run_state.orders.send_modify(|orders| orders.late = false);
        let late = repeated() - before;
        (format!("{late} requests were repeated after {FORGETS_AFTER:?} or more"), late > 0)
    }
}

async fn ends(part: &Part) -> bool {
    let deadline = Instant::now() + DIES_WITHIN;
    while part.is_running() {
        if Instant::now() > deadline {
            return false;
        }
        sleep(Duration::from_millis(20)).await;
    }
    true
}

fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// Sets a soft limit of a running process of ours, or takes it off again.
fn limit(pid: u32, what: &str, to: Option<u64>) {
    let to = to.map_or_else(|| hard_limit(pid, what), |to| to.to_string());
    let _it_may_be_gone = Command::new("prlimit").arg(format!("--pid={pid}")).arg(format!("--{what}={to}:")).output();
}

fn hard_limit(pid: u32, what: &str) -> String {
    let output = Command::new("prlimit")
        .args([&format!("--pid={pid}"), &format!("--{what}"), "--output=HARD", "--noheadings"])
        .output();
    output.map_or_else(|_| "unlimited".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Files that may still be opened.
const SPARE_FILES: u64 = 24;
/// Sockets that come meanwhile.
const COMERS: usize = 400;
/// How long a node may live that is to die at a place.
const DIES_WITHIN: Duration = Duration::from_secs(25);
/// The broker knows ids for two minutes.
const FORGETS_AFTER: Duration = Duration::from_secs(122);
