//! Files of a crate use one another in one direction: no file depends on itself by way of others.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use cargo_metadata::MetadataCommand;

use super::{modules::Crate, tree};

#[test]
fn no_files_of_a_crate_depend_on_one_another_in_a_circle() {
    let metadata = MetadataCommand::new()
        .manifest_path(tree::root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo describes this workspace");
    let roots = metadata.packages.iter().flat_map(|package| &package.targets).filter(|target| target.is_lib());
    let mut found = Vec::new();
    let mut files = 0;
    for root in roots {
        let arrows = Crate::read(root.src_path.as_std_path()).arrows();
        files += arrows.len();
        for circle in circles(&arrows) {
            let names: Vec<_> = circle.iter().map(|file| relative(file)).collect();
            found.push(format!("{}: {} files: {}", root.name, names.len(), names.join(", ")));
        }
    }
    assert!(files > 300, "only {files} files were looked at");
    assert!(found.is_empty(), "files in circles:\n{}", found.join("\n"));
}

#[test]
fn a_circle_is_found_through_a_re_export_and_a_parent_with_its_child_is_none() {
    let folder = tempfile::tempdir().expect("a folder for a sample");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("lib.rs", "mod a; mod b; mod c;");
    write("a.rs", "use crate::b::Second; pub struct First(Second);");
    write("b.rs", "mod inner; pub use inner::Second;");
    write("b/inner.rs", "pub struct Second; fn back() -> Option<crate::a::First> { None }");
    write("c.rs", "mod part; pub struct Whole; fn of(part: part::Part) {}");
    write("c/part.rs", "use super::Whole; pub struct Part(Whole);");
    let found = circles(&Crate::read(&folder.path().join("lib.rs")).arrows());
    let expected = ["a.rs", "b/inner.rs"].map(|name| folder.path().join(name));
    assert_eq!(found, [BTreeSet::from(expected)]);
}

/// Every set of two or more files from each of which all others of the set can be reached.
fn circles(arrows: &BTreeMap<PathBuf, Vec<PathBuf>>) -> Vec<BTreeSet<PathBuf>> {
    let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> =
        arrows.keys().map(|file| (file, reachable(file, arrows))).collect();
    let mut found: Vec<BTreeSet<PathBuf>> = Vec::new();
    for (file, from_here) in &reached {
        let circle: BTreeSet<PathBuf> = from_here
            .iter()
            .filter(|other| reached.get(**other).is_some_and(|back| back.contains(*file)))
            .map(|other| (*other).clone())
            .collect();
        if circle.len() > 1 && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

fn reachable<'a>(from: &'a PathBuf, arrows: &'a BTreeMap<PathBuf, Vec<PathBuf>>) -> BTreeSet<&'a PathBuf> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(file) = next.pop() {
        for to in arrows.get(file).into_iter().flatten() {
            if reached.insert(to) {
                next.push(to);
            }
        }
    }
    reached
}

fn relative(file: &Path) -> String {
    file.strip_prefix(tree::root()).unwrap_or(file).display().to_string()
}
