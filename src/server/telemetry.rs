//! Logs, metrics and traces. None of them ever waits for a disk, a terminal or a collector.

use anyhow::Context;
use frontdesk_config::{LogFormat, TelemetrySettings};
#[cfg(feature = "otlp")]
use frontdesk_telemetry::export::Exporter;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
#[cfg(feature = "otlp")]
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::FilterExt as _, fmt::format::FmtSpan, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::peer_errors::PeerErrors;

/// Keeps logs and traces going; dropping it writes out and sends what is left.
pub(crate) struct Telemetry {
    _logs: WorkerGuard,
    #[cfg(feature = "otlp")]
    exporter: Option<Exporter>,
}

#[cfg(feature = "otlp")]
impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(exporter) = &self.exporter {
            exporter.shut_down();
        }
    }
}

/// Writes structured logs to standard error from a thread of its own, and exports traces if the settings name a
/// collector. Log lines beyond the buffer are dropped and counted, never waited for.
///
/// # Errors
/// The filter is invalid, the collector's address cannot be used or this build cannot export traces, or logging was set
/// up already.
pub(crate) fn start(settings: &TelemetrySettings) -> anyhow::Result<Telemetry> {
    let (writer, guard): (NonBlocking, _) =
        NonBlockingBuilder::default().buffered_lines_limit(settings.log_buffer_lines).finish(std::io::stderr());
    let filter = EnvFilter::try_new(&settings.log_filter).context("telemetry.log_filter is not a filter")?;
    let logs = tracing_subscriber::fmt::layer().with_writer(writer).with_span_events(FmtSpan::CLOSE);
    let logs = match settings.log_format {
        LogFormat::Json => logs.json().flatten_event(true).with_filter(filter.and(PeerErrors)).boxed(),
        LogFormat::Text => logs.with_ansi(false).with_filter(filter.and(PeerErrors)).boxed(),
    };
    let registry = tracing_subscriber::registry().with(logs);
    #[cfg(feature = "otlp")]
    let (registry, exporter) = {
        let start = |endpoint: &String| {
            let instance = format!("{}-{}", rustix::system::uname().nodename().to_string_lossy(), std::process::id());
            Exporter::start(endpoint, "frontdesk", &instance, settings.trace_share)
        };
        let exporter = settings.otlp_endpoint.as_ref().map(start).transpose().context("telemetry.otlp_endpoint")?;
        // Spans of our own crates only: an exporter that traced its own requests would never come to an end.
        let ours = filter_fn(|metadata| metadata.is_span() && metadata.target().starts_with("frontdesk"));
        let traces = exporter.as_ref().map(|exporter| exporter.layer().with_filter(ours));
        (registry.with(traces), exporter)
    };
    #[cfg(not(feature = "otlp"))]
    anyhow::ensure!(
        settings.otlp_endpoint.is_none(),
        "telemetry.otlp_endpoint is set, but this build cannot export traces"
    );
    registry.try_init().context("logging was set up already")?;
    Ok(Telemetry {
        _logs: guard,
        #[cfg(feature = "otlp")]
        exporter,
    })
}

/// Begins to collect metrics.
///
/// # Errors
/// It was begun already.
pub(crate) fn begin_metrics() -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), &SIZES))
        .context("the buckets of a histogram are wrong")?;
    let handle = builder.install_recorder().context("metrics are collected already")?;
    frontdesk_telemetry::metrics::describe();
    Ok(handle)
}

/// From 0.1 ms to 30 s: a hop's histogram must resolve both a memory look-up and a broker's outage.
const SECONDS: [f64; 17] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.5, 10.0, 30.0];

const SIZES: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0];
