//! What a run came to, kept in a file of its own, and the table of all such files that `tests/faults/README.md` shows.
//!
//! A long run can be done in pieces: each run of a class leaves
//! `target/faults/results/<commit>/<class>-<seed>-<process>.json`, and a row of the table is what all runs of the class
//! at one commit come to together.

use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

use crate::checker::{Figures, Verdict};

/// What one run of a class came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub class: String,
    pub seed: u64,
    pub commit: String,
    /// "debug" or "release".
    pub build: String,
    pub cores: usize,
    /// How long it took, from the desk's start to the verdict.
    pub seconds: u64,
    pub figures: Figures,
    /// How many accepted requests it takes at least to say anything.
    #[serde(default)]
    pub least_accepted: usize,
    /// Rules that were broken; none in a valid run.
    pub broken: BTreeSet<String>,
}

impl Outcome {
    pub(crate) fn new(class: &str, seed: u64, seconds: u64, least_accepted: usize, verdict: &Verdict) -> Self {
        Self {
            class: class.to_owned(),
            seed,
            commit: commit(),
            build: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            seconds,
            figures: verdict.figures.clone(),
            least_accepted,
            broken: verdict.broken().into_iter().map(|rule| format!("{rule:?}")).collect(),
        }
    }

    /// Writes it where [`Table::of`] finds it.
    ///
    /// # Panics
    /// When there is no room for it.
    pub(crate) fn keep(&self) {
        let folder = results(&self.commit);
        fs::create_dir_all(&folder).expect("there is room for results");
        let name = format!("{}-{}-{}.json", slug(&self.class), self.seed, std::process::id());
        let text = serde_json::to_string_pretty(self).expect("numbers and texts are JSON");
        fs::write(folder.join(name), text).expect("there is room for a result");
    }

    /// This and another run of the same class.
    fn with(mut self, other: &Self) -> Self {
        self.seconds += other.seconds;
        self.figures = self.figures.with(&other.figures);
        self.least_accepted = self.least_accepted.max(other.least_accepted);
        self.broken.extend(other.broken.iter().cloned());
        if self.build != other.build {
            self.build = "debug and release".to_owned();
        }
        self
    }

    /// What was too few in one run may be enough in all of them.
    fn together(mut self) -> Self {
        if self.least_accepted > 0 && self.figures.accepted >= self.least_accepted {
            self.broken.remove("TooFew");
        }
        self
    }
}

/// One row for each class of faults.
#[derive(Debug)]
pub(crate) struct Table {
    classes: Vec<String>,
    /// One for each class that was run at this commit.
    rows: Vec<Outcome>,
}

impl Table {
    /// All results of this commit, in the order of `classes`; others are left out.
    ///
    /// # Panics
    /// When a result cannot be read.
    pub(crate) fn of(classes: &[&str]) -> Self {
        let commit = commit();
        let mut all: Vec<Outcome> = Vec::new();
        for entry in fs::read_dir(results(&commit)).into_iter().flatten().flatten() {
            let text = fs::read_to_string(entry.path()).expect("a result is readable");
            all.push(
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {}", entry.path().display())),
            );
        }
        Self::from_outcomes(classes, &all)
    }

    fn from_outcomes(classes: &[&str], all: &[Outcome]) -> Self {
        let runs = |class: &str| {
            let own: Vec<&Outcome> = all.iter().filter(|outcome| outcome.class == class).collect();
            let (first, rest) = own.split_first()?;
            Some(rest.iter().fold((*first).clone(), |sum, other| sum.with(other)).together())
        };
        let rows = classes.iter().filter_map(|class| runs(class)).collect();
        Self { classes: classes.iter().map(ToString::to_string).collect(), rows }
    }

    /// Puts the table into the README, in the place of the last one, whose rows stay where there is no newer one.
    ///
    /// # Panics
    /// When the README is not there or has no place for it.
    pub(crate) fn write(&self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/README.md");
        let text = fs::read_to_string(&path).expect("the suite has a README");
        let (before, rest) = text.split_once(BEGIN).expect("it says where the table begins");
        let (last, after) = rest.split_once(END).expect("it says where the table ends");
        let table = self.over(last);
        fs::write(&path, format!("{before}{BEGIN}\n{table}\n{END}{after}")).expect("the README can be written");
    }

    /// The table as text, with the rows of the `last` one for classes that were not run.
    fn over(&self, last: &str) -> String {
        let rows = self.classes.iter().filter_map(|class| {
            let new = self.rows.iter().find(|row| row.class == *class).map(ToString::to_string);
            new.or_else(|| last.lines().find(|line| line.starts_with(&format!("| {class} |"))).map(str::to_owned))
        });
        [HEAD, RULE].into_iter().map(str::to_owned).chain(rows).map(|line| line + "\n").collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.over(""))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, seconds, figures, broken, build, cores, commit, .. } = self;
        let broken: Vec<&str> = broken.iter().map(String::as_str).collect();
        write!(
            f,
            "| {class} | {:.1} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1e} | {} | {commit}, {build}, {cores} cores |",
            *seconds as f64 / 60.0,
            figures.faults,
            figures.operations,
            figures.accepted,
            figures.lost,
            figures.duplicated,
            figures.misordered,
            figures.unknown,
            tenths(figures.settled_ms),
            tenths(figures.silence_ms),
            tenths(figures.drain_ms),
            figures.bound(),
            if broken.is_empty() { "valid".to_owned() } else { format!("INVALID {}", broken.join(", ")) },
        )
    }
}

fn tenths(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}

/// A name for files.
pub(crate) fn slug(class: &str) -> String {
    class.replace([' ', ':', ','], "-")
}

fn results(commit: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/faults/results").join(commit)
}

/// The commit that is checked out, with a plus when files other than pages of text were changed since.
fn commit() -> String {
    let git = |words: &[&str]| {
        let output = Command::new("git").args(words).current_dir(env!("CARGO_MANIFEST_DIR")).output();
        let output = output.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=10", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let changed = git(&["status", "--porcelain", "--untracked-files=no", "--", ":/", ":(exclude,top)*.md"]);
    if changed.is_some_and(|changed| !changed.is_empty()) { commit + "+" } else { commit }
}

const HEAD: &str = "| fault | minutes | times | operations | accepted (N) | lost | duplicated | misordered | unknown | \
    settled within (s) | longest without accepted (s) | drained in (s) | 3/N | verdict | at |";
const RULE: &str = "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";
const BEGIN: &str = "<!-- table -->";
const END: &str = "<!-- end of table -->";

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(class: &str, seed: u64, accepted: usize, broken: &[&str]) -> Outcome {
        let figures = Figures { accepted, faults: 2, drain_ms: accepted as u64, ..Figures::default() };
        Outcome {
            class: class.to_owned(),
            seed,
            commit: "c".to_owned(),
            build: "release".to_owned(),
            cores: 2,
            seconds: 30,
            figures,
            least_accepted: 1000,
            broken: broken.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn too_few_in_each_run_may_be_enough_together_and_nothing_else_is_forgiven() {
        let row = |accepted, other: &[&str]| {
            let all = [outcome("a", 1, 700, &["TooFew"]), outcome("a", 2, accepted, other)];
            Table::from_outcomes(&["a"], &all).rows.remove(0).broken.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(row(300, &["TooFew"]), [""; 0]);
        assert_eq!(row(299, &["TooFew"]), ["TooFew"]);
        assert_eq!(row(1500, &["V12"]), ["V12"]);
    }

    #[test]
    fn runs_of_one_class_are_one_row() {
        let all = [
            outcome("b", 1, 1000, &[]),
            outcome("a", 2, 20, &["V3"]),
            outcome("b", 2, 500, &[]),
            outcome("x", 9, 1, &[]),
        ];
        let table = Table::from_outcomes(&["a", "old", "b", "never run"], &all);
        let last = "| b | 9 | of old | at |\n| old | 1 | kept | at |\n| gone | 1 | at |\n";
        let said = table.over(last);
        assert_eq!(
            said.lines().skip(2).collect::<Vec<_>>(),
            [
                "| a | 0.5 | 2 | 0 | 20 | 0 | 0 | 0 | 0 | 0.0 | 0.0 | 0.0 | 1.5e-1 | INVALID V3 | c, release, 2 cores |",
                "| old | 1 | kept | at |",
                "| b | 1.0 | 4 | 0 | 1500 | 0 | 0 | 0 | 0 | 0.0 | 0.0 | 1.0 | 2.0e-3 | valid | c, release, 2 cores |",
            ]
        );
    }
}
