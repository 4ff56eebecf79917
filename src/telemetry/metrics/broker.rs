//! Metrics of the broker connection, the message log and the supervised broker.

use super::{Metric, counter, gauge, histogram};

pub(super) const METRICS: [Metric; 15] = [
    gauge("desk_broker_connected", &[], "1 while this process is connected to the broker, 0 otherwise"),
    counter("desk_broker_reconnects_total", &[], "Times that the connection to the broker was established again"),
    counter("desk_broker_errors_total", &[], "Errors that the broker reported on the connection"),
    counter(
        "desk_broker_slow_consumer_total",
        &[],
        "Times that a subscription buffer overflowed and messages were dropped",
    ),
    counter("desk_broker_undecodable_total", &[], "Messages of the broker that could not be decoded"),
    gauge("desk_broker_up", &[], "1 while the supervised broker is healthy, 0 otherwise"),
    counter("desk_broker_restarts_total", &[], "Restarts of the supervised broker"),
    histogram("desk_log_append_seconds", &[], "Time from publishing an entry to the broker's acknowledgement"),
    counter("desk_log_append_total", &["outcome"], "Appends to the message log, by outcome"),
    gauge("desk_log_inflight", &[], "Appends that the broker has not acknowledged yet"),
    counter("desk_log_trimmed_total", &[], "Records removed from the message log after they were persisted"),
    counter("desk_signal_dropped_total", &[], "Presence and typing signals dropped while the broker was away or slow"),
    gauge(
        "desk_consumer_pending",
        &["consumer"],
        "Records that the broker has not delivered to a consumer yet, by consumer",
    ),
    gauge("desk_worker_parts", &["stream"], "Streams that this process consumes, by stream"),
    counter("desk_dead_letter_total", &["consumer"], "Records moved to the dead letters, by consumer"),
];
