//! Does again elsewhere what was recorded: a scenario is made of the shape and run like any other.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Args;
use tempfile::TempDir;
use toml::{Table, Value};

use super::{record::length, shape::Shape};
use crate::options::{RunOptions, TargetOptions};

/// What to do again, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayOptions {
    /// A shape, as `record` wrote it.
    #[arg(value_name = "SHAPE.json")]
    file: PathBuf,
    /// How many times as fast: arrivals follow one another faster, and pauses are shorter.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Only the busiest stretch of the recording, such as `10m`; default: all of it.
    #[arg(long, value_name = "LENGTH", value_parser = length)]
    busiest: Option<Duration>,
    /// Agents that answer; default: as many as did.
    #[arg(long)]
    agents: Option<u64>,
    #[command(flatten)]
    target: TargetOptions,
    /// Processes that generate the load.
    #[arg(long, default_value_t = 1)]
    generators: u64,
    /// Write the report to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the report as a page in this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the scenario to this file too.
    #[arg(long, value_name = "FILE.toml")]
    scenario: Option<PathBuf>,
}

impl ReplayOptions {
    /// How to run it; the scenario lies in a folder that has to last as long.
    ///
    /// # Errors
    /// If the shape cannot be read or the scenario not written.
    pub(crate) fn prepare(&self) -> anyhow::Result<(RunOptions, TempDir)> {
        let text =
            std::fs::read_to_string(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        let shape = Shape::from_json(&text).with_context(|| self.file.display().to_string())?;
        let scenario = self.scenario(&shape)?;
        let folder = tempfile::tempdir().context("cannot make a folder for the scenario")?;
        let file = folder.path().join("rehearsal.toml");
        for file in [Some(&file), self.scenario.as_ref()].into_iter().flatten() {
            std::fs::write(file, &scenario).with_context(|| format!("cannot write {}", file.display()))?;
        }
        let (target, json, html) = (self.target.clone(), self.json.clone(), self.html.clone());
        Ok((RunOptions::of_file(file, target, json, html), folder))
    }

    /// The scenario as the text of its file.
    fn scenario(&self, shape: &Shape) -> anyhow::Result<String> {
        let minutes = (shape.seconds / 60).max(1) as usize;
        let curve = shape.arrivals.spread(shape.seconds, minutes);
        let wanted = self.busiest.map_or(minutes, |length| (length.as_secs().div_ceil(60) as usize).clamp(1, minutes));
        let curve = busiest(&curve, wanted);
        let came: f64 = curve.iter().sum();
        let length = wanted as f64 * 60.0 / self.speed;
        let curve: Vec<Value> = curve.iter().map(|count| Value::Float(*count)).collect();
        let crowd = Table::from_iter([
            ("kind".to_owned(), Value::from("visitors")),
            ("rate".to_owned(), Value::Float(came / length)),
            ("curve".to_owned(), Value::Array(curve)),
            ("agents".to_owned(), Value::Integer(self.agents.unwrap_or(shape.agents).max(1).try_into()?)),
            ("speed".to_owned(), Value::Float(self.speed)),
            ("shape".to_owned(), Value::try_from(shape)?),
        ]);
        let about = format!("The busiest {wanted} of {minutes} recorded minutes, {} times as fast.", self.speed);
        let scenario = Table::from_iter([
            ("name".to_owned(), Value::from("rehearsal")),
            ("about".to_owned(), Value::from(about)),
            ("measure".to_owned(), Value::from(format!("{}ms", (length * 1000.0).round()))),
            ("warmup".to_owned(), Value::from("0s")),
            ("patience".to_owned(), Value::from("60s")),
            ("generators".to_owned(), Value::Integer(self.generators.try_into()?)),
            ("crowd".to_owned(), Value::Table(Table::from_iter([("visitors".to_owned(), Value::Table(crowd))]))),
        ]);
        toml::to_string(&scenario).context("a scenario of plain values can be written")
    }
}

/// The stretch of so many parts in which most came.
fn busiest(curve: &[f64], parts: usize) -> &[f64] {
    let sum = |window: &[f64]| window.iter().sum::<f64>();
    curve.windows(parts).max_by(|one, other| sum(one).total_cmp(&sum(other))).unwrap_or(curve)
}

/// From 1 to 20.
fn speed(text: &str) -> Result<f64, String> {
    let speed = text.trim_end_matches('x').parse::<f64>().map_err(|_| format!("{text} is no number"))?;
    if (1.0..=20.0).contains(&speed) { Ok(speed) } else { Err(format!("{text} is not between 1 and 20")) }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::scenario::{Crowd, Source, read};

    const SHAPE: &str = r#"{"format":1,"at_least":5,"seconds":600,"agents":5,"arrivals":[[300,30],[360,60],[600,24]],
        "messages":[[5,114]],"lasting_seconds":[[20,114]],"contact":{"think_ms":[[5000,200]],"bytes":[[50,300]],"goes_on":0.1},
        "agent":{"think_ms":[[2000,200]],"bytes":[[200,200]],"goes_on":0.0}}"#;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        replay: ReplayOptions,
    }

    #[test]
    fn a_shape_becomes_a_scenario_that_can_be_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shape.json");
        std::fs::write(&file, SHAPE).unwrap();
        let words = ["x", file.to_str().unwrap(), "--speed", "10", "--busiest", "2m"];
        let (options, _folder) = Line::parse_from(words).replay.prepare().unwrap();
        let scenario = options.scenario().unwrap();
        // Two minutes at ten times the speed: 60 in the one, 6 in that after or before.
        assert_eq!(scenario.measure, Duration::from_secs(12));
        let Crowd::Visitors(visitors) = &scenario.crowd["visitors"] else { panic!("{scenario:?}") };
        assert!((visitors.rate - 66.0 / 12.0).abs() < 1e-9 && visitors.curve.len() == 2, "{visitors:?}");
        assert_eq!(visitors.shape.as_deref().unwrap(), &Shape::from_json(SHAPE).unwrap());
        assert!((visitors.speed - 10.0).abs() < 1e-9);
    }

    #[test]
    fn the_scenario_can_be_kept_as_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let (shape, kept) = (folder.path().join("shape.json"), folder.path().join("kept.toml"));
        std::fs::write(&shape, SHAPE).unwrap();
        let words = ["x", shape.to_str().unwrap(), "--scenario", kept.to_str().unwrap()];
        let _prepared = Line::parse_from(words).replay.prepare().unwrap();
        let scenario = read(&Source::File(kept), &[]).unwrap();
        assert_eq!((scenario.name.as_str(), scenario.measure), ("rehearsal", Duration::from_secs(600)));
    }

    #[test]
    fn speeds_have_bounds() {
        assert_eq!((speed("1"), speed("20x")), (Ok(1.0), Ok(20.0)));
        assert!(speed("0.5").is_err() && speed("21").is_err() && speed("fast").is_err());
    }
}
