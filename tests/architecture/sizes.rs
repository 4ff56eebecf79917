//! How long files may be.

use std::path::Path;

use super::tree;

/// From here on, a file is reported.
const LONG: usize = 400;
/// Longer than this, a file has to be parted.
const TOO_LONG: usize = 600;
/// The same for tests.
const TOO_LONG_FOR_TESTS: usize = 800;

#[test]
fn no_file_is_too_long_to_read() {
    let mut too_long = Vec::new();
    for file in tree::files().into_iter().filter(|file| is_written_by_us(file)) {
        let lines = tree::text(&file).map_or(0, |text| text.lines().count());
        let limit = if is_test(&file) { TOO_LONG_FOR_TESTS } else { TOO_LONG };
        if lines > limit {
            too_long.push(format!("{}: {lines} lines, at most {limit}", file.display()));
        } else if lines > LONG {
            println!("long: {}: {lines} lines", file.display());
        }
    }
    assert!(too_long.is_empty(), "{}", too_long.join("\n"));
}

fn is_written_by_us(file: &Path) -> bool {
    let code = file
        .extension()
        .is_some_and(|extension| ["rs", "js", "css", "sql", "sh"].iter().any(|kind| extension == *kind));
    code && !file.components().any(|part| part.as_os_str() == "vendor")
}

fn is_test(file: &Path) -> bool {
    let in_tests = file.components().any(|part| part.as_os_str() == "tests");
    in_tests || file.file_stem().is_some_and(|stem| stem == "tests")
}
