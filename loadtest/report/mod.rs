//! What a run found, for people and for programs.

mod bench;
mod command;
mod figures;
mod file;
mod html;
mod machine;
mod model;
mod text;
mod times;

#[cfg(test)]
mod tests;

pub(crate) use command::ReportOptions;
pub(crate) use model::{FORMAT, Process, Report, Series, Used};
pub(crate) use times::round;
