//! A page that needs nothing but itself.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{unit::Unit, words};
use crate::report::model::{Report, Verdict};

/// A whole page. Its policy forbids it to load anything, whatever came into it.
pub(crate) fn page(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body { main { (body) } }
        }
    };
    page.into_string()
}

/// Pictures and tables under one heading; nothing, if there are none.
pub(super) fn section(title: &str, note: &str, charts: Vec<Markup>, below: &Markup) -> Markup {
    html! {
        @if !charts.is_empty() || !below.0.is_empty() {
            section {
                h2 { (title) }
                @if !note.is_empty() { p .note { (note) } }
                @if !charts.is_empty() { div .charts { @for chart in charts { (chart) } } }
                (below)
            }
        }
    }
}

/// A table: heads, then rows of as many cells; a long one is a sentence, not a figure.
pub(crate) fn table(heads: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        @if !rows.is_empty() {
            div .card {
                table {
                    thead { tr { @for head in heads { th scope="col" { (head) } } } }
                    tbody { @for row in rows { tr { @for cell in row { td .why[cell.len() > SENTENCE] { (cell) } } } } }
                }
            }
        }
    }
}

/// What can be relied on, before anything else.
pub(super) fn verdict(report: &Report) -> Markup {
    let (class, mark, sentence) = match report.verdict() {
        Verdict::Sound => ("sound", "✓", words::SOUND),
        Verdict::Invalid => ("invalid", "!", words::INVALID),
        Verdict::Broken => ("broken", "✗", words::BROKEN),
    };
    html! {
        div class={ "verdict " (class) } role="status" {
            span .mark aria-hidden="true" { (mark) }
            div { strong { (report.verdict_text()) } p { (sentence) } }
        }
    }
}

/// The figures that one looks for first.
pub(super) fn tiles(report: &Report) -> Markup {
    let ms = |value| Unit::Milliseconds.write(value);
    let mut tiles = Vec::new();
    if report.measured() > 0.0 {
        let rate = Unit::PerSecond.write(report.delivered_per_second());
        tiles.push(("Delivered", rate, "messages, on average".to_owned()));
    }
    for (hop, name) in
        [("accepted", "Accepted within"), ("delivered", "Delivered within"), ("persisted", "Persisted within")]
    {
        if let Some(times) = report.hop(hop).map(|hop| &hop.times).filter(|times| times.count() > 0) {
            tiles.push((name, ms(times.quantile_ms(0.99)), format!("99 of 100; mean {}", ms(times.mean_ms()))));
        }
    }
    if let Some(cost) = report.cpu_per_message() {
        tiles.push(("CPU per message", Unit::Microseconds.write(cost), "all but the generator".to_owned()));
    }
    if let Some(peak) = report.peak_bytes() {
        tiles.push(("Memory", Unit::Bytes.write(peak), "most, all but the generator".to_owned()));
    }
    for figure in &report.figures {
        tiles.push((&figure.name, Unit::named(&figure.unit).write(figure.value), String::new()));
    }
    html! {
        dl .tiles { @for (name, figure, note) in tiles { div { dt { (name) } dd { (figure) small { (note) } } } } }
    }
}

/// Longest figure or name, in bytes.
const SENTENCE: usize = 28;
