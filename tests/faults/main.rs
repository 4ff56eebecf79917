//! The fault suite: people talk, parts of the desk are killed, stopped, filled and cut off, and a checker that knows
//! only the contract judges what was written down meanwhile.
//!
//! `cargo test` runs the checker's own tests and a smoke profile; `make faults` runs every class of faults.

mod checker;
mod classes;
mod clients;
mod desk;
mod dice;
mod history;
mod nemesis;
mod planted;
mod proxy;
mod readers;
mod record;
mod report;
mod run;

use std::{path::PathBuf, time::Duration};

use classes::{SMOKE, STANDARD};
use clients::Crowd;
use run::{Class, Effort};
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_parts_of_one_process_are_killed_and_stopped() {
    smoke(SMOKE[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_parts_of_a_cluster_are_killed_and_stopped() {
    smoke(SMOKE[1]).await;
}

async fn smoke(class: Class) {
    let crowd = Crowd { conversations: 6, walk_ins: 2, programs: 2, rivalries: 1, think_ms: 60 };
    let time = Duration::from_secs(25);
    let effort = Effort { seed: number("SEED", 1), time, limit: time, patience: PATIENCE, crowd, least_accepted: 500 };
    let folder = tempfile::tempdir().expect("there is room for a record");
    let verdict = run::run(class, effort, folder.path()).await;
    println!("{}: {verdict}", class.name);
    if !verdict.is_valid() {
        let kept = folder.keep();
        panic!("{} (seed {}): {verdict}\nits record: {}", class.name, effort.seed, kept.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes as long as it is told to: make faults SEED=... MINUTES=... AT_LEAST=..."]
async fn nothing_is_lost_in_the_standard_profile() {
    let (seed, minutes) = (number("SEED", 1), number("MINUTES", 30));
    let only = std::env::var("ONLY").unwrap_or_default();
    let exact = STANDARD.iter().any(|class| class.name == only);
    let wanted = |class: &Class| if exact { class.name == only } else { class.name.contains(&only) };
    let classes: Vec<Class> = STANDARD.into_iter().filter(wanted).collect();
    assert!(!classes.is_empty(), "no class of faults is called {only}");
    let effort = Effort {
        seed,
        time: Duration::from_secs(minutes * 60 / classes.len() as u64),
        limit: Duration::from_secs(number("LIMIT", 20) * 60),
        patience: PATIENCE,
        crowd: Crowd {
            conversations: number("CONVERSATIONS", 24) as usize,
            walk_ins: 6,
            programs: 4,
            rivalries: 3,
            think_ms: number("THINK_MS", 20),
        },
        least_accepted: number("AT_LEAST", 100) as usize,
    };
    let root = PathBuf::from(std::env::var("RECORDS").unwrap_or_else(|_| "target/faults".to_owned()));
    let root =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(root).join(format!("{seed}-{}", std::process::id()));
    let mut invalid = Vec::new();
    for class in classes {
        if let Some(why) = class.cannot_be() {
            println!("{}: SKIPPED, {why}", class.name);
            continue;
        }
        let folder = root.join(report::slug(class.name));
        let begun = Instant::now();
        let verdict = run::run(class, effort, &folder).await;
        println!("{}: {verdict}", class.name);
        let seconds = begun.elapsed().as_secs();
        report::Outcome::new(class.name, seed, seconds, effort.least_accepted, &verdict).keep();
        if verdict.is_valid() {
            // Records of a valid run are long and say nothing more.
            let _kept_if_in_use = std::fs::remove_dir_all(&folder);
        } else {
            invalid.push(class.name);
        }
        if only.is_empty() {
            table().write();
        }
    }
    println!("{}", table());
    assert!(invalid.is_empty(), "seed {seed}, {invalid:?}: see {}", root.display());
}

#[test]
#[ignore = "writes into the README: make faults-table"]
fn the_table_of_this_commit_is_written() {
    let table = table();
    println!("{table}");
    table.write();
}

/// What all runs of this commit came to.
fn table() -> report::Table {
    report::Table::of(&STANDARD.map(|class| class.name))
}

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Longest wait for a backlog to be worked off.
const PATIENCE: Duration = Duration::from_secs(60);
