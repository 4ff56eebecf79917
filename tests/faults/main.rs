//! The fault suite: people talk, parts of the desk are killed, stopped, filled and cut off, and a checker that knows only the
//! contract judges what was written down meanwhile.
//!
//! `cargo test` runs the checker's own tests and a smoke profile; `make faults` runs every class of faults.

mod checker;
mod classes;
mod desk;
mod dice;
mod history;
mod nemesis;
mod people;
mod proxy;
mod readers;
mod record;
mod report;
mod run;

use std::{path::PathBuf, time::Duration};

use classes::{SMOKE, STANDARD};
use people::Crowd;
use run::{Class, Effort};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_parts_of_one_process_are_killed_and_stopped() {
    smoke(SMOKE[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_parts_of_a_cluster_are_killed_and_stopped() {
    smoke(SMOKE[1]).await;
}

async fn smoke(class: Class) {
    let crowd = Crowd { conversations: 6, walk_ins: 2, programs: 2, think_ms: 60 };
    let effort = Effort { seed: number("SEED", 1), time: Duration::from_secs(25), crowd, least_accepted: 500 };
    let folder = tempfile::tempdir().expect("there is room for a record");
    let verdict = run::run(class, effort, folder.path()).await;
    println!("{}: {verdict}", class.name);
    if !verdict.is_valid() {
        let kept = folder.keep();
        panic!("{} (seed {}): {verdict}\nits record: {}", class.name, effort.seed, kept.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes as long as it is told to: make faults SEED=... MINUTES=..."]
async fn nothing_is_lost_in_the_standard_profile() {
    let (seed, minutes) = (number("SEED", 1), number("MINUTES", 30));
    let only = std::env::var("ONLY").unwrap_or_default();
    let classes: Vec<Class> = STANDARD.into_iter().filter(|class| class.name.contains(&only)).collect();
    assert!(!classes.is_empty(), "no class of faults is called {only}");
    let time = Duration::from_secs(minutes * 60 / classes.len() as u64);
    let crowd = Crowd { conversations: 24, walk_ins: 6, programs: 4, think_ms: number("THINK_MS", 20) };
    let root = PathBuf::from(std::env::var("RECORDS").unwrap_or_else(|_| "target/faults".to_owned()));
    let root =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(root).join(format!("{seed}-{}", std::process::id()));
    let mut table = report::Table::new(seed, minutes);
    for class in classes {
        let effort = Effort { seed, time, crowd, least_accepted: 100 };
        let folder = root.join(class.name.replace([' ', ':', ','], "-"));
        let verdict = run::run(class, effort, &folder).await;
        println!("{}: {verdict}", class.name);
        table.add(class.name, &verdict, &folder);
        if only.is_empty() {
            table.write();
        }
    }
    println!("{table}");
    assert!(table.is_valid(), "seed {seed}: see {}", root.display());
}

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}
