//! Contract tests are macros that list functions by name: a function that is in no list, or a list that an
//! implementation does not run, would test nothing and say nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::tree;

/// Where the contracts lie: a file for each, whose further files lie in the folder of its name.
const CONTRACTS: &str = "src/ports/contract";

/// The tests of every database; every contract without a place of its own below runs there.
const DATABASES: [&str; 3] =
    ["src/memory/tests.rs", "src/sqlite/tests/contract.rs", "src/postgres/tests/it/contract.rs"];

/// Contracts that others than databases fulfil.
const ELSEWHERE: [(&str, [&str; 2]); 4] = [
    ("event_stream", ["src/memory/event_stream.rs", "nats/tests/log/events.rs"]),
    ("log", ["src/memory/log/tests.rs", "nats/tests/log/contract.rs"]),
    ("notices", ["src/memory/notices.rs", "nats/tests/log/notices.rs"]),
    ("presence", ["src/memory/presence/tests.rs", "src/redis/tests/redis/contract.rs"]),
];

#[test]
fn every_promise_of_a_contract_is_in_the_list_that_implementations_run() {
    let (mut promises, mut missing) = (0, Vec::new());
    for (contract, files) in contracts() {
        let list = text(&Path::new(CONTRACTS).join(&contract).with_extension("rs"));
        let listed: BTreeSet<&str> = list.lines().map(str::trim).collect();
        for file in files {
            for promise in promises_in(&text(&file)) {
                promises += 1;
                if !listed.contains(promise.as_str()) {
                    missing.push(format!("{}: {promise} is not in the list of {contract}", file.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(promises > 120, "only {promises} promises were found");
}

#[test]
fn every_contract_runs_on_the_fake_and_on_each_adapter() {
    let contracts = contracts();
    assert!(contracts.len() > 5, "{:?}", contracts.keys());
    let mut missing = Vec::new();
    for contract in contracts.keys() {
        let elsewhere = ELSEWHERE.iter().find(|(name, _)| name == contract);
        for file in elsewhere.map_or(&DATABASES[..], |(_, files)| files) {
            if !text(Path::new(file)).contains(&format!("{contract}_contract!(")) {
                missing.push(format!("{file} does not run {contract}_contract!"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The files of each contract, by its name.
fn contracts() -> BTreeMap<String, Vec<PathBuf>> {
    let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in tree::files() {
        let Ok(inside) = file.strip_prefix(CONTRACTS) else { continue };
        let first =
            inside.components().next().expect("a file has a name").as_os_str().to_str().expect("names are text");
        let contract = first.trim_end_matches(".rs");
        if contract != "mod" {
            found.entry(contract.to_owned()).or_default().push(file);
        }
    }
    found
}

/// The names of a file's public asynchronous functions that are not inside of anything.
fn promises_in(text: &str) -> Vec<String> {
    let functions = text.split("\npub async fn ").skip(1);
    functions.map(|rest| rest.split(['(', '<']).next().unwrap_or_default().to_owned()).collect()
}

fn text(file: &Path) -> String {
    tree::text(file).unwrap_or_else(|| panic!("{} is missing", file.display()))
}
