//! What must not stand in any file.

use std::path::Path;

use super::tree;

/// Words of a private language: each has a plain one (a subscription is *stale*, an endpoint is no *door*, a person has
/// a role).
const PRIVATE: [&str; 8] = ["nobody", "somebody", "whoever", "whomever", "deaf", "door", "doors", "murmur"];

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
fn no_file_uses_a_private_word() {
    let mut found = Vec::new();
    for file in tree::files().iter().filter(|file| is_prose(file)) {
        let Some(text) = tree::text(file) else { continue };
        for (number, line) in text.lines().enumerate() {
            let words = line.split(|sign: char| !sign.is_alphanumeric() && sign != '_').map(str::to_lowercase);
            for word in words.filter(|word| PRIVATE.contains(&word.as_str())) {
                found.push(format!("{}:{}: {word}", file.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "say it plainly:\n{}", found.join("\n"));
}

#[test]
fn no_doc_comment_of_the_product_is_one_or_two_words() {
    let mut found = Vec::new();
    for file in tree::files().iter().filter(|file| is_product(file)) {
        let text = tree::text(file).unwrap_or_default();
        let is_doc = |line: &str| line.trim_start().starts_with("///");
        let lines: Vec<_> = text.lines().enumerate().collect();
        let blocks = lines.chunk_by(|(_, one), (_, next)| is_doc(one) == is_doc(next));
        for block in blocks.filter(|block| is_doc(block[0].1)) {
            let words: Vec<_> = block.iter().flat_map(|(_, line)| line.split_whitespace()).collect();
            let words: Vec<_> = words.into_iter().filter(|word| *word != "///").collect();
            // A link leads to the item that says it.
            if words.len() <= 2 && !words.iter().any(|word| word.starts_with('[')) {
                found.push(format!("{}:{}: {}", file.display(), block[0].0 + 1, words.join(" ")));
            }
        }
    }
    assert!(found.is_empty(), "say what it is, its unit, or when:\n{}", found.join("\n"));
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

/// Rust files that are compiled into the product, and no tests or measurements.
fn is_product(file: &Path) -> bool {
    let rooms = ["actors", "nats", "config", "src"];
    let is_room = file.iter().next().is_some_and(|top| rooms.iter().any(|room| top == *room));
    let is_test = file.ends_with("tests.rs")
        || file.iter().any(|part| ["tests", "benches", "contract"].iter().any(|name| part == *name));
    is_room && !is_test && file.extension().is_some_and(|it| it == "rs")
}

/// Files of ours that hold code or text; not the list above, not what others wrote, not samples of people's messages.
fn is_prose(file: &Path) -> bool {
    let is_left_out = file.ends_with("tests/architecture/words.rs")
        || file.iter().any(|part| ["vendor", "phrases", "reports", "migrations"].iter().any(|name| part == *name));
    let kinds = ["rs", "md", "toml", "yaml", "conf", "cfg", "sh", "js", "mjs", "css", "html", "sql"];
    let is_text = file.extension().and_then(|it| it.to_str()).is_some_and(|it| kinds.contains(&it));
    !is_left_out && (is_text || file.ends_with("Makefile") || file.ends_with("Dockerfile"))
}
