//! The binary: command line, wiring, supervised broker, telemetry, shutdown.
