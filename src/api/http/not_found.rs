//! The answer where no route fits.

use actix_web::{Error, HttpRequest, HttpResponse, web::Data};

use super::{Code, Description, Problem};

/// Refuses an address that does not exist, or that knows other methods only.
pub(crate) async fn not_found(request: HttpRequest, description: Data<Description>) -> Result<HttpResponse, Error> {
    match description.methods(request.path()) {
        Some(methods) => {
            let problem = Problem::new(Code::MethodNotAllowed, format!("this address knows {methods}"));
            Err(problem.allowing(methods.to_owned()).into())
        }
        None => Err(Problem::not_found("address").into()),
    }
}
