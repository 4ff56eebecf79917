//! The report as a table in a terminal.

use std::fmt::Write as _;

use super::model::{Report, Verdict};

impl Report {
    /// The report as text for a terminal.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a text never fails.
        let _infallible = self.write_text(&mut text);
        text
    }

    /// In a sentence: what can be relied on.
    pub(crate) fn verdict_text(&self) -> String {
        let checks = &self.checks;
        let counts = format!(
            "{} lost, {} duplicated, {} misordered of {} accepted",
            checks.lost, checks.duplicated, checks.misordered, checks.accepted
        );
        match self.verdict() {
            Verdict::Sound => counts,
            Verdict::Invalid => format!("invalid: {} ({counts})", self.validity.reasons.join("; ")),
            Verdict::Broken if self.complaints.is_empty() => counts,
            Verdict::Broken => format!("{counts}; {}", self.complaints[0]),
        }
    }

    fn write_text(&self, to: &mut String) -> std::fmt::Result {
        let (machine, checks) = (&self.machine, &self.checks);
        writeln!(
            to,
            "{} - {} cores ({}), {:.0} GiB, Linux {}",
            self.scenario.name,
            machine.cores,
            machine.processor,
            machine.memory_bytes as f64 / f64::from(1 << 30),
            machine.kernel
        )?;
        let heads = ["mean", "p50", "p90", "p99", "p99.9", "max"].map(|head| format!("{head:>10}"));
        writeln!(to, "\n{:<12}{}", "ms", heads.concat())?;
        for hop in &self.hops {
            let times = &hop.times;
            let quantiles = [0.5, 0.9, 0.99, 0.999].map(|share| format!("{:>10.2}", times.quantile_ms(share)));
            writeln!(to, "{:<12}{:>10.2}{}{:>10.2}", hop.name, times.mean_ms(), quantiles.concat(), times.max_ms())?;
        }
        writeln!(to, "\n{:<16}{:>10}{:>14}{:>12}", "process", "CPU s", "us/message", "peak MB")?;
        for process in &self.processes {
            writeln!(
                to,
                "{:<16}{:>10.2}{:>14.1}{:>12.1}",
                process.name,
                process.cpu_seconds,
                process.cpu_seconds * 1e6 / self.measured().max(1.0),
                process.peak_bytes as f64 / 1e6
            )?;
        }
        writeln!(
            to,
            "\nsent {}, accepted {}, delivered {}, persisted {}, backed off {}; {:.0} messages/s over {:.1} s",
            checks.sent,
            checks.accepted,
            checks.delivered,
            checks.persisted,
            checks.backed_off,
            self.delivered_per_second(),
            self.seconds
        )?;
        for figure in &self.figures {
            writeln!(to, "{}: {} {}", figure.name, figure.value, figure.unit)?;
        }
        for complaint in &self.complaints {
            writeln!(to, "WRONG: {complaint}")?;
        }
        writeln!(to, "{}", self.verdict_text())
    }
}
