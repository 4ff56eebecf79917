//! Logs and metrics. Neither ever waits for a disk or a terminal.

use anyhow::Context;
use frontdesk_config::{LogFormat, TelemetrySettings};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

/// Writes structured logs to standard error from a thread of its own. Lines beyond the buffer are dropped and counted, never
/// waited for. Dropping the guard writes out what is left.
///
/// # Errors
/// The filter is none, or logging was begun already.
pub(crate) fn begin_logs(settings: &TelemetrySettings) -> anyhow::Result<WorkerGuard> {
    let (writer, guard): (NonBlocking, _) =
        NonBlockingBuilder::default().buffered_lines_limit(settings.log_buffer_lines).finish(std::io::stderr());
    let filter = EnvFilter::try_new(&settings.log_filter).context("telemetry.log_filter is not a filter")?;
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_span_events(FmtSpan::CLOSE);
    match settings.log_format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.with_ansi(false).try_init(),
    }
    .map_err(|error| anyhow::anyhow!("cannot begin to log: {error}"))?;
    Ok(guard)
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
