//! Reading and writing reports as files.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::model::{FORMAT, Report};

/// What tells a report from any other file.
#[derive(Debug, Deserialize)]
struct Kind {
    format: Option<u32>,
}

impl Report {
    /// The report as JSON, for programs.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("our own types always encode")
    }

    /// From what [`Self::to_json`] wrote, in this version or an earlier one.
    ///
    /// # Errors
    /// If it is no report, or one in a format of a later version.
    pub(crate) fn from_json(text: &str) -> anyhow::Result<Self> {
        match serde_json::from_str::<Kind>(text).context("this is no report")?.format {
            None => bail!("this is no report, or one from before reports had a format"),
            Some(later) if later > FORMAT => {
                bail!("format {later} is of a later version; this one reads up to {FORMAT}")
            }
            Some(_) => serde_json::from_str(text).context("this report is damaged"),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// As [`Self::from_json`], and if there is no such file.
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::from_json(&text).with_context(|| file.display().to_string())
    }

    /// Writes a file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write(&self, file: &Path) -> anyhow::Result<()> {
        std::fs::write(file, self.to_json()).with_context(|| format!("cannot write {}", file.display()))
    }
}
