//! The files of the repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository")
}

/// All files that belong to the repository, relative to its root: what is built, fetched or kept is left out.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    visit(root(), &mut found);
    found.sort();
    assert!(found.len() > 50, "the repository is not where it is looked for");
    found
}

/// Its text, unless it is none.
pub(crate) fn text(file: &Path) -> Option<String> {
    fs::read_to_string(root().join(file)).ok()
}

/// What the repository ignores: see `.gitignore`.
pub(crate) const NOT_OURS: [&str; 4] = [".git", "target", ".tools", "data"];

fn visit(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the repository is readable").flatten() {
        let path = entry.path();
        let relative = path.strip_prefix(root()).expect("it lies in the repository").to_owned();
        if NOT_OURS.iter().any(|name| relative == Path::new(name)) {
            continue;
        }
        if path.is_dir() {
            visit(&path, found);
        } else {
            found.push(relative);
        }
    }
}
