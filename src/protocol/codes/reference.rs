//! The table of error codes as Markdown.

use std::fmt::Write;

use super::{ErrorCode, ProblemCode, RejectCode};

/// The reference of all codes, as it stands in `error-codes.md`.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(HEAD);
    for code in ProblemCode::ALL {
        let word = code.as_str();
        let rejected = RejectCode::ALL.iter().any(|other| other.problem() == *code);
        let error = ErrorCode::ALL.iter().any(|other| other.as_str() == word);
        let sign = |holds| if holds { "yes" } else { "" };
        let (status, retry, title) = (code.status(), sign(code.is_retryable()), code.title());
        let _ = writeln!(text, "| `{word}` | {status} | {} | {} | {retry} | {title} |", sign(rejected), sign(error));
    }
    for code in ErrorCode::ALL.iter().filter(|code| ProblemCode::ALL.iter().all(|it| it.as_str() != code.as_str())) {
        let _ = writeln!(text, "| `{}` |  |  | yes |  | {} |", code.as_str(), code.title());
    }
    text
}

const HEAD: &str = "\
# Error codes

A code is one stable word: compare with it, and not with titles or statuses. REST answers carry it as `code` of a problem (RFC 9457,
`application/problem+json`) beside `detail`, `retryable` and `retry_after_ms`; the socket frames `rejected` and `error` carry it as
`code`. This page is printed from the table in [`codes.rs`](codes.rs).

| code | HTTP status | in `rejected` | in `error` | may succeed later | meaning |
| --- | --- | --- | --- | --- | --- |
";
