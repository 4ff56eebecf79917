//! What a run found, for people and for programs.

mod command;
mod figures;
mod file;
mod html;
mod machine;
pub(crate) mod model;
mod text;
pub(crate) mod times;

#[cfg(test)]
mod tests;

pub(crate) use command::ReportOptions;
pub(crate) use html::{Unit, chart, page, table};
pub(crate) use machine::Machine;
pub(crate) use model::{
    Checks, FORMAT, Fault, Figure, Nodes, Process, Report, Scenario, Second, Series, Step, Used, Validity, Verdict,
};
pub(crate) use times::{Hop, round};
