//! Who may depend on whom. Folders are crates, so most of it is checked by the compiler; this checks the folders.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Every crate of ours, and how far out it lies. A crate may depend on those further in only; `None`: on none of ours.
const LAYERS: [(&str, Option<u8>); 19] = [
    ("frontdesk-domain", Some(0)),
    ("frontdesk-config", Some(1)),
    ("frontdesk-console", None),
    ("frontdesk-telemetry", None),
    ("frontdesk-protocol", Some(1)),
    ("frontdesk-ports", Some(2)),
    ("frontdesk-storage", Some(3)),
    ("frontdesk-memory", Some(4)),
    ("frontdesk-postgres", Some(4)),
    ("frontdesk-sqlite", Some(4)),
    ("frontdesk-redis", Some(5)),
    ("frontdesk-nats", Some(5)),
    ("frontdesk-application", Some(5)),
    ("frontdesk-actors", Some(5)),
    ("frontdesk-workers", Some(6)),
    ("frontdesk-api", Some(7)),
    ("frontdesk", Some(8)),
    ("frontdesk-loadtest", Some(9)),
    ("frontdesk-tests", Some(9)),
];

/// Crates of rules, words and traits: they neither read nor write anything.
const WITHOUT_IO: [&str; 4] = ["frontdesk-domain", "frontdesk-protocol", "frontdesk-ports", "frontdesk-application"];

#[test]
fn no_crate_depends_against_the_direction() {
    let layers = BTreeMap::from(LAYERS);
    let mut wrong = Vec::new();
    for (from, to, kind) in dependencies() {
        let (outer, inner) = (layers[from.as_str()], layers[to.as_str()]);
        let allowed = match outer {
            None => false,
            Some(outer) => inner.unwrap_or(0) < outer,
        };
        if !allowed {
            wrong.push(format!("{from} must not depend on {to} ({kind:?})"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_domain_and_the_ports_do_no_io() {
    let metadata = metadata();
    let io = ["tokio", "actix", "actix-web", "async-nats", "sqlx", "redis", "reqwest"];
    for package in metadata.packages.iter().filter(|package| WITHOUT_IO.contains(&package.name.as_str())) {
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        for dependency in normal {
            let channels = package.name.as_str() == "frontdesk-ports" && dependency.name == "tokio";
            assert!(
                channels || !io.contains(&dependency.name.as_str()),
                "{} must not depend on {}",
                package.name,
                dependency.name
            );
        }
    }
}

#[test]
fn the_ports_wait_for_nothing_but_channels() {
    // Contract tests drive whole adapters; the traits and their types need a runtime for nothing but channels.
    let traits = super::tree::files().into_iter().filter(|file| {
        file.starts_with("src/ports")
            && !file.starts_with("src/ports/contract")
            && !file.starts_with("src/ports/memory")
            && file.extension().is_some_and(|it| it == "rs")
    });
    let mut wrong = Vec::new();
    for file in traits {
        let text = super::tree::text(&file).expect("a source file is text");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let runtime = code.filter(|line| line.contains("tokio::") && !line.contains("tokio::sync::"));
        wrong.extend(runtime.map(|line| format!("{}: {}", file.display(), line.trim())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_load_test_knows_the_desk_by_its_protocol_only() {
    let known: Vec<_> =
        dependencies().into_iter().filter(|(from, ..)| from == "frontdesk-loadtest").map(|(_, to, _)| to).collect();
    assert!(known.iter().all(|to| to == "frontdesk-protocol"), "{known:?}");
}

#[test]
fn nothing_depends_on_the_binary_or_the_tests() {
    for (from, to, _) in dependencies() {
        let leaf = ["frontdesk", "frontdesk-tests", "frontdesk-loadtest"].contains(&to.as_str());
        assert!(!leaf, "{from} depends on {to}");
    }
}

#[test]
fn every_crate_obeys_the_lints_of_the_workspace() {
    for package in metadata().packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("a manifest is readable");
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} sets no lints", package.name);
    }
}

#[test]
fn nothing_that_people_run_has_planted_faults() {
    for package in metadata().packages {
        let on = |(name, turns_on): (&String, &Vec<String>)| {
            name != "planted-faults" && turns_on.iter().any(|other| other.contains("planted-faults"))
        };
        let features: Vec<_> = package.features.iter().filter(|feature| on(*feature)).collect();
        assert!(features.is_empty(), "{} turns faults on by {features:?}", package.name);
        let dependent =
            package.dependencies.iter().find(|other| other.features.iter().any(|it| it == "planted-faults"));
        assert!(dependent.is_none(), "{} depends on {dependent:?} with faults", package.name);
    }
    let main = super::tree::text("src/server/main.rs".as_ref()).expect("the binary has a main file");
    let refuses = "#[cfg(feature = \"planted-faults\")]\ncompile_error!(";
    assert!(main.contains(refuses), "the binary has to refuse to be built with faults");
    for file in super::tree::files().into_iter().filter(|file| file.starts_with("docker")) {
        let text = super::tree::text(&file).unwrap_or_default();
        assert!(!text.contains("planted"), "{} builds faults in", file.display());
    }
}

/// (from, to, kind) among the crates of this workspace.
fn dependencies() -> Vec<(String, String, DependencyKind)> {
    let metadata = metadata();
    let names: Vec<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let unknown: Vec<_> = names.iter().filter(|name| LAYERS.iter().all(|(known, _)| known != name)).collect();
    assert!(unknown.is_empty(), "say in LAYERS where these belong: {unknown:?}");
    let mut found = Vec::new();
    for package in &metadata.packages {
        for dependency in &package.dependencies {
            if names.contains(&dependency.name) {
                found.push((package.name.to_string(), dependency.name.clone(), dependency.kind));
            }
        }
    }
    found
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(super::tree::root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo describes this workspace")
}
