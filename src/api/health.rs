//! `/healthz` and `/readyz`: liveness for a process manager, readiness for a load balancer.

use actix_web::{HttpResponse, web, web::ServiceConfig};

use crate::state::ApiState;

/// Says only that the event loop runs: a node is not to be restarted because its database is away.
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
