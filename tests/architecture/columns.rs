//! How wide lines may be. rustfmt wraps code, but neither comments nor what holds long strings.

use std::path::Path;

use super::tree;

/// Columns of a comment.
const OF_COMMENTS: usize = 120;
/// Columns of code in Rust, TOML and YAML: rustfmt leaves strings, attributes and macro bodies wider than its own 120.
const OF_CODE: usize = 160;

#[test]
fn comments_fit_into_120_columns() {
    let found = wide_lines(|file, line| is_comment(file, line).then_some(OF_COMMENTS));
    assert!(found.is_empty(), "wrap these comments:\n{}", found.join("\n"));
}

#[test]
fn code_fits_into_160_columns() {
    let found = wide_lines(|file, line| {
        let is_markup = has_extension(file, &["js", "mjs"]);
        (!is_markup && !is_comment(file, line)).then_some(OF_CODE)
    });
    assert!(found.is_empty(), "break these lines:\n{}", found.join("\n"));
}

/// Lines of our files that are wider than `limit` says; `None` where it does not matter.
fn wide_lines(limit: impl Fn(&Path, &str) -> Option<usize>) -> Vec<String> {
    let files = tree::files().into_iter().filter(|file| has_extension(file, &["rs", "js", "mjs", "toml", "yaml"]));
    let mut found = Vec::new();
    for file in files.filter(|file| !file.iter().any(|part| part == "vendor")) {
        let text = tree::text(&file).unwrap_or_default();
        assert!(!text.is_empty(), "{} has no text", file.display());
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !is_table(line)) {
            let columns = line.chars().count();
            if limit(&file, line).is_some_and(|limit| columns > limit) {
                found.push(format!("{}:{}: {columns} columns", file.display(), number + 1));
            }
        }
    }
    found
}

/// Whether the whole line is part of a comment.
fn is_comment(file: &Path, line: &str) -> bool {
    let line = line.trim_start();
    if has_extension(file, &["toml", "yaml"]) {
        return line.starts_with('#');
    }
    line.starts_with("//") || line.starts_with("/*") || line.starts_with("* ")
}

/// Whether the line is a row of a table, which cannot be wrapped.
fn is_table(line: &str) -> bool {
    let line = line.trim_start();
    let line = ["//! ", "/// ", "// ", "# "].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
    line.starts_with('|')
}

fn has_extension(file: &Path, kinds: &[&str]) -> bool {
    file.extension().and_then(|it| it.to_str()).is_some_and(|it| kinds.contains(&it))
}
