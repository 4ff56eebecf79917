//! The API's own description: for programs, and as a page that needs nothing from elsewhere.

use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Data, Json},
};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{http::Description, state::ApiState};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(description)
        .service(socket_schema)
        .service(bridge_schema)
        .service(page)
        .service(script)
        .service(style);
}

/// This description (OpenAPI 3.1).
#[utoipa::path(tag = "docs", responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
#[get("/openapi.json")]
async fn description(description: Data<Description>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(description.json().to_owned())
}

/// JSON Schema of the socket's frames. `x-max-frame-bytes` is the largest frame, in either direction, that this server
/// is set to.
#[utoipa::path(tag = "docs", responses((status = 200, description = "JSON Schema 2020-12", body = Object)))]
#[get("/socket.schema.json")]
async fn socket_schema(state: ApiState) -> Json<Value> {
    Json(frontdesk_protocol::socket::schema(state.settings.session.max_frame_bytes))
}

/// JSON Schema of what bridges publish to the broker.
#[utoipa::path(tag = "docs", responses((status = 200, description = "JSON Schema 2020-12", body = Object)))]
#[get("/bridge.schema.json")]
async fn bridge_schema() -> Json<Value> {
    Json(frontdesk_protocol::bridge::schema())
}

/// This description, for people.
#[utoipa::path(tag = "docs", responses((status = 200, description = "A page", content_type = "text/html")))]
#[get("/docs")]
async fn page() -> HttpResponse {
    file("text/html; charset=utf-8", include_str!("docs/index.html"))
}

/// What draws the page.
#[utoipa::path(tag = "docs", responses((status = 200, description = "A script", content_type = "text/javascript")))]
#[get("/docs/docs.js")]
async fn script() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("docs/docs.js"))
}

/// How the page looks.
#[utoipa::path(tag = "docs", responses((status = 200, description = "A style sheet", content_type = "text/css")))]
#[get("/docs/docs.css")]
async fn style() -> HttpResponse {
    file("text/css; charset=utf-8", include_str!("docs/docs.css"))
}

fn file(content_type: &'static str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, frontdesk_console::CONTENT_SECURITY_POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(content)
}
