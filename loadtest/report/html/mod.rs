//! The report as a page: one file, which loads nothing and runs nothing.

pub(crate) mod chart;
mod inside;
mod over_time;
mod page;
mod scale;
mod unit;
mod waterfall;
mod words;

use maud::{Markup, html};

use super::model::Report;
use chart::{Across, Chart, Line};
pub(crate) use page::{page, table};
use page::{section, tiles, verdict};
pub(crate) use unit::{Unit, grouped};

impl Report {
    /// For people, as a page.
    pub(crate) fn to_html(&self) -> String {
        let body = html! {
            (heading(self))
            (verdict(self))
            (tiles(self))
            (latency(self))
            (over_time::section(self))
            (over_time::steps(self))
            (crate::plan::section(self))
            (inside::processes(self))
            (inside::section(self))
            (lists(self))
            (about(self))
        };
        page(&format!("{} - Frontdesk load test", self.scenario.name), &body)
    }
}

fn heading(report: &Report) -> Markup {
    let machine = &report.machine;
    let began = i64::try_from(report.began_at_ms).ok().filter(|ms| *ms > 0);
    let began = began.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    html! {
        header {
            h1 { (report.scenario.name) }
            @if !report.scenario.description.is_empty() { p { (report.scenario.description) } }
            p {
                @if let Some(began) = began { (began.strftime("%Y-%m-%d %H:%M UTC")) " · " }
                (Unit::Seconds.write(report.seconds)) " measured · "
                (machine.cores) " cores, " (Unit::Bytes.write(machine.memory_bytes as f64))
                @if !machine.processor.is_empty() { " · " (machine.processor) }
                @if !report.scenario.durability.is_empty() { " · durability " (report.scenario.durability) }
            }
        }
    }
}

fn latency(report: &Report) -> Markup {
    let lines = report.hops.iter().filter(|hop| hop.times.count() > 0).map(|hop| {
        // Rarer than one of all there were is not known.
        let most = (hop.times.count() as f64).log10();
        let nines = (0..=POINTS).map(|point| most * f64::from(point) / f64::from(POINTS));
        Line {
            name: hop.name.clone(),
            points: nines.map(|nines| (nines, hop.times.quantile_ms(1.0 - 10_f64.powf(-nines)))).collect(),
            figure: format!("p99 {}", Unit::Milliseconds.write(hop.times.quantile_ms(0.99))),
            ..Line::default()
        }
    });
    let percentiles = Chart {
        title: words::PERCENTILES,
        note: words::PERCENTILES_NOTE,
        unit: Unit::Milliseconds,
        logarithmic: true,
        across: Across::Nines,
        lines: lines.collect(),
        marks: &[],
    };
    let rows = report.hops.iter().map(|hop| {
        let times = &hop.times;
        let ms = |value| Unit::Milliseconds.write(value);
        let quantiles = [0.5, 0.9, 0.99, 0.999].map(|share| ms(times.quantile_ms(share)));
        let mut row = vec![hop.name.clone(), grouped(times.count()), ms(times.mean_ms())];
        row.extend(quantiles);
        row.extend([ms(times.max_ms()), hop.meaning.clone()]);
        row
    });
    let heads = ["Hop", "Messages", "Mean", "p50", "p90", "p99", "p99.9", "Longest", "From when until when"];
    let charts = percentiles.draw().into_iter().chain(waterfall::waterfalls(report)).collect();
    section(words::LATENCY, words::LATENCY_NOTE, charts, &table(&heads, &rows.collect::<Vec<_>>()))
}

fn lists(report: &Report) -> Markup {
    let complaints: Vec<&String> = report.complaints.iter().chain(&report.validity.reasons).collect();
    let faults = report.faults.iter().map(|fault| {
        let until = fault.until.map_or_else(String::new, |until| format!(" to {}", Unit::Seconds.write(until)));
        vec![fault.what.clone(), format!("{}{until}", Unit::Seconds.write(fault.from))]
    });
    html! {
        @if !complaints.is_empty() {
            h2 { (words::COMPLAINTS) }
            div .card { ul .plain { @for complaint in complaints { li { (complaint) } } } }
        }
        (section(words::FAULTS, "", Vec::new(), &table(&["What", "When"], &faults.collect::<Vec<_>>())))
    }
}

fn about(report: &Report) -> Markup {
    let (checks, machine) = (&report.checks, &report.machine);
    let counts = [
        ("sent", checks.sent),
        ("accepted", checks.accepted),
        ("delivered", checks.delivered),
        ("persisted", checks.persisted),
        ("lost", checks.lost),
        ("not in the database in time", checks.unfiled),
        ("duplicated", checks.duplicated),
        ("misordered", checks.misordered),
        ("outcome unknown", checks.unknown),
        ("refused for good", checks.refused),
        ("asked to back off", checks.backed_off),
        ("frames received", checks.frames),
    ];
    let counts: Vec<_> = counts.map(|(name, count)| vec![name.to_owned(), grouped(count)]).into();
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut facts = vec![
        row("processor", machine.processor.clone()),
        row("cores", machine.cores.to_string()),
        row("memory", Unit::Bytes.write(machine.memory_bytes as f64)),
        row("Linux", machine.kernel.clone()),
    ];
    facts.extend(report.versions.iter().map(|(name, version)| row(name, version.clone())));
    let nodes = report.scenario.nodes;
    facts.extend(
        [("gateways", nodes.gateways), ("workers", nodes.workers), ("brokers", nodes.brokers)]
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| row(name, count.to_string())),
    );
    html! {
        div .charts {
            div { h2 { (words::COUNTS) } p .note { (words::COUNTS_NOTE) } (table(&["Messages", "Count"], &counts)) }
            div { h2 { (words::ABOUT) } p .note { (words::ABOUT_NOTE) } (table(&["What", "Which"], &facts)) }
        }
        h2 { (words::REPEAT) }
        div .card { pre { (report.scenario.command) } }
        @if !report.scenario.configuration.is_empty() {
            div .card { details { summary { (words::CONFIGURATION) } pre { (report.scenario.configuration) } } }
        }
        footer { p { (words::FOOT) } }
    }
}

/// Points of a curve.
const POINTS: u32 = 240;

#[cfg(test)]
mod tests;
