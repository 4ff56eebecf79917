//! Export of traces to an OpenTelemetry collector (OTLP over HTTP, protobuf).
//!
//! The exporter has a thread of its own and a bounded queue: when the collector is slow or away, spans are dropped and
//! requests never wait.

use std::time::Duration;

use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use tracing::Span;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::{TraceContext, trace_context};

/// The exporter cannot be set up: the address is none.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be exported")]
pub struct ExportError(#[from] opentelemetry_otlp::ExporterBuildError);

/// Sends finished spans until it is shut down.
#[derive(Debug)]
pub struct Exporter {
    provider: SdkTracerProvider,
}

impl Exporter {
    /// Sets up the export to `endpoint`, the collector's full address (it usually ends in `/v1/traces`), under a
    /// service name. `instance` names this node; `share` of the traces that begin here are recorded, from 0 to 1.
    ///
    /// # Errors
    /// [`ExportError`] when the address cannot be used. A collector that does not answer is no error.
    pub fn start(endpoint: &str, service: &str, instance: &str, share: f64) -> Result<Self, ExportError> {
        let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).with_timeout(TIMEOUT).build()?;
        let queue = BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
        let resource = Resource::builder()
            .with_service_name(service.to_owned())
            .with_attribute(opentelemetry::KeyValue::new("service.instance.id", instance.to_owned()))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(queue).build())
            // Whether a trace is recorded was decided where it began, and stands in its context.
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)))
            .with_resource(resource)
            .build();
        trace_context::record(share);
        Ok(Self { provider })
    }

    /// The layer that turns spans of `tracing` into spans to export.
    #[must_use]
    pub fn layer<S>(&self) -> OpenTelemetryLayer<S, opentelemetry_sdk::trace::SdkTracer>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer().with_tracer(self.provider.tracer("frontdesk"))
    }

    /// Sends what is queued and ends. Blocks for at most a few seconds; call it on a thread that may block.
    pub fn shut_down(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(TIMEOUT) {
            tracing::debug!(error = %error, "not all traces were exported before the end");
        }
    }
}

/// Makes `span` a child of the span named in `context`.
pub(crate) fn set_parent(span: &Span, context: TraceContext) {
    let parent = SpanContext::new(
        TraceId::from_bytes(context.trace_id.to_be_bytes()),
        SpanId::from_bytes(context.span_id.to_be_bytes()),
        if context.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() },
        true,
        TraceState::NONE,
    );
    // A span that no layer records has no place for a parent.
    let _unrecorded = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
}

/// Longest time for one request to the collector.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Spans that may wait to be sent; further ones are dropped.
const QUEUE: usize = 4_096;
