//! What happens to every request on its way in and to every answer on its way out.

mod admission;
mod cors;
mod headers;
mod observation;
mod problems;

pub(crate) use admission::admit;
pub(crate) use cors::share;
pub(crate) use headers::secure;
pub(crate) use observation::observe;
pub(crate) use problems::explain;

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
