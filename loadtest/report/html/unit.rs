//! Figures as people read them.

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    Microseconds,
    Bytes,
    BytesPerSecond,
    PerSecond,
    Count,
    Cores,
    Seconds,
    Percent,
}

impl Unit {
    /// As a series names it.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "ms" => Self::Milliseconds,
            "bytes" => Self::Bytes,
            "bytes per second" => Self::BytesPerSecond,
            "per second" | "messages/s" => Self::PerSecond,
            "cores" => Self::Cores,
            "seconds" | "s" => Self::Seconds,
            "%" => Self::Percent,
            _ => Self::Count,
        }
    }

    /// A value with its unit, in two or three digits that matter.
    pub(crate) fn write(self, value: f64) -> String {
        match self {
            Self::Milliseconds if value.abs() >= 1000.0 => format!("{} s", digits(value / 1000.0)),
            Self::Milliseconds => format!("{} ms", digits(value)),
            Self::Microseconds if value.abs() >= 1000.0 => Self::Milliseconds.write(value / 1000.0),
            Self::Microseconds => format!("{} µs", digits(value)),
            Self::Seconds => format!("{} s", digits(value)),
            Self::Bytes => format!("{}B", prefixed(value, " ")),
            Self::BytesPerSecond => format!("{}B/s", prefixed(value, " ")),
            Self::PerSecond => format!("{}/s", prefixed(value, "")),
            Self::Count => prefixed(value, ""),
            Self::Cores => digits(value),
            Self::Percent => format!("{} %", digits(value)),
        }
    }
}

/// All digits, in groups of three.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A value with k, M, G where it is large; `space` stands before the letter.
fn prefixed(value: f64, space: &str) -> String {
    let (scale, letter) = match value.abs() {
        large if large >= 1e9 => (1e9, "G"),
        large if large >= 1e6 => (1e6, "M"),
        large if large >= 1e4 || (large >= 1e3 && !space.is_empty()) => (1e3, "k"),
        _ => (1.0, ""),
    };
    format!("{}{space}{letter}", digits(value / scale))
}

/// Two or three digits that matter, and no zeros after them.
fn digits(value: f64) -> String {
    let text = match value.abs() {
        large if large >= 100.0 => return format!("{value:.0}"),
        large if large >= 10.0 => format!("{value:.1}"),
        small if small >= 0.01 => format!("{value:.2}"),
        0.0 => return "0".to_owned(),
        _ => format!("{value:.4}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_matter() {
        assert_eq!(Unit::Milliseconds.write(0.254), "0.25 ms");
        assert_eq!(Unit::Milliseconds.write(37.44), "37.4 ms");
        assert_eq!(Unit::Milliseconds.write(1234.0), "1.23 s");
        assert_eq!(Unit::Bytes.write(1_048_576.0), "1.05 MB");
        assert_eq!(Unit::Bytes.write(12.0), "12 B");
        assert_eq!(Unit::PerSecond.write(9_999.0), "9999/s");
        assert_eq!(Unit::PerSecond.write(12_500.0), "12.5k/s");
        assert_eq!(Unit::Count.write(0.0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(100), "100");
    }
}
