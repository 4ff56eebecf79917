//! Everything that the public listener serves, and what each request passes on its way.

use actix_web::{
    middleware::from_fn,
    web::{self, Data, PayloadConfig, ServiceConfig},
};

use crate::{
    health,
    http::{
        middleware::{admission, problem_responses, security_headers, telemetry},
        not_found, problem_type,
    },
    openapi::description,
    pages,
    routes::v1,
    socket,
    state::ApiState,
};

/// Everything on the public listener: REST, sockets, pages, health. Takes every address, so mount it last.
pub fn configure(config: &mut ServiceConfig, state: &ApiState) {
    let body_limit = PayloadConfig::new(state.settings.server.max_body_bytes);
    let everything = web::scope("")
        .wrap(from_fn(admission))
        .wrap(from_fn(problem_responses))
        .wrap(from_fn(security_headers))
        .wrap(from_fn(telemetry))
        .configure(health::configure)
        .configure(socket::configure)
        .service(problem_type)
        .service(v1())
        .configure(pages::configure)
        .default_service(web::to(not_found));
    config.app_data(state.clone()).app_data(body_limit).app_data(Data::from(description())).service(everything);
}
