//! The report as a table in a terminal.

use std::fmt::Write as _;

use super::Report;

impl Report {
    /// For people.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a text never fails.
        let _infallible = self.write(&mut text);
        text
    }

    fn write(&self, to: &mut String) -> std::fmt::Result {
        let (machine, options, messages) = (&self.machine, &self.options, &self.messages);
        writeln!(to, "Frontdesk {} - {}", self.version, self.scenario)?;
        writeln!(
            to,
            "{} cores ({}), {} GiB, Linux {}",
            machine.cores,
            machine.processor,
            machine.memory_bytes >> 30,
            machine.kernel
        )?;
        writeln!(
            to,
            "{} sockets, {} messages/s of {} bytes for {} s after {} s, {:?}{}",
            options.sockets,
            options.rate,
            options.bytes,
            options.seconds,
            options.warmup,
            options.codec,
            if options.receipts { ", with receipts" } else { "" }
        )?;
        writeln!(
            to,
            "\n{:<12}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}",
            "ms", "mean", "p50", "p90", "p99", "p99.9", "max"
        )?;
        for row in &self.latency {
            writeln!(
                to,
                "{:<12}{:>10.2}{:>10.2}{:>10.2}{:>10.2}{:>10.2}{:>10.2}",
                row.what, row.mean_ms, row.p50_ms, row.p90_ms, row.p99_ms, row.p999_ms, row.max_ms
            )?;
        }
        writeln!(to, "\n{:<16}{:>10}{:>14}{:>12}{:>12}", "process", "CPU s", "us/message", "memory MB", "peak MB")?;
        for row in &self.usage {
            let megabytes = |bytes: u64| bytes as f64 / 1e6;
            writeln!(
                to,
                "{:<16}{:>10.2}{:>14.1}{:>12.1}{:>12.1}",
                row.who,
                row.usage.cpu_seconds,
                row.cpu_microseconds_per_message,
                megabytes(row.usage.resident_bytes),
                megabytes(row.usage.peak_bytes)
            )?;
        }
        writeln!(
            to,
            "\nsent {}, accepted {}, arrived {}, doubled {}, retries {}; {:.0} messages/s over {:.1} s",
            messages.sent,
            messages.accepted,
            messages.arrived,
            messages.doubled,
            self.retries,
            self.messages_per_second,
            self.seconds
        )?;
        for complaint in &self.complaints {
            writeln!(to, "WRONG: {complaint}")?;
        }
        let verdict = if self.is_sound() {
            "every message arrived once and in order"
        } else {
            "NOT every message arrived once and in order"
        };
        writeln!(to, "{verdict}")
    }
}
