//! What counts up, as so much a second; and histograms that count up, as the times of the last second.

use std::collections::BTreeMap;

use crate::report::{Series, round};

/// Series that grow with each sample.
#[derive(Debug, Default)]
pub(super) struct Collected {
    source: String,
    series: BTreeMap<String, Series>,
    /// What was known the last time: second and count, or sum and count.
    counted: BTreeMap<String, (f64, f64)>,
    buckets: BTreeMap<String, Vec<(f64, f64)>>,
}

/// What a figure is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// The chart that it belongs to.
    pub(super) group: &'static str,
    pub(super) unit: &'static str,
}

impl Collected {
    /// Of what is called `source`.
    pub(super) fn new(source: String) -> Self {
        Self { source, ..Self::default() }
    }

    /// It is so much at second `at`.
    pub(super) fn gauge(&mut self, name: &str, kind: Kind, at: f64, value: f64) {
        let series = self.series.entry(name.to_owned()).or_insert_with(|| Series {
            source: self.source.clone(),
            group: kind.group.to_owned(),
            name: name.to_owned(),
            unit: kind.unit.to_owned(),
            ..Series::default()
        });
        series.at.push(at);
        series.values.push(round(value));
    }

    /// It was counted up to so much. A count that went down began anew.
    pub(super) fn count(&mut self, name: &str, kind: Kind, at: f64, value: f64) {
        if let Some((before, counted)) = self.counted.insert(name.to_owned(), (at, value))
            && value >= counted
            && at > before
        {
            self.gauge(name, kind, at, (value - counted) / (at - before));
        }
    }

    /// `count` values add up to `sum`; kept is the mean of those that came since.
    pub(super) fn mean(&mut self, name: &str, kind: Kind, at: f64, sum: f64, count: f64) {
        if let Some((sum_before, count_before)) = self.counted.insert(name.to_owned(), (sum, count))
            && count > count_before
        {
            self.gauge(name, kind, at, (sum - sum_before) / (count - count_before));
        }
    }

    /// A histogram has counted so many up to each bound; `share` of what came since is below the value that is kept.
    pub(super) fn histogram(
        &mut self,
        name: &str,
        kind: Kind,
        at: f64,
        share: f64,
        scale: f64,
        buckets: Vec<(f64, f64)>,
    ) {
        let before = self.buckets.insert(name.to_owned(), buckets.clone());
        let Some(before) = before.filter(|before| before.len() == buckets.len()) else { return };
        let came: Vec<(f64, f64)> =
            buckets.iter().zip(&before).map(|(now, before)| (now.0, now.1 - before.1)).collect();
        if let Some(value) = quantile(&came, share) {
            self.gauge(name, kind, at, value * scale);
        }
    }

    /// All that was ever something else than nothing.
    pub(super) fn into_series(self) -> impl Iterator<Item = Series> {
        self.series.into_values().filter(|series| series.values.iter().any(|value| *value != 0.0))
    }
}

/// The value below which `share` of all lies; between two bounds, as if all were spread evenly there. `buckets` hold
/// how many lie below each bound.
fn quantile(buckets: &[(f64, f64)], share: f64) -> Option<f64> {
    let all = buckets.last().map(|(_, count)| *count).filter(|all| *all > 0.0)?;
    let wanted = all * share;
    let (mut low, mut below) = (0.0, 0.0);
    for (bound, count) in buckets {
        if *count >= wanted {
            let part = if *count > below { (wanted - below) / (count - below) } else { 1.0 };
            return Some(if bound.is_finite() { low + (bound - low) * part } else { low });
        }
        (low, below) = (*bound, *count);
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { group: "queue", unit: "count" };

    #[test]
    fn counts_become_rates_and_may_begin_anew() {
        let mut collected = Collected::new("gateway-1".to_owned());
        for (at, value) in [(0.0, 10.0), (1.0, 30.0), (3.0, 70.0), (4.0, 5.0), (5.0, 6.0)] {
            collected.count("x", KIND, at, value);
        }
        let series: Vec<_> = collected.into_series().collect();
        assert_eq!(
            (series[0].at.as_slice(), series[0].values.as_slice()),
            (&[1.0, 3.0, 5.0][..], &[20.0, 20.0, 1.0][..])
        );
    }

    #[test]
    fn histograms_tell_of_what_came_since() {
        let mut collected = Collected::new("gateway-1".to_owned());
        let buckets = |counts: [f64; 3]| vec![(1.0, counts[0]), (2.0, counts[1]), (f64::INFINITY, counts[2])];
        collected.histogram("x", KIND, 0.0, 0.5, 1000.0, buckets([100.0, 100.0, 100.0]));
        collected.histogram("x", KIND, 1.0, 0.5, 1000.0, buckets([100.0, 110.0, 110.0]));
        collected.histogram("x", KIND, 2.0, 0.5, 1000.0, buckets([100.0, 110.0, 120.0]));
        collected.histogram("x", KIND, 3.0, 0.5, 1000.0, buckets([100.0, 110.0, 120.0]));
        let series: Vec<_> = collected.into_series().collect();
        assert_eq!(series[0].values, [1500.0, 2000.0]);
    }

    #[test]
    fn means_are_of_what_came_since() {
        let mut collected = Collected::new("worker-1".to_owned());
        for (at, sum, count) in [(0.0, 100.0, 1.0), (1.0, 130.0, 4.0), (2.0, 130.0, 4.0)] {
            collected.mean("x", KIND, at, sum, count);
        }
        assert_eq!(collected.into_series().next().unwrap().values, [10.0]);
    }

    #[test]
    fn what_is_always_nothing_is_left_out() {
        let mut collected = Collected::new("gateway-1".to_owned());
        collected.gauge("x", KIND, 0.0, 0.0);
        assert_eq!(collected.into_series().count(), 0);
    }
}
