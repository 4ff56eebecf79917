//! Middleware: each file is one function, which the routes are wrapped in.

mod admission;
mod cors;
mod problem_responses;
mod security_headers;
mod telemetry;

pub(crate) use admission::admission;
pub(crate) use cors::cors;
pub(crate) use problem_responses::problem_responses;
pub(crate) use security_headers::security_headers;
pub(crate) use telemetry::telemetry;

use actix_web::{
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    error::ResponseError,
};

use crate::http::Problem;

/// Answers with a problem instead of going on.
fn refuse(request: ServiceRequest, problem: &Problem) -> ServiceResponse<BoxBody> {
    request.into_response(problem.error_response())
}
