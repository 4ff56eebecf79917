//! What must not stand in any file.

use std::{collections::BTreeMap, path::Path};

use super::tree;

/// Words of a private language: each has a plain one (a subscription is *stale*, an endpoint is no *door*, a person has a role).
const PRIVATE: [&str; 8] = ["nobody", "somebody", "whoever", "whomever", "deaf", "door", "doors", "murmur"];

/// How often they still stand in the files of a folder. The numbers may only go down; a folder that is not named has none.
const STILL_PRIVATE: [(&str, usize); 7] = [
    ("src/application", 4),
    ("src/console", 29),
    ("src/domain", 15),
    ("src/memory", 23),
    ("src/postgres", 12),
    ("src/sqlite", 6),
    ("src/storage", 1),
];

#[test]
fn no_file_names_a_registry() {
    // Where packages come from is for the machine that builds to say.
    let hosts = [["crates", "io"], ["docker", "io"], ["ghcr", "io"], ["quay", "io"], ["npmjs", "org"], ["pypi", "org"]];
    let hosts = hosts.map(|parts| parts.join("."));
    let mut found = Vec::new();
    for file in tree::files().into_iter().filter(|file| !file.ends_with("Cargo.lock")) {
        let Some(text) = tree::text(&file) else { continue };
        for (number, line) in text.lines().enumerate() {
            if hosts.iter().any(|host| line.contains(host)) {
                found.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_folder_has_more_private_words_than_before() {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for file in tree::files().iter().filter(|file| is_prose(file)) {
        let Some(text) = tree::text(file) else { continue };
        for (number, line) in text.lines().enumerate() {
            let words = line.split(|sign: char| !sign.is_alphanumeric() && sign != '_').map(str::to_lowercase);
            for word in words.filter(|word| PRIVATE.contains(&word.as_str())) {
                found.entry(folder(file)).or_default().push(format!("{}:{}: {word}", file.display(), number + 1));
            }
        }
    }
    let allowed: BTreeMap<&str, usize> = STILL_PRIVATE.into();
    let too_many = found
        .iter()
        .filter(|(folder, places)| places.len() > allowed.get(folder.as_str()).copied().unwrap_or_default());
    let too_many: Vec<_> =
        too_many.map(|(folder, places)| format!("{folder} ({}):\n{}", places.len(), places.join("\n"))).collect();
    assert!(too_many.is_empty(), "say it plainly:\n{}", too_many.join("\n"));
}

#[test]
fn every_setting_has_a_field_and_a_section_of_its_own() {
    // That the defaults load is tested beside them; here: each key stands in the file of its section.
    let defaults = tree::text("config/default.toml".as_ref()).expect("the defaults are there");
    let mut section = String::new();
    for line in defaults.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            let file = format!("config/settings/{section}.rs");
            let code = tree::text(file.as_ref()).unwrap_or_else(|| panic!("{file} is missing"));
            assert!(code.contains(&format!("pub {key}:")), "{section}.{key} has no field in {file}");
        }
    }
}

/// The folder that a file is counted in: a crate's, or the name at the top.
fn folder(file: &Path) -> String {
    let parts: Vec<_> = file.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    match parts.as_slice() {
        [top, part, _, ..] if top == "src" => format!("{top}/{part}"),
        [top, ..] => top.clone(),
        [] => String::new(),
    }
}

/// Files of ours that hold code or text; not the list above, not what others wrote, not samples of people's messages.
fn is_prose(file: &Path) -> bool {
    let is_left_out = file.ends_with("tests/architecture/words.rs")
        || file.iter().any(|part| part == "vendor" || part == "phrases" || part == "reports");
    let kinds = ["rs", "md", "toml", "yaml", "conf", "cfg", "sh", "js", "mjs", "css", "html", "sql"];
    let is_text = file.extension().and_then(|it| it.to_str()).is_some_and(|it| kinds.contains(&it));
    !is_left_out && (is_text || file.ends_with("Makefile") || file.ends_with("Dockerfile"))
}
