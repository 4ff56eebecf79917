//! What processes used, and what they said about themselves.

use maud::Markup;

use super::{
    chart::{Across, Chart, Line},
    page::{self, table},
    unit::Unit,
    words,
};
use crate::report::model::{Process, Report, Series};

/// CPU, memory and files of each process.
pub(super) fn processes(report: &Report) -> Markup {
    let chart = |title, note, unit: Unit, pick: fn(&Process) -> Vec<f64>| {
        let lines = report.processes.iter().map(|process| {
            let values = pick(process);
            let highest = values.iter().copied().fold(0.0, f64::max);
            Line {
                name: process.name.clone(),
                points: process.samples.at.iter().copied().zip(values).collect(),
                figure: format!("max {}", unit.write(highest)),
                ..Line::default()
            }
        });
        let (logarithmic, across, lines) = (false, Across::Time, lines.collect());
        Chart { title, note, unit, logarithmic, across, lines, marks: &report.faults }.draw()
    };
    let charts = [
        chart(words::CPU, words::CPU_NOTE, Unit::Cores, |process| process.samples.cores.clone()),
        chart(words::MEMORY, words::MEMORY_NOTE, Unit::Bytes, |process| {
            process.samples.proportional_bytes.iter().map(|bytes| *bytes as f64).collect()
        }),
        chart(words::FILES, "", Unit::Count, |process| {
            process.samples.files.iter().map(|files| f64::from(*files)).collect()
        }),
    ];
    let measured = report.measured();
    let rows = report.processes.iter().map(|process| {
        let per_message = if measured > 0.0 { process.cpu_seconds * 1e6 / measured } else { 0.0 };
        vec![
            process.name.clone(),
            process.role.clone(),
            Unit::Seconds.write(process.cpu_seconds),
            Unit::Microseconds.write(per_message),
            Unit::Bytes.write(process.peak_bytes as f64),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let heads = ["Process", "Role", "CPU", "CPU per message", "Peak memory"];
    page::section(words::PROCESSES, "", charts.into_iter().flatten().collect(), &table(&heads, &rows))
}

/// Queues, hops, broker and database.
pub(super) fn section(report: &Report) -> Markup {
    let known = words::GROUPS.iter().map(|(group, title, note)| (*group, *title, *note));
    let mut others: Vec<&str> = report.series.iter().map(|series| series.group.as_str()).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|group| words::GROUPS.iter().all(|(known, ..)| known != group));
    let groups = known.chain(others.into_iter().map(|group| (group, group, "")));
    let charts = groups.filter_map(|(group, title, note)| chart(report, group, title, note));
    page::section(words::INSIDE, words::INSIDE_NOTE, charts.collect(), &maud::html! {})
}

fn chart(report: &Report, group: &str, title: &str, note: &str) -> Option<Markup> {
    let mut series: Vec<&Series> = report.series.iter().filter(|series| series.group == group).collect();
    series.sort_by(|one, other| highest(other).total_cmp(&highest(one)).then_with(|| one.name.cmp(&other.name)));
    let left_out = series.len().saturating_sub(MOST_LINES);
    series.truncate(MOST_LINES);
    let unit = Unit::named(&series.first()?.unit);
    let several = series.iter().any(|one| one.source != series[0].source);
    let lines = series.into_iter().map(|series| Line {
        name: name(series, several),
        points: series.at.iter().copied().zip(series.values.iter().copied()).collect(),
        figure: format!("max {}", unit.write(highest(series))),
        ..Line::default()
    });
    let more =
        if left_out > 0 { format!("{note} {left_out} lower lines are in the JSON only.") } else { note.to_owned() };
    let logarithmic = unit == Unit::Milliseconds;
    Chart {
        title,
        note: more.trim(),
        unit,
        logarithmic,
        across: Across::Time,
        lines: lines.collect(),
        marks: &report.faults,
    }
    .draw()
}

/// `desk_shed_total{priority="typing"}` reads `shed typing`.
fn name(series: &Series, with_source: bool) -> String {
    let (name, rest) = series.name.split_once('{').unwrap_or((&series.name, ""));
    let (labels, after) = rest.split_once('}').unwrap_or((rest, ""));
    let name = name.strip_prefix("desk_").unwrap_or(name);
    let name = name.replace("_seconds", "").replace("_total", "").replace('_', " ");
    let labels: String = labels
        .split(',')
        .filter_map(|label| label.split_once('='))
        .map(|(_, value)| format!(" {}", value.trim_matches('"')))
        .collect();
    let source = if with_source { format!("{}: ", series.source) } else { String::new() };
    format!("{source}{name}{labels}{after}")
}

fn highest(series: &Series) -> f64 {
    series.values.iter().copied().fold(0.0, f64::max)
}

/// As many as there are colours.
const MOST_LINES: usize = 8;
