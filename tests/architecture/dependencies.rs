//! What a manifest lists is used.

use std::collections::BTreeSet;

use cargo_metadata::MetadataCommand;

use super::tree;

#[test]
fn every_dependency_is_used() {
    let metadata = MetadataCommand::new()
        .manifest_path(tree::root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo describes this workspace");
    let mut unused = Vec::new();
    let mut listed = BTreeSet::new();
    for package in &metadata.packages {
        let folder = package.manifest_path.parent().expect("a manifest lies in a folder").as_std_path();
        let folder = folder.strip_prefix(tree::root()).expect("a crate lies in the repository");
        let code: Vec<String> = tree::files()
            .iter()
            .filter(|file| file.starts_with(folder) && file.extension().is_some_and(|extension| extension == "rs"))
            .filter_map(|file| tree::text(file))
            .collect();
        for dependency in &package.dependencies {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            listed.insert(name.clone());
            let word = name.replace('-', "_");
            let used = code.iter().any(|text| uses(text, &word));
            if !used && !SWITCHES.contains(&name.as_str()) {
                unused.push(format!("{} lists {name}", package.name));
            }
        }
    }
    let manifest = tree::text("Cargo.toml".as_ref()).expect("the manifest is readable");
    let shared = manifest.split("[workspace.dependencies]").nth(1).expect("shared dependencies");
    let shared = shared.split("\n[").next().unwrap_or_default();
    for line in shared.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").filter(|(name, _)| !listed.contains(*name)) {
            unused.push(format!("the workspace lists {name}"));
        }
    }
    assert!(listed.len() > 50, "only {} dependencies were looked at", listed.len());
    assert!(unused.is_empty(), "not used:\n{}", unused.join("\n"));
}

/// Listed to turn on features of a crate that others depend on, and named in no code.
const SWITCHES: [&str; 0] = [];

/// Whether code, not a comment, has `word` as a word of its own.
fn uses(text: &str, word: &str) -> bool {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        line.match_indices(word).any(|(at, _)| {
            let around = |it: Option<char>| it.is_none_or(|sign| !sign.is_alphanumeric() && sign != '_');
            around(line[..at].chars().next_back()) && around(line[at + word.len()..].chars().next())
        })
    })
}
