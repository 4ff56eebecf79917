//! What is said while a run goes on: one calm line in a terminal, a plain line now and then elsewhere.

use std::io::{IsTerminal as _, Write as _, stderr};

use hdrhistogram::Histogram;

use crate::{
    clock::{Micros, micros, now},
    recorder::{Event, Hop},
    results::Results,
};

/// Says how far a run has come.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: bool,
    /// What goes on, and when it is over, if that is known.
    what: String,
    begin: Micros,
    end: Option<Micros>,
    said_at: Micros,
}

impl Progress {
    /// Prints the progress to standard error.
    pub(crate) fn new() -> Self {
        Self { terminal: stderr().is_terminal(), what: String::new(), begin: 0, end: None, said_at: 0 }
    }

    /// Something new goes on, for so long.
    pub(crate) fn begin(&mut self, what: &str, begin: Micros, length: Option<std::time::Duration>) {
        what.clone_into(&mut self.what);
        (self.begin, self.end) = (begin, length.map(|length| begin + micros(length)));
        if !self.terminal {
            self.say(what);
        }
    }

    /// Tells what is known by now, if it is time.
    pub(crate) fn tell(&mut self, results: &Results) {
        let at = now();
        if at < self.said_at + if self.terminal { EVERY_IN_A_TERMINAL } else { EVERY_ELSEWHERE } {
            return;
        }
        self.said_at = at;
        let line = self.line(results, at);
        self.say(&line);
    }

    /// Nothing more is said.
    pub(crate) fn end(&mut self) {
        if self.terminal {
            let _nobody_reads = write!(stderr(), "\r\x1b[K");
        }
    }

    fn say(&self, line: &str) {
        // Clears what stood there and stays on the line.
        let (before, after) = if self.terminal { ("\r\x1b[K", "") } else { ("", "\n") };
        let mut out = stderr().lock();
        let _nobody_reads = write!(out, "{before}{line}{after}");
        let _nobody_reads = out.flush();
    }

    fn line(&self, results: &Results, at: Micros) -> String {
        let second = results.last_second();
        let rate = results.count_in(second, Event::Accepted);
        let errors = results.count(Event::Refused) + results.count(Event::CutOff) + results.count(Event::ConnectFailed);
        let spent = at.saturating_sub(self.begin) / 1_000_000;
        let time = match self.end {
            Some(end) if at < self.begin => {
                format!("begins in {} s of {}", (self.begin - at) / 1_000_000, seconds(end - self.begin))
            }
            Some(end) => format!("{spent}/{}, {} left", seconds(end - self.begin), seconds(end.saturating_sub(at))),
            None => format!("{spent} s"),
        };
        let mut line = format!("{:<12} {time} | {rate}/s", self.what);
        for (name, hop) in [("accepted", Hop::Accepted), ("delivered", Hop::Delivered)] {
            line += &quantiles(name, &results.recent(hop, RECENT));
        }
        line += &format!(
            " | {} back-offs, {errors} errors | {} sockets",
            results.count(Event::BackedOff),
            results.sessions_now()
        );
        line
    }
}

fn quantiles(name: &str, times: &Histogram<u64>) -> String {
    if times.is_empty() {
        return String::new();
    }
    let at = |share: f64| times.value_at_quantile(share) as f64 / 1000.0;
    format!(" | {name} p50 {:.1} p99 {:.1} ms", at(0.5), at(0.99))
}

fn seconds(length: Micros) -> String {
    format!("{} s", length.div_ceil(1_000_000))
}

/// Seconds that quantiles are taken over.
const RECENT: i64 = 5;

const EVERY_IN_A_TERMINAL: Micros = 900_000;
const EVERY_ELSEWHERE: Micros = 4_900_000;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_line_says_what_goes_on_and_how_long_it_will() {
        let mut progress = Progress { terminal: true, ..Progress::new() };
        progress.what = "main".to_owned();
        (progress.begin, progress.end) = (1_000_000, Some(1_000_000 + micros(Duration::from_secs(20))));
        let results = Results::new(0, 1);
        let line = progress.line(&results, 9_000_000);
        assert!(line.starts_with("main         8/20 s, 12 s left | 0/s"), "{line}");
        assert!(line.ends_with("0 back-offs, 0 errors | 0 sockets"), "{line}");
    }
}
