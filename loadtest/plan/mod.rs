//! How much of everything a desk needs, worked out from a run in steps.
//!
//! What things cost is fitted: CPU by role and message, memory by socket, disk by message (straight lines with bands),
//! and how what is carried grows (Universal Scalability Law). What was not measured is an assumption, and each is
//! printed.

mod answer;
mod fit;
mod measured;
mod question;
mod show;
mod usl;

use std::process::ExitCode;

use anyhow::Context as _;
use maud::{Markup, html};
use serde::Serialize;

use crate::report::{Report, Unit, page};
use answer::{Answer, assumptions};
use measured::{Capacity, Measured};
pub(crate) use question::PlanOptions;
use question::Question;

/// The answer of `plan`: how many processes of each kind, and what limits them.
#[derive(Debug)]
struct Plan {
    question: Question,
    measured: Measured,
    capacity: Capacity,
    /// By factor: that many times what was asked for.
    answers: Vec<(f64, Answer)>,
    assumptions: Vec<String>,
}

/// A plan, for programs.
#[derive(Serialize)]
struct Written<'a> {
    question: &'a Question,
    answers: &'a [(f64, Answer)],
    scalability: Option<usl::Scalability>,
    assumptions: &'a [String],
}

impl PlanOptions {
    /// Works the plan out, and says it.
    ///
    /// # Errors
    /// If the report cannot be read, or says too little.
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let report = Report::read(&self.file)?;
        let idle = self.memory.as_deref().map(Report::read).transpose()?;
        let plan = Plan::of(&report, idle.as_ref(), self.question)?;
        print!("{}", plan.to_text());
        if let Some(file) = &self.json {
            let scalability = plan.measured.scalability.map(|(_, found)| found);
            let (question, answers) = (&plan.question, plan.answers.as_slice());
            let written = Written { question, answers, scalability, assumptions: &plan.assumptions };
            let json = serde_json::to_string_pretty(&written).context("our own types always encode")?;
            std::fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))?;
        }
        if let Some(file) = &self.html {
            let body = html! { header { h1 { (show::TITLE) } p { (report.scenario.name) } } (plan.to_markup()) };
            std::fs::write(file, page(show::TITLE, &body))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What a report says about many times the load of its highest step; nothing, if it was no run in steps.
pub(crate) fn section(report: &Report) -> Markup {
    let highest = report.steps.iter().max_by(|one, other| one.delivered.total_cmp(&other.delivered));
    let plan =
        highest.and_then(|step| Plan::of(report, None, Question::like(step.delivered, step.sessions as f64)).ok());
    plan.map(|plan| html! { h2 { (show::TITLE) } p .note { (show::LIKE_HIGHEST) } (plan.to_markup()) })
        .unwrap_or_default()
}

impl Plan {
    fn of(report: &Report, idle: Option<&Report>, question: Question) -> anyhow::Result<Self> {
        let measured = Measured::of(report, idle)?;
        let capacity = measured.capacity(question.p99).with_context(|| {
            format!("no step of the run delivered 99 of 100 messages within {}", Unit::Milliseconds.write(question.p99))
        })?;
        let answers: Vec<(f64, Answer)> = FACTORS
            .iter()
            .map(|factor| (*factor, Answer::to(&question.times(*factor), &measured, &capacity)))
            .collect();
        let asked = Answer::to(&question, &measured, &capacity);
        let assumptions = assumptions(&question, &measured, &capacity, &asked);
        Ok(Self { question, measured, capacity, answers, assumptions })
    }
}

/// What if it were so many times as much.
const FACTORS: [f64; 5] = [0.5, 1.0, 2.0, 5.0, 10.0];

#[cfg(test)]
mod tests;
