//! Writing down what happens, one file for each process, and reading it again.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::time::Instant;

use super::history::{Line, What};

/// The order and the clock that all records of a run share.
#[derive(Debug)]
pub(crate) struct Watch {
    began: Instant,
    next: AtomicU64,
}

/// An append-only record.
#[derive(Debug)]
pub(crate) struct Recorder {
    watch: Arc<Watch>,
    file: Mutex<BufWriter<File>>,
}

/// A record, as one who writes into it holds it.
#[derive(Debug, Clone)]
pub(crate) struct RecordWriter {
    recorder: Arc<Recorder>,
    by: String,
}

impl Watch {
    pub(crate) fn start() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), next: AtomicU64::new(1) })
    }
}

impl Recorder {
    /// A new record in `folder`.
    ///
    /// # Panics
    /// When the folder is not writable.
    pub(crate) fn new(folder: &Path, process: &str, watch: &Arc<Watch>) -> Arc<Self> {
        let path = folder.join(format!("{process}.{EXTENSION}"));
        let file = File::create_new(path).expect("the folder of the run is ours and new");
        Arc::new(Self { watch: Arc::clone(watch), file: Mutex::new(BufWriter::new(file)) })
    }

    pub(crate) fn writer(self: &Arc<Self>, by: impl Into<String>) -> RecordWriter {
        RecordWriter { recorder: Arc::clone(self), by: by.into() }
    }

    /// Everything written so far is in the file.
    ///
    /// # Panics
    /// When the disk is full.
    pub(crate) fn flush(&self) {
        self.file
            .lock()
            .expect("no thread panics while it holds this lock")
            .flush()
            .expect("there is room for the record");
    }
}

impl RecordWriter {
    /// Writes a line, and gives its number.
    ///
    /// # Panics
    /// When the disk is full.
    pub(crate) fn write(&self, what: What) -> u64 {
        let watch = &self.recorder.watch;
        let mut file = self.recorder.file.lock().expect("no thread panics while it holds this lock");
        let n = watch.next.fetch_add(1, Ordering::SeqCst);
        let us = u64::try_from(watch.began.elapsed().as_micros()).expect("a run does not take that long");
        let line = Line { n, us, by: self.by.clone(), what };
        serde_json::to_writer(&mut *file, &line).expect("there is room for the record");
        file.write_all(b"\n").expect("there is room for the record");
        n
    }
}

/// Everything that was recorded in `folder`, in order.
///
/// # Panics
/// When a record cannot be read.
pub(crate) fn read(folder: &Path) -> Vec<Line> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of the run is there") {
        let path = entry.expect("the folder can be listed").path();
        if path.extension().is_none_or(|extension| extension != EXTENSION) {
            continue;
        }
        for line in BufReader::new(File::open(&path).expect("the record is there")).lines() {
            let line = line.expect("the record is text");
            lines.push(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}")));
        }
    }
    lines.sort_by_key(|line: &Line| line.n);
    lines
}

const EXTENSION: &str = "jsonl";

#[test]
fn what_is_written_is_read_in_order() {
    let folder = tempfile::tempdir().expect("there is room");
    let watch = Watch::start();
    let (one, two) = (Recorder::new(folder.path(), "one", &watch), Recorder::new(folder.path(), "two", &watch));
    let (a, b) = (one.writer("a"), two.writer("b"));
    for turn in 0..4 {
        let writer = if turn % 2 == 0 { &a } else { &b };
        writer.write(What::Lost { why: turn.to_string() });
    }
    one.flush();
    two.flush();
    let read = read(folder.path());
    let order: Vec<_> = read.iter().map(|line| (line.n, line.by.as_str(), &line.what)).collect();
    let lost = |n: u64| What::Lost { why: (n - 1).to_string() };
    assert_eq!(order, [(1, "a", &lost(1)), (2, "b", &lost(2)), (3, "a", &lost(3)), (4, "b", &lost(4))]);
}
