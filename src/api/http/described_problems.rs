//! Which problems an operation may answer with, as its description says.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

use crate::http::{Code, PROBLEM_JSON};

/// The problems that any route may answer with.
pub(crate) struct Problems;

/// The problems that a write to a conversation may answer with.
pub(crate) struct CommandProblems;

const COMMON: &[Code] = &[
    Code::Invalid,
    Code::Unauthenticated,
    Code::Forbidden,
    Code::NotFound,
    Code::TimedOut,
    Code::TooLarge,
    Code::UnsupportedMedia,
    Code::RateLimited,
    Code::Unavailable,
    Code::Overloaded,
];

const OF_COMMANDS: &[Code] = &[
    Code::AlreadyClaimed,
    Code::NotClaimed,
    Code::IdReuse,
    Code::Resolved,
    Code::SnoozeOutOfRange,
    Code::UnsupportedPart,
    Code::TooManyTags,
    Code::NoSuchAgent,
    Code::LogFull,
    Code::UnknownOutcome,
];

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        described(COMMON.iter().copied())
    }
}

impl IntoResponses for CommandProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        described(COMMON.iter().chain(OF_COMMANDS).copied())
    }
}

fn described(codes: impl Iterator<Item = Code>) -> BTreeMap<String, RefOr<Response>> {
    let mut texts = BTreeMap::<String, Vec<String>>::new();
    for code in codes {
        let text = format!("`{}`: {}", code.as_str(), code.title());
        texts.entry(code.status().to_string()).or_default().push(text);
    }
    let described = texts.into_iter().map(|(status, texts)| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description(texts.join("; ")).content(PROBLEM_JSON, content);
        (status, RefOr::T(response.build()))
    });
    described.collect()
}
