//! The subcommand `frontdesk-loadtest report`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Args;

use super::Report;

/// Options of `report`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReportOptions {
    /// A report, as JSON.
    #[arg(value_name = "REPORT.json")]
    file: PathBuf,
    /// The page to write; default: beside the report, with the ending `.html`.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl ReportOptions {
    /// Prints the report and writes its page. Gives 1 if something was lost, duplicated or misordered.
    ///
    /// # Errors
    /// If the one cannot be read or the other not written.
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let report = Report::read(&self.file)?;
        let page = self.output.clone().unwrap_or_else(|| self.file.with_extension("html"));
        report.write_html(&page)?;
        print!("{}", report.to_text());
        println!("{}", page.display());
        Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Report {
    /// Writes the page.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write_html(&self, file: &Path) -> anyhow::Result<()> {
        std::fs::write(file, self.to_html()).with_context(|| format!("cannot write {}", file.display()))
    }
}
