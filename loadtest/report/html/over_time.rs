//! Charts over the time of the run.

use maud::{Markup, html};

use super::{
    chart::{Across, Chart, Line},
    page::{self, table},
    unit::Unit,
    words,
};
use crate::report::model::{Report, Second, Step};

/// Latency, throughput and trouble, second by second.
pub(super) fn section(report: &Report) -> Markup {
    let chart = |title, unit, logarithmic, lines| {
        Chart { title, note: "", unit, logarithmic, across: Across::Time, lines, marks: &report.faults }.draw()
    };
    let seconds = &report.timeline;
    let latencies = [
        latency(seconds, "accepted, p50", |second| second.accepted_p50_ms),
        latency(seconds, "accepted, p99", |second| second.accepted_p99_ms),
        latency(seconds, "delivered, p50", |second| second.delivered_p50_ms),
        latency(seconds, "delivered, p99", |second| second.delivered_p99_ms),
    ];
    let rates = [
        count(seconds, "offered", |second| second.offered),
        count(seconds, "accepted", |second| second.accepted),
        count(seconds, "delivered", |second| second.delivered),
    ];
    let mut charts = vec![
        chart(words::LATENCY_OVER_TIME, Unit::Milliseconds, true, latencies.to_vec()),
        chart(words::THROUGHPUT, Unit::PerSecond, false, rates.to_vec()),
    ];
    if seconds.iter().any(|second| second.errors + second.backed_off > 0) {
        let trouble = vec![
            count(seconds, "errors", |second| second.errors),
            count(seconds, "backed off", |second| second.backed_off),
        ];
        charts.push(chart(words::TROUBLE, Unit::PerSecond, false, trouble));
    }
    let open = seconds.iter().map(|second| second.sessions);
    if open.clone().min() != open.max() {
        let sessions = vec![count(seconds, "sockets", |second| second.sessions)];
        charts.push(chart(words::SESSIONS, Unit::Count, false, sessions));
    }
    page::section(words::TIME, "", charts.into_iter().flatten().collect(), &html! {})
}

/// Load against what came of it; only of a run with several steps.
pub(super) fn steps(report: &Report) -> Markup {
    if report.steps.len() < 2 {
        return html! {};
    }
    let steps = &report.steps;
    let per_second = Across::Figure(Unit::PerSecond);
    let rate = Chart {
        title: words::STEPS_RATE,
        note: "Messages a second.",
        unit: Unit::PerSecond,
        logarithmic: false,
        across: per_second,
        lines: vec![
            Line {
                dashed: true,
                dotted: false,
                ..over_steps(steps, "offered", |step| Some((step.offered, step.offered)))
            },
            over_steps(steps, "accepted", |step| Some((step.offered, step.accepted))),
            over_steps(steps, "delivered meanwhile", |step| Some((step.offered, report.carried(step)))),
        ],
        marks: &[],
    };
    let latency = |name: &'static str, hop: &'static str, share| {
        over_steps(steps, name, move |step| {
            let hop = step.hops.iter().find(|found| found.name == hop)?;
            (hop.times.count() > 0).then(|| (step.offered, hop.times.quantile_ms(share)))
        })
    };
    let latencies = Chart {
        title: words::STEPS_LATENCY,
        note: "By messages offered a second.",
        unit: Unit::Milliseconds,
        logarithmic: true,
        across: per_second,
        lines: vec![
            latency("accepted, p50", "accepted", 0.5),
            latency("accepted, p99", "accepted", 0.99),
            latency("delivered, p50", "delivered", 0.5),
            latency("delivered, p99", "delivered", 0.99),
        ],
        marks: &[],
    };
    let by_sessions = Chart {
        title: words::STEPS_MEMORY,
        note: "All but the generator.",
        unit: Unit::Bytes,
        logarithmic: false,
        across: Across::Figure(Unit::Count),
        lines: vec![over_steps(steps, "memory", |step| Some((step.sessions as f64, memory(step) as f64)))],
        marks: &[],
    };
    let grows = steps.windows(2).any(|pair| pair[0].sessions != pair[1].sessions);
    let charts = [rate.draw(), latencies.draw(), by_sessions.draw().filter(|_| grows)];
    let rows = steps.iter().map(|step| {
        let p99 = |name: &str| {
            let hop = step.hops.iter().find(|hop| hop.name == name && hop.times.count() > 0);
            hop.map_or_else(|| "-".to_owned(), |hop| Unit::Milliseconds.write(hop.times.quantile_ms(0.99)))
        };
        let cores: f64 = serving(step).map(|used| used.cores).sum();
        vec![
            step.label.clone(),
            Unit::PerSecond.write(step.offered),
            Unit::PerSecond.write(report.carried(step)),
            p99("accepted"),
            p99("delivered"),
            step.sessions.to_string(),
            Unit::Cores.write(cores),
            Unit::Bytes.write(memory(step) as f64),
            step.validity.reasons.join("; "),
        ]
    });
    let heads =
        ["Step", "Offered", "Delivered", "Accepted p99", "Delivered p99", "Sockets", "Cores", "Memory", "Doubts"];
    let rows: Vec<_> = rows.collect();
    page::section(words::STEPS, "", charts.into_iter().flatten().collect(), &table(&heads, &rows))
}

/// What all but the generator used.
fn serving(step: &Step) -> impl Iterator<Item = &crate::report::Used> {
    step.used.iter().filter(|(role, _)| *role != "generator").map(|(_, used)| used)
}

fn memory(step: &Step) -> u64 {
    serving(step).map(|used| used.memory_bytes).sum()
}

fn latency(seconds: &[Second], name: &str, pick: impl Fn(&Second) -> Option<f64>) -> Line {
    let points: Vec<(f64, f64)> = seconds.iter().filter_map(|second| Some((second.at as f64, pick(second)?))).collect();
    let highest = points.iter().map(|(_, y)| *y).fold(0.0, f64::max);
    Line {
        name: name.to_owned(),
        points,
        figure: format!("max {}", Unit::Milliseconds.write(highest)),
        ..Line::default()
    }
}

fn count(seconds: &[Second], name: &str, pick: impl Fn(&Second) -> u64) -> Line {
    let points: Vec<(f64, f64)> = seconds.iter().map(|second| (second.at as f64, pick(second) as f64)).collect();
    let mean = points.iter().map(|(_, y)| *y).sum::<f64>() / points.len().max(1) as f64;
    Line { name: name.to_owned(), points, figure: format!("mean {}", Unit::Count.write(mean)), ..Line::default() }
}

fn over_steps(steps: &[Step], name: &str, pick: impl Fn(&Step) -> Option<(f64, f64)>) -> Line {
    let mut points: Vec<(f64, f64)> = steps.iter().filter_map(pick).collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    Line { name: name.to_owned(), points, dotted: true, ..Line::default() }
}
