//! One run: a desk, people, harm, healing, the final reading, the verdict.

use std::{path::Path, sync::Arc, sync::atomic::Ordering, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    checker::{Expectations, Verdict, check},
    desk::{Desk, Disk, Form, Quirks},
    dice::Dice,
    history::{What, When},
    nemesis::{Deed, Nemesis, memory, packets},
    people::{Crowd, Phase, Town},
    readers,
    record::{self, Pen, Recorder, Watch},
};

/// A kind of fault, and what it is tried on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Class {
    pub name: &'static str,
    pub form: Form,
    pub quirks: Quirks,
    pub deeds: &'static [Deed],
}

impl Class {
    /// Why it cannot be tried on this machine.
    pub(crate) fn cannot_be(&self) -> Option<String> {
        let no_deed = || {
            self.deeds.iter().find_map(|deed| match deed {
                Deed::DropPackets { .. } => packets::cannot_be(),
                Deed::LittleMemory => memory::cannot_be(),
                _ => None,
            })
        };
        self.quirks.disks.and_then(|_| Disk::cannot_be()).or_else(no_deed)
    }
}

/// How long and how hard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub seed: u64,
    /// How long harm is done at least.
    pub time: Duration,
    /// How long it is done at most; between the two it goes on until enough is accepted.
    pub limit: Duration,
    /// How long a backlog, and people who finish what they began, are waited for.
    pub patience: Duration,
    pub crowd: Crowd,
    /// Fewer accepted requests prove nothing.
    pub least_accepted: usize,
}

/// Runs one class, with its records in `folder`.
///
/// # Panics
/// When the desk cannot be started.
pub(crate) async fn run(class: Class, effort: Effort, folder: &Path) -> Verdict {
    std::fs::create_dir_all(folder).expect("the folder of the run can be made");
    let dice = Dice::new(effort.seed).of(class.name);
    let watch = Watch::start();
    let record = |process: &str| Recorder::new(folder, process, &watch);
    let (people, harm, reader) = (record("people"), record("nemesis"), record("reader"));

    let desk = Desk::start(class.form, class.quirks).await;
    let town = Arc::new(Town::new(desk.ways_in()));
    let mut crew = effort.crowd.gather(&desk.tenants, &town, &people, &dice).await;
    let pen = harm.pen("nemesis");
    sleep(Duration::from_secs(1)).await;
    measure(&desk, &pen, When::Before);

    let visitor = town.known().first().expect("somebody is there").contact.clone();
    let begun = Instant::now();
    // Some of what is accepted is a repetition, which does not count.
    let enough = effort.least_accepted as u64 + effort.least_accepted as u64 / 32;
    let goes_on = || {
        let few = town.pulse.accepted.load(Ordering::Relaxed) < enough;
        begun.elapsed() < if few { effort.limit.max(effort.time) } else { effort.time }
    };
    Nemesis::new(&desk, &town, visitor, pen.clone(), &dice).rage(class.name, class.deeds, goes_on).await;
    for part in desk.parts().filter(|part| !part.is_running()) {
        part.start().await;
    }
    pen.write(What::Healed {});
    // What follows a fault belongs to it.
    let reader_pen = reader.pen("reader");
    tokio::join!(readers::drain(&desk, &town, effort.patience, &reader_pen), sleep(Duration::from_secs(3)));

    town.orders.send_modify(|orders| orders.phase = Phase::Settle);
    let deadline = Instant::now() + effort.patience;
    while town.pulse.busy.load(Ordering::Relaxed) > 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(50)).await;
    }
    readers::drain(&desk, &town, effort.patience, &reader_pen).await;
    measure(&desk, &pen, When::After);
    town.orders.send_modify(|orders| orders.phase = Phase::End);
    let leave = tokio::time::timeout(effort.patience, async { while crew.tasks.join_next().await.is_some() {} });
    let _those_who_stay_are_aborted = leave.await;
    readers::read_all(&desk, &town, &crew.owners, &reader_pen).await;

    for recorder in [&people, &harm, &reader] {
        recorder.flush();
    }
    let expected = Expectations { accepted: effort.least_accepted, fault: !class.deeds.is_empty() };
    let verdict = check(&record::read(folder), expected);
    std::fs::write(folder.join("verdict.txt"), verdict.to_string()).expect("there is room for the verdict");
    if !verdict.is_valid() {
        keep_logs(&desk, folder);
    }
    verdict
}

fn measure(desk: &Desk, pen: &Pen, when: When) {
    for part in desk.nodes() {
        if let Some(bytes) = part.memory() {
            pen.write(What::Memory { node: part.name().to_owned(), bytes, when });
        }
    }
}

/// Keeps what the parts printed, to find out why.
fn keep_logs(desk: &Desk, folder: &Path) {
    for entry in std::fs::read_dir(desk.folder()).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "log") {
            let _none_is_none = std::fs::copy(entry.path(), folder.join(entry.file_name()));
        }
    }
}
