//! Which differences between runs are beyond the noise.

mod figures;
mod judge;
mod show;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::Serialize;

use crate::report::{Machine, Report, Verdict};
use judge::{Judgement, Method, Row, judge};

/// Options of `compare`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CompareOptions {
    /// Reports, as JSON: each is compared with the first.
    #[arg(value_name = "REPORT.json", conflicts_with_all = ["base", "new"], required_unless_present = "base")]
    files: Vec<PathBuf>,
    /// Several runs of what there was before.
    #[arg(long, value_name = "REPORT.json", num_args = 1.., requires = "new")]
    base: Vec<PathBuf>,
    /// Several runs of what is new.
    #[arg(long, value_name = "REPORT.json", num_args = 1.., requires = "base")]
    new: Vec<PathBuf>,
    /// Write a page too.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the comparison as JSON too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// End with 1 if something became worse, with 2 if the runs cannot be compared.
    #[arg(long)]
    fail_on_regression: bool,
}

/// Two sides, compared.
#[derive(Debug, Serialize)]
struct Comparison {
    base: String,
    new: String,
    method: &'static str,
    /// Why the two sides may differ for other reasons than the server.
    warnings: Vec<String>,
    rows: Vec<Row>,
}

impl CompareOptions {
    /// Compares, and says what came of it.
    ///
    /// # Errors
    /// If a report cannot be read or a file not written.
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let comparisons = self.comparisons()?;
        for comparison in &comparisons {
            print!("{}", comparison.to_text());
        }
        if let Some(file) = &self.json {
            let json = serde_json::to_string_pretty(&comparisons).context("our own types always encode")?;
            std::fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))?;
        }
        if let Some(file) = &self.html {
            let page = show::to_html(&comparisons);
            std::fs::write(file, page).with_context(|| format!("cannot write {}", file.display()))?;
        }
        let is_worse = |row: &Row| row.judgement == Judgement::Worse;
        Ok(match self.fail_on_regression {
            true if comparisons.iter().any(|comparison| !comparison.warnings.is_empty()) => ExitCode::from(2),
            true if comparisons.iter().flat_map(|comparison| &comparison.rows).any(is_worse) => ExitCode::FAILURE,
            _ => ExitCode::SUCCESS,
        })
    }

    fn comparisons(&self) -> anyhow::Result<Vec<Comparison>> {
        let read = |files: &[PathBuf]| files.iter().map(|file| Report::read(file)).collect::<anyhow::Result<Vec<_>>>();
        let names =
            |files: &[PathBuf]| files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ");
        if !self.base.is_empty() {
            let (base, new) = (read(&self.base)?, read(&self.new)?);
            return Ok(vec![Comparison::of(names(&self.base), names(&self.new), &base, &new)]);
        }
        ensure!(self.files.len() > 1, "one report has nothing to be compared with");
        let (base, others) = self.files.split_at(1);
        let base_reports = read(base)?;
        others
            .iter()
            .map(|file| {
                Ok(Comparison::of(names(base), file.display().to_string(), &base_reports, &[Report::read(file)?]))
            })
            .collect()
    }
}

impl Comparison {
    fn of(base_name: String, new_name: String, base: &[Report], new: &[Report]) -> Self {
        let mut warnings: Vec<String> =
            base.iter().chain(new).flat_map(|report| differences(&base[0], report)).collect();
        warnings.sort_unstable();
        warnings.dedup();
        let method = Method::for_runs(base, new).describe();
        Self { base: base_name, new: new_name, method, warnings, rows: judge(base, new) }
    }
}

/// Why two runs may differ for other reasons than the server.
fn differences(one: &Report, other: &Report) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |what: &str, one: &dyn std::fmt::Display, other: &dyn std::fmt::Display| {
        found.push(format!("{what}: {one} here, {other} there"));
    };
    let (mine, theirs) = (&one.machine, &other.machine);
    if machine(mine) != machine(theirs) {
        say("another machine", &machine(mine), &machine(theirs));
    }
    if one.scenario.name != other.scenario.name {
        say("another scenario", &one.scenario.name, &other.scenario.name);
    } else if configuration(one) != configuration(other) {
        let changed = configuration(one).into_iter().find(|line| !configuration(other).contains(line));
        say("another configuration", &changed.unwrap_or("less"), &"something else");
    }
    if one.scenario.durability != other.scenario.durability {
        say("another durability", &one.scenario.durability, &other.scenario.durability);
    }
    for report in [one, other] {
        match report.verdict() {
            Verdict::Sound => {}
            Verdict::Invalid | Verdict::Broken => {
                found.push(format!("a run that is not sound: {}", report.verdict_text()))
            }
        }
    }
    found
}

/// What makes figures of one machine figures of another.
fn machine(machine: &Machine) -> String {
    // The kernel keeps a little for itself, and not always as much.
    format!(
        "{} x {}, {:.0} GB, Linux {}",
        machine.cores,
        machine.processor,
        machine.memory_bytes as f64 / 1e9,
        machine.kernel
    )
}

/// The lines of a configuration but for those that say where things are written.
fn configuration(report: &Report) -> Vec<&str> {
    let places = ["\"json\"", "\"html\"", "\"output\"", "\"data\"", "\"server\"", "\"report\""];
    let lines = report.scenario.configuration.lines().map(str::trim);
    lines.filter(|line| !places.iter().any(|place| line.starts_with(place))).collect()
}

#[cfg(test)]
mod tests;
