//! How long something took: for people as figures, for programs as the whole histogram, from which the figures come.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{Deserializer as HistogramReader, Serializer as _, V2DeflateSerializer},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

/// How long one part of the way of a message took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hop {
    /// Name of what was timed, such as `accepted`.
    pub(crate) name: String,
    /// From when until when.
    #[serde(default)]
    pub(crate) meaning: String,
    /// Distribution of the times.
    #[serde(flatten)]
    pub(crate) times: Times,
}

/// Distribution of times, in microseconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Times(pub(crate) Histogram<u64>);

/// As it is written. Only the histogram is read back, so that figures and histogram cannot disagree.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    #[serde(skip_deserializing)]
    count: u64,
    #[serde(skip_deserializing)]
    mean_ms: f64,
    #[serde(skip_deserializing)]
    p50_ms: f64,
    #[serde(skip_deserializing)]
    p90_ms: f64,
    #[serde(skip_deserializing)]
    p99_ms: f64,
    #[serde(skip_deserializing)]
    p999_ms: f64,
    #[serde(skip_deserializing)]
    max_ms: f64,
    /// `HdrHistogram` V2, compressed, in base 64; times in microseconds.
    histogram: String,
}

impl Hop {
    /// Of a histogram in microseconds.
    pub(crate) fn new(name: &str, meaning: &str, times: &Histogram<u64>) -> Self {
        Self { name: name.to_owned(), meaning: meaning.to_owned(), times: Times(times.clone()) }
    }
}

impl Times {
    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// The mean, in milliseconds.
    pub(crate) fn mean_ms(&self) -> f64 {
        round(self.0.mean() / 1000.0)
    }

    /// The time within which this share of all is done (0 to 1), in milliseconds.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1000.0
    }

    /// The longest, in milliseconds.
    pub(crate) fn max_ms(&self) -> f64 {
        self.0.max() as f64 / 1000.0
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&self.0, &mut bytes).map_err(S::Error::custom)?;
        let written = Written {
            count: self.count(),
            mean_ms: self.mean_ms(),
            p50_ms: self.quantile_ms(0.5),
            p90_ms: self.quantile_ms(0.9),
            p99_ms: self.quantile_ms(0.99),
            p999_ms: self.quantile_ms(0.999),
            max_ms: self.max_ms(),
            histogram: STANDARD.encode(bytes),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let bytes = STANDARD.decode(written.histogram).map_err(D::Error::custom)?;
        let times = HistogramReader::new().deserialize(&mut bytes.as_slice());
        times.map(Self).map_err(D::Error::custom)
    }
}

/// To thousandths: what is measured is not known more finely, and files stay small.
pub(crate) fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
