//! Tests that cannot run on this machine say so in a file, so that `make test` can count and name them at its end.

use std::{fs::OpenOptions, io::Write, path::Path};

/// Notes that the test of the calling thread did not run, and why. `tests/summary.sh` reads the file.
///
/// # Panics
/// When the file cannot be written: a skipped test must not go unnoticed.
pub fn skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or("unnamed test").to_owned();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/skipped-tests.txt");
    let mut file =
        OpenOptions::new().create(true).append(true).open(file).expect("the list of skipped tests is writable");
    writeln!(file, "{test}: {why}").expect("the list of skipped tests is writable");
}
