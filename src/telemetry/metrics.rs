//! The table of all metrics. Code records by name, `describe` gives each its description at the Prometheus endpoint,
//! and the README's reference is printed from here; a test holds the three together.

mod api;
mod broker;
mod conversations;
mod sessions;
mod workers;

use ::metrics::Unit;

/// One metric: what is measured under which name.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Name at the endpoint: `desk_<noun>_<unit>`, counters end in `_total`.
    pub name: &'static str,
    /// How it behaves over time.
    pub kind: Kind,
    /// Names of its labels. No label holds an id of a person, a tenant or a conversation.
    pub labels: &'static [&'static str],
    /// What it measures, in which unit.
    pub help: &'static str,
}

/// How a metric behaves over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows; starts at 0 with the process.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// A distribution in buckets.
    Histogram,
}

impl Kind {
    /// Its name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// All metrics by area: (heading, entries).
pub const AREAS: [(&str, &[Metric]); 5] = [
    ("Sessions and sockets", &sessions::METRICS),
    ("Conversations", &conversations::METRICS),
    ("Broker and log", &broker::METRICS),
    ("Workers", &workers::METRICS),
    ("REST and process", &api::METRICS),
];

/// Registers every description with the recorder that is installed. Call it once, after installing the recorder.
pub fn describe() {
    for metric in AREAS.iter().flat_map(|(_, metrics)| *metrics) {
        let unit = if metric.name.ends_with("_seconds") {
            Unit::Seconds
        } else if metric.name.ends_with("_bytes") {
            Unit::Bytes
        } else {
            Unit::Count
        };
        match metric.kind {
            Kind::Counter => ::metrics::describe_counter!(metric.name, unit, metric.help),
            Kind::Gauge => ::metrics::describe_gauge!(metric.name, unit, metric.help),
            Kind::Histogram => ::metrics::describe_histogram!(metric.name, unit, metric.help),
        }
    }
}

/// The reference as Markdown: a heading and a table for each area.
#[must_use]
pub fn reference() -> String {
    let mut text = String::new();
    for (heading, metrics) in AREAS {
        text.push_str(&format!("### {heading}\n\n| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n"));
        for Metric { name, kind, labels, help } in metrics {
            let labels = labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
            text.push_str(&format!("| `{name}` | {} | {labels} | {help} |\n", kind.as_str()));
        }
        text.push('\n');
    }
    text
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, labels, help }
}
