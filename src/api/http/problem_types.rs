//! `/problems/{code}`: the address that the `type` of a problem names.

use actix_web::{HttpResponse, get, web};

use super::problem::{Code, Problem, http_status};

/// Title and status of a code, for people.
#[get("/problems/{code}")]
pub(crate) async fn problem_type(path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = Code::ALL.iter().find(|code| code.as_str() == path.as_str());
    let code = code.ok_or_else(|| Problem::not_found("kind of problem"))?;
    let text = format!("{} ({})\n", code.title(), http_status(*code));
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}
