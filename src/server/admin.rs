//! The operators' listener: metrics. Never public.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, dev::Server, web};
use anyhow::Context;
use metrics_exporter_prometheus::PrometheusHandle;

/// Serves `/metrics` and `/healthz` on `listen`; gives the server and the address it got.
///
/// # Errors
/// The address cannot be listened on.
pub(crate) fn serve(listen: SocketAddr, metrics: PrometheusHandle) -> anyhow::Result<(Server, SocketAddr)> {
    let server = HttpServer::new(move || {
        let metrics = metrics.clone();
        App::new()
            .route("/metrics", web::get().to(move || std::future::ready(render(&metrics))))
            .route("/healthz", web::get().to(|| std::future::ready(HttpResponse::Ok().body("ok\n"))))
    })
    .workers(1)
    .disable_signals()
    .bind(listen)
    .with_context(|| format!("cannot listen on {listen} (server.admin_listen)"))?;
    let address = *server.addrs().first().context("no address to listen on")?;
    Ok((server.run(), address))
}

fn render(metrics: &PrometheusHandle) -> HttpResponse {
    if let Some(bytes) = resident_bytes() {
        metrics::gauge!("desk_process_resident_bytes").set(bytes);
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(metrics.render())
}

/// Resident memory of this process, as the kernel counts it; `None` where there is no `/proc`.
fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}
