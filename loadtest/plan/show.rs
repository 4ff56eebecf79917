//! A plan, for people.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{Plan, answer::Answer, fit::Band, measured::GrowsBy};
use crate::report::{
    Unit,
    chart::{Across, Chart, Line},
    table,
};

pub(super) const TITLE: &str = "Capacity plan";
pub(super) const LIKE_HIGHEST: &str =
    "For the load of the highest step and multiples of it. Ask for others with frontdesk-loadtest plan.";

const TAKEN: &str = "Taken for true";

const HEADS: [&str; 9] =
    ["What if", "Messages", "Sockets", "Gateways", "Workers", "Brokers", "Cores", "Memory", "Log, database a day"];

impl Plan {
    /// As tables in a terminal.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a text never fails.
        let _infallible = self.write_text(&mut text);
        text
    }

    fn write_text(&self, to: &mut String) -> std::fmt::Result {
        writeln!(to, "{TITLE} (bands hold 95 of 100)\n\nMeasured")?;
        for row in self.costs() {
            writeln!(to, "  {:<26}{}", row[0], row[1])?;
        }
        writeln!(to, "\nNeeded")?;
        let rows = self.rows();
        let widths: Vec<usize> = (0..HEADS.len())
            .map(|at| rows.iter().map(|row| row[at].chars().count()).chain([HEADS[at].len()]).max().unwrap_or_default())
            .collect();
        let heads: Vec<String> = HEADS.iter().map(|head| (*head).to_owned()).collect();
        for row in std::iter::once(&heads).chain(&rows) {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
            writeln!(to, "  {}", cells.collect::<Vec<_>>().join("  "))?;
        }
        writeln!(to, "\n{TAKEN}")?;
        for assumption in &self.assumptions {
            writeln!(to, "  - {assumption}")?;
        }
        Ok(())
    }

    /// As a part of a page.
    pub(super) fn to_markup(&self) -> Markup {
        html! {
            (table(&HEADS, &self.rows()))
            div .charts.loose {
                (self.growth().unwrap_or_default())
                div { (table(&["Measured", ""], &self.costs())) }
            }
            h3 .apart { (TAKEN) }
            div .card { ul .plain { @for assumption in &self.assumptions { li { (assumption) } } } }
        }
    }

    /// What things cost, as measured.
    fn costs(&self) -> Vec<Vec<String>> {
        let measured = &self.measured;
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut row = |name: &str, value: String| rows.push(vec![name.to_owned(), value]);
        for (role, line) in &measured.cores {
            let slope = written(line.slope.map(|cores| cores * 1e6), |micros| Unit::Microseconds.write(micros));
            row(
                &format!("{role}, CPU a message"),
                format!("{slope}, and {} cores at rest", Unit::Cores.write(line.intercept)),
            );
        }
        if let Some(memory) = &measured.memory {
            row("memory a socket", written(memory.slope, |bytes| Unit::Bytes.write(bytes)));
            row("memory of an idle gateway", Unit::Bytes.write(memory.intercept));
        }
        row("memory of a broker", Unit::Bytes.write(measured.broker_memory));
        for (name, bytes) in [("log", measured.log_bytes), ("database", measured.database_bytes)] {
            let bytes = bytes
                .map_or_else(|| "not measured".to_owned(), |bytes| written(bytes, |bytes| Unit::Bytes.write(bytes)));
            row(&format!("{name}, disk a message"), bytes);
        }
        let rate = written(self.capacity.rate, |rate| Unit::PerSecond.write(rate));
        let more = if self.capacity.was_not_reached { "; the limit was not reached" } else { "" };
        row("carried in time", format!("{rate} within {}{more}", Unit::Milliseconds.write(self.question.p99)));
        if let Some((_, law)) = &measured.scalability {
            let by = match measured.grows_by {
                GrowsBy::Gateways => "gateways",
                GrowsBy::UnderWay => "messages under way (rate x mean time)",
            };
            row("growth with", by.to_owned());
            row("one carries (lambda)", written(law.lambda, |rate| Unit::PerSecond.write(rate)));
            row("waiting (sigma)", written(law.sigma, |share| format!("{share:.5}")));
            row("agreeing (kappa)", written(law.kappa, |share| format!("{share:.7}")));
            let most = law.most.map_or_else(
                || "no limit in sight".to_owned(),
                |most| {
                    let beyond = if most.value > measured.highest_rate * 1.05 { ", EXTRAPOLATED" } else { "" };
                    format!("{}{beyond}", written(most, |rate| Unit::PerSecond.write(rate)))
                },
            );
            row("most that is carried", most);
        }
        let measured_up_to = format!(
            "{} with {} sockets",
            Unit::PerSecond.write(measured.highest_rate),
            Unit::Count.write(measured.most_sessions)
        );
        row("measured up to", measured_up_to);
        rows
    }

    fn rows(&self) -> Vec<Vec<String>> {
        self.answers.iter().map(|(factor, answer)| row(*factor, answer)).collect()
    }

    /// What was carried, and the law through it.
    fn growth(&self) -> Option<Markup> {
        let (law, _) = self.measured.scalability.as_ref()?;
        let mut points = self.measured.points.clone();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        let end = points.last()?.0 * 1.5;
        let curve = (1..=CURVE).map(|at| end * f64::from(at) / f64::from(CURVE)).map(|n| (n, law.carries(n))).collect();
        let (title, note) = match self.measured.grows_by {
            GrowsBy::Gateways => ("What gateways carry", "Messages a second by gateways."),
            GrowsBy::UnderWay => {
                ("What is carried with so many under way", "Messages a second by messages under way at a time.")
            }
        };
        let lines = vec![
            Line { name: "measured".to_owned(), points, dotted: true, ..Line::default() },
            Line { name: "Universal Scalability Law".to_owned(), points: curve, dashed: true, ..Line::default() },
        ];
        let across = Across::Figure(Unit::Count);
        Chart { title, note, unit: Unit::PerSecond, logarithmic: false, across, lines, marks: &[] }.draw()
    }
}

fn row(factor: f64, answer: &Answer) -> Vec<String> {
    let count = |band: Band| written(band, |count| format!("{count:.0}"));
    let bytes = |band: Option<Band>| band.map_or_else(|| "?".to_owned(), |band| Unit::Bytes.write(band.value));
    let extrapolated = if answer.beyond_rate > 1.0 || answer.beyond_sessions > 1.0 { "*" } else { "" };
    vec![
        format!("x{factor}{extrapolated}"),
        Unit::PerSecond.write(answer.highest_rate),
        Unit::Count.write(answer.sessions),
        count(answer.gateways),
        count(answer.workers),
        count(answer.brokers),
        written(answer.cores, |cores| Unit::Cores.write(cores)),
        answer.memory.map_or_else(|| "?".to_owned(), |memory| written(memory, |bytes| Unit::Bytes.write(bytes))),
        format!("{}, {}", bytes(answer.log_bytes), bytes(answer.database_bytes_per_day)),
    ]
}

/// `12 (10 to 14)`, or `12` where both ends read the same.
fn written(band: Band, write: impl Fn(f64) -> String) -> String {
    let [low, value, high] = [band.low, band.value, band.high].map(&write);
    if low == value && value == high { value } else { format!("{value} ({low} to {high})") }
}

/// Points of a curve.
const CURVE: u32 = 120;
