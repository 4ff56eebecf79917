//! What readers of OpenAPI need and routes do not say by themselves.

use std::collections::BTreeMap;

use frontdesk_domain::text::VISIBLE;
use utoipa::openapi::{ContentBuilder, OpenApi, PathItem, Ref, RefOr, Schema, Server, path::Operation};

use crate::http::PROBLEM_JSON;

/// Completes `openapi`: each operation has an id of its own, says whether it needs a token, and describes each of its
/// answers.
pub(super) fn complete(openapi: &mut OpenApi) {
    ask_for_something_to_see(openapi);
    openapi.servers = Some(vec![Server::new("/")]);
    let mut uses = BTreeMap::<String, usize>::new();
    for id in
        openapi.paths.paths.values_mut().flat_map(operations).filter_map(|operation| operation.operation_id.clone())
    {
        *uses.entry(id).or_default() += 1;
    }
    for (path, item) in &mut openapi.paths.paths {
        for operation in operations(item) {
            if let Some(id) = &mut operation.operation_id
                && uses.get(id).is_some_and(|count| *count > 1)
            {
                *id = format!("{id}_{}", words(path));
            }
            // None at all would mean that nothing is known.
            operation.security.get_or_insert_default();
            let summary = operation.summary.clone().unwrap_or_default();
            for (status, answer) in &mut operation.responses.responses {
                let RefOr::T(answer) = answer else { continue };
                if answer.description.is_empty() {
                    answer.description.clone_from(&summary);
                }
                if status.starts_with(['4', '5']) && answer.content.is_empty() {
                    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
                    answer.content.insert(PROBLEM_JSON.to_owned(), RefOr::T(problem));
                }
            }
        }
    }
}

/// A text of at least one character has something to see in it.
fn ask_for_something_to_see(openapi: &mut OpenApi) {
    let schemas = openapi.components.iter_mut().flat_map(|components| components.schemas.values_mut());
    let objects = schemas.filter_map(|schema| match schema {
        RefOr::T(Schema::Object(object)) => Some(object),
        _ => None,
    });
    for field in objects.flat_map(|object| object.properties.values_mut()) {
        if let RefOr::T(Schema::Object(field)) = field
            && field.min_length == Some(1)
            && field.pattern.is_none()
        {
            field.pattern = Some(VISIBLE.to_owned());
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// The fixed segments of a path below `/api/v1`: `conversations_messages`.
fn words(path: &str) -> String {
    let segments = path.trim_start_matches("/api/v1/").split('/').filter(|segment| !segment.starts_with('{'));
    segments.map(|segment| segment.replace('-', "_")).collect::<Vec<_>>().join("_")
}
