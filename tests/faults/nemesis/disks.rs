//! Faults of disks: full, or without power.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;

use super::Nemesis;
use crate::desk::{Disk, Part, below, signal};

impl Nemesis<'_> {
    /// One of the disks is full for a while. What runs embedded heals by itself; other servers are restarted, as their
    /// operator has to.
    pub(super) async fn fill_disk(&mut self, hold: Duration) -> (String, bool) {
        let disk = self.dice.pick(&self.desk.disks);
        tokio::task::block_in_place(|| disk.fill());
        sleep(hold + Duration::from_secs(3)).await;
        let left = tokio::task::block_in_place(|| disk.left());
        disk.clear();
        let name = disk.path().file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let server = self.desk.servers().find(|part| part.name() == name);
        if let Some(part) = server {
            part.kill(&part.pid().map(below).unwrap_or_default());
            part.start().await;
        }
        (format!("the disk of {name} had {left} bytes left"), left < FULL)
    }

    /// All disks lose their power at one moment, and so does everybody who wrote on them.
    pub(super) async fn cut_power(&mut self, hold: Duration) -> (String, bool) {
        let desk = self.desk;
        let hit: Vec<&Part> =
            if desk.brokers.is_empty() { desk.gateways.iter().collect() } else { desk.servers().collect() };
        let processes: Vec<u32> =
            hit.iter().filter_map(|part| part.pid()).flat_map(|pid| [vec![pid], below(pid)].concat()).collect();
        tokio::task::block_in_place(|| {
            // Processors stop with the power: a process that ran on for a moment could take a failed write for a good
            // one.
            signal("STOP", &processes);
            desk.disks.iter().for_each(Disk::cut);
        });
        for part in &hit {
            part.kill(&part.pid().map(below).unwrap_or_default());
        }
        sleep(hold).await;
        join_all(desk.disks.iter().map(Disk::come_back)).await;
        join_all(hit.iter().map(|part| part.start())).await;
        let names: Vec<&str> = hit.iter().map(|part| part.name()).collect();
        (format!("{names:?} lost their power and came back"), !desk.disks.is_empty())
    }
}

/// With fewer bytes left a disk counts as full.
const FULL: u64 = 256 * 1024;
