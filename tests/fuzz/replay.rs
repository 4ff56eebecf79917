//! Every fuzz entry holds for the bytes that were kept: seeds, and what once broke something.

#[expect(unreachable_pub, reason = "the library of the fuzz targets, too")]
mod entries;

use std::path::Path;

fn replay(target: &str, entry: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut tried = 0;
    for file in std::fs::read_dir(&folder).expect("there is a corpus") {
        let path = file.expect("the folder can be read").path();
        let data = std::fs::read(&path).expect("the seed can be read");
        let held = std::panic::catch_unwind(|| entry(&data));
        assert!(held.is_ok(), "{} breaks {target}", path.display());
        tried += 1;
    }
    assert!(tried >= 20, "{} holds {tried} seeds only", folder.display());
}

#[test]
fn frames_hold_for_the_corpus() {
    replay("frames", entries::frames);
}

#[test]
fn the_decoder_holds_for_the_corpus() {
    replay("decoder", entries::decoder);
}
