//! The map of the code is right about where things are.

use super::tree;

#[test]
fn every_path_that_the_readme_of_the_code_names_exists() {
    let readme = tree::text("src/README.md".as_ref()).expect("the README of the code");
    let named: Vec<&str> = readme.split('`').skip(1).step_by(2).filter(|word| is_path(word)).collect();
    assert!(named.len() > 80, "the walks name their files: {}", named.len());
    let missing: Vec<_> = named.into_iter().filter(|path| !tree::root().join(path).exists()).collect();
    assert!(missing.is_empty(), "src/README.md names files that are not there: {missing:#?}");
}

#[test]
fn each_word_of_the_glossary_has_one_meaning() {
    let readme = tree::text("src/README.md".as_ref()).expect("the README of the code");
    let glossary = readme.split("\n## ").find(|part| part.starts_with("Glossary")).expect("a glossary");
    let rows = glossary.lines().filter(|line| line.starts_with("| ")).skip(2);
    let mut words: Vec<_> = rows.filter_map(|row| row.split('|').nth(1)).flat_map(|cell| cell.split(',')).collect();
    let count = words.len();
    words.iter_mut().for_each(|word| *word = word.trim());
    words.sort_unstable();
    words.dedup();
    assert!(count > 50 && words.len() == count, "a word stands twice in the glossary");
}

fn is_path(word: &str) -> bool {
    word.contains('/') && !word.starts_with('/') && !word.contains([' ', '{', '*', ':'])
}
