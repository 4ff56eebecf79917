//! `frontdesk-loadtest report`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::Report;

/// What to draw.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReportOptions {
    /// A report, as JSON.
    #[arg(value_name = "REPORT.json")]
    file: PathBuf,
}

impl ReportOptions {
    /// Prints the report. Gives 1 if something was lost, duplicated or misordered.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let report = Report::read(&self.file)?;
        print!("{}", report.to_text());
        Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
