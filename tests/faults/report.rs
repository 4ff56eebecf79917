//! The table of a run, as `tests/faults/README.md` shows it.

use std::{fmt, fs, path::Path};

use crate::checker::Verdict;

/// One row for each class of faults.
#[derive(Debug)]
pub(crate) struct Table {
    seed: u64,
    minutes: u64,
    rows: Vec<String>,
    valid: bool,
}

impl Table {
    pub(crate) const fn new(seed: u64, minutes: u64) -> Self {
        Self { seed, minutes, rows: Vec::new(), valid: true }
    }

    pub(crate) fn add(&mut self, class: &str, verdict: &Verdict, folder: &Path) {
        let figures = &verdict.figures;
        self.valid &= verdict.is_valid();
        self.rows.push(format!(
            "| {class} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1e} | {} |",
            figures.faults,
            figures.operations,
            figures.accepted,
            figures.lost,
            figures.duplicated,
            figures.misordered,
            figures.unknown,
            seconds(figures.settled_ms),
            seconds(figures.silence_ms),
            seconds(figures.drain_ms),
            figures.bound(),
            if verdict.is_valid() { "valid".to_owned() } else { format!("INVALID {:?}", verdict.broken()) },
        ));
        if verdict.is_valid() {
            // Records of a valid run are long and say nothing more.
            let _kept_if_in_use = fs::remove_dir_all(folder);
        }
    }

    pub(crate) const fn is_valid(&self) -> bool {
        self.valid
    }

    /// Puts the table into the README, in the place of the last one.
    ///
    /// # Panics
    /// When the README is not there or has no place for it.
    pub(crate) fn write(&self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/README.md");
        let text = fs::read_to_string(&path).expect("the suite has a README");
        let (before, rest) = text.split_once(BEGIN).expect("it says where the table begins");
        let (_, after) = rest.split_once(END).expect("it says where the table ends");
        fs::write(&path, format!("{before}{BEGIN}\n{self}\n{END}{after}")).expect("the README can be written");
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let build = if cfg!(debug_assertions) { "debug" } else { "release" };
        writeln!(f, "`make faults SEED={} MINUTES={}`, {build} build, {cores} cores.\n", self.seed, self.minutes)?;
        writeln!(
            f,
            "| fault | times | operations | accepted (N) | lost | duplicated | misordered | unknown | settled within (s) | \
             longest without accepted (s) | drained in (s) | 3/N | verdict |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|---|---|---|---|")?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}

const BEGIN: &str = "<!-- table -->";
const END: &str = "<!-- end of table -->";
