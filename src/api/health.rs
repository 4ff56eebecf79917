//! `/healthz` and `/readyz`: for whoever watches the process and whoever sends it traffic.

use actix_web::{HttpResponse, web, web::ServiceConfig};

use crate::state::ApiState;

/// The event loop turns; that is all this says, so that nobody restarts a node because its database is away.
async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

async fn ready(state: ApiState) -> HttpResponse {
    let report = state.readiness.report();
    let mut response = if report.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(report)
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(web::resource("/healthz").route(web::get().to(alive)).route(web::head().to(alive)))
        .service(web::resource("/readyz").route(web::get().to(ready)).route(web::head().to(ready)));
}
