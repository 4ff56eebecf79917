//! `/healthz` and `/readyz`: for whoever watches the process and whoever sends it traffic.

use actix_web::{HttpResponse, web, web::ServiceConfig};
use serde::Serialize;

use crate::state::ApiState;

/// Knows whether this node can do its work.
pub trait Readiness: Send + Sync {
    /// How things stand. Answers from memory; never waits for anybody.
    fn report(&self) -> ReadinessReport;

    /// Whether this node is going away, and takes no new sockets.
    fn draining(&self) -> bool;
}

/// How things stand. The texts are public: they name parts, never addresses or secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReadinessReport {
    /// Whether messages can be accepted and logged here.
    pub ready: bool,
    /// Parts that do not work, although messages are accepted.
    pub degraded: Vec<String>,
    /// Why it is not ready.
    pub reasons: Vec<String>,
}

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
