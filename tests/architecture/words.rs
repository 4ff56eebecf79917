//! What must not stand in any file.

use super::tree;

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
