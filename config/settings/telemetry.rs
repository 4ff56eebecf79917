//! `[telemetry]`: logs and traces.

use serde::{Deserialize, Serialize};

use crate::values::{choice, empty_is_none};

/// What is logged, and how.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetrySettings {
    /// For people or for machines. Default "text".
    #[serde(deserialize_with = "choice")]
    pub log_format: LogFormat,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`. Default "info".
    pub log_filter: String,
    /// Lines that may wait to be written; further ones are dropped and counted. Default 65536.
    pub log_buffer_lines: usize,
    /// Full address of an OpenTelemetry collector that takes traces over HTTP, usually ending in `/v1/traces`. None by
    /// default: no traces are exported.
    #[serde(deserialize_with = "empty_is_none")]
    pub otlp_endpoint: Option<String>,
    /// Share of the traces begun here that are recorded and exported, from 0 to 1. Default 0.01.
    pub trace_share: f64,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines of text, for people to read.
    Text,
    /// One JSON object per line.
    Json,
}
