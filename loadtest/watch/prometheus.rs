//! Reads what servers say about themselves, in the text format of Prometheus.

/// A line: what is called so, with these labels, is so much.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    /// As written, without braces.
    pub(super) labels: &'a str,
    pub(super) value: f64,
}

impl Line<'_> {
    /// The upper bound of a histogram's bucket; infinite for the last. `None` where there is none.
    pub(super) fn bound(&self) -> Option<f64> {
        let bound = self.labels.split("le=\"").nth(1)?.split('"').next()?;
        if bound == "+Inf" { Some(f64::INFINITY) } else { bound.parse().ok() }
    }

    /// The labels but for the bucket's bound.
    pub(super) fn other_labels(&self) -> String {
        let others = self.labels.split(',').filter(|label| !label.starts_with("le=") && !label.is_empty());
        others.collect::<Vec<_>>().join(",")
    }
}

/// All lines that can be read.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (what, value) = line.rsplit_once(' ')?;
        let (name, labels) = what.split_once('{').unwrap_or((what, ""));
        Some(Line { name, labels: labels.strip_suffix('}').unwrap_or(labels), value: value.parse().ok()? })
    })
}
