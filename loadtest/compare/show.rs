//! The comparison, for people.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{Comparison, Judgement, Row};
use crate::report::page;

impl Comparison {
    /// As a table in a terminal.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("base: {}\nnew:  {}\n", self.base, self.new);
        for warning in &self.warnings {
            // Writing to a text never fails.
            let _infallible = writeln!(text, "WARNING: {warning}");
        }
        let _infallible =
            writeln!(text, "\n{:<36}{:>14}{:>14}{:>10}{:>22}  judgement", "", "base", "new", "change", "99 % between");
        for row in &self.rows {
            let _infallible = writeln!(
                text,
                "{:<36}{:>14}{:>14}{:>10}{:>22}  {}",
                row.name,
                row.base,
                row.new,
                row.change(),
                row.between(),
                row.judgement.describe()
            );
        }
        let _infallible = writeln!(text, "\n{}\n", self.method);
        text
    }

    fn to_markup(&self) -> Markup {
        html! {
            section {
                h2 { (self.new) }
                p .note { "compared with " (self.base) }
                @for warning in &self.warnings {
                    div .verdict .invalid { span .mark aria-hidden="true" { "!" } div { p { (warning) } } }
                }
                div .card {
                    table {
                        thead { tr { @for head in HEADS { th scope="col" { (head) } } } }
                        tbody {
                            @for row in &self.rows {
                                tr {
                                    td { (row.name) } td { (row.base) } td { (row.new) } td { (row.change()) }
                                    td { (row.between()) } td class=(row.judgement.class()) { (row.judgement.describe()) }
                                }
                            }
                        }
                    }
                }
                p .note { (self.method) }
            }
        }
    }
}

/// All comparisons, as a page.
pub(super) fn to_html(comparisons: &[Comparison]) -> String {
    let worse = comparisons.iter().flat_map(|comparison| &comparison.rows).any(|row| row.judgement == Judgement::Worse);
    let (class, sentence) =
        if worse { ("broken", "Something became worse") } else { ("sound", "Nothing became worse beyond the noise") };
    let body = html! {
        header { h1 { "Comparison of load tests" } }
        div class={ "verdict " (class) } role="status" { div { strong { (sentence) } } }
        @for comparison in comparisons { (comparison.to_markup()) }
    };
    page("Comparison of load tests", &body)
}

impl Row {
    fn change(&self) -> String {
        percent(self.ratio)
    }

    fn between(&self) -> String {
        self.interval.map_or_else(
            || "-".to_owned(),
            |interval| format!("{} and {}", percent(interval.low), percent(interval.high)),
        )
    }
}

impl Judgement {
    const fn describe(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "WORSE",
            Self::Noise => "within the noise",
            Self::Unknown => "not judged: its noise is not known",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Noise | Self::Unknown => "",
        }
    }
}

fn percent(ratio: f64) -> String {
    format!("{:+.1} %", (ratio - 1.0) * 100.0)
}

const HEADS: [&str; 6] = ["Figure", "Base", "New", "Change", "99 % between", "Judgement"];
