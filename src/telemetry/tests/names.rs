//! Code, table and documentation name the same metrics.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use frontdesk_telemetry::metrics::{AREAS, Kind, Metric, reference};

#[test]
fn every_metric_that_code_records_is_in_the_table_and_the_other_way_round() {
    let table: BTreeMap<&str, &Metric> = AREAS.iter().flat_map(|(_, all)| *all).map(|it| (it.name, it)).collect();
    assert_eq!(table.len(), AREAS.iter().map(|(_, all)| all.len()).sum::<usize>(), "a name stands twice in the table");
    let mut recorded = BTreeSet::new();
    let mut wrong = Vec::new();
    for file in product_code() {
        let text = fs::read_to_string(&file).expect("source code is text");
        for (kind, name) in recordings(&text) {
            match table.get(name.as_str()) {
                None => wrong.push(format!("{}: {name} is not in the table", file.display())),
                Some(metric) if kind.is_some_and(|kind| kind != metric.kind) => {
                    wrong.push(format!("{}: {name} is a {} in the table", file.display(), metric.kind.as_str()));
                }
                Some(_) => {}
            }
            recorded.insert(name);
        }
    }
    wrong.extend(table.keys().filter(|name| !recorded.contains(**name)).map(|name| format!("no code records {name}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_follow_the_rule_and_meanings_are_sentences() {
    for metric in AREAS.iter().flat_map(|(_, all)| *all) {
        assert!(metric.name.starts_with("desk_"), "{}", metric.name);
        assert_eq!(metric.kind == Kind::Counter, metric.name.ends_with("_total"), "{}", metric.name);
        assert!(metric.help.split(' ').count() > 3 && !metric.help.contains('|'), "{}: {}", metric.name, metric.help);
    }
}

#[test]
fn the_reference_in_the_readme_is_current() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let written = readme.split_once("## Metrics\n\n").expect("a part named Metrics").1;
    assert_eq!(
        written.trim(),
        reference().trim(),
        "replace the tables of src/telemetry/README.md by:\n{}",
        reference()
    );
}

/// Names that begin with `desk_` in string literals, and the kind of the macro that they are given to if it is one.
fn recordings(text: &str) -> Vec<(Option<Kind>, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("\"desk_") {
        let name: String = text[at + 1..].chars().take_while(|sign| *sign != '"').collect();
        let before = text[..at].trim_end();
        let kind = [("counter!(", Kind::Counter), ("gauge!(", Kind::Gauge), ("histogram!(", Kind::Histogram)]
            .into_iter()
            .find_map(|(start, kind)| before.ends_with(start).then_some(kind));
        if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            found.push((kind, name));
        }
    }
    found
}

/// The Rust files of the product, tests left out.
fn product_code() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["actors", "nats", "src"] {
        visit(&root.join(folder), &mut found);
    }
    assert!(found.len() > 300, "the code is not where it is looked for");
    found
}

fn visit(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the code is readable").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if name != "tests" && name != "benches" && name != "telemetry" {
                visit(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}
