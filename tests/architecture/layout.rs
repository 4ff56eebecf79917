//! The folders and the files that must or must not be in them.

use std::{collections::BTreeSet, path::PathBuf};

use super::tree;

/// What stands at the top, besides files whose name begins with a dot.
const TOP: [&str; 12] = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "Makefile",
    "README.md",
    "actors",
    "config",
    "docker",
    "loadtest",
    "nats",
    "src",
    "tests",
];

#[test]
fn the_top_level_holds_only_the_agreed_names() {
    let found: BTreeSet<String> = tree::files()
        .iter()
        .filter_map(|file| file.components().next()?.as_os_str().to_str().map(ToOwned::to_owned))
        .filter(|name| !name.starts_with('.'))
        .collect();
    let strange: Vec<_> = found.iter().filter(|name| !TOP.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn sockets_are_framed_in_one_place() {
    let users: Vec<PathBuf> = rust_files_with(&["actix_web", "actors"].join("_"));
    let expected = PathBuf::from("actors/transport/actix");
    assert_eq!(users.len(), 1, "{users:?}");
    assert!(users[0].starts_with(&expected) || users[0] == expected.with_extension("rs"), "{users:?}");
}

#[test]
fn crates_have_no_folder_named_src() {
    let nested: Vec<_> = tree::files()
        .into_iter()
        .filter(|file| file.components().skip(1).any(|part| part.as_os_str() == "src"))
        .collect();
    assert!(nested.is_empty(), "{nested:?}");
}

#[test]
fn links_in_readmes_lead_somewhere() {
    let mut broken = Vec::new();
    for file in tree::files().into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "md")) {
        let text = tree::text(&file).expect("a README is text");
        for link in links(&text) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            let target = tree::root().join(&file).with_file_name("").join(path);
            if !target.exists() {
                broken.push(format!("{}: {link}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The addresses of `[text](address)`.
fn links(text: &str) -> Vec<String> {
    let parts = text.split("](").skip(1);
    parts.filter_map(|part| part.split(')').next()).map(ToOwned::to_owned).collect()
}

fn rust_files_with(word: &str) -> Vec<PathBuf> {
    tree::files()
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .filter(|file| tree::text(file).is_some_and(|text| uses(&text, word)))
        .collect()
}

/// Whether code, not a comment, names `word`.
fn uses(text: &str, word: &str) -> bool {
    text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word))
}
