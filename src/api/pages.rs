//! Console, widget and demo shop: files that are part of the program.

use actix_web::{
    HttpRequest, HttpResponse, Resource, guard,
    http::{StatusCode, header},
    middleware::Compress,
    web::{self, ServiceConfig},
};
use frontdesk_console::{Asset, CONTENT_SECURITY_POLICY, asset};
use serde_json::json;

use crate::{http::Problem, state::ApiState};

async fn to_console() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/console/")).finish()
}

async fn to_demo() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/demo/")).finish()
}

async fn console(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&request, request.path())
}

/// Pages of other origins import these files.
async fn widget(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut response = file(&request, request.path())?;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, header::HeaderValue::from_static("cross-origin"));
    Ok(response)
}

async fn demo(request: HttpRequest, state: ApiState) -> Result<HttpResponse, Problem> {
    match state.demo_inbox {
        None => Err(Problem::not_found("address")),
        Some(inbox) if request.path() == "/demo/config.json" => {
            Ok(HttpResponse::Ok().json(json!({ "inbox": inbox.to_string() })))
        }
        Some(_) => file(&request, request.path()),
    }
}

fn file(request: &HttpRequest, path: &str) -> Result<HttpResponse, Problem> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let Asset { bytes, content_type, etag } = asset(path).ok_or_else(|| Problem::not_found("address"))?;
    let unchanged = names(request, &etag);
    // Weak: the same content also goes out compressed.
    let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response
        .insert_header((header::ETAG, format!("W/{etag}")))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY));
    if unchanged {
        return Ok(response.finish());
    }
    Ok(response.content_type(content_type).body(bytes.into_owned()))
}

/// Whether the browser holds this very content.
fn names(request: &HttpRequest, etag: &str) -> bool {
    let held = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    held.flat_map(|value| value.split(',')).any(|held| {
        let held = held.trim();
        held.strip_prefix("W/").unwrap_or(held) == etag
    })
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    let readable =
        |path: &str| -> Resource { web::resource(path.to_owned()).guard(guard::Any(guard::Get()).or(guard::Head())) };
    config
        .service(readable("/").to(to_console))
        .service(readable("/console").to(to_console))
        .service(readable("/console/{path:.*}").to(console).wrap(Compress::default()))
        .service(readable("/widget/{path:.*}").to(widget).wrap(Compress::default()))
        .service(readable("/widget.js").to(widget).wrap(Compress::default()))
        .service(readable("/demo").to(to_demo))
        .service(readable("/demo/{path:.*}").to(demo).wrap(Compress::default()));
}
