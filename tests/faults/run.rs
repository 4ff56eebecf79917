//! One run: a desk, people, harm, healing, the final reading, the verdict.

use std::{path::Path, sync::Arc, sync::atomic::Ordering, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    checker::{Expectations, Verdict, check},
    clients::{Crowd, Phase, RunState},
    desk::{Desk, Disk, Form, Quirks},
    dice::Dice,
    history::{What, When},
    nemesis::{Harm, Nemesis, memory, packets},
    readers,
    record::{self, RecordWriter, Recorder, Watch},
};

/// A kind of fault, and what it is tried on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Class {
    pub name: &'static str,
    pub form: Form,
    pub quirks: Quirks,
    pub harms: &'static [Harm],
}

impl Class {
    /// Why it cannot be tried on this machine.
    pub(crate) fn cannot_be(&self) -> Option<String> {
        let no_deed = || {
            self.harms.iter().find_map(|harm| match harm {
                Harm::DropPackets { .. } => packets::cannot_be(),
                Harm::LittleMemory => memory::cannot_be(),
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
    let (clients, harm, reader) = (record("people"), record("nemesis"), record("reader"));

    let desk = Desk::start(class.form, class.quirks).await;
    let run_state = Arc::new(RunState::new(desk.endpoints()));
    let mut crew = effort.crowd.gather(&desk.tenants, &run_state, &clients, &dice).await;
    let writer = harm.writer("nemesis");
    sleep(Duration::from_secs(1)).await;
    measure(&desk, &writer, When::Before);

    let visitor = run_state.known().first().expect("a conversation has begun").contact.clone();
    let begun = Instant::now();
    // Some of what is accepted is a repetition, which does not count.
    let enough = effort.least_accepted as u64 + effort.least_accepted as u64 / 32;
    let goes_on = || {
        let few = run_state.counters.accepted.load(Ordering::Relaxed) < enough;
        begun.elapsed() < if few { effort.limit.max(effort.time) } else { effort.time }
    };
    Nemesis::new(&desk, &run_state, visitor, writer.clone(), &dice).run(class.name, class.harms, goes_on).await;
    for part in desk.parts().filter(|part| !part.is_running()) {
        part.start().await;
    }
    writer.write(What::Healed {});
    // What follows a fault belongs to it.
    let reader_pen = reader.writer("reader");
    tokio::join!(readers::drain(&desk, &run_state, effort.patience, &reader_pen), sleep(Duration::from_secs(3)));

    run_state.orders.send_modify(|orders| orders.phase = Phase::Settle);
    let deadline = Instant::now() + effort.patience;
    while run_state.counters.busy.load(Ordering::Relaxed) > 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(50)).await;
    }
    readers::drain(&desk, &run_state, effort.patience, &reader_pen).await;
    measure(&desk, &writer, When::After);
    run_state.orders.send_modify(|orders| orders.phase = Phase::End);
    let leave = tokio::time::timeout(effort.patience, async { while crew.tasks.join_next().await.is_some() {} });
    let _those_who_stay_are_aborted = leave.await;
    readers::read_all(&desk, &run_state, &crew.owners, &reader_pen).await;

    for recorder in [&clients, &harm, &reader] {
        recorder.flush();
    }
    let expected = Expectations { accepted: effort.least_accepted, fault: !class.harms.is_empty() };
    let verdict = check(&record::read(folder), expected);
    std::fs::write(folder.join("verdict.txt"), verdict.to_string()).expect("there is room for the verdict");
    if !verdict.is_valid() {
        keep_logs(&desk, folder);
    }
    verdict
}

fn measure(desk: &Desk, writer: &RecordWriter, when: When) {
    for part in desk.nodes() {
        if let Some(bytes) = part.memory() {
            writer.write(What::Memory { node: part.name().to_owned(), bytes, when });
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
