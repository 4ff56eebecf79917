//! What a plan is asked for.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

/// What to plan for.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlanOptions {
    /// The report of a run in steps, as JSON.
    #[arg(value_name = "REPORT.json")]
    pub(super) file: PathBuf,
    /// The report of `run idle`, whose memory of a session is taken; for runs in which the number of sockets stays the
    /// same.
    #[arg(long, value_name = "REPORT.json")]
    pub(super) memory: Option<PathBuf>,
    #[command(flatten)]
    pub(super) question: Question,
    /// Write a page too.
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Write the plan as JSON too.
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
}

/// What the desk is to carry.
#[derive(Debug, Clone, Copy, PartialEq, Args, Serialize)]
pub(crate) struct Question {
    /// Contacts that are connected at a time.
    #[arg(long, value_parser = count)]
    pub(super) contacts: f64,
    /// Agents that are connected at a time.
    #[arg(long, value_parser = count)]
    pub(super) agents: f64,
    /// Messages a day, such as `10e6`.
    #[arg(long, value_parser = count)]
    pub(super) messages_per_day: f64,
    /// The share of them that falls into the busiest hour.
    #[arg(long, default_value = "15%", value_parser = share)]
    pub(super) busy_hour: f64,
    /// The highest minute by the mean of the busiest hour.
    #[arg(long, default_value_t = 1.5, value_parser = factor)]
    pub(super) peak: f64,
    /// 99 of 100 messages are to be delivered within this time, such as `100ms`.
    #[arg(long, default_value = "100ms", value_parser = milliseconds)]
    pub(super) p99: f64,
    /// Cores of each machine; default: as many as the measured one has.
    #[arg(long, default_value_t = 0)]
    pub(super) cores_per_node: u32,
    /// Sockets that one gateway may hold: its limit of open files, with a margin.
    #[arg(long, default_value_t = 50_000.0, value_parser = count)]
    pub(super) sessions_per_gateway: f64,
    /// Gateways and workers that may be away at a time without anyone noticing.
    #[arg(long, default_value_t = 1)]
    pub(super) spare: u32,
    /// What a machine beyond the measured ones adds, by what the first carries.
    #[arg(long, default_value = "85%", value_parser = share)]
    pub(super) scale_out: f64,
    /// How many hours entries stay in the log.
    #[arg(long, default_value_t = 1.0, value_parser = count)]
    pub(super) retain_hours: f64,
}

impl Question {
    /// Messages in the highest second that is planned for.
    pub(super) fn highest_rate(&self) -> f64 {
        self.messages_per_day * self.busy_hour / 3600.0 * self.peak
    }

    /// Sockets at a time.
    pub(super) fn sessions(&self) -> f64 {
        self.contacts + self.agents
    }

    /// So many times as much of everything.
    pub(super) fn times(&self, factor: f64) -> Self {
        Self {
            contacts: self.contacts * factor,
            agents: self.agents * factor,
            messages_per_day: self.messages_per_day * factor,
            ..*self
        }
    }

    /// The load of a run's highest step, as a day whose busiest hour is like it.
    pub(super) fn like(rate: f64, sessions: f64) -> Self {
        Self {
            contacts: (sessions / 2.0).ceil(),
            agents: (sessions / 2.0).floor(),
            messages_per_day: rate * 3600.0 / 0.15,
            busy_hour: 0.15,
            peak: 1.0,
            p99: 100.0,
            cores_per_node: 0,
            sessions_per_gateway: 50_000.0,
            spare: 1,
            scale_out: 0.85,
            retain_hours: 1.0,
        }
    }
}

fn count(text: &str) -> Result<f64, String> {
    let digits = text.replace([',', '_'], "");
    let count = digits.parse::<f64>().map_err(|_| format!("{text} is no number"))?;
    if count.is_finite() && count >= 0.0 { Ok(count) } else { Err(format!("{text} is not at least 0")) }
}

fn factor(text: &str) -> Result<f64, String> {
    count(text).and_then(|factor| if factor >= 1.0 { Ok(factor) } else { Err(format!("{text} is not at least 1")) })
}

/// Reads a share such as `15%` or `0.15`.
fn share(text: &str) -> Result<f64, String> {
    let share = match text.strip_suffix('%') {
        Some(percent) => count(percent.trim())? / 100.0,
        None => count(text)?,
    };
    if share > 0.0 && share <= 1.0 { Ok(share) } else { Err(format!("{text} is not between 0 and 100 %")) }
}

/// `100ms` or `0.1s`, in milliseconds.
fn milliseconds(text: &str) -> Result<f64, String> {
    if let Some(ms) = text.strip_suffix("ms") {
        return count(ms.trim());
    }
    text.strip_suffix('s')
        .map_or_else(|| Err(format!("{text} has no unit: ms or s")), |s| Ok(count(s.trim())? * 1000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_write_them() {
        assert_eq!(count("10e6"), Ok(10_000_000.0));
        assert_eq!(count("200,000"), Ok(200_000.0));
        assert_eq!((share("15%"), share("0.15")), (Ok(0.15), Ok(0.15)));
        assert_eq!((milliseconds("100ms"), milliseconds("0.5s")), (Ok(100.0), Ok(500.0)));
        assert!(share("150%").is_err() && milliseconds("5").is_err() && count("-1").is_err() && factor("0.5").is_err());
    }
}
