//! A worker role is one row, one line and a folder: nothing else of the product names it.

use std::path::{Path, PathBuf};

use super::tree;

/// Files that may name every role: the table, the list of workers, and the explained setting.
const LISTS: [&str; 3] = ["config/roles.rs", "src/workers/lib.rs", "config/default.toml"];

/// Files that may name one role because of what it means, not because it is one.
const EXCEPTIONS: [(&str, &str, &str); 3] = [
    ("persist", "nats/topology.rs", "the queue that decides which entries are in the database"),
    ("persist", "src/api/views/dead_letters.rs", "an example in the description of the REST interface"),
    ("receipts", "src/server/verify.rs", "a count in what `frontdesk verify` prints"),
];

#[test]
fn a_role_is_named_in_its_folder_and_in_three_files_besides() {
    let roles = roles();
    assert!(roles.len() >= 7, "the table is not where it is looked for: {roles:?}");
    let product: Vec<PathBuf> = tree::files().into_iter().filter(|file| is_product(file)).collect();
    let mut strange = Vec::new();
    for role in &roles {
        let named_in = product.iter().filter(|file| names(file, role));
        for file in named_in.filter(|file| !is_own(file, role)) {
            let path = file.to_str().expect("a path of ours is UTF-8");
            let is_excepted = EXCEPTIONS.iter().any(|(name, place, _)| *name == role && *place == path);
            if !LISTS.contains(&path) && !is_excepted {
                strange.push(format!("{role}: {path}"));
            }
        }
    }
    assert!(strange.is_empty(), "roles named outside their folder and the table:\n{}", strange.join("\n"));
}

#[test]
fn every_role_has_a_folder_or_file_of_its_own_and_stands_in_each_list() {
    for role in roles() {
        assert!(tree::files().iter().any(|file| is_own(file, &role)), "{role} has no place in src/workers");
        for list in LISTS {
            assert!(names(Path::new(list), &role), "{list} does not name {role}");
        }
    }
}

/// The names in the table.
fn roles() -> Vec<String> {
    let table = tree::text(Path::new(LISTS[0])).expect("the table of roles is there");
    let rows = table.split("Row {").skip(1);
    let name = |row: &str| Some(row.split("name: \"").nth(1)?.split('"').next()?.to_owned());
    rows.filter_map(name).collect()
}

/// Whether code names the role: as a string of its own, or by its worker's type.
fn names(file: &Path, role: &str) -> bool {
    let worker = format!("{}{}Worker", role[..1].to_uppercase(), &role[1..]);
    let literal = format!("\"{role}\"");
    let text = tree::text(file).unwrap_or_default();
    // Tests inside a file may name what they want.
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    code.lines().filter(is_code).any(|line| line.contains(&literal) || line.contains(&worker))
}

fn is_own(file: &Path, role: &str) -> bool {
    let folder = Path::new("src/workers").join(role);
    file.starts_with(&folder) || file == folder.with_extension("rs")
}

/// Rust files that are shipped, and the settings: no tests, no fakes, no load test.
fn is_product(file: &Path) -> bool {
    let is_code = file.extension().is_some_and(|extension| extension == "rs" || extension == "toml");
    let not_shipped = ["tests", "benches", "loadtest", "memory", "contract", "examples"];
    let is_test = file.components().any(|part| not_shipped.iter().any(|name| part.as_os_str() == *name))
        || file.file_stem().is_some_and(|stem| stem == "tests");
    is_code && !is_test
}
