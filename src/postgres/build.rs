//! A new migration is a new build: `migrate!` alone sees only changes to the files that were there before.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
